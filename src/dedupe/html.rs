//! The review page: one file an editor opens offline, with every doubtful pair side by side and the words to decide it.

use std::fmt::Write as _;

use super::diff::{Row, parts, rows};
use super::sketch::Sketch;
use super::{Report, Texts};

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

struct Words {
    tag: &'static str,
    title: &'static str,
    pairs: &'static str,
    clusters: &'static str,
    containment: &'static str,
    numbers: &'static str,
    none: &'static str,
}

const HANS: Words = Words {
    tag: "zh-Hans",
    title: "疑似重复的文章",
    pairs: "请审阅",
    clusters: "已合并",
    containment: "重合",
    numbers: "数字不同",
    none: "没有。",
};
const HANT: Words = Words {
    tag: "zh-Hant",
    title: "疑似重複的文章",
    pairs: "請審閱",
    clusters: "已合併",
    containment: "重合",
    numbers: "數字不同",
    none: "沒有。",
};
const EN: Words = Words {
    tag: "en",
    title: "Articles that may be duplicates",
    pairs: "To review",
    clusters: "Merged",
    containment: "in common",
    numbers: "numbers differ",
    none: "None.",
};

const STYLE: &str = "body{font:16px/1.6 sans-serif;max-width:72rem;margin:auto;padding:1rem;color:#222;background:#fff}\
table{width:100%;border-collapse:collapse;table-layout:fixed}td{vertical-align:top;padding:.2rem .5rem;border-top:1px solid #ddd;overflow-wrap:anywhere}\
.same{color:#666}mark{background:#ffe08a}.one{background:#eef6ff}code{background:#f3f3f3;padding:.1rem .3rem;display:block;margin:.2rem 0}\
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}code{background:#2a2a2a}mark{background:#665200;color:#fff}.one{background:#1d2a38}}";

/// Makes the page. `sketches` and `texts` are those the report was made from.
pub fn page(report: &Report, sketches: &[Sketch], texts: &dyn Texts, language: Language) -> String {
    let words = match language {
        Language::Hans => &HANS,
        Language::Hant => &HANT,
        Language::En => &EN,
    };
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{STYLE}</style>\n<h1>{1}</h1>\n<h2>{} ({})</h2>\n",
        words.tag,
        words.title,
        words.pairs,
        report.review.len()
    );
    for pair in &report.review {
        let (a, b) = (sketches[pair.a].id.as_str(), sketches[pair.b].id.as_str());
        let _ = write!(
            out,
            "<section>\n<h3>{} · {}</h3>\n<p>{} {:.0} %",
            escape(a),
            escape(b),
            words.containment,
            pair.containment * 100.0
        );
        if pair.numbers_differ {
            let differ: Vec<String> = pair.conflicts.iter().map(|(x, y)| format!("{x} / {y}")).collect();
            let _ = write!(out, " · {}: {}", words.numbers, escape(&differ.join(", ")));
        }
        out.push_str("</p>\n");
        for verdict in super::decisions::Ruling::ALL {
            let _ = writeln!(
                out,
                "<code>jianfan dedupe decide {} {} {verdict}</code>",
                escape(&quoted(a)),
                escape(&quoted(b))
            );
        }
        table(&texts.text(pair.a), &texts.text(pair.b), &mut out);
        out.push_str("</section>\n");
    }
    if report.review.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", words.none);
    }
    let _ = writeln!(out, "<h2>{} ({})</h2>\n<ul>", words.clusters, report.clusters.len());
    for cluster in &report.clusters {
        let ids: Vec<String> = cluster.members.iter().map(|m| escape(&sketches[m.index].id)).collect();
        let _ = writeln!(out, "<li>{}</li>", ids.join(" ← "));
    }
    out.push_str("</ul>\n</html>\n");
    out
}

fn table(a: &str, b: &str, out: &mut String) {
    out.push_str("<table>\n");
    for row in rows(a, b) {
        let _ = match &row {
            Row::Same(x, y) => writeln!(out, "<tr class=\"same\"><td>{}<td>{}", escape(x), escape(y)),
            Row::Changed(x, y) => {
                let (p, q) = parts(x, y);
                writeln!(out, "<tr><td>{}<td>{}", marked(p), marked(q))
            }
            Row::Left(x) => writeln!(out, "<tr><td class=\"one\">{}<td>", escape(x)),
            Row::Right(y) => writeln!(out, "<tr><td><td class=\"one\">{}", escape(y)),
        };
    }
    out.push_str("</table>\n");
}

fn marked(parts: [&str; 3]) -> String {
    format!("{}<mark>{}</mark>{}", escape(parts[0]), escape(parts[1]), escape(parts[2]))
}

/// Quotes an id for a shell where it needs that.
fn quoted(id: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    if !id.is_empty() && !id.starts_with('-') && id.chars().all(plain) {
        id.to_owned()
    } else {
        format!("'{}'", id.replace('\'', "'\\''"))
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::super::{Document, ReviewPair, sketch};
    use super::*;

    #[test]
    fn escapes_what_articles_bring() {
        let texts = ["<script>alert(1)</script>甲乙丙。", "甲乙丁。"];
        let sketches: Vec<Sketch> = [("a#2", texts[0]), ("b'", texts[1])]
            .map(|(id, text)| sketch(&Document { id, text, ..Document::default() }))
            .into();
        let pair = ReviewPair {
            a: 0,
            b: 1,
            containment: 0.5,
            evidence: vec![],
            numbers_differ: true,
            conflicts: vec![("1".into(), "2".into())],
        };
        let report = Report { review: vec![pair], ..Report::default() };
        let page = page(&report, &sketches, &texts.to_vec(), Language::En);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        assert!(page.contains("jianfan dedupe decide &#39;a#2&#39; &#39;b&#39;\\&#39;&#39;&#39; follow-up"), "{page}");
        assert!(page.contains("numbers differ: 1 / 2"));
    }
}
