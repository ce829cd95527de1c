//! Names of people and of publications, as they stand in the lines of a page.
//!
//! Takes folded text (see `fold`), says where names are. Knows no page.

use super::fold::{fold, is_han};

/// The common surnames of one character, folded.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭\
陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章\
鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时\
阳阎穆农司古吉卓车简项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明\
佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国\
狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼\
居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由";

const COMPOUND: &[&str] = &[
    "欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "端木", "夏侯", "范姜",
    "张简",
];

/// What stands where a name would and is none.
const NOBODY: &[&str] = &[
    "编辑部",
    "小编",
    "本站",
    "本网",
    "本报",
    "佚名",
    "网友",
    "管理员",
    "综合",
    "匿名",
    "未知",
    "原创",
    "记者",
    "作者",
    "无",
    "不详",
    "网络",
    "转载",
    "编辑",
    "责编",
    "系统管理员",
    "站长",
    "通讯员",
    "本刊",
    "来源",
    "整理",
    "综合报道",
    "综合报导",
    "图",
    "文",
    "none",
    "null",
    "admin",
    "adm",
    "administrator",
    "editor",
    "root",
    "user",
    "undefined",
    "nan",
    "anonymous",
    "暂无",
    "网站编辑",
    "网络编辑",
    "新闻中心",
    "即时中心",
    "我",
    "游客",
    "楼主",
];

/// Words at the end of the name of a publication, a broadcaster or an office that publishes.
const MEDIA: &[&str] = &[
    "日报",
    "晚报",
    "时报",
    "早报",
    "晨报",
    "周报",
    "商报",
    "都市报",
    "快报",
    "导报",
    "电子报",
    "学报",
    "报",
    "报社",
    "日报社",
    "晚报社",
    "新闻网",
    "网",
    "在线",
    "通讯社",
    "新闻社",
    "社",
    "电视台",
    "广播电台",
    "电台",
    "台",
    "频道",
    "周刊",
    "月刊",
    "杂志",
    "杂志社",
    "期刊",
    "快讯",
    "观察",
    "传媒",
    "融媒",
    "融媒体",
    "融媒体中心",
    "新闻",
    "新闻中心",
    "客户端",
    "发布",
    "微信公众号",
    "公众号",
    "微博",
    "论坛",
    "视窗",
    "之声",
    "信息港",
    "资讯",
    "门户",
    "卫视",
    "财经",
    "评论",
    "头条",
    "在缐",
    "周末",
    "日讯",
    "时讯",
    "博客",
    "出版社",
    "研究院",
    "科技局",
    "政府",
    "办公室",
    "局",
    "厅",
    "委",
    "委员会",
    "协会",
    "大学",
    "学院",
    "笔记",
    "视野",
    "前线",
    "热线",
    "眼",
    "刊",
    "news",
    "daily",
    "times",
    "post",
    "weekly",
    "cn",
    "com",
];

/// Strips what is no part of a name from both ends: white space, brackets, marks.
pub(super) fn trim_name(name: &str) -> &str {
    name.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '/' | '|'
                    | '｜'
                    | '／'
                    | ':'
                    | '：'
                    | ','
                    | '，'
                    | '、'
                    | ';'
                    | '；'
                    | '。'
                    | '.'
                    | '-'
                    | '—'
                    | '·'
                    | '"'
                    | '“'
                    | '”'
                    | '《'
                    | '》'
                    | '〈'
                    | '〉'
                    | '「'
                    | '」'
                    | '#'
                    | '>'
                    | '<'
                    | '_'
                    | '*'
                    | '＊'
                    | '•'
            )
            || matches!(fold(c), '[' | ']' | '(' | ')')
    })
}

/// Tells whether a name says that nobody is named.
pub(super) fn is_nobody(name: &str) -> bool {
    let folded: String = name.chars().map(fold).filter(|c| !c.is_whitespace()).collect();
    folded.is_empty() || NOBODY.contains(&folded.as_str())
}

/// Tells whether a word reads like a personal name: two to four Chinese characters, the first a surname.
pub(super) fn is_person(name: &str) -> bool {
    let folded: Vec<char> = name.chars().map(fold).collect();
    if !folded.iter().all(|c| is_han(*c)) || is_nobody(name) {
        return false;
    }
    match folded.len() {
        2..=3 => SURNAMES.contains(folded[0]),
        4 => is_compound(&folded),
        _ => false,
    }
}

