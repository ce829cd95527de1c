//! What must hold for any bytes, one function a target; also run by the tests over the seeds.

use std::borrow::Cow;
use std::sync::LazyLock;

use jianfan::article;
use jianfan::import::{self, Boilerplate, Format, Page};
use jianfan::markdown::{Image, Links};
use jianfan::script::glossary::{self, Glossary};
use jianfan::script::{Converter, Options, Origin, Region, Target};
use jianfan::source::{Source, decode};
use jianfan::taxonomy::{self, Taxonomies};
use jianfan::{dedupe, markdown};

static TO_HANS: LazyLock<Converter> =
    LazyLock::new(|| Converter::new(Target::Hans, &Glossary::empty(), Options::default()));
static TO_HANT: LazyLock<Converter> =
    LazyLock::new(|| Converter::new(Target::Hant(Region::Tw), &Glossary::empty(), Options::default()));

/// Some cities with their parents and aliases: sorting the whole gazetteer takes a thousand times as long as all a target
/// does besides.
static GAZETTEER: LazyLock<Taxonomies> =
    LazyLock::new(|| Taxonomies::builtin_of(&["beijing", "lanzhou", "yuzhong", "silicon-valley", "taipei"]));

struct AsWritten;

impl Links for AsWritten {
    fn link<'a>(&self, written: &'a str) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(written))
    }

    fn image<'a>(&self, written: &'a str) -> Option<Image<'a>> {
        Some(Image::plain(Cow::Borrowed(written)))
    }
}

/// Reads a file as articles; every one of its articles is read or blamed.
fn parse(text: String) {
    let lines = text.matches('\n').count() + 1;
    let source = Source { path: "content/a.md".into(), id: "a".into(), text, as_written: true };
    let zone = jiff::tz::TimeZone::UTC;
    let checked = article::parse(&source, &zone, &["city".into(), "program".into(), "tag".into()]);
    let errors = checked.diagnostics.iter().filter(|d| d.is_error()).count();
    assert!(checked.value.failed == 0 || errors > 0, "an article lost in silence");
    for diagnostic in &checked.diagnostics {
        assert!(diagnostic.line <= lines + 1, "points behind the end of the file");
        let _ = jianfan::diagnostic::render(diagnostic);
    }
}

pub fn front_matter(data: &[u8]) {
    parse(format!("---\n{}\n---\n正文。\n", String::from_utf8_lossy(data)));
}

pub fn split(data: &[u8]) {
    parse(String::from_utf8_lossy(data).into_owned());
}

pub fn decoding(data: &[u8]) {
    if let Ok(decoded) = decode::decode(data, None) {
        assert!(!decoded.text.contains('\0') || data.contains(&0));
    }
}

/// A mark `-{…}-` may span lines and show fewer; nothing else changes how many there are.
fn keeps_lines(text: &str, made: &str) {
    let lines = |text: &str| text.matches('\n').count();
    assert!(text.contains("-{") || lines(made) == lines(text), "lines were lost or made");
}

/// What stands between `<` and `>` of each tag, with the values of attributes emptied of `>` and white space. Text has no
/// `<` of its own: it is escaped.
fn tags(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in html.split('<').skip(1) {
        let (mut tag, mut quoted) = (String::new(), false);
        for c in part.chars() {
            match c {
                '"' => quoted = !quoted,
                '>' if !quoted => break,
                c if quoted && c.is_whitespace() => continue,
                _ => {}
            }
            tag.push(c);
        }
        found.push(tag);
    }
    found
}

/// Converting keeps the lines; what is shown holds nothing active.
pub fn body(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for converter in [&*TO_HANS, &*TO_HANT] {
        let made = converter.markdown(&text, Origin::Auto).text;
        keeps_lines(&text, &made);
        let html = markdown::render(&made, None, &AsWritten).html;
        let lower = html.to_ascii_lowercase();
        for tag in tags(&lower) {
            let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
            let harmful =
                ["script", "style", "iframe", "object", "embed", "svg", "math", "form", "base", "meta", "link"];
            assert!(!harmful.contains(&name.as_str()), "<{tag}> in {html}");
            let attributes = tag.split(|c: char| c.is_whitespace()).skip(1);
            for attribute in attributes {
                assert!(!attribute.starts_with("on"), "{attribute} in {html}");
                assert!(!attribute.contains("=\"javascript:"), "{attribute} in {html}");
            }
        }
    }
    let _ = (markdown::summary(&text, 120), markdown::first_heading(&text), markdown::first_sentence(&text, 40));
}

pub fn converter(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for converter in [&*TO_HANS, &*TO_HANT] {
        for origin in [Origin::Auto, Origin::Hans, Origin::Hant, Origin::Mixed] {
            let made = converter.text(&text, origin);
            keeps_lines(&text, &made);
        }
    }
}

fn import(data: &[u8], format: Format) {
    let page = Page { name: "page", bytes: data };
    for imported in import::read(&page, format, &Boilerplate::none()).value {
        // What import writes, the build must be able to read.
        let source = Source {
            path: "content/a.md".into(),
            id: "a".into(),
            text: import::to_article(&imported),
            as_written: true,
        };
        let _ = article::parse(&source, &jiff::tz::TimeZone::UTC, &[]);
    }
}

pub fn import_text(data: &[u8]) {
    import(data, Format::Text);
}

pub fn import_html(data: &[u8]) {
    import(data, Format::Html);
}

pub fn import_any(data: &[u8]) {
    import(data, Format::Auto);
}

pub fn editors_data(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = dedupe::decisions::parse("decisions.yaml", &text);
    let _ = glossary::parse("glossary.yaml", &text);
    let same = |text: &str| text.to_owned();
    let convert = taxonomy::Convert { hans: &same, hant: &same };
    let _ = taxonomy::parse_over(GAZETTEER.clone(), &[("content/_data/taxonomies/city.yaml", &text)], convert);
}

/// A request that is taken asks for one plain path, and is read the same again from just its own bytes.
pub fn request(data: &[u8]) {
    use jianfan::preview::request::{Head, encode, fields, parse};
    if let Head::Whole(request, length) = parse(data) {
        assert!(length <= data.len());
        let tricks = request.path.split('/').any(|part| part == ".." || part == ".");
        assert!(!tricks && !request.path.contains(['\\', '\0']), "{:?}", request.path);
        assert_eq!(parse(&data[..length]), Head::Whole(request, length));
    }
    let text = String::from_utf8_lossy(data);
    let _ = (fields(&text), encode(&text));
}

/// Settings are read, or the key that is wrong is named; what was repaired can be repaired.
pub fn settings(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    let checked = jianfan::config::parse(std::path::Path::new("/nowhere"), &text);
    let said: Vec<_> = checked.diagnostics.iter().collect();
    let _ = jianfan::fix::fixed(&text, &said);
    for diagnostic in &checked.diagnostics {
        let _ = jianfan::messages::translate(diagnostic, jianfan::messages::Language::Hant);
    }
}
