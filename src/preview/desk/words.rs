//! The words of the desk in its three languages.

use crate::messages::Language;

/// The language a browser asks for first, of those there are.
pub(in crate::preview) fn accepted(header: &str) -> Language {
    let mut wanted: Vec<(f32, Language)> = header
        .split(',')
        .filter_map(|part| {
            let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
            let weight = rest.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse).ok()?;
            Some((weight, of(&tag.trim().to_ascii_lowercase())?))
        })
        .collect();
    // A stable sort: of equal ones the first.
    wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
    wanted.first().map_or(Language::English, |(_, language)| *language)
}

fn of(tag: &str) -> Option<Language> {
    let mut parts = tag.split('-');
    match parts.next()? {
        "en" => Some(Language::English),
        "zh" if parts.any(|part| matches!(part, "hant" | "tw" | "hk" | "mo")) => Some(Language::Hant),
        "zh" => Some(Language::Hans),
        _ => None,
    }
}

/// The words in a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::Hans => &HANS,
        Language::Hant => &HANT,
        Language::English => &EN,
    }
}

/// The language tag of pages.
pub(in crate::preview) fn tag(language: Language) -> &'static str {
    match language {
        Language::Hans => "zh-Hans",
        Language::Hant => "zh-Hant",
        Language::English => "en",
    }
}