fn is_compound(folded: &[char]) -> bool {
    folded.len() > 2 && COMPOUND.iter().any(|c| c.chars().eq(folded[..2].iter().copied()))
}

/// Tells whether a word ends like the name of a publication.
pub(super) fn is_media(name: &str) -> bool {
    let folded: String = name.chars().map(fold).collect();
    MEDIA.iter().any(|end| folded.len() > end.len() && folded.ends_with(end))
}

/// Tells whether the name of an author is a login of whoever ran the scraper: lower-case letters and digits only.
///
/// Reporters of Chinese pages have Chinese names or capitals (`John Smith`); `wetech` has neither.
pub(super) fn is_handle(name: &str) -> bool {
    let name = name.trim();
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.@".contains(&b))
}

/// Takes `社` off `兰州日报社`: the paper is the source, not the firm that prints it.
pub(super) fn paper(name: &str) -> &str {
    match name.strip_suffix('社') {
        Some(paper) if paper.ends_with(['报', '報']) => paper,
        _ => name,
    }
}

/// Splits a list of people (`张三、李四 王五`) into names, leaving out what is no name.
pub(super) fn people(list: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let parts = list.split(['、', ',', '，', ';', '；', '/', '／', '&', '＆', '|', '｜', '\t', '　']);
    for part in parts.flat_map(chinese_words) {
        let part = without_role(trim_name(part));
        let reports = ["报道", "报导", "报导。", "即时", "综合", "整理"]
            .iter()
            .any(|end| part.chars().map(fold).collect::<String>().ends_with(end));
        let han = part.chars().filter(|c| is_han(*c)).count();
        if !reports && !is_nobody(part) && part.chars().count() <= 30 && han <= 10 && !names.iter().any(|n| n == part) {
            names.push(part.to_owned());
        }
    }
    names
}

/// Splits at spaces unless the words are Latin ones, which together are a name.
fn chinese_words(part: &str) -> Vec<&str> {
    if part.chars().any(is_han) { part.split(' ').collect() } else { vec![part] }
}

/// Takes a role off the head or the tail of a name (`记者张三`, `张三 摄`).
fn without_role(name: &str) -> &str {
    const ROLES: &[&str] = &[
        "全媒体记者",
        "本报记者",
        "特约记者",
        "特派记者",
        "特派员",
        "见习记者",
        "实习记者",
        "首席记者",
        "摄影记者",
        "实习生",
        "通讯员",
        "记者",
        "作者",
        "撰文",
        "采写",
        "摄影",
        "文字",
    ];
    let folded: Vec<char> = name.chars().map(fold).collect();
    let count = folded.len();
    for role in ROLES {
        let length = role.chars().count();
        if count > length && role.chars().eq(folded[..length].iter().copied()) {
            return trim_name(nth(name, length).1);
        }
    }
    if count > 3 && matches!(folded[count - 1], '摄') { trim_name(nth(name, count - 1).0) } else { name }
}

/// Splits a text before its `index`th character.
pub(super) fn nth(text: &str, index: usize) -> (&str, &str) {
    text.split_at(text.char_indices().nth(index).map_or(text.len(), |(at, _)| at))
}

/// Takes the name of a site or a channel off the end of a title: `…_甘肃频道`, `… - 地方 - 自在時報`.
pub(super) fn without_site(title: &str) -> String {
    let mut title = title.trim();
    for _ in 0..4 {
        let cut = SEPARATORS.iter().filter_map(|mark| title.rfind(mark).map(|at| (at, mark.len()))).max();
        let Some((at, length)) = cut else { break };
        let (head, end) = (title[..at].trim_end(), trim_name(&title[at + length..]));
        let count = end.chars().count();
        let rest = SEPARATORS.iter().any(|mark| head.contains(mark));
        let is_site = is_media(end) || is_section(end) || (rest && count <= 4);
        if head.chars().count() < 5 || count > 16 || !is_site {
            break;
        }
        title = head;
    }
    trim_marks(title).to_owned()
}

/// What stands between a title and the name of its site.
const SEPARATORS: &[&str] = &["_", "--", " - ", " – ", " — ", " | ", "|", "｜", "-", "–", " :: ", " » ", " · "];

fn trim_marks(title: &str) -> &str {
    title.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '_' | '|' | '-' | '–' | '｜'))
}

