//! Finds the articles in one file: front matter between `---` lines, several times where several were pasted.

use std::ops::Range;

use crate::diagnostic::{Checked, Diagnostic};

/// The places of one article in its file, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The YAML between the fences; empty without front matter.
    pub(super) front: Range<usize>,
    /// The Markdown after it.
    pub(super) body: Range<usize>,
}

/// The longest front matter, in lines, that is looked for inside a body.
const LONGEST: usize = 200;

/// Keys that show that lines between two `---` are front matter and not text.
const TELLING: &[&str] = &[
    "title",
    "date",
    "author",
    "authors",
    "tags",
    "categories",
    "category",
    "source",
    "slug",
    "updated",
    "draft",
    "layout",
    "permalink",
    "url",
    "original_url",
    "city",
    "cities",
    "program",
    "programs",
    "summary",
    "description",
];

/// Splits a file.
///
/// # Errors
/// When front matter is opened and never closed.
pub(super) fn split(path: &str, text: &str) -> Result<Checked<Vec<Piece>>, Diagnostic> {
    let mut diagnostics = Vec::new();
    let start = text.len() - text.trim_start_matches(['\n', ' ', '\t', '\u{feff}']).len();
    let first_line = line_at(text, start);
    if !is_fence(&text[first_line.clone()]) {
        warn_of_odd_starts(path, text, &first_line, &mut diagnostics)?;
        let pieces = pieces_from(text, Piece { front: 0..0, body: 0..text.len() });
        refuse_too_many(path, text, &pieces)?;
        return Ok(Checked { value: pieces, diagnostics });
    }
    if start > 0 {
        diagnostics.push(
            Diagnostic::warning("front-matter-late", path, "blank lines before the front matter")
                .span(text, first_line.clone())
                .fix(text, 0..first_line.start, "")
                .help("begin the file with `---`"),
        );
    }
    let front_start = next_line(text, first_line.end);
    let Some(close) = closing_fence(text, front_start) else {
        return Err(Diagnostic::error("front-matter-unclosed", path, "the front matter is not closed")
            .span(text, first_line)
            .help("write a line `---` after the last key"));
    };
    let piece = Piece { front: front_start..close.start, body: next_line(text, close.end)..text.len() };
    let pieces = pieces_from(text, piece);
    refuse_too_many(path, text, &pieces)?;
    Ok(Checked { value: pieces, diagnostics })
}

/// The most articles in one file; what one file may cost is bounded.
const MOST: usize = 500;

fn refuse_too_many(path: &str, text: &str, pieces: &[Piece]) -> Result<(), Diagnostic> {
    let Some(piece) = pieces.get(MOST) else { return Ok(()) };
    Err(Diagnostic::error("file-too-complex", path, format!("more than {MOST} articles in one file"))
        .span(text, piece.front.start..piece.front.start)
        .help("split the file"))
}

