//! Reads a template into steps; gives nothing where the engine's language goes beyond what is known here.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::super::tags::close;
use crate::value::Hint;

/// Names of values, numbered.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, u16>);

impl Names {
    pub(super) fn find(&self, name: &str) -> Option<u16> {
        self.0.get(name).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn number(&mut self, name: &str) -> Option<u16> {
        let next = u16::try_from(self.0.len()).ok()?;
        Some(*self.0.entry(name.to_owned()).or_insert(next))
    }
}

/// One thing a template does.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Text(String),
    Print(Expr),
    If(Expr, Vec<Step>, Vec<Step>),
    For {
        name: u16,
        list: Expr,
        body: Vec<Step>,
        empty: Vec<Step>,
    },
    Set(u16, Expr),
    /// The steps of an included template, whose own names end with it.
    Scope(Vec<Step>),
    Include(String),
    Block(String, Vec<Step>),
}

/// A value to be found or made.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    Path(u16, Vec<Member>),
    Loop(Round),
    Literal(String),
    Number(i64),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// The second is a list that holds the first.
    In(Box<Expr>, Box<Expr>),
    Defined(Box<Expr>),
    StartsWith(Box<Expr>, Box<Expr>),
    EndsWith(Box<Expr>, Box<Expr>),
    Safe(Box<Expr>),
    Length(Box<Expr>),
    Join(Box<Expr>, Box<Expr>),
    Fill(Box<Expr>, Vec<(String, Expr)>),
}

/// What a loop tells of its round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    First,
    Last,
    /// Counted from 1.
    Number,
    /// Counted from 0.
    Index,
    /// How many there are.
    Count,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `.key`, `["key"]` or `[0]`.
#[derive(Debug)]
pub(super) enum Member {
    Key(String, Hint),
    Item(String, Hint),
    At(usize),
}

impl Clone for Member {
    fn clone(&self) -> Self {
        match self {
            Member::Key(key, _) => Member::Key(key.clone(), Hint::default()),
            Member::Item(key, _) => Member::Item(key.clone(), Hint::default()),
            Member::At(place) => Member::At(*place),
        }
    }
}

/// A template by itself.
pub(super) struct Parsed {
    extends: Option<String>,
    steps: Vec<Step>,
}

/// Reads one template.
pub(super) fn parse(text: &str, names: &mut Names) -> Option<Parsed> {
    let mut reader = Reader { pieces: pieces(text)?, at: 0, names, extends: None, in_loop: false };
    let (steps, end) = reader.steps(0)?;
    end.is_none().then_some(Parsed { extends: reader.extends, steps })
}

/// The deepest nesting of tags, includes and blocks.
const DEEPEST: usize = 40;

/// The most that a page's template may be with everything in place: bytes of text, and as many as this for a step.
///
/// Includes of includes multiply; what is longer is left to the engine, which puts nothing in place.
const LONGEST: usize = 4 << 20;
const STEP: usize = 64;

/// Puts together what a page's template, those it extends and those it includes do.
pub(super) fn whole(name: &str, all: &BTreeMap<&str, Parsed>) -> Option<Vec<Step>> {
    // The engine escapes values in these files only.
    if !name.ends_with(".html") && !name.ends_with(".xml") {
        return None;
    }
    let mut chain = vec![all.get(name)?];
    while let Some(parent) = &chain.last()?.extends {
        chain.push(all.get(parent.as_str())?);
        if chain.len() > DEEPEST {
            return None;
        }
    }
    let root = chain.pop()?;
    let mut blocks = BTreeMap::new();
    gather_blocks(&root.steps, &mut blocks);
    for child in chain.iter().rev() {
        let only_blocks = child.steps.iter().all(|step| match step {
            Step::Text(text) => text.trim().is_empty(),
            step => matches!(step, Step::Block(..)),
        });
        if !only_blocks {
            return None;
        }
        gather_blocks(&child.steps, &mut blocks);
    }
    place(&root.steps, &blocks, all, &Cell::new(LONGEST), 0)
}