/// Tells whether a word names a section of a site.
fn is_section(name: &str) -> bool {
    const SECTIONS: &[&str] = &[
        "首页",
        "要闻",
        "新闻",
        "国内",
        "国际",
        "地方",
        "社会",
        "财经",
        "经济",
        "科技",
        "产业",
        "生活",
        "政治",
        "教育",
        "文化",
        "体育",
        "娱乐",
        "健康",
        "正文",
        "滚动",
        "资讯",
        "动态",
        "时政",
        "观点",
        "两岸",
        "综合",
        "本地",
        "头条",
        "焦点",
        "快讯",
        "即时",
        "工作动态",
        "官网",
        "官方网站",
        "门户网站",
        "大陆",
        "港澳",
        "台湾",
        "创科",
        "科学",
    ];
    let folded: String = name.chars().map(fold).collect();
    SECTIONS.contains(&folded.as_str())
        || ["门户", "网站", "中心", "专栏", "栏目", "官网", "平台"].iter().any(|end| folded.ends_with(end))
}

/// What a byline or a dateline says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Byline {
    pub(super) people: Vec<String>,
    pub(super) source: Option<String>,
}

const ROLES: &[&str] = &["记者", "通讯员", "特派员", "撰稿人"];

/// Reads a byline: `記者洪友方／新竹報導`, `兰州日报社全媒体记者何燕`, `中央社記者張小明新竹27日電`, `經濟快訊22日專訊`.
///
/// Takes only the fragment that is known to be one (what stands in brackets at the head or the foot of an article, or
/// the whole line), never running text, where `记者` is a word like any other.
pub(super) fn byline(fragment: &str) -> Byline {
    let chars: Vec<char> = fragment.chars().collect();
    let folded: Vec<char> = chars.iter().map(|c| fold(*c)).collect();
    let mut byline = Byline::default();
    let mut at = 0;
    let mut first_role = None;
    while at < folded.len() {
        let Some(role) = ROLES.iter().find(|role| starts(&folded[at..], role)) else {
            at += 1;
            continue;
        };
        first_role.get_or_insert(at);
        at += role.chars().count();
        let (names, next) = names_after(&chars, &folded, at);
        byline.people.extend(names);
        at = next.max(at);
    }
    let head = &chars[..first_role.unwrap_or_else(|| wire(&folded).unwrap_or(0))];
    byline.source = publication(head);
    byline.people.dedup();
    byline
}

fn starts(folded: &[char], word: &str) -> bool {
    let mut at = folded.iter();
    word.chars().all(|c| at.next() == Some(&c))
}

/// Where the name of a wire ends in `經濟快訊22日專訊`, `新华社北京3月4日电`, `兰州晚报讯`.
fn wire(folded: &[char]) -> Option<usize> {
    let mut end = folded.len();
    while end > 0 && !is_han(folded[end - 1]) {
        end -= 1;
    }
    match folded.get(end.checked_sub(1)?)? {
        '电' | '讯' => {}
        _ => return None,
    }
    end -= 1;
    if end > 0 && matches!(folded[end - 1], '专' | '快') && folded[..end - 1].iter().any(char::is_ascii_digit) {
        end -= 1;
    }
    let digits = folded[..end].iter().position(char::is_ascii_digit).unwrap_or(end);
    Some(digits)
}

/// The publication a byline begins with, without the words between it and the reporter.
fn publication(head: &[char]) -> Option<String> {
    let text: String = head.iter().collect();
    let mut name = trim_name(&text).to_owned();
    loop {
        let folded: String = name.chars().map(fold).collect();
        let cut = [
            "全媒体",
            "融媒体",
            "首席",
            "见习",
            "实习",
            "特约",
            "特派",
            "驻京",
            "本网",
            "本报",
            "本台",
            "本刊",
            "文",
            "图",
            "摄影",
            "专题",
        ]
        .iter()
        .find(|word| folded.ends_with(*word))
        .map(|word| folded.chars().count() - word.chars().count());
        match cut {
            Some(cut) => name = trim_name(nth(&name, cut).0).to_owned(),
            None => break,
        }
    }
    let count = name.chars().count();
    if (3..=20).contains(&count) && name.chars().all(|c| is_han(c) || c.is_ascii_alphanumeric()) {
        if is_media(&name) {
            return Some(paper(&name).to_owned());
        }
        // `新华社北京3月4日电`: the wire, then the place.
        let end = name.char_indices().find(|(at, c)| *c == '社' && *at > 0).map(|(at, c)| at + c.len_utf8());
        return end
            .map(|end| name[..end].to_owned())
            .filter(|wire| wire.chars().count() >= 3 && !wire.starts_with('本'));
    }
    None
}