/// Files whose beginning looks like front matter of another kind.
fn warn_of_odd_starts(
    path: &str,
    text: &str,
    first: &Range<usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(), Diagnostic> {
    let line = text[first.clone()].trim_end();
    if line.len() > 3 && line.bytes().all(|b| b == b'-') {
        diagnostics.push(
            Diagnostic::warning("front-matter-fence", path, format!("`{line}` opens no front matter"))
                .span(text, first.clone())
                .help("write exactly three hyphens: `---`"),
        );
    }
    if line == "+++" {
        return Err(Diagnostic::error("front-matter-toml", path, "TOML front matter is not read here")
            .span(text, first.clone())
            .help("run `jianfan import --from hugo` on the file, which translates it"));
    }
    let inside = line.strip_prefix('{').map(|rest| if rest.is_empty() { &text[first.end..] } else { rest });
    if inside.is_some_and(|inside| inside.trim_start().starts_with('"')) {
        return Err(Diagnostic::error("front-matter-json", path, "JSON front matter is not read here")
            .span(text, first.clone())
            .help("write the keys as YAML between two `---` lines"));
    }
    Ok(())
}

/// Cuts further articles out of the body of the first.
fn pieces_from(text: &str, first: Piece) -> Vec<Piece> {
    let mut pieces = vec![first];
    let mut at = pieces[0].body.start;
    let end = text.len();
    // Most bodies hold no fence at all; a search for one is all they cost.
    if !text[at..].contains("\n---") && !text[at..].starts_with("---") {
        return pieces;
    }
    let mut code: Option<(u8, usize)> = None;
    while at < end {
        let line = line_at(text, at);
        let content = &text[line.clone()];
        track_code(content, &mut code);
        if code.is_none()
            && is_fence(content)
            && let Some(next) = front_matter_at(text, &line)
        {
            let last = pieces.len() - 1;
            pieces[last].body.end = line.start;
            at = next.body.start;
            pieces.push(next);
            continue;
        }
        at = next_line(text, line.end);
    }
    pieces
}

/// Follows fenced code blocks: front matter shown in one is text.
fn track_code(line: &str, code: &mut Option<(u8, usize)>) {
    let trimmed = line.trim_start_matches(' ');
    if line.len() - trimmed.len() > 3 {
        return;
    }
    let Some(mark @ (b'`' | b'~')) = trimmed.bytes().next() else { return };
    let run = trimmed.bytes().take_while(|&b| b == mark).count();
    match *code {
        None if run >= 3 && !(mark == b'`' && trimmed[run..].contains('`')) => *code = Some((mark, run)),
        Some((open, length)) if mark == open && run >= length && trimmed[run..].trim().is_empty() => *code = None,
        _ => {}
    }
}

/// Reads front matter inside a body: closed, all of it lines of YAML, the first one a key that articles have.
fn front_matter_at(text: &str, fence: &Range<usize>) -> Option<Piece> {
    let front_start = next_line(text, fence.end);
    let mut at = front_start;
    let mut keys = 0;
    for _ in 0..LONGEST {
        if at >= text.len() {
            return None;
        }
        let line = line_at(text, at);
        let content = &text[line.clone()];
        if is_fence(content) {
            return (keys > 0)
                .then(|| Piece { front: front_start..line.start, body: next_line(text, line.end)..text.len() });
        }
        let key = content.split_once(':').map(|(key, _)| key.trim());
        let telling = !content.starts_with(' ') && key.is_some_and(|key| TELLING.contains(&key));
        keys += usize::from(telling);
        let indented = content.starts_with([' ', '\t', '-', '#']) || content.trim().is_empty();
        let plain_key = key.is_some_and(|key| {
            !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-\"'".contains(&b))
        });
        if !(telling || keys > 0 && (indented || plain_key)) {
            return None;
        }
        at = next_line(text, line.end);
    }
    None
}

/// The closing fence of front matter at the top of a file: `---` or YAML's own `...`.
fn closing_fence(text: &str, from: usize) -> Option<Range<usize>> {
    let mut at = from;
    while at < text.len() {
        let line = line_at(text, at);
        if is_fence(&text[line.clone()]) || text[line.clone()].trim_end() == "..." {
            return Some(line);
        }
        at = next_line(text, line.end);
    }
    None
}

fn is_fence(line: &str) -> bool {
    line.starts_with("---") && line.trim_end() == "---"
}

/// The line that begins at `at`, without its line end.
fn line_at(text: &str, at: usize) -> Range<usize> {
    at..text[at..].find('\n').map_or(text.len(), |n| at + n)
}

fn next_line(text: &str, end: usize) -> usize {
    (end + 1).min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Vec<&str> {
        let pieces = split("a.md", text).unwrap().value;
        pieces.iter().map(|piece| text[piece.body.clone()].trim()).collect()
    }

    #[test]
    fn splits_pasted_articles() {
        assert_eq!(bodies("---\ntitle: a\n---\n甲\n---\ntitle: b\ntags:\n  - x\n---\n乙\n"), ["甲", "乙"]);
        assert_eq!(bodies("甲\n\n---\ntitle: b\n---\n乙"), ["甲", "乙"]);
    }

    #[test]
    fn leaves_rules_and_code_alone() {
        assert_eq!(bodies("---\ntitle: a\n---\n甲\n\n---\n記者: 王明\n\n---\n乙").len(), 1);
        assert_eq!(bodies("---\ntitle: a\n---\n```\n---\ntitle: b\n---\n```\n").len(), 1);
        assert_eq!(bodies("---\ntitle: a\n---\n---\n甲").len(), 1);
        assert_eq!(bodies("只有正文").len(), 1);
        assert_eq!(bodies("").len(), 1);
    }

    #[test]
    fn refuses_what_it_cannot_read() {
        assert_eq!(split("a.md", &"---\ntitle: a\n---\n甲\n".repeat(501)).unwrap_err().line, 2002);
        assert_eq!(split("a.md", "---\ntitle: a\n").unwrap_err().code, "front-matter-unclosed");
        assert_eq!(split("a.md", "---").unwrap_err().code, "front-matter-unclosed");
        assert_eq!(split("a.md", "+++\ntitle = 1\n+++\n").unwrap_err().code, "front-matter-toml");
        assert_eq!(split("a.md", "{\n\"title\": 1}\n").unwrap_err().code, "front-matter-json");
    }
}
