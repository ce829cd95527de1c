//! Converts titles and Markdown documents for one edition.
//!
//! Takes text and its declared origin; gives the text of the edition. Puts together what the neighbours find: marks
//! (`variants`), flows (`markup`), edits (`core`).

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use serde::Serialize;

use super::chars::{fold_char, is_hans_only, is_hant_only};
use super::clause::Clause;
use super::core::Core;
use super::detect::{Quotation, Verdict, detect, quotations};
use super::glossary::{Glossary, fold};
use super::markup::{self, Flow, Layout};
use super::rewrite::{Edit, Edits, Rewriter, in_source};
use super::rules;
use super::terms::Entry;
use super::variants::{self, Resolved, Rule};
use super::{Options, Origin, Script, Target};

/// Converts for one edition. Built once, shared by reference.
pub struct Converter {
    core: Core,
    target: Target,
    entries: Vec<Entry>,
    options: Options,
}

/// A repair: a place of mixed or half-converted text that was written otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// Where in the source, in bytes.
    pub offset: usize,
    /// What stood there.
    pub before: String,
    /// What is published.
    pub after: String,
    /// Why.
    pub why: &'static str,
}

/// A place where an editor should look.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unsure {
    /// Where in the source, in bytes.
    pub offset: usize,
    /// The character in doubt, as published.
    pub text: String,
    /// The words around it.
    pub context: String,
    /// What it might be as well.
    pub alternatives: Vec<String>,
}

/// A converted document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted<'a> {
    /// The Markdown of the edition, with as many lines as the source.
    pub text: Cow<'a, str>,
    /// The title that a mark `-{T|…}-` gives the page.
    pub title: Option<String>,
}

/// What [`Converter::explain`] tells about a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Repairs of mixed text.
    pub changes: Vec<Change>,
    /// Places where the machine is unsure.
    pub unsure: Vec<Unsure>,
    /// What is quoted in the other script than the text is written in.
    pub quotations: Vec<Quotation>,
}

impl Converter {
    /// Makes the converter of an edition.
    pub fn new(target: Target, glossary: &Glossary, options: Options) -> Self {
        let entries = glossary.entries(target);
        Converter { core: Core::new(target, entries.clone(), options), target, entries, options }
    }

    /// Returns what this converter converts to.
    pub fn target(&self) -> Target {
        self.target
    }

