//! The review page: one file an editor opens offline, with every doubtful pair side by side and the words to decide it.
//!
//! Nothing on it is fetched and nothing runs; what articles bring is escaped.

use std::fmt::Write as _;

use super::decisions::Ruling;
use super::diff::{Row, parts, rows};
use super::{Kind, Report, ReviewPair, Texts};

/// The language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Hans,
    /// Traditional Chinese.
    Hant,
    /// English.
    En,
}

/// What the page says of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Its id.
    pub id: String,
    /// Its title, date and source, those that are known.
    pub about: Vec<String>,
}

struct Words {
    tag: &'static str,
    title: &'static str,
    how: &'static str,
    pairs: &'static str,
    clusters: &'static str,
    follow_ups: &'static str,
    containment: &'static str,
    numbers: &'static str,
    shared: &'static str,
    canonical: &'static str,
    kinds: [&'static str; 4],
    none: &'static str,
}

const HANS: Words = Words {
    tag: "zh-Hans",
    title: "疑似重复的文章",
    how: "每一组文章左右对照：灰色是相同的句子，标出的是不同之处。决定之后，在网站的文件夹里运行相应的一行命令。",
    pairs: "请审阅",
    clusters: "已合并",
    follow_ups: "后续报道",
    containment: "重合",
    numbers: "数字不同",
    shared: "两篇都有",
    canonical: "保留",
    kinds: ["相同", "另一种字体", "相近", "内文重复"],
    none: "没有。",
};
const HANT: Words = Words {
    tag: "zh-Hant",
    title: "疑似重複的文章",
    how: "每一組文章左右對照：灰色是相同的句子，標出的是不同之處。決定之後，在網站的資料夾裡執行相應的一行命令。",
    pairs: "請審閱",
    clusters: "已合併",
    follow_ups: "後續報導",
    containment: "重合",
    numbers: "數字不同",
    shared: "兩篇都有",
    canonical: "保留",
    kinds: ["相同", "另一種字體", "相近", "內文重複"],
    none: "沒有。",
};
const EN: Words = Words {
    tag: "en",
    title: "Articles that may be duplicates",
    how: "Each pair stands side by side: grey sentences are the same, differences are marked. To decide, run one of the lines below a pair in the folder of the site.",
    pairs: "To review",
    clusters: "Merged",
    follow_ups: "Follow-up reports",
    containment: "in common",
    numbers: "numbers differ",
    shared: "both have",
    canonical: "kept",
    kinds: ["the same", "other script", "nearly the same", "says it twice"],
    none: "None.",
};

const STYLE: &str = ":root{color-scheme:light dark}\
body{font:1rem/1.6 system-ui,sans-serif;max-width:76rem;margin:auto;padding:1rem;color:#222;background:#fff}\
nav,.about,.same{color:#595959}section{border-top:2px solid #bbb;margin-top:2rem}\
table{width:100%;border-collapse:collapse;table-layout:fixed}\
th,td{vertical-align:top;text-align:start;font-weight:normal;padding:.2rem .5rem;border-top:1px solid #ddd;overflow-wrap:anywhere}\
th{border:0}th b{display:block}mark{background:#ffe08a}.one{background:#e3effb}\
code{background:#f0f0f0;padding:.1rem .3rem;display:block;margin:.2rem 0;overflow-wrap:anywhere;user-select:all}\
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}nav,.about,.same{color:#a3a3a3}\
th,td{border-color:#444}code{background:#2a2a2a}mark{background:#665200;color:#fff}.one{background:#1d2a38}}\
@media(max-width:40rem){table,tbody,tr,td,th{display:block}tr{border-top:1px solid #ddd}td{border:0}}";

/// Makes the page. `label` and `texts` tell of the documents by their places in the report.
pub fn page(report: &Report, label: &dyn Fn(usize) -> Label, texts: &dyn Texts, language: Language) -> String {
    let words = match language {
        Language::Hans => &HANS,
        Language::Hant => &HANT,
        Language::En => &EN,
    };
    let mut out = head(report, words);
    for (nth, pair) in report.review.iter().enumerate() {
        review(nth + 1, pair, [&label(pair.a), &label(pair.b)], texts, words, &mut out);
    }
    if report.review.is_empty() {
        put(&mut out, format_args!("<p>{}</p>\n", words.none));
    }
    put(&mut out, format_args!("<h2 id=\"merged\">{} ({})</h2>\n<ul>\n", words.clusters, report.clusters.len()));
    for cluster in &report.clusters {
        let member = |(place, member): (usize, &super::Member)| {
            let kind = match (place, member.kind) {
                (0, _) => words.canonical,
                (_, Kind::Exact) => words.kinds[0],
                (_, Kind::Script) => words.kinds[1],
                (_, Kind::Near) => words.kinds[2],
                (_, Kind::Doubled) => words.kinds[3],
            };
            format!("{} <span class=\"about\">{kind}</span>", escape(&label(member.index).id))
        };
        let members: Vec<String> = cluster.members.iter().enumerate().map(member).collect();
        put(&mut out, format_args!("<li>{}</li>\n", members.join(" ← ")));
    }
    put(
        &mut out,
        format_args!("</ul>\n<h2 id=\"follow\">{} ({})</h2>\n<ul>\n", words.follow_ups, report.follow_ups.len()),
    );
    for &(first, then) in &report.follow_ups {
        put(&mut out, format_args!("<li>{} → {}</li>\n", escape(&label(first).id), escape(&label(then).id)));
    }
    out.push_str("</ul>\n</body>\n</html>\n");
    out
}

fn put(out: &mut String, words: std::fmt::Arguments<'_>) {
    out.write_fmt(words).expect("a string takes what is written to it");
}

fn head(report: &Report, words: &Words) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n<p>{}</p>\n\
         <nav><a href=\"#merged\">{} ({})</a> · <a href=\"#follow\">{} ({})</a></nav>\n<h2>{} ({})</h2>\n",
        words.tag,
        words.how,
        words.clusters,
        report.clusters.len(),
        words.follow_ups,
        report.follow_ups.len(),
        words.pairs,
        report.review.len(),
        title = words.title,
    )
}

