//! What a taxonomy is made of: ids, names in both scripts, terms.
//!
//! Knows nothing of files, of texts or of the gazetteer.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest id, in characters; an id is one segment of an address.
pub const LONGEST_ID: usize = 80;

/// Addresses below a taxonomy that are not terms, and names no Windows machine can store.
const RESERVED: [&str; 26] = [
    "page", "feed", "index", "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7",
    "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "com0",
];

/// The id of a term: ASCII lower-case letters, digits and hyphens; the same in both editions, and part of addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TermId(String);

/// Why a text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadId {
    /// It has no characters.
    Empty,
    /// It has characters other than `a-z`, `0-9` and `-`, or begins or ends with a hyphen.
    Characters,
    /// It is longer than [`LONGEST_ID`].
    Long,
    /// It is the name of something else under the same address.
    Reserved,
}

impl BadId {
    /// Says what is wrong, as the end of a sentence about the id.
    pub fn reason(self) -> &'static str {
        match self {
            BadId::Empty => "is empty",
            BadId::Characters => "may only have the letters a-z, digits and hyphens between them",
            BadId::Long => "is longer than 80 characters",
            BadId::Reserved => "is the name of another page of the site",
        }
    }
}

impl TermId {
    /// Checks an id.
    ///
    /// # Errors
    /// Says what keeps the text from being an id.
    pub fn parse(text: &str) -> Result<TermId, BadId> {
        if text.is_empty() {
            return Err(BadId::Empty);
        }
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !plain || text.starts_with('-') || text.ends_with('-') {
            return Err(BadId::Characters);
        }
        if text.len() > LONGEST_ID {
            return Err(BadId::Long);
        }
        if RESERVED.contains(&text) {
            return Err(BadId::Reserved);
        }
        Ok(TermId(text.to_owned()))
    }

    /// Wraps an id of the gazetteer, which a test checks.
    pub(super) fn trusted(text: &str) -> TermId {
        TermId(text.to_owned())
    }

    /// Gives the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TermId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for TermId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A text in both scripts, and in English where it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Name {
    /// In Simplified characters.
    pub hans: String,
    /// In Traditional characters.
    pub hant: String,
    /// In English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Name {
    /// Makes a name of both scripts.
    pub fn new(hans: impl Into<String>, hant: impl Into<String>) -> Name {
        Name { hans: hans.into(), hant: hant.into(), en: None }
    }

    /// Lists the texts, without repetitions.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = vec![self.hans.as_str()];
        if self.hant != self.hans {
            texts.push(&self.hant);
        }
        texts.extend(self.en.as_deref());
        texts
    }
}

/// One term of a taxonomy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Term {
    /// The id.
    pub id: TermId,
    /// The label.
    pub name: Name,
    /// Other spellings that mean this term.
    pub aliases: Vec<String>,
    /// Phrases that hold a spelling of this term and do not mean it.
    pub not: Vec<String>,
    /// The wider term of the same taxonomy.
    pub parent: Option<TermId>,
    /// The city a program belongs to.
    pub city: Option<TermId>,
    /// What the term page says about it.
    pub description: Option<Name>,
    /// Whether the term comes from the built-in gazetteer; a site's file that extends it does not change that.
    pub builtin: bool,
    /// Whether a file of the site names this term.
    pub written: bool,
    /// Whether the label was given by a file of the site; such labels also serve as glossary terms.
    pub named_by_site: bool,
}

/// The terms of one taxonomy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taxonomy {
    /// `city`, `program`, `tag`, or the site's own.
    pub id: String,
    /// The terms by id.
    pub terms: BTreeMap<TermId, Term>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_segments_of_addresses() {
        for good in ["lanzhou", "hong-kong", "0931", "a", "6g"] {
            assert_eq!(TermId::parse(good).unwrap().as_str(), good);
        }
        for (bad, why) in [
            ("", BadId::Empty),
            ("../../x", BadId::Characters),
            ("Lanzhou", BadId::Characters),
            ("兰州", BadId::Characters),
            ("-a", BadId::Characters),
            ("feed.xml", BadId::Characters),
            ("page", BadId::Reserved),
            ("con", BadId::Reserved),
        ] {
            assert_eq!(TermId::parse(bad), Err(why), "{bad}");
        }
        assert_eq!(TermId::parse(&"a".repeat(81)), Err(BadId::Long));
    }
}