fn gather_blocks<'p>(steps: &'p [Step], blocks: &mut BTreeMap<&'p str, &'p [Step]>) {
    for step in steps {
        match step {
            Step::Block(name, own) => {
                blocks.insert(name, own);
                gather_blocks(own, blocks);
            }
            Step::If(_, one, other) | Step::For { body: one, empty: other, .. } => {
                gather_blocks(one, blocks);
                gather_blocks(other, blocks);
            }
            _ => {}
        }
    }
}

/// Puts blocks and included templates where they belong.
fn place(
    steps: &[Step],
    blocks: &BTreeMap<&str, &[Step]>,
    all: &BTreeMap<&str, Parsed>,
    room: &Cell<usize>,
    depth: usize,
) -> Option<Vec<Step>> {
    if depth > DEEPEST {
        return None;
    }
    let inner = |steps: &[Step]| place(steps, blocks, all, room, depth + 1);
    let mut out = Vec::with_capacity(steps.len());
    for step in steps {
        let text = if let Step::Text(text) = step { text.len() } else { 0 };
        room.set(room.get().checked_sub(STEP + text)?);
        match step {
            Step::Block(name, _) => out.extend(inner(blocks.get(name.as_str())?)?),
            Step::Include(name) => {
                let included = all.get(name.as_str()).filter(|included| included.extends.is_none())?;
                let mut own = BTreeMap::new();
                gather_blocks(&included.steps, &mut own);
                if !own.is_empty() {
                    return None;
                }
                out.push(Step::Scope(inner(&included.steps)?));
            }
            Step::If(expr, one, other) => out.push(Step::If(expr.clone(), inner(one)?, inner(other)?)),
            Step::For { name, list, body, empty } => {
                out.push(Step::For { name: *name, list: list.clone(), body: inner(body)?, empty: inner(empty)? });
            }
            step => out.push(step.clone()),
        }
    }
    Some(joined(out))
}

/// Makes one of texts that follow one another.
fn joined(steps: Vec<Step>) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps {
        match (out.last_mut(), step) {
            (Some(Step::Text(before)), Step::Text(text)) => before.push_str(&text),
            (_, step) => out.push(step),
        }
    }
    out
}

