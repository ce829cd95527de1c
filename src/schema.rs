//! JSON Schemas of the files editors write, for editors' programs: completion, hints, mistakes underlined while typing.
//!
//! The schemas are data (`data/schema/`); the tests hold them to the keys that the readers know. The readers stay the
//! judges: what a schema lets pass may still be refused by `check`, never the other way round.

/// A schema: file name and text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// What it describes: `site`, `article`, `taxonomy`, `glossary` or `decisions`.
    pub name: &'static str,
    /// JSON Schema, draft 2020-12.
    pub text: &'static str,
}

impl Schema {
    /// Name of its file.
    pub fn file_name(&self) -> String {
        format!("{}.schema.json", self.name)
    }
}

/// All schemas, sorted by name.
pub const SCHEMAS: &[Schema] = &[
    Schema { name: "article", text: include_str!("../data/schema/article.schema.json") },
    Schema { name: "decisions", text: include_str!("../data/schema/decisions.schema.json") },
    Schema { name: "glossary", text: include_str!("../data/schema/glossary.schema.json") },
    Schema { name: "site", text: include_str!("../data/schema/site.schema.json") },
    Schema { name: "taxonomy", text: include_str!("../data/schema/taxonomy.schema.json") },
];

/// Finds a schema by its name.
pub fn find(name: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(name: &str) -> Vec<String> {
        let json: serde_json::Value = serde_json::from_str(find(name).unwrap().text).unwrap();
        let mut keys: Vec<String> = json["properties"].as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    }

    fn sorted(words: &[&str]) -> Vec<String> {
        let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        words.sort();
        words
    }

    #[test]
    fn schemas_have_the_keys_that_are_read() {
        assert_eq!(keys("site"), sorted(crate::config::KEYS));
        assert_eq!(keys("article"), sorted(crate::article::KEYS));
        assert!(SCHEMAS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
