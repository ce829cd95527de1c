//! Addresses of articles: one safe path segment, ASCII, the same in both editions.
//!
//! Takes a title ([`from_title`]) or what an editor wrote ([`check`]). Titles become pinyin without tones, read word by
//! word: 重庆 is `chong-qing`, 重要 `zhong-yao`. Must not know articles, addresses of a site or whether a slug is taken.

mod pinyin;

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// The longest derived slug, in characters.
pub const LONGEST: usize = 60;

/// The longest slug an editor may write, in characters: file systems end at 255 bytes a name, archives are moved about.
pub const LONGEST_WRITTEN: usize = 200;

/// A slug: ASCII lower-case letters, digits, inner hyphens and underscores, no name an operating system keeps for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slug(String);

impl Slug {
    /// Returns the slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the slug as a string of its own.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a written slug is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SlugError {
    /// Nothing is written.
    #[error("the slug is empty")]
    Empty,
    /// It holds `/` or `\`.
    #[error("a slug is one segment of a path: `{0}` is not allowed")]
    Separator(char),
    /// It holds a dot.
    #[error("a slug holds no dots")]
    Dot,
    /// It holds a character that is not seen.
    #[error("a slug holds no control characters, but U+{:04X} is here", u32::from(*.0))]
    Control(char),
    /// It holds letters beyond ASCII.
    #[error("a slug is ASCII: `{0}` is not")]
    NotAscii(char),
    /// It holds another character that is not allowed.
    #[error("a slug is made of letters, digits and hyphens: `{0}` is neither")]
    Character(char),
    /// It is longer than [`LONGEST_WRITTEN`].
    #[error("the slug has {0} characters, more than {LONGEST_WRITTEN}")]
    TooLong(usize),
    /// Windows keeps the name for a device.
    #[error("`{0}` is the name of a device on Windows")]
    Reserved(String),
}

impl SlugError {
    /// Says what to write instead, as an imperative, given what was written.
    pub fn help(&self, written: &str) -> String {
        match self {
            SlugError::Empty => "remove the key, or write a slug such as `lan-zhou`".to_owned(),
            _ => format!("write `slug: {}`", from_title(written)),
        }
    }
}

/// Makes a slug of a title: pinyin without tones, syllable by syllable, Latin words and numbers as they are.
///
/// At most [`LONGEST`] characters, cut between syllables or words; never empty: a title without any letter gives a
/// short hash of itself. Traditional and Simplified titles give the same slug.
///
/// ```
/// use jianfan::slug::from_title;
/// assert_eq!(from_title("硅谷創業：AI 與「晶片」2.0"), "gui-gu-chuang-ye-ai-yu-jing-pian-2-0");
/// assert_eq!(from_title("长春市长"), "chang-chun-shi-zhang");
/// ```
pub fn from_title(title: &str) -> String {
    let mut slug = String::new();
    for word in words(title) {
        let room = LONGEST.saturating_sub(slug.len() + usize::from(!slug.is_empty()));
        if slug.is_empty() {
            slug.push_str(&word[..word.len().min(room)]);
        } else if word.len() <= room {
            slug.push('-');
            slug.push_str(&word);
        } else {
            break;
        }
    }
    if slug.is_empty() || is_reserved(&slug) {
        let hash: String = Sha256::digest(title.as_bytes()).iter().take(4).map(|b| format!("{b:02x}")).collect();
        return if slug.is_empty() { format!("t-{hash}") } else { format!("{slug}-{hash}") };
    }
    slug
}

/// Tells whether a text is a slug as this program writes them.
pub fn is_valid(slug: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    !slug.is_empty()
        && slug.len() <= LONGEST_WRITTEN
        && slug.bytes().all(inner)
        && !slug.starts_with(['-', '_'])
        && !slug.ends_with('-')
        && !is_reserved(slug)
}

/// Checks a slug that an editor wrote.
///
/// What is plain in meaning is mended: capitals, spaces, hyphens at the ends. The caller compares [`Slug::as_str`] with
/// what was written, and warns where they differ.
///
/// # Errors
///
/// Anything that would leave the folder of the article, hide it, or read differently on another machine.
pub fn check(written: &str) -> Result<Slug, SlugError> {
    let trimmed = written.trim_matches([' ', '\t']);
    if trimmed.is_empty() {
        return Err(SlugError::Empty);
    }
    if let Some(error) = trimmed.chars().find_map(refused) {
        return Err(error);
    }
    let joined = trimmed.split([' ', '-']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    // Two hyphens in a row are an old address worth keeping; only spaces need joining.
    let slug = if trimmed.contains(' ') { joined } else { trimmed.to_owned() };
    let slug = slug.trim_start_matches(['-', '_']).trim_end_matches('-').to_ascii_lowercase();
    if slug.is_empty() {
        return Err(SlugError::Empty);
    }
    if slug.len() > LONGEST_WRITTEN {
        return Err(SlugError::TooLong(slug.len()));
    }
    if is_reserved(&slug) {
        return Err(SlugError::Reserved(slug));
    }
    Ok(Slug(slug))
}

/// Refuses a character of a written slug, and says why.
fn refused(c: char) -> Option<SlugError> {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | ' ' => None,
        '/' | '\\' => Some(SlugError::Separator(c)),
        '.' => Some(SlugError::Dot),
        c if is_unseen(c) => Some(SlugError::Control(c)),
        c if !c.is_ascii() => Some(SlugError::NotAscii(c)),
        c => Some(SlugError::Character(c)),
    }
}

fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Tells whether Windows keeps a name for a device (“Naming Files, Paths, and Namespaces”, Microsoft).
fn is_reserved(slug: &str) -> bool {
    let numbered =
        |name: &str| slug.strip_prefix(name).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit());
    matches!(slug, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// How much of a title is looked at, in characters; two characters a syllable fill a slug long before.
const LOOKED_AT: usize = 400;

/// Cuts a title into the words of its slug.
fn words(title: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut latin = String::new();
    let mut chinese = Vec::new();
    // NFKC turns full-width letters and compatibility characters to plain ones, NFD parts é to e and an accent.
    for c in title.chars().take(LOOKED_AT).nfkc().nfd() {
        let syllable = pinyin::is_known(c);
        if !syllable && !chinese.is_empty() {
            out.extend(pinyin::read(&std::mem::take(&mut chinese)).into_iter().map(str::to_owned));
        }
        match c {
            c if syllable => {
                flush(&mut latin, &mut out);
                chinese.push(c);
            }
            c if c.is_ascii_alphanumeric() => latin.push(c.to_ascii_lowercase()),
            // An accent or an apostrophe does not end a word.
            '\'' | '’' | '\u{300}'..='\u{36f}' => {}
            c => {
                if let Some(plain) = undecomposed(c) {
                    latin.push_str(plain);
                } else if !is_unseen(c) {
                    flush(&mut latin, &mut out);
                }
            }
        }
    }
    out.extend(pinyin::read(&chinese).into_iter().map(str::to_owned));
    flush(&mut latin, &mut out);
    out
}

fn flush(latin: &mut String, out: &mut Vec<String>) {
    if !latin.is_empty() {
        out.push(std::mem::take(latin));
    }
}

/// Spells Latin letters that Unicode does not take apart.
fn undecomposed(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ł' | 'Ł' => "l",
        'þ' | 'Þ' => "th",
        'ı' => "i",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