enum Piece<'t> {
    Text(&'t str),
    Print(&'t str),
    Tag(&'t str),
}

/// Cuts a template into text and tags; blanks go where the signs in the tags say so.
fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let (mut at, mut done, mut trim) = (0, 0, false);
    loop {
        let open = text[at..].find('{').map(|n| at + n);
        let mark = open.and_then(|open| bytes.get(open + 1).copied());
        let end = open.unwrap_or(text.len());
        if open.is_some() && !matches!(mark, Some(b'{' | b'%' | b'#')) {
            at = end + 1;
            continue;
        }
        let mut content = &text[done..end];
        if !content.is_empty() {
            if std::mem::take(&mut trim) {
                content = content.trim_start();
            }
            if bytes.get(end + 2) == Some(&b'-') {
                content = content.trim_end();
            }
            pieces.push(Piece::Text(content));
        }
        let (Some(open), Some(mark)) = (open, mark) else { return Some(pieces) };
        if mark == b'#' {
            let close = open + 2 + text[open + 2..].find("#}")?;
            trim |= text[..close].ends_with('-');
            at = close + 2;
        } else {
            at = close(bytes, open + 2, if mark == b'{' { b'}' } else { b'%' })?;
            let inner = &text[open + 2..at - 2];
            trim = inner.ends_with('-');
            let inner = inner.strip_prefix('-').unwrap_or(inner);
            let inner = inner.strip_suffix('-').unwrap_or(inner).trim();
            pieces.push(if mark == b'{' { Piece::Print(inner) } else { Piece::Tag(inner) });
        }
        done = at;
    }
}

struct Reader<'t, 'n> {
    pieces: Vec<Piece<'t>>,
    at: usize,
    names: &'n mut Names,
    extends: Option<String>,
    /// Whether what is read stands in a loop of this very template.
    in_loop: bool,
}

impl<'t> Reader<'t, '_> {
    /// Reads steps up to a tag that ends or divides the one around them, and gives that tag.
    fn steps(&mut self, depth: usize) -> Option<(Vec<Step>, Option<&'t str>)> {
        if depth > DEEPEST {
            return None;
        }
        let mut steps = Vec::new();
        while let Some(piece) = self.pieces.get(self.at) {
            self.at += 1;
            match *piece {
                Piece::Text(text) => steps.push(Step::Text(text.to_owned())),
                Piece::Print(inner) => steps.push(Step::Print(self.expr(inner)?)),
                Piece::Tag(tag) => {
                    let (word, rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
                    match word {
                        "elif" | "else" | "endif" | "endfor" | "endblock" => return Some((joined(steps), Some(tag))),
                        "extends" => {
                            let blank = |step: &Step| matches!(step, Step::Text(text) if text.trim().is_empty());
                            if depth > 0 || self.extends.is_some() || !steps.iter().all(blank) {
                                return None;
                            }
                            self.extends = Some(quoted(rest)?.to_owned());
                        }
                        _ => steps.push(self.step(word, rest.trim(), depth)?),
                    }
                }
            }
        }
        Some((joined(steps), None))
    }

    fn step(&mut self, word: &str, rest: &'t str, depth: usize) -> Option<Step> {
        match word {
            "if" => self.condition(rest, depth),
            "for" => {
                let (name, list) = rest.split_once(" in ")?;
                let (name, list) = (self.name(name.trim())?, self.expr(list)?);
                let outside = std::mem::replace(&mut self.in_loop, true);
                let (body, end) = self.steps(depth + 1)?;
                self.in_loop = outside;
                let (empty, end) = if end? == "else" { self.steps(depth + 1)? } else { (Vec::new(), end) };
                (end? == "endfor").then_some(Step::For { name, list, body, empty })
            }
            "set" => {
                let (name, value) = rest.split_once('=')?;
                Some(Step::Set(self.name(name.trim())?, self.expr(value)?))
            }
            "include" => Some(Step::Include(quoted(rest)?.to_owned())),
            "block" => {
                let outside = std::mem::replace(&mut self.in_loop, false);
                let (steps, end) = self.steps(depth + 1)?;
                self.in_loop = outside;
                end?.starts_with("endblock").then(|| Step::Block(rest.to_owned(), steps))
            }
            _ => None,
        }
    }

    fn condition(&mut self, condition: &str, depth: usize) -> Option<Step> {
        let condition = self.expr(condition)?;
        let (steps, end) = self.steps(depth + 1)?;
        let other = match end?.split_once(char::is_whitespace) {
            Some(("elif", condition)) => vec![self.condition(condition, depth + 1)?],
            None if end == Some("endif") => Vec::new(),
            None if end == Some("else") => {
                let (steps, end) = self.steps(depth + 1)?;
                if end? != "endif" {
                    return None;
                }
                steps
            }
            _ => return None,
        };
        Some(Step::If(condition, steps, other))
    }

    fn name(&mut self, name: &str) -> Option<u16> {
        (is_name(name) && !RESERVED.contains(&name)).then(|| self.names.number(name))?
    }

    fn expr(&mut self, text: &str) -> Option<Expr> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0, names: self.names, in_loop: self.in_loop };
        let expr = parser.or(0)?;
        (parser.at == parser.tokens.len()).then_some(expr)
    }
}