    /// Converts plain text: a title, a name, a label. Marks `-{ }-` are honoured.
    pub fn text<'a>(&self, text: &'a str, origin: Origin) -> Cow<'a, str> {
        self.convert(text, origin, markup::plain).text
    }

    /// Converts a Markdown document; code, addresses and markup stay as they are.
    pub fn markdown<'a>(&self, source: &'a str, origin: Origin) -> Converted<'a> {
        self.convert(source, origin, markup::markdown)
    }

    /// Converts one line of Markdown by itself, for the filter: most lines hold no markup and are not parsed.
    pub(super) fn line<'a>(&self, line: &'a str, origin: Origin) -> Cow<'a, str> {
        let marked = line.bytes().any(|b| matches!(b, b'`' | b'<' | b'[' | b'*' | b'_' | b'\\' | b'~' | b'&' | b'|'));
        self.convert(line, origin, if marked { markup::line } else { markup::plain }).text
    }

    /// Tells what a conversion of Markdown repairs and where it is unsure. Slower than converting; for reports.
    ///
    /// Places are those of the source, except behind marks `-{ }-`, which shift them by their own length.
    pub fn explain(&self, source: &str, origin: Origin) -> Explained {
        let origin = settle(origin, source);
        let quotations = match origin {
            Origin::Hans => quotations(source, Script::Hans),
            Origin::Hant => quotations(source, Script::Hant),
            Origin::Auto | Origin::Mixed => Vec::new(),
        };
        let mut told = Explained { quotations, ..Explained::default() };
        let (mut edits, mut open) = (Vec::new(), Vec::new());
        let layout = markup::markdown(source);
        let resolved = variants::resolve(source, &layout.code, self.target);
        let (text, flows) = match &resolved {
            Some(r) => (r.text.as_str(), without(markup::markdown(&r.text).flows, &r.kept)),
            None => (source, layout.flows),
        };
        for flow in &flows {
            let joined: String = flow.iter().map(|r| &text[r.clone()]).collect();
            edits.clear();
            open.clear();
            self.core.convert(&joined, origin, &mut Clause::default(), &mut Edits(&mut edits));
            self.core.unsure(&joined, origin, &mut open);
            told.changes.extend(edits.iter().filter_map(|e| self.change(e, &joined, flow, origin)));
            for &(at, c) in &open {
                let folded = fold_char(joined[at..].chars().next().unwrap_or(c));
                let others = rules::alternatives(folded).unwrap_or("").chars().filter(|&a| a != c);
                told.unsure.push(Unsure {
                    offset: in_source(flow, at),
                    text: c.to_string(),
                    context: around(&joined, at),
                    alternatives: others.map(String::from).collect(),
                });
            }
        }
        told
    }

    /// Tells whether an edit is a repair, and of what.
    fn change(&self, edit: &Edit, joined: &str, flow: &Flow, origin: Origin) -> Option<Change> {
        let before = joined.get(edit.start..edit.end)?;
        let after = edit.to.clone();
        let first = before.chars().next()?;
        let why = match (self.target, origin) {
            (_, Origin::Auto) => return None,
            (Target::Hans, Origin::Hant) | (Target::Hant(_), Origin::Hans) => return None,
            _ if matches!(first, '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}') => "a compatibility form",
            (Target::Hans, _) if is_hant_only(first) => "Traditional in Simplified text",
            (Target::Hans, _) => "half-converted",
            (Target::Hant(_), _) if is_hans_only(first) => "Simplified in Traditional text",
            (Target::Hant(_), _) if fold_char(first) == first => "half-converted",
            (Target::Hant(_), _) => "another form than the region writes",
        };
        Some(Change { offset: in_source(flow, edit.start), before: before.to_owned(), after, why })
    }

    fn convert<'a>(&self, source: &'a str, origin: Origin, lay_out: fn(&str) -> Layout) -> Converted<'a> {
        let origin = settle(origin, source);
        if self.core.keeps(source, origin) && !variants::has_marks(source) {
            return Converted { text: Cow::Borrowed(source), title: None };
        }
        let layout = lay_out(source);
        let Some(resolved) = variants::resolve(source, &layout.code, self.target) else {
            let text = self.rewrite(source, &layout.flows, origin, &[]).map_or(Cow::Borrowed(source), Cow::Owned);
            return Converted { text, title: None };
        };
        let Resolved { text, mut kept, rules, title } = resolved;
        // A flow ends where a rule begins or ceases to hold.
        kept.extend(rules.iter().flat_map(|r| [r.at..r.at, r.until..r.until]).filter(|r| r.start < text.len()));
        kept.sort_by_key(|k| (k.start, k.end));
        let flows = without(lay_out(&text).flows, &kept);
        let text = self.rewrite(&text, &flows, origin, &rules).unwrap_or(text);
        Converted { text: Cow::Owned(text), title }
    }

    /// Converts the flows of a source; `None` if nothing changes.
    fn rewrite(&self, source: &str, flows: &[Flow], origin: Origin, rules: &[Rule]) -> Option<String> {
        let mut buffer = Vec::new();
        let mut out = Rewriter::new(source, &mut buffer);
        let mut clause = SPARE.take().unwrap_or_default();
        let mut joined = String::new();
        let mut ruled = Ruled { converter: self, rules, active: Vec::new(), core: None };
        let mut rest = flows;
        while let Some((flow, after)) = rest.split_first() {
            let start = flow.first().map_or(0, |r| r.start);
            let core = ruled.core_at(start);
            if let [piece] = flow.as_slice() {
                core.rewrite(&source[piece.clone()], origin, &mut clause, &mut out.at(piece.start));
                rest = after;
                continue;
            }
            // Attributes inside this flow are flows of their own, which come next: their edits lie between its edits.
            let end = flow.last().map_or(0, |r| r.end);
            let inside = after.iter().take_while(|f| f.first().is_some_and(|r| r.start < end)).count();
            if inside == 0 {
                joined.clear();
                joined.extend(flow.iter().map(|r| &source[r.clone()]));
                core.rewrite(&joined, origin, &mut clause, &mut out.along(flow, &joined));
                rest = after;
                continue;
            }
            let mut edits = Vec::new();
            for flow in &rest[..=inside] {
                out.gather(flow, &mut edits, |text, sink| core.convert(text, origin, &mut clause, sink));
            }
            out.put_all(edits);
            rest = &after[inside..];
        }
        SPARE.set(Some(clause));
        out.finish().then(|| match simdutf8::basic::from_utf8(&buffer) {
            Ok(text) => text.to_owned(),
            // Whole characters were written between whole characters, so this never comes to pass.
            Err(_) => String::from_utf8_lossy(&buffer).into_owned(),
        })
    }
}

