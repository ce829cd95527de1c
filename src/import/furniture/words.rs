//! The words of `data/import/furniture.txt`, in the shape they are looked up.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Class;

/// What is known of words.
#[derive(Debug, Default)]
pub(super) struct Words {
    whole: BTreeMap<&'static str, Class>,
    heads: BTreeMap<char, Vec<(String, Class)>>,
    rights: Vec<Vec<&'static str>>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../../data/import/furniture.txt")));

/// The classes that words can give, by their names in the file.
const CLASSES: &[(&str, Class)] = &[
    ("advertisement", Class::Advertisement),
    ("share", Class::Share),
    ("related", Class::Related),
    ("endmark", Class::EndMark),
    ("navigation", Class::Navigation),
    ("breadcrumb", Class::Breadcrumb),
    ("neighbour", Class::Neighbour),
    ("originaltitle", Class::OriginalTitle),
    ("keywords", Class::Keywords),
    ("counter", Class::Counter),
    ("forum", Class::Forum),
    ("rights", Class::Rights),
    ("contact", Class::Contact),
];

fn read(text: &'static str) -> Words {
    let mut words = Words::default();
    let mut section = ("", "");
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) =
            line.strip_prefix('[').and_then(|name| name.strip_suffix(']')).filter(|name| name.contains(' '))
        {
            section = name.split_once(' ').unwrap_or_default();
            if section.0 == "rights" {
                words.rights.push(Vec::new());
            }
            continue;
        }
        let class = CLASSES.iter().find(|(name, _)| *name == section.1).map(|(_, class)| *class);
        for word in line.split_whitespace() {
            match (section.0, class) {
                ("whole", Some(class)) => drop(words.whole.entry(word).or_insert(class)),
                ("head", Some(class)) => {
                    let word = word.replace('_', " ");
                    if let Some(first) = word.chars().next() {
                        words.heads.entry(first).or_default().push((word, class));
                    }
                }
                ("rights", _) => {
                    if let Some(group) = words.rights.last_mut() {
                        group.push(word);
                    }
                }
                _ => {}
            }
        }
    }
    words
}

/// The class of a whole line, without white space and marks.
pub(super) fn whole(bare: &str) -> Option<Class> {
    WORDS.whole.get(bare).copied()
}

/// The words a line begins with, each with its class, in the order of the file.
pub(super) fn heads(line: &str) -> impl Iterator<Item = (&'static str, Class)> {
    let known = line.chars().next().and_then(|first| WORDS.heads.get(&first));
    known
        .into_iter()
        .flatten()
        .filter(move |(word, _)| line.starts_with(word.as_str()))
        .map(|(word, class)| (word.as_str(), *class))
}

/// How many groups of words of notices of rights a line holds words of.
pub(super) fn rights(fold: &str) -> usize {
    WORDS.rights.iter().filter(|words| words.iter().any(|word| fold.contains(word))).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::fold::fold_line;

    #[test]
    fn every_word_is_folded_and_has_a_class() {
        assert!(WORDS.whole.len() > 150 && WORDS.heads.len() > 50 && WORDS.rights.len() == 6);
        for word in WORDS.whole.keys() {
            assert_eq!(fold_line(word), *word);
            assert!(word.chars().all(char::is_alphanumeric), "{word}");
        }
        for (word, _) in WORDS.heads.values().flatten() {
            assert_eq!(fold_line(word), *word);
        }
    }
}