/// Words of the language that are no names, and names with a meaning of their own.
const RESERVED: &[&str] = &[
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "true",
    "false",
    "True",
    "False",
    "none",
    "None",
    "null",
    "loop",
    "self",
    "super",
    "__tera_context",
];

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn quoted(text: &str) -> Option<&str> {
    let text = text.trim().strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains(['"', '\\'])).then_some(text)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    Text(&'t str),
    Number(i64),
    Sign(&'t str),
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let word = &rest[..end];
            tokens.push(if is_name(word) { Token::Word(word) } else { Token::Number(word.parse().ok()?) });
            end
        } else if first == '"' {
            let end = 1 + rest[1..].find('"')?;
            let inner = &rest[1..end];
            if inner.contains('\\') {
                return None;
            }
            tokens.push(Token::Text(inner));
            end + 1
        } else {
            let signs = ["==", "!=", "<=", ">=", "<", ">", "|", "(", ")", "[", "]", ".", ",", "="];
            let sign = signs.into_iter().find(|sign| rest.starts_with(sign))?;
            tokens.push(Token::Sign(sign));
            sign.len()
        };
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

struct Parser<'t, 'n> {
    tokens: Vec<Token<'t>>,
    at: usize,
    names: &'n mut Names,
    in_loop: bool,
}

impl<'t> Parser<'t, '_> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    fn take(&mut self, token: Token<'_>) -> bool {
        let there = self.peek() == Some(token);
        self.at += usize::from(there);
        there
    }

    fn or(&mut self, depth: usize) -> Option<Expr> {
        let mut left = self.and(depth)?;
        while self.take(Token::Word("or")) {
            left = Expr::Or(Box::new(left), Box::new(self.and(depth)?));
        }
        Some(left)
    }

    fn and(&mut self, depth: usize) -> Option<Expr> {
        let mut left = self.not(depth)?;
        while self.take(Token::Word("and")) {
            left = Expr::And(Box::new(left), Box::new(self.not(depth)?));
        }
        Some(left)
    }

    fn not(&mut self, depth: usize) -> Option<Expr> {
        if !self.take(Token::Word("not")) {
            return self.comparison(depth);
        }
        let value = self.filtered(depth)?;
        // What `not a == b` means is the engine's to say.
        let plain = matches!(self.peek(), None | Some(Token::Word("and" | "or") | Token::Sign(")" | ",")));
        plain.then(|| Expr::Not(Box::new(value)))
    }

    fn comparison(&mut self, depth: usize) -> Option<Expr> {
        let left = self.filtered(depth)?;
        let next = self.tokens.get(self.at + 1).copied();
        let comparison = match self.peek() {
            Some(Token::Word("is")) => return self.test(left, depth),
            Some(Token::Word("in")) => {
                self.at += 1;
                return Some(Expr::In(Box::new(left), Box::new(self.filtered(depth)?)));
            }
            Some(Token::Word("not")) if next == Some(Token::Word("in")) => {
                self.at += 2;
                let held = Expr::In(Box::new(left), Box::new(self.filtered(depth)?));
                return Some(Expr::Not(Box::new(held)));
            }
            Some(Token::Sign("==")) => Comparison::Equal,
            Some(Token::Sign("!=")) => Comparison::Unequal,
            Some(Token::Sign("<")) => Comparison::Less,
            Some(Token::Sign("<=")) => Comparison::LessOrEqual,
            Some(Token::Sign(">")) => Comparison::Greater,
            Some(Token::Sign(">=")) => Comparison::GreaterOrEqual,
            _ => return Some(left),
        };
        self.at += 1;
        Some(Expr::Compare(comparison, Box::new(left), Box::new(self.filtered(depth)?)))
    }

    /// `x is [not] defined`, `x is [not] starting_with(pat=y)`.
    fn test(&mut self, left: Expr, depth: usize) -> Option<Expr> {
        self.at += 1;
        let negated = self.take(Token::Word("not"));
        let Some(Token::Word(word)) = self.peek() else { return None };
        self.at += 1;
        let mut arguments = self.arguments(depth)?;
        let mut pattern = || match arguments.pop() {
            Some((name, value)) if name == "pat" && arguments.is_empty() => Some(Box::new(value)),
            _ => None,
        };
        let left = Box::new(left);
        let test = match word {
            "starting_with" => Expr::StartsWith(left, pattern()?),
            "ending_with" => Expr::EndsWith(left, pattern()?),
            "defined" if arguments.is_empty() => Expr::Defined(left),
            _ => return None,
        };
        Some(if negated { Expr::Not(Box::new(test)) } else { test })
    }

    fn filtered(&mut self, depth: usize) -> Option<Expr> {
        let mut value = self.primary(depth)?;
        while self.take(Token::Sign("|")) {
            let Some(Token::Word(word)) = self.peek() else { return None };
            self.at += 1;
            let mut arguments = self.arguments(depth)?;
            let inner = Box::new(value);
            value = match word {
                "safe" if arguments.is_empty() => Expr::Safe(inner),
                "length" if arguments.is_empty() => Expr::Length(inner),
                "join" if arguments.len() == 1 && arguments[0].0 == "sep" => {
                    Expr::Join(inner, Box::new(arguments.pop()?.1))
                }
                "fill" => Expr::Fill(inner, arguments),
                _ => return None,
            };
        }
        Some(value)
    }

    /// `(name=value, …)`, or nothing.
    fn arguments(&mut self, depth: usize) -> Option<Vec<(String, Expr)>> {
        let mut arguments = Vec::new();
        if !self.take(Token::Sign("(")) {
            return Some(arguments);
        }
        loop {
            if self.take(Token::Sign(")")) {
                return Some(arguments);
            }
            let Some(Token::Word(name)) = self.peek() else { return None };
            self.at += 1;
            if !self.take(Token::Sign("=")) {
                return None;
            }
            arguments.push((name.to_owned(), self.or(depth + 1)?));
            if !self.take(Token::Sign(",")) {
                return self.take(Token::Sign(")")).then_some(arguments);
            }
        }
    }

    fn primary(&mut self, depth: usize) -> Option<Expr> {
        if depth > DEEPEST {
            return None;
        }
        let token = self.peek()?;
        self.at += 1;
        match token {
            Token::Text(text) => Some(Expr::Literal(text.to_owned())),
            Token::Number(number) => Some(Expr::Number(number)),
            Token::Sign("(") => {
                let inner = self.or(depth + 1)?;
                self.take(Token::Sign(")")).then_some(inner)
            }
            Token::Word("loop") if self.in_loop && self.take(Token::Sign(".")) => {
                let Some(Token::Word(word)) = self.peek() else { return None };
                self.at += 1;
                let round = match word {
                    "first" => Round::First,
                    "last" => Round::Last,
                    "index" => Round::Number,
                    "index0" => Round::Index,
                    "length" => Round::Count,
                    _ => return None,
                };
                let ends = !matches!(self.peek(), Some(Token::Sign("." | "[" | "(")));
                ends.then_some(Expr::Loop(round))
            }
            Token::Word(word) if !RESERVED.contains(&word) => {
                let root = self.names.number(word)?;
                let mut members = Vec::new();
                loop {
                    if self.take(Token::Sign(".")) {
                        let Some(Token::Word(key)) = self.peek() else { return None };
                        members.push(Member::Key(key.to_owned(), Hint::default()));
                        self.at += 1;
                    } else if self.take(Token::Sign("[")) {
                        members.push(match self.peek()? {
                            Token::Text(key) => Member::Item(key.to_owned(), Hint::default()),
                            Token::Number(at) => Member::At(usize::try_from(at).ok()?),
                            _ => return None,
                        });
                        self.at += 1;
                        if !self.take(Token::Sign("]")) {
                            return None;
                        }
                    } else {
                        // A call of a function is the engine's.
                        return (self.peek() != Some(Token::Sign("("))).then_some(Expr::Path(root, members));
                    }
                }
            }
            _ => None,
        }
    }
}