thread_local! {
    /// Room to work in, kept from one text to the next: most texts are titles, shorter than the making of it takes.
    static SPARE: Cell<Option<Box<Clause>>> = const { Cell::new(None) };
}

/// The rules that marks `-{A|…}-` lay down on the way through a document.
struct Ruled<'a> {
    converter: &'a Converter,
    rules: &'a [Rule],
    active: Vec<usize>,
    core: Option<Core>,
}

/// More rules than this in one document are ignored.
const RULES: usize = 64;

impl Ruled<'_> {
    /// Returns the core in force at a place of the text.
    fn core_at(&mut self, at: usize) -> &Core {
        if self.rules.is_empty() {
            return &self.converter.core;
        }
        let holds = |(i, r): (usize, &Rule)| (r.at <= at && at < r.until).then_some(i);
        let active: Vec<usize> = self.rules.iter().take(RULES).enumerate().filter_map(holds).collect();
        if active != self.active || self.core.is_none() {
            let mut entries = Vec::new();
            for &i in active.iter().rev() {
                let rule = &self.rules[i];
                let entry = |from: &String| Entry { key: fold(from), to: Some(rule.to.clone()), literal: None };
                entries.extend(rule.from.iter().map(entry));
            }
            entries.extend(self.converter.entries.iter().cloned());
            self.core = Some(Core::new(self.converter.target, entries, self.converter.options).for_once());
            self.active = active;
        }
        self.core.as_ref().unwrap_or(&self.converter.core)
    }
}

/// Returns some words around a place.
fn around(text: &str, at: usize) -> String {
    const EACH_SIDE: usize = 8;
    let start = text[..at].char_indices().rev().nth(EACH_SIDE - 1).map_or(0, |(i, _)| i);
    let end = text[at..].char_indices().nth(EACH_SIDE + 1).map_or(text.len(), |(i, _)| at + i);
    text[start..end].to_owned()
}

/// Replaces `Auto` by what the text itself says.
fn settle(origin: Origin, text: &str) -> Origin {
    match origin {
        Origin::Auto => match detect(text).verdict {
            Verdict::Hans => Origin::Hans,
            Verdict::Hant => Origin::Hant,
            Verdict::Mixed | Verdict::Unknown => Origin::Mixed,
        },
        declared => declared,
    }
}