fn review(nth: usize, pair: &ReviewPair, labels: [&Label; 2], texts: &dyn Texts, words: &Words, out: &mut String) {
    put(out, format_args!("<section>\n<h3>{nth} · {} {:.0} %</h3>\n", words.containment, pair.containment * 100.0));
    if pair.numbers_differ {
        let differ: Vec<String> = pair.conflicts.iter().map(|(x, y)| format!("{x} / {y}")).collect();
        put(out, format_args!("<p>{}: <mark>{}</mark></p>\n", words.numbers, escape(&differ.join(", "))));
    }
    if !pair.evidence.is_empty() {
        put(out, format_args!("<p>{}:</p>\n<ul>\n", words.shared));
        pair.evidence.iter().for_each(|sentence| put(out, format_args!("<li>{}</li>\n", escape(sentence))));
        out.push_str("</ul>\n");
    }
    table(labels, &texts.text(pair.a), &texts.text(pair.b), out);
    let [a, b] = labels.map(|label| escape(&quoted(&label.id)));
    for verdict in Ruling::ALL {
        put(out, format_args!("<code>jianfan dedupe decide {a} {b} {verdict}</code>\n"));
    }
    out.push_str("</section>\n");
}

fn table(labels: [&Label; 2], a: &str, b: &str, out: &mut String) {
    out.push_str("<table>\n<tr>");
    for label in labels {
        let about = escape(&label.about.join(" · "));
        put(
            out,
            format_args!("<th scope=\"col\"><b>{}</b><span class=\"about\">{about}</span></th>", escape(&label.id)),
        );
    }
    out.push_str("</tr>\n");
    for row in rows(a, b) {
        let (class, [left, right]) = match &row {
            Row::Same(x, y) => (" class=\"same\"", [escape(x), escape(y)]),
            Row::Changed(x, y) => {
                let (p, q) = parts(x, y);
                ("", [marked(p), marked(q)])
            }
            Row::Left(x) => ("", [escape(x), String::new()]),
            Row::Right(y) => ("", [String::new(), escape(y)]),
        };
        let [one, other] = match &row {
            Row::Left(_) => [" class=\"one\"", ""],
            Row::Right(_) => ["", " class=\"one\""],
            _ => ["", ""],
        };
        put(out, format_args!("<tr{class}><td{one}>{left}</td><td{other}>{right}</td></tr>\n"));
    }
    out.push_str("</table>\n");
}

fn marked(parts: [&str; 3]) -> String {
    let mark = if parts[1].is_empty() { String::new() } else { format!("<mark>{}</mark>", escape(parts[1])) };
    format!("{}{mark}{}", escape(parts[0]), escape(parts[2]))
}

/// Quotes an id for a shell where it needs that.
pub fn quoted(id: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    if !id.is_empty() && !id.starts_with('-') && id.chars().all(plain) {
        id.to_owned()
    } else {
        format!("'{}'", id.replace('\'', "'\\''"))
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && c != '\t' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::Cluster;
    use super::super::Member;
    use super::*;

    #[test]
    fn escapes_what_articles_bring() {
        let texts = ["<script>alert(1)</script>甲乙丙。", "甲乙丁。"];
        let pair = ReviewPair {
            a: 0,
            b: 1,
            containment: 0.5,
            evidence: vec!["甲&乙".into()],
            numbers_differ: true,
            conflicts: vec![("1".into(), "2".into())],
        };
        let member = |index| Member { index, containment: 1.0, kind: Kind::Script };
        let report = Report {
            review: vec![pair],
            clusters: vec![Cluster { members: vec![member(0), member(1)] }],
            follow_ups: vec![(1, 0)],
        };
        let label = |index: usize| Label { id: ["a#2", "b'"][index].into(), about: vec!["<b>题</b>".into()] };
        let page = page(&report, &label, &texts.to_vec(), Language::En);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;") && page.contains("&lt;b&gt;题"));
        assert!(page.contains("jianfan dedupe decide &#39;a#2&#39; &#39;b&#39;\\&#39;&#39;&#39; follow-up"), "{page}");
        assert!(page.contains("numbers differ: <mark>1 / 2</mark>") && page.contains("<li>甲&amp;乙</li>"));
        assert!(page.contains("<li>a#2 <span class=\"about\">kept</span> ← b&#39; <span class=\"about\">other script"));
        assert!(page.contains("<li>b&#39; → a#2</li>"));
        // Nothing is fetched and nothing runs.
        assert!(!["http:", "https:", "src=", "url(", "onclick", "@import"].iter().any(|part| page.contains(part)));
    }

    #[test]
    fn speaks_three_languages_and_says_when_there_is_nothing() {
        let none = |language| page(&Report::default(), &|_| Label::default(), &Vec::<&str>::new(), language);
        assert!(
            none(Language::Hans).contains("<html lang=\"zh-Hans\">") && none(Language::Hans).contains("<p>没有。</p>")
        );
        assert!(none(Language::Hant).contains("請審閱 (0)") && none(Language::En).contains("To review (0)"));
    }
}