/// Reads the names after a role, up to what ends them.
fn names_after(chars: &[char], folded: &[char], mut at: usize) -> (Vec<String>, usize) {
    let mut names = Vec::new();
    loop {
        while at < folded.len() && matches!(folded[at], ' ' | ':' | '、' | ',' | '-' | '|') {
            at += 1;
        }
        let end = (at..folded.len()).find(|&i| !is_han(folded[i])).unwrap_or(folded.len());
        if end == at || ROLES.iter().any(|role| starts(&folded[at..], role)) {
            return (names, at);
        }
        let length = name_length(&folded[at..end], folded.get(end).copied());
        let name: String = chars[at..at + length].iter().collect();
        if length == 0 || is_nobody(&name) {
            return (names, end);
        }
        names.push(name);
        at += length;
        if at < end {
            return (names, end);
        }
        match folded.get(at) {
            Some(' ' | '、' | ',') => {}
            _ => return (names, at),
        }
    }
}

/// How many characters of a run of Chinese characters are a name; `after` is what follows the run.
fn name_length(run: &[char], after: Option<char>) -> usize {
    let surname = run.first().is_some_and(|c| SURNAMES.contains(*c));
    let stop = [
        "报道", "报导", "摄影", "综合", "通讯", "电", "讯", "摄", "文", "专访", "整理", "编译", "实习", "发自", "特稿",
    ];
    let cut = (1..run.len()).find(|&i| stop.iter().any(|word| starts(&run[i..], word))).unwrap_or(run.len());
    let wire = after.is_some_and(|c| c.is_ascii_digit());
    match cut {
        2..=3 if wire && cut == 3 && !surname => 0,
        2 | 3 if surname => cut,
        4 if is_compound(run) && !wire => 4,
        // `張小祥新竹27日電`: the place has two characters more often than not.
        4..=6 if surname && (wire || cut < run.len()) => (cut - 2).min(3),
        2 | 3 if after.is_none_or(|c| !is_han(c)) && !wire => cut,
        4 if cut == run.len() && !surname && !wire => cut,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fragment: &str, people: &[&str], source: Option<&str>) {
        let read = byline(fragment);
        assert_eq!(read.people, people, "{fragment}");
        assert_eq!(read.source.as_deref(), source, "{fragment}");
    }

    #[test]
    fn reads_bylines() {
        check("記者洪友方／新竹報導", &["洪友方"], None);
        check("記者洪友方攝", &["洪友方"], None);
        check("兰州日报社全媒体记者何燕", &["何燕"], Some("兰州日报"));
        check("中央通訊員張小祥新竹27日電", &["張小祥"], None);
        check("中央社記者李明台北3日電", &["李明"], Some("中央社"));
        check("經濟快訊22日專訊", &[], Some("經濟快訊"));
        check("兰州晚报讯", &[], Some("兰州晚报"));
        check("新华社北京3月4日电", &[], Some("新华社"));
        check("本报记者 张三 李小四", &["张三", "李小四"], None);
        check("记者 张三 通讯员 李小四", &["张三", "李小四"], None);
        check("某某晚报首席记者王五、赵六报道", &["王五", "赵六"], Some("某某晚报"));
        check("本报讯", &[], None);
    }

    #[test]
    fn splits_lists_of_people() {
        assert_eq!(people("张三、李四 王五"), ["张三", "李四", "王五"]);
        assert_eq!(people("記者陳昕宜"), ["陳昕宜"]);
        assert_eq!(people("John Smith"), ["John Smith"]);
        assert_eq!(people("编辑部"), Vec::<String>::new());
    }

    #[test]
    fn takes_sites_off_titles() {
        for (title, expected) in [
            ("某市将筹建工作站_某省频道", "某市将筹建工作站"),
            ("新創園把倉庫借給菜農 第一批冷鏈箱上路 - 地方 - 自在時報", "新創園把倉庫借給菜農 第一批冷鏈箱上路"),
            ("聊聊“慢技术”的边会--某市科学技术局", "聊聊“慢技术”的边会"),
            ("基地迎來第二批企業_要聞頻道_高原在線", "基地迎來第二批企業"),
            ("COVID-19疫苗的故事", "COVID-19疫苗的故事"),
            ("燃创新之火 ——写在闭幕之际", "燃创新之火 ——写在闭幕之际"),
            ("中国-东盟博览会开幕", "中国-东盟博览会开幕"),
        ] {
            assert_eq!(without_site(title), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            without_site(&text);
            byline(&text);
            people(&text);
        }
    }
}