/// Takes the kept stretches out of the flows; a flow ends there.
fn without(flows: Vec<Flow>, kept: &[Range<usize>]) -> Vec<Flow> {
    let mut out = Vec::new();
    for flow in flows {
        let mut current = Flow::new();
        for piece in flow {
            let mut start = piece.start;
            let first = kept.partition_point(|k| k.end <= piece.start);
            for k in kept[first..].iter().take_while(|k| k.start < piece.end) {
                if k.start > start {
                    current.push(start..k.start);
                }
                if !current.is_empty() {
                    out.push(std::mem::take(&mut current));
                }
                start = start.max(k.end);
            }
            if start < piece.end {
                current.push(start..piece.end);
            }
        }
        if !current.is_empty() {
            out.push(current);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Region;
    use crate::script::glossary::parse;

    const TW: Target = Target::Hant(Region::Tw);

    fn converter(target: Target, yaml: &str) -> Converter {
        Converter::new(target, &parse("g.yaml", yaml).value, Options::default())
    }

    fn check(target: Target, source: &str, expected: &str) {
        assert_eq!(converter(target, "").markdown(source, Origin::Hans).text, expected);
    }

    proptest::proptest! {
        #[test]
        fn keeps_only_what_converting_would_leave_alone(text in "[兰州发髮後后台「」『』“”⼒里`a*_ \\[\\]()\n]{0,40}") {
            let converter = converter(Target::Hans, "");
            let changed = converter.rewrite(&text, &markup::markdown(&text).flows, Origin::Hans, &[]);
            proptest::prop_assert!(changed.is_none() || !converter.core.keeps(&text, Origin::Hans));
            let plain = text.replace(['髮', '後', '⼒', '「', '」', '『', '』'], "");
            proptest::prop_assert!(converter.core.keeps(&plain, Origin::Hans));
        }
    }

    #[test]
    fn reads_words_across_markup() {
        check(TW, "**头**发与[发](/发)展", "**頭**髮與[發](/发)展");
        check(TW, "`后面` <b title=\"后面\">后面</b>", "`后面` <b title=\"後面\">後面</b>");
        check(TW, "老白_干_与_干_部", "老白_乾_與_幹_部");
    }

    #[test]
    fn follows_the_norm_of_the_region() {
        check(TW, "这里的群众在线为台湾发布说明", "這裡的群眾在線為台灣發布說明");
        check(Target::Hant(Region::Hk), "这里的卫星说明，看着", "這裏的衞星説明，看着");
    }

    #[test]
    fn keeps_old_names_whatever_the_source() {
        for origin in [Origin::Hans, Origin::Hant, Origin::Mixed] {
            assert_eq!(converter(TW, "").text("并州路", origin), "并州路");
        }
        assert_eq!(converter(Target::Hans, "").text("徐乾學與乾縣的乾淨能源", Origin::Hant), "徐乾学与乾县的干净能源");
    }

    #[test]
    fn honours_marks() {
        check(TW, "-{后}-面与-{zh-hans:硅谷;zh-hant:矽谷}-后面", "后面與矽谷後面");
        let source = "硅谷-{H|zh-cn:硅谷;zh-tw:矽谷}-硅谷与硅谷-{-|zh-cn:硅谷;zh-tw:矽谷}-，硅谷-{T|标题}-";
        let got = converter(TW, "").markdown(source, Origin::Hans);
        assert_eq!((got.text.as_ref(), got.title.as_deref()), ("硅谷矽谷與矽谷，硅谷", Some("标题")));
    }

    #[test]
    fn follows_the_glossary_but_not_across_words() {
        let c =
            converter(TW, "terms:\n- {hans: 激光, tw: 雷射}\n- {hans: 数据, tw: 資料, one_way: true}\nkeep: [后浪]\n");
        assert_eq!(c.text("激光刺激光伏，数据库，后浪", Origin::Hans), "雷射刺激光伏，資料庫，后浪");
        let c = converter(Target::Hans, "terms:\n- {hans: 质量, tw: 品質}\n");
        assert_eq!(c.text("品質", Origin::Hant), "质量");
        assert_eq!(c.text("品质", Origin::Mixed), "品质");
    }

    #[test]
    fn changes_vocabulary_and_quotation_marks_only_when_asked() {
        let options = Options { vocabulary: true, quotes: true, ..Options::default() };
        let c = Converter::new(TW, &Glossary::empty(), options);
        assert_eq!(c.text("“软件”发布会，项目", Origin::Hans), "「軟體」發布會，項目");
        let c = Converter::new(Target::Hans, &Glossary::empty(), options);
        assert_eq!(c.text("「軟體」", Origin::Hant), "“软件”");
        assert_eq!(converter(TW, "").text("“软件”", Origin::Hans), "“軟件”");
        let options = Options { vocabulary: true, software: true, ..Options::default() };
        let c = Converter::new(TW, &Glossary::empty(), options);
        assert_eq!(c.text("项目的文件", Origin::Hans), "專案的檔案");
    }

    #[test]
    fn repairs_and_tells() {
        let c = converter(TW, "");
        let source = "兩地聯系更緊密，范圍擴大，産業";
        assert_eq!(c.text(source, Origin::Mixed), "兩地聯繫更緊密，範圍擴大，產業");
        let told = c.explain(source, Origin::Mixed);
        assert_eq!(told.changes.iter().map(|c| c.after.as_str()).collect::<Vec<_>>(), ["繫", "範", "產"]);
        assert_eq!(told.changes[0].offset, source.find('系').unwrap());
        let told = c.explain("他干了", Origin::Hans);
        assert_eq!(told.unsure[0].alternatives, ["乾", "干"]);
    }

    #[test]
    fn leaves_no_character_of_the_other_script() {
        for (target, opencc) in [(Target::Hans, "t2s"), (TW, "s2tw"), (Target::Hant(Region::Hk), "s2hk")] {
            let c = converter(target, "");
            // 峰 and 群 are Simplified by OpenCC's tables, and what Taiwan writes.
            let opencc = crate::script::OpenCc::named(opencc).unwrap();
            let stays = |c: &char| opencc.convert(&c.to_string()) == c.to_string() || matches!(c, '岩' | '凶');
            for ch in ('\u{2e80}'..='\u{9fff}').chain('\u{f900}'..='\u{faff}').chain('\u{20000}'..='\u{2ffff}') {
                for origin in [Origin::Hans, Origin::Hant, Origin::Mixed] {
                    let text = ch.to_string();
                    let got = c.text(&text, origin);
                    let wrong = if target == Target::Hans { is_hant_only } else { is_hans_only };
                    assert!(!got.chars().filter(|c| !stays(c)).any(wrong), "{ch} {got} {target:?} {origin:?}");
                }
            }
        }
    }

    /// Pieces that meet in odd ways: both scripts, doubtful characters, markup whole and broken.
    const PIECES: [&str; 34] = [
        "发",
        "發",
        "頭髮",
        "干部",
        "乾隆",
        "后",
        "後",
        "里",
        "公里",
        "系",
        "聯系",
        "只",
        "三",
        "于",
        "余",
        "先生",
        "著",
        "意味著",
        "产",
        "産",
        "⺠",
        "豈",
        "**",
        "_",
        "`",
        "[",
        "](/后)",
        "<b title=\"后\">",
        "</b>",
        "-{",
        "}-",
        "zh-hans:里;zh-tw:裡",
        "\n",
        "https://e.cn/后 ",
    ];

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: 40, failure_persistence: None, ..Default::default() })]

        #[test]
        fn converting_twice_is_converting_once(picks in proptest::collection::vec(0..PIECES.len(), 0..40)) {
            let source: String = picks.iter().map(|&i| PIECES[i]).filter(|p| !p.contains("-{") && !p.contains("}-")).collect();
            for (target, origin) in [(TW, Origin::Hant), (Target::Hans, Origin::Hans)] {
                let c = Converter::new(target, &Glossary::empty(), Options::default());
                let once = c.markdown(&source, Origin::Mixed).text.into_owned();
                let twice = c.markdown(&once, origin).text.into_owned();
                proptest::prop_assert_eq!(&once, &twice);
            }
        }

        #[test]
        fn never_panics_and_keeps_code_and_lines(picks in proptest::collection::vec(0..PIECES.len(), 0..60), any in "\\PC{0,40}") {
            let source: String = picks.iter().map(|&i| PIECES[i]).chain([any.as_str()]).collect();
            for target in [TW, Target::Hans, Target::Hant(Region::Hk)] {
                let c = Converter::new(target, &Glossary::empty(), Options { vocabulary: true, quotes: true, ..Options::default() });
                let got = c.markdown(&source, Origin::Auto).text.into_owned();
                proptest::prop_assert!(got.len() <= source.len() * 4 + 64);
                proptest::prop_assert_eq!(got.matches('\n').count(), source.matches('\n').count());
                let _ = c.explain(&source, Origin::Mixed);
            }
        }
    }
}
