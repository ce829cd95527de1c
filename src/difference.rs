//! What readers read differently after a change of a dictionary, a glossary or the program.
//!
//! Takes the pages of an earlier output and those of a later one; gives the sentences of articles that differ. Pure.

use std::collections::BTreeMap;

use serde::Serialize;

/// A stretch of a page that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Output path of the page.
    pub path: String,
    /// The sentences as they were.
    pub before: String,
    /// The sentences as they are.
    pub after: String,
}

/// What differs between two outputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// Articles that are in both.
    pub compared: usize,
    /// Those of them that differ.
    pub changed: usize,
    /// What differs, by path and place.
    pub sentences: Vec<Difference>,
    /// Article pages that are new.
    pub added: Vec<String>,
    /// Article pages that are gone.
    pub removed: Vec<String>,
}

/// Path to the sentences of its article.
pub type Texts = BTreeMap<String, Vec<String>>;

/// The sentences of the article on a page; none when there is no article on it.
pub fn sentences(html: &str) -> Option<Vec<String>> {
    let start = html.find("<article")?;
    let end = start + html[start..].find("</article>")?;
    let mut text = String::new();
    let mut rest = &html[start..end];
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let tag = &rest[at..];
        let close = tag.find('>').map_or(tag.len(), |close| close + 1);
        let name = tag[1..close].trim_start_matches('/');
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        if !INLINE.contains(&name) {
            text.push('\n');
        }
        rest = &tag[close..];
    }
    text.push_str(rest);
    Some(split(&unescaped(&text)))
}

/// Tags that do not end a sentence.
const INLINE: &[&str] =
    &["a", "b", "em", "i", "strong", "code", "ruby", "rt", "rp", "sub", "sup", "mark", "del", "ins"];

fn unescaped(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x2F;", "/"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (written, meant)| text.replace(written, meant))
}

/// Splits text behind the marks that end a sentence, and at line ends.
fn split(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    for line in text.lines() {
        let mut begin = 0;
        for (at, c) in line.char_indices().filter(|(_, c)| matches!(c, '。' | '！' | '？' | '；' | '!' | '?')) {
            let end = at + c.len_utf8();
            sentences.push(line[begin..end].trim().to_owned());
            begin = end;
        }
        sentences.push(line[begin..].trim().to_owned());
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// Compares two outputs.
pub fn compare(before: &Texts, after: &Texts) -> Differences {
    let mut found = Differences {
        added: after.keys().filter(|path| !before.contains_key(*path)).cloned().collect(),
        removed: before.keys().filter(|path| !after.contains_key(*path)).cloned().collect(),
        ..Differences::default()
    };
    for (path, old) in before {
        let Some(new) = after.get(path) else { continue };
        found.compared += 1;
        if old != new {
            found.changed += 1;
            found.sentences.extend(stretches(old, new).into_iter().map(|(before, after)| Difference {
                path: path.clone(),
                before,
                after,
            }));
        }
    }
    found
}

/// The most cells of a table of common sentences; a page beyond it is compared as a whole.
const MOST: usize = 4_000_000;

/// The stretches in which two lists of sentences differ.
fn stretches(old: &[String], new: &[String]) -> Vec<(String, String)> {
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[same..], &new[same..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    if old.len().saturating_mul(new.len()) > MOST {
        return vec![(old.concat(), new.concat())];
    }
    let width = new.len() + 1;
    // Cell (i, j) holds how many sentences old[i..] and new[j..] have in common, in their order.
    let mut common = vec![0u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::new();
    let (mut gone, mut come) = (String::new(), String::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            if !gone.is_empty() || !come.is_empty() {
                found.push((std::mem::take(&mut gone), std::mem::take(&mut come)));
            }
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1] {
            gone.push_str(&old[i]);
            i += 1;
        } else {
            come.push_str(&new[j]);
            j += 1;
        }
    }
    if !gone.is_empty() || !come.is_empty() {
        found.push((gone, come));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_sentences_of_an_article_only() {
        let html =
            "<nav><a>城市</a></nav><article><h1>标题</h1><p>甲<b>乙</b>。丙&amp;丁！</p></article><aside>旁</aside>";
        assert_eq!(sentences(html).unwrap(), ["标题", "甲乙。", "丙&丁！"]);
        assert_eq!(sentences("<p>x</p>"), None);
    }

    #[test]
    fn gives_what_differs_and_nothing_around_it() {
        let text = |sentences: &[&str]| sentences.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let old = text(&["一。", "二。", "三。", "四。", "五。"]);
        let new = text(&["一。", "二改。", "三。", "四。", "新。", "五。"]);
        let found = stretches(&old, &new);
        assert_eq!(found, [("二。".into(), "二改。".into()), (String::new(), "新。".into())]);
        let before = Texts::from([("a".into(), old.clone()), ("b".into(), old.clone())]);
        let after = Texts::from([("a".into(), new), ("c".into(), old)]);
        let found = compare(&before, &after);
        assert_eq!((found.compared, found.changed, found.sentences.len()), (1, 1, 2));
        assert_eq!((found.added, found.removed), (vec!["c".to_owned()], vec!["b".to_owned()]));
    }
}
