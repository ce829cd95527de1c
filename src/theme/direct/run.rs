//! Takes the steps of a template for one page.

use super::super::filters::fill_with;
use super::super::{LARGEST_PAGE, escape_into, steps};
use super::parse::{Comparison, Expr, Member, Names, Round, Step};
use crate::value::Value;

/// The page has to be left to the engine.
pub(super) struct Left;

type Result<T> = std::result::Result<T, Left>;

/// A value on its way to the page.
#[derive(Clone)]
enum Val<'a> {
    /// One of the context.
    Ref(&'a Value),
    /// One of the context, not to be escaped.
    Safe(&'a Value),
    Literal(&'a str),
    Text(String),
    Number(i64),
    Bool(bool),
    Undefined,
}

impl<'a> Val<'a> {
    fn text(&self) -> Option<&str> {
        match self {
            Val::Ref(value) | Val::Safe(value) => value.as_str(),
            Val::Literal(text) => Some(text),
            Val::Text(text) => Some(text),
            _ => None,
        }
    }

    fn number(&self) -> Option<i64> {
        match self {
            Val::Ref(Value::Number(number)) => Some(*number),
            Val::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn bool(&self) -> Option<bool> {
        match self {
            Val::Ref(Value::Bool(value)) | Val::Bool(value) => Some(*value),
            _ => None,
        }
    }

    fn is_truthy(&self) -> bool {
        match self {
            Val::Ref(value) | Val::Safe(value) => value.is_truthy(),
            Val::Literal(text) => !text.is_empty(),
            Val::Text(text) => !text.is_empty(),
            Val::Number(number) => *number != 0,
            Val::Bool(value) => *value,
            Val::Undefined => false,
        }
    }
}

/// Renders a page into `out`.
pub(super) fn run(steps: &[Step], names: &Names, context: &[(&'static str, Value)], out: &mut Vec<u8>) -> Result<()> {
    let mut values = vec![None; names.len()];
    for (name, value) in context {
        if let Some(number) = names.find(name) {
            values[usize::from(number)] = Some(value);
        }
    }
    let mut page = Page { values, own: Vec::new(), loops: Vec::new(), out, rounds: 0 };
    page.steps(steps)?;
    if page.out.len() > LARGEST_PAGE { Err(Left) } else { Ok(()) }
}

struct Page<'a, 'o> {
    /// Values of the context by number of their name.
    values: Vec<Option<&'a Value>>,
    /// Names of loops and settings, the innermost last.
    own: Vec<(u16, Val<'a>)>,
    /// The round of each loop that is under way, and how many it has.
    loops: Vec<(usize, usize)>,
    out: &'o mut Vec<u8>,
    rounds: usize,
}

impl<'a> Page<'a, '_> {
    fn steps(&mut self, steps: &'a [Step]) -> Result<()> {
        for step in steps {
            match step {
                Step::Text(text) => self.out.extend_from_slice(text.as_bytes()),
                Step::Print(expr) => match expr {
                    Expr::Path(root, members) => self.print_path(*root, members)?,
                    expr => self.print(expr)?,
                },
                Step::If(condition, then, other) => {
                    let steps = if self.is_true(condition)? { then } else { other };
                    self.steps(steps)?;
                }
                Step::For { name, list, body, empty } => self.each(*name, list, body, empty)?,
                Step::Set(name, value) => {
                    let value = self.eval(value)?;
                    let length = value.text().map_or(0, str::len);
                    if length > steps::LONGEST_TEXT {
                        return Err(Left);
                    }
                    self.round(1 + length / 1024)?;
                    self.own.push((*name, value));
                }
                Step::Scope(steps) => {
                    self.round(1)?;
                    let outside = self.own.len();
                    self.steps(steps)?;
                    self.own.truncate(outside);
                }
                Step::Include(_) | Step::Block(..) => return Err(Left),
            }
        }
        Ok(())
    }

    fn round(&mut self, cost: usize) -> Result<()> {
        self.rounds += cost;
        let endless = self.rounds > steps::MOST_STEPS || self.out.len() > LARGEST_PAGE;
        if endless { Err(Left) } else { Ok(()) }
    }

    fn each(&mut self, name: u16, list: &'a Expr, body: &'a [Step], empty: &'a [Step]) -> Result<()> {
        let Val::Ref(list) = self.eval(list)? else { return Err(Left) };
        let items = list.as_list().ok_or(Left)?;
        if items.is_empty() {
            return self.steps(empty);
        }
        let outside = self.own.len();
        for (at, item) in items.iter().enumerate() {
            self.round(1)?;
            self.own.push((name, Val::Ref(item)));
            self.loops.push((at, items.len()));
            self.steps(body)?;
            self.loops.pop();
            self.own.truncate(outside);
        }
        Ok(())
    }

    fn print(&mut self, expr: &'a Expr) -> Result<()> {
        let value = self.eval(expr)?;
        self.print_value(value)
    }

    /// [`Page::print`] of what most prints are of: a value of the context.
    fn print_path(&mut self, root: u16, members: &'a [Member]) -> Result<()> {
        match self.at(root) {
            Place::Context(value) => match follow(value, members)? {
                Some(value) => print_shared(value, self.out),
                None => Err(Left),
            },
            Place::Own(value) if members.is_empty() => {
                let value = value.clone();
                self.print_value(value)
            }
            _ => Err(Left),
        }
    }

    fn print_value(&mut self, value: Val<'a>) -> Result<()> {
        match value {
            Val::Ref(value) => print_shared(value, self.out)?,
            Val::Safe(value) => self.out.extend_from_slice(value.as_str().ok_or(Left)?.as_bytes()),
            Val::Literal(text) => escape_into(text, self.out),
            Val::Text(text) => escape_into(&text, self.out),
            Val::Number(number) => push_number(number, self.out),
            Val::Bool(value) => self.out.extend_from_slice(if value { b"true" } else { b"false" }),
            Val::Undefined => return Err(Left),
        }
        Ok(())
    }

    fn is_true(&self, condition: &'a Expr) -> Result<bool> {
        Ok(match condition {
            Expr::Path(root, members) => match self.at(*root) {
                Place::Context(value) => follow(value, members)?.is_some_and(Value::is_truthy),
                _ => self.path(*root, members)?.is_truthy(),
            },
            Expr::And(left, right) => self.is_true(left)? && self.is_true(right)?,
            Expr::Or(left, right) => self.is_true(left)? || self.is_true(right)?,
            Expr::Not(value) => !self.is_true(value)?,
            condition => self.eval(condition)?.is_truthy(),
        })
    }

    fn eval(&self, expr: &'a Expr) -> Result<Val<'a>> {
        Ok(match expr {
            Expr::Path(root, members) => self.path(*root, members)?,
            Expr::Loop(round) => {
                let &(at, count) = self.loops.last().ok_or(Left)?;
                let number = |number: usize| i64::try_from(number).map(Val::Number).map_err(|_| Left);
                match round {
                    Round::First => Val::Bool(at == 0),
                    Round::Last => Val::Bool(at + 1 == count),
                    Round::Number => number(at + 1)?,
                    Round::Index => number(at)?,
                    Round::Count => number(count)?,
                }
            }
            Expr::Literal(text) => Val::Literal(text),
            Expr::Number(number) => Val::Number(*number),
            Expr::And(left, right) => {
                let left = self.eval(left)?;
                if left.is_truthy() { self.eval(right)? } else { left }
            }
            Expr::Or(left, right) => {
                let left = self.eval(left)?;
                if left.is_truthy() { left } else { self.eval(right)? }
            }
            Expr::Not(value) => Val::Bool(!self.eval(value)?.is_truthy()),
            Expr::Compare(comparison, left, right) => {
                Val::Bool(compare(*comparison, &self.eval(left)?, &self.eval(right)?)?)
            }
            Expr::In(value, list) => Val::Bool(self.holds(list, value)?),
            Expr::Defined(value) => Val::Bool(!matches!(self.eval(value)?, Val::Undefined)),
            Expr::StartsWith(value, pattern) => {
                Val::Bool(self.eval(value)?.text().ok_or(Left)?.starts_with(self.eval(pattern)?.text().ok_or(Left)?))
            }
            Expr::EndsWith(value, pattern) => {
                Val::Bool(self.eval(value)?.text().ok_or(Left)?.ends_with(self.eval(pattern)?.text().ok_or(Left)?))
            }
            Expr::Safe(value) => match self.eval(value)? {
                Val::Ref(value) if value.as_str().is_some() => Val::Safe(value),
                _ => return Err(Left),
            },
            Expr::Length(value) => match self.eval(value)? {
                Val::Ref(value) => Val::Number(length(value).ok_or(Left)?),
                _ => return Err(Left),
            },
            Expr::Join(list, separator) => Val::Text(self.join(list, separator)?),
            Expr::Fill(phrase, values) => Val::Text(self.fill(phrase, values)?),
        })
    }

    /// Finds a name: those of loops and settings hide those of the context.
    #[inline]
    fn at(&self, root: u16) -> Place<'_, 'a> {
        match self.own.iter().rev().find(|(name, _)| *name == root) {
            Some((_, Val::Ref(value))) => Place::Context(value),
            Some((_, value)) => Place::Own(value),
            None => self.values[usize::from(root)].map_or(Place::Nowhere, Place::Context),
        }
    }

    fn path(&self, root: u16, members: &'a [Member]) -> Result<Val<'a>> {
        match self.at(root) {
            Place::Context(value) => Ok(follow(value, members)?.map_or(Val::Undefined, Val::Ref)),
            Place::Own(value) if members.is_empty() => Ok(value.clone()),
            Place::Nowhere if members.is_empty() => Ok(Val::Undefined),
            _ => Err(Left),
        }
    }

    fn holds(&self, list: &'a Expr, value: &'a Expr) -> Result<bool> {
        let (list, value) = (self.eval(list)?, self.eval(value)?);
        let (Val::Ref(list), Some(text)) = (list, value.text()) else { return Err(Left) };
        Ok(list.as_list().ok_or(Left)?.iter().any(|item| item.as_str() == Some(text)))
    }

    fn join(&self, list: &'a Expr, separator: &'a Expr) -> Result<String> {
        let (list, separator) = (self.eval(list)?, self.eval(separator)?);
        let (Val::Ref(list), Some(text)) = (&list, separator.text()) else { return Err(Left) };
        let is_safe = matches!(&separator, Val::Ref(Value::Safe(_)));
        let mut parts = Vec::new();
        for item in list.as_list().ok_or(Left)? {
            match item {
                Value::Text(text) | Value::Plain(text) if !is_safe => parts.push(&**text),
                _ => return Err(Left),
            }
        }
        Ok(parts.join(text))
    }

    fn fill(&self, phrase: &'a Expr, values: &'a [(String, Expr)]) -> Result<String> {
        let phrase = self.eval(phrase)?;
        let mut texts = Vec::with_capacity(values.len());
        for (name, value) in values {
            let value = self.eval(value)?;
            let text = match (value.text(), value.number()) {
                (Some(text), _) => text.to_owned(),
                (_, Some(number)) => number.to_string(),
                _ => return Err(Left),
            };
            texts.push((name.as_str(), text));
        }
        let find = |name: &str| texts.iter().find(|(key, _)| *key == name).map(|(_, text)| text.as_str());
        Ok(fill_with(phrase.text().ok_or(Left)?, |name, out| match find(name) {
            Some(text) => {
                out.push_str(text);
                true
            }
            None => false,
        }))
    }
}

/// Where the value of a name is.
enum Place<'p, 'a> {
    /// In the context, or in a part of it that a loop goes through.
    Context(&'a Value),
    /// Made on the way.
    Own(&'p Val<'a>),
    Nowhere,
}

/// Follows the members of a path; nothing where the last of them is missing.
fn follow<'a>(mut value: &'a Value, members: &'a [Member]) -> Result<Option<&'a Value>> {
    for (at, member) in members.iter().enumerate() {
        let found = match member {
            // The engine refuses to look into what is no mapping in its own words.
            Member::Key(key, hint) | Member::Item(key, hint) => value.as_map().ok_or(Left)?.find(key, hint),
            Member::At(place) => Some(value.as_list().and_then(|list| list.get(*place)).ok_or(Left)?),
        };
        match found {
            Some(next) => value = next,
            None if at + 1 == members.len() => return Ok(None),
            None => return Err(Left),
        }
    }
    Ok(Some(value))
}

fn print_shared(value: &Value, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::Plain(text) | Value::Safe(text) => out.extend_from_slice(text.as_bytes()),
        Value::Text(text) => escape_into(text, out),
        Value::None => {}
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Number(number) => push_number(*number, out),
        Value::List(_) | Value::Map(_) | Value::Engine(_) => return Err(Left),
    }
    Ok(())
}

fn length(value: &Value) -> Option<i64> {
    let length = match value.as_list() {
        Some(list) => list.len(),
        None => value.as_map()?.len(),
    };
    i64::try_from(length).ok()
}

fn compare(comparison: Comparison, left: &Val<'_>, right: &Val<'_>) -> Result<bool> {
    if matches!(comparison, Comparison::Equal | Comparison::Unequal) {
        return Ok(equal(left, right)? == (comparison == Comparison::Equal));
    }
    let (left, right) = (left.number().ok_or(Left)?, right.number().ok_or(Left)?);
    Ok(match comparison {
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        _ => left >= right,
    })
}

fn equal(left: &Val<'_>, right: &Val<'_>) -> Result<bool> {
    if let (Some(left), Some(right)) = (left.text(), right.text()) {
        return Ok(left == right);
    }
    if let (Some(left), Some(right)) = (left.number(), right.number()) {
        return Ok(left == right);
    }
    if let (Some(left), Some(right)) = (left.bool(), right.bool()) {
        return Ok(left == right);
    }
    match (left, right) {
        (Val::Ref(left), Val::Ref(right)) => left.equals(right).ok_or(Left),
        // A text is no number, and neither is true or false.
        _ if left.text().is_some() && (right.number().is_some() || right.bool().is_some()) => Ok(false),
        _ if right.text().is_some() && (left.number().is_some() || left.bool().is_some()) => Ok(false),
        _ => Err(Left),
    }
}

fn push_number(number: i64, out: &mut Vec<u8>) {
    use std::io::Write;
    write!(out, "{number}").expect("a vector takes all that is written");
}