macro_rules! words {
    ($($name:ident: $hans:literal, $hant:literal, $en:literal;)*) => {
        /// The words of the desk in one language; `{}` stands for what is filled in.
        pub(super) struct Words { $(pub(super) $name: &'static str,)* }
        const HANS: Words = Words { $($name: $hans,)* };
        const HANT: Words = Words { $($name: $hant,)* };
        const EN: Words = Words { $($name: $en,)* };
        #[cfg(test)]
        const ALL: &[[&str; 3]] = &[$([$hans, $hant, $en],)*];
    };
}

words! {
    desk: "编辑台", "編輯臺", "Editor’s desk";
    skip: "跳到正文", "跳到正文", "Skip to content";
    sections: "栏目", "欄目", "Sections";
    to_site: "预览网站", "預覽網站", "Preview the site";
    overview: "总览", "總覽", "Overview";
    duplicates: "重复", "重複", "Duplicates";
    terms: "标签", "標籤", "Terms";
    conversion: "简繁", "簡繁", "Conversion";
    programs: "新项目", "新專案", "Programs";
    problems: "问题", "問題", "Problems";
    local: "编辑台只在这台电脑上，不会发布。每个决定都先给出改动，确认后才写入文件，并可撤销。",
        "編輯臺只在這臺電腦上，不會發布。每個決定都先給出改動，確認後才寫入檔案，並可撤銷。",
        "The desk lives on this machine and is never published. Every decision shows its changes first, is written only when you agree, and can be undone.";
    what_waits: "待处理", "待處理", "What waits for you";
    about_duplicates: "像是同一篇报道、需要人来判断的文章", "像是同一篇報道、需要人來判斷的文章", "Articles that may tell one story; a person has to say";
    about_terms: "没有写明城市、项目或标签的文章，附找到的依据", "沒有寫明城市、專案或標籤的文章，附找到的依據", "Articles that name no city, program or tag, with what was found in them";
    about_conversion: "简繁混杂的文字，以及机器拿不准的字", "簡繁混雜的文字，以及機器拿不準的字", "Text in mixed script, and characters the machine is unsure of";
    about_programs: "文中反复出现、也许值得单列的名称", "文中反覆出現、也許值得單列的名稱", "Names that keep coming up and may deserve a page of their own";
    about_problems: "失效链接、缺少日期或来源，以及检查出的其他问题", "失效連結、缺少日期或來源，以及檢查出的其他問題", "Dead links, missing dates or sources, and everything else `check` says";
    nothing: "没有待处理的内容。", "沒有待處理的內容。", "Nothing waits here.";
    recent: "最近的决定", "最近的決定", "Last decisions";
    no_recent: "本次运行还没有作出决定。", "本次執行還沒有作出決定。", "No decision in this run yet.";
    undo: "撤销…", "撤銷…", "Undo…";
    undone: "已撤销：{}", "已撤銷：{}", "Undone: {}";
    done: "已写入：{}", "已寫入：{}", "Written: {}";
    undoing: "撤销：{}", "撤銷：{}", "Undo: {}";
    changed_note: "文件有了新的改动。", "檔案有了新的改動。", "The files have changed.";
    changed_show: "显示最新内容", "顯示最新內容", "Show the new state";
    review: "查看改动", "檢視改動", "Look at the changes";
    review_about: "下面是将要写入的改动。确认之前不会改动任何文件。", "下面是將要寫入的改動。確認之前不會改動任何檔案。", "This is what will be written. No file is touched until you agree.";
    apply: "写入", "寫入", "Write";
    cancel: "不改了", "不改了", "Leave it";
    diff_of: "{} 的改动", "{} 的改動", "Changes of {}";
    nothing_to_change: "文件已经是这样，不需要改动。", "檔案已經是這樣，不需要改動。", "The files say so already; nothing to change.";
    refused: "没有写入", "沒有寫入", "Nothing was written";
    changed_meanwhile: "`{}` 在这期间被改动过。没有写入任何内容，请重新查看。", "`{}` 在這期間被改動過。沒有寫入任何內容，請重新檢視。", "`{}` was changed meanwhile. Nothing was written; please look again.";
    back: "返回", "返回", "Back";
    gone: "这个页面已经失效，可能预览重新启动过。请从总览重新开始。", "這個頁面已經失效，可能預覽重新啟動過。請從總覽重新開始。", "This page is out of date; the preview may have been restarted. Begin again from the overview.";
    token: "请求没有带上本次运行的口令，已拒绝。请刷新页面再试。", "請求沒有帶上本次執行的口令，已拒絕。請重新整理頁面再試。", "The form does not carry the word of this run and was refused. Reload the page and try again.";
    no_article: "没有 ID 为 `{}` 的文章。", "沒有 ID 為 `{}` 的文章。", "No article has the ID `{}`.";
    no_term: "没有名为 `{}` 的条目；请先把它加入 {}。", "沒有名為 `{}` 的條目；請先把它加入 {}。", "No term is called `{}`; add it to {} first.";
    unreadable_site: "网站的文件读不出来：{}", "網站的檔案讀不出來：{}", "The files of the site cannot be read: {}";
    compare: "并排对照", "並排對照", "Compare side by side";
    in_common: "重合 {} %", "重合 {} %", "{} % in common";
    numbers: "数字不同：{}", "數字不同：{}", "numbers differ: {}";
    shared: "两篇都有的句子", "兩篇都有的句子", "Sentences of both";
    merged: "已自动合并", "已自動合併", "Merged without asking";
    merged_about: "这些文章只发布第一篇，其余列为“另见于”。若合并有误，请对照后判为“不同”。", "這些文章只發布第一篇，其餘列為「另見於」。若合併有誤，請對照後判為「不同」。", "Of these only the first is published, the others are named there. If one is no copy, compare it and say that they differ.";
    same: "同一篇", "同一篇", "Same story";
    different: "不同", "不同", "Different";
    follow_up: "后续报道", "後續報道", "Follow-up";
    same_about: "合并成一页", "合併成一頁", "one page for both";
    different_about: "分别发布，不再询问", "分別發布，不再詢問", "two pages, never asked again";
    follow_up_about: "分别发布，互相链接", "分別發布，互相連結", "two pages that link to each other";
    decide: "你的判断", "你的判斷", "Your decision";
    note: "备注（可不填）", "備註（可不填）", "Note (may be left empty)";
    decided: "{}：{} 与 {}", "{}：{} 與 {}", "{}: {} and {}";
    no_date: "无日期", "無日期", "no date";
    no_source: "无来源", "無來源", "no source";
    legend: "灰色句子两篇相同，底色标出不同之处。", "灰色句子兩篇相同，底色標出不同之處。", "Grey sentences stand in both; what differs is marked.";
    proposed: "建议", "建議", "Proposed";
    evidence: "依据：{}", "依據：{}", "Because of: {}";
    accept: "采用勾选的", "採用勾選的", "Accept what is ticked";
    add_term: "另加一个", "另加一個", "Add another";
    taxonomy: "分类", "分類", "Taxonomy";
    term_name: "名称", "名稱", "Name";
    add: "添加", "新增", "Add";
    bare: "没有找到任何城市、项目或标签", "沒有找到任何城市、專案或標籤", "Nothing was found in these";
    tagged: "{}：写入 {}", "{}：寫入 {}", "{}: {}";
    city: "城市", "城市", "City";
    program: "项目", "專案", "Program";
    tag: "标签", "標籤", "Tag";
    surely: "把握 {} %", "把握 {} %", "{} % sure";
    published_as: "{} 版目前写作“{}”", "{} 版目前寫作「{}」", "The edition {} writes “{}” now";
    word: "词语（按原文）", "詞語（按原文）", "Word (as in the text)";
    write_as: "写作", "寫作", "Written as";
    for_site: "全站照此（术语表）", "全站照此（術語表）", "Everywhere (glossary)";
    for_here: "只改这里", "只改這裡", "Only here";
    repairs: "已修正的混杂文字", "已修正的混雜文字", "Repairs of mixed text";
    repairs_about: "发布时左边会写成右边。若原文无误，可在文中标记为不转换。", "發布時左邊會寫成右邊。若原文無誤，可在文中標記為不轉換。", "What stands left is published as what stands right. If the text means what it says, mark it as not to be converted.";
    keep: "保留原样", "保留原樣", "Keep as written";
    kept_as: "{}：保留“{}”", "{}：保留「{}」", "{}: “{}” stays";
    glossed: "术语：{} → {}", "術語：{} → {}", "Glossary: {} → {}";
    marked: "{}：此处写作“{}”", "{}：此處寫作「{}」", "{}: “{}” here";
    line: "第 {} 行", "第 {} 行", "line {}";
    not_found_in_text: "在文件里找不到这个位置，请直接在 {} 中修改。", "在檔案裡找不到這個位置，請直接在 {} 中修改。", "This place cannot be found in the file; please change {} by hand.";
    word_without_char: "词语里必须含有要写的字。", "詞語裡必須含有要寫的字。", "The word must hold the character in question.";
    mentions: "{} 篇文章，共 {} 次", "{} 篇文章，共 {} 次", "in articles: {}; mentions: {}";
    name_hans: "简体名称", "簡體名稱", "Name in Simplified";
    name_hant: "繁体名称", "繁體名稱", "Name in Traditional";
    id: "ID（用于地址）", "ID（用於網址）", "ID (for the address)";
    add_program: "加入项目", "加入專案", "Add to the programs";
    program_added: "新项目：{}", "新專案：{}", "New program: {}";
    fix: "修正…", "修正…", "Fix…";
    fix_all: "修正全部 {} 处…", "修正全部 {} 處…", "Fix all {}…";
    fixed_all: "修正 {} 处", "修正 {} 處", "{} repairs";
    short_word: "全站适用的词语至少要有两个字；请补上前后的字，或选“只改这里”。", "全站適用的詞語至少要有兩個字；請補上前後的字，或選「只改這裡」。", "A word for the whole site needs two characters at least; add those around it, or choose “Only here”.";
    missing_date: "缺少日期", "缺少日期", "Without a date";
    missing_source: "缺少来源", "缺少來源", "Without a source";
    date: "日期", "日期", "Date";
    source: "来源", "來源", "Source";
    set: "填写…", "填寫…", "Fill in…";
    bad_date: "`{}` 不是日期；请写成 2024-05-06 或 2024-05-06 08:30。", "`{}` 不是日期；請寫成 2024-05-06 或 2024-05-06 08:30。", "`{}` is no date; write 2024-05-06 or 2024-05-06 08:30.";
    empty: "请填写内容。", "請填寫內容。", "Please fill it in.";
    complaints: "检查结果", "檢查結果", "What `check` says";
    page_of: "第 {} 页，共 {} 页", "第 {} 頁，共 {} 頁", "Page {} of {}";
    previous: "上一页", "上一頁", "Previous";
    next: "下一页", "下一頁", "Next";
}

/// Fills the places `{}` of a sentence, in order.
pub(super) fn fill(sentence: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut out = String::new();
    let mut parts = sentence.split("{}");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(values.next().unwrap_or(&""));
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{is_hans_only, is_hant_only};

    #[test]
    fn follows_the_browser() {
        for (header, language) in [
            ("zh-TW,zh;q=0.9,en;q=0.8", Language::Hant),
            ("zh-Hans-CN, en", Language::Hans),
            ("fr, en;q=0.5, zh;q=0.7", Language::Hans),
            ("zh-HK", Language::Hant),
            ("de", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(accepted(header), language, "{header}");
        }
    }

    #[test]
    fn each_language_is_written_in_its_own_script() {
        for [hans, hant, en] in ALL {
            assert!(!hans.chars().any(is_hant_only), "{hans}");
            assert!(!hant.chars().any(is_hans_only), "{hant}");
            let places = |text: &str| text.matches("{}").count();
            assert!(places(hans) == places(hant) && places(hant) == places(en), "{en}");
        }
    }

    #[test]
    fn fills_sentences() {
        assert_eq!(fill("a {} b {}", &["1", "{}"]), "a 1 b {}");
    }
}
