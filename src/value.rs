//! What templates see: texts, numbers, lists and mappings that cost nothing to hand to a second page.
//!
//! The engine's own mappings hash each name, both when they are made and when they are read, and a page has some
//! hundred names. These are short runs of pairs, made in one piece and read by place. This room and `theme` are the only
//! ones that name Tera: a value becomes one of the engine's where a template is left to it. An article's entry in lists
//! is made once for each edition and then shared by every list it stands in.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// A value of the template context.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing.
    None,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A text that is escaped where it is printed.
    Text(Arc<str>),
    /// A text with nothing to escape, which most are: found out once, printed on many pages.
    Plain(Arc<str>),
    /// A text that is printed as it is: sanitised HTML and escaped JSON only.
    Safe(Arc<str>),
    /// A list.
    List(Arc<[Value]>),
    /// A mapping.
    Map(Map),
    /// What only the engine knows to print, such as a fraction.
    Engine(Arc<tera::Value>),
}

/// Pairs in the order they were given. No name stands there twice.
#[derive(Clone, Debug)]
pub struct Map(Arc<[Pair]>);

/// A name and its value.
type Pair = (Cow<'static, str>, Value);

/// Where one name stood in the last mapping that was looked at: those of one kind have it at the same place.
#[derive(Debug, Default)]
pub struct Hint {
    place: AtomicU32,
    /// The address of the name, if it is one of the program's own: those stand where they stand and never change.
    address: AtomicUsize,
}

impl Hint {
    #[inline]
    fn is(&self, (there, _): &Pair, name: &str) -> bool {
        let same =
            |there: &str| there.len() == name.len() && there.as_ptr().addr() == self.address.load(Ordering::Relaxed);
        matches!(there, Cow::Borrowed(there) if same(there)) || **there == *name
    }

    fn set(&self, place: usize, (there, _): &Pair) {
        self.place.store(u32::try_from(place).unwrap_or(0), Ordering::Relaxed);
        let address = if let Cow::Borrowed(there) = there { there.as_ptr().addr() } else { 0 };
        self.address.store(address, Ordering::Relaxed);
    }
}

impl Map {
    /// Finds the value of a name, most likely where the hint says.
    #[inline]
    pub fn find(&self, name: &str, hint: &Hint) -> Option<&Value> {
        match self.0.get(hint.place.load(Ordering::Relaxed) as usize) {
            Some(pair) if hint.is(pair, name) => Some(&pair.1),
            _ => {
                let place = self.place(name)?;
                hint.set(place, &self.0[place]);
                Some(&self.0[place].1)
            }
        }
    }

    /// Finds the value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.place(name).map(|place| &self.0[place].1)
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(there, _)| **there == *name)
    }
}

impl Value {
    /// The text, if it is one.
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Plain(text) | Value::Safe(text) => Some(text),
            _ => None,
        }
    }

    /// The mapping, if it is one.
    #[inline]
    pub fn as_map(&self) -> Option<&Map> {
        if let Value::Map(map) = self { Some(map) } else { None }
    }

    /// The list, if it is one.
    #[inline]
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Value::List(list) = self { Some(list) } else { None }
    }

    /// Tells whether a condition takes it for true, as the engine does.
    #[inline]
    pub fn is_truthy(&self) -> bool {
        match self {
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Number(number) => *number != 0,
            Value::Text(text) | Value::Plain(text) | Value::Safe(text) => !text.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Engine(value) => value.is_truthy(),
        }
    }

    /// Tells whether the engine takes two values for equal; none when only the engine knows.
    pub fn equals(&self, other: &Value) -> Option<bool> {
        let all = |mut parts: Vec<Option<bool>>| {
            parts.retain(|part| *part != Some(true));
            if parts.contains(&None) { None } else { Some(parts.is_empty()) }
        };
        Some(match (self, other) {
            (Value::Engine(_), _) | (_, Value::Engine(_)) => return None,
            (Value::None, Value::None) => true,
            (Value::Bool(one), Value::Bool(other)) => one == other,
            (Value::Number(one), Value::Number(other)) => one == other,
            (Value::List(one), Value::List(other)) if one.len() == other.len() => {
                return all(one.iter().zip(other.iter()).map(|(one, other)| one.equals(other)).collect());
            }
            (Value::Map(one), Value::Map(other)) if one.len() == other.len() => {
                let same = |(name, value): &Pair| other.get(name).map_or(Some(false), |o| value.equals(o));
                return all(one.0.iter().map(same).collect());
            }
            (one, other) => matches!((one.as_str(), other.as_str()), (Some(one), Some(other)) if one == other),
        })
    }

    /// The value as the engine knows it.
    pub fn to_engine(&self) -> tera::Value {
        match self {
            Value::None => tera::Value::none(),
            Value::Bool(value) => (*value).into(),
            Value::Number(number) => (*number).into(),
            Value::Text(text) | Value::Plain(text) => tera::Value::normal_string(text),
            Value::Safe(text) => tera::Value::safe_string(text),
            Value::List(list) => list.iter().map(Value::to_engine).collect::<Vec<_>>().into(),
            Value::Map(map) => {
                let key = |name: &Cow<'static, str>| match name {
                    Cow::Borrowed(name) => tera::value::Key::Str(name),
                    Cow::Owned(name) => tera::value::Key::from(name.clone()),
                };
                map.0.iter().map(|(name, value)| (key(name), value.to_engine())).collect::<tera::Map>().into()
            }
            Value::Engine(value) => tera::Value::clone(value),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Self {
        Value::Number(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Number(number.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Number(number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// Makes a mapping.
pub fn map<const N: usize>(pairs: [(&'static str, Value); N]) -> Value {
    Value::Map(Map(Arc::from(pairs.map(|(name, value)| (Cow::Borrowed(name), value)))))
}

/// Makes a mapping whose names are not the program's; of a name that comes twice the later value counts.
pub fn named(pairs: impl IntoIterator<Item = (String, Value)>) -> Value {
    let mut all: Vec<Pair> = Vec::new();
    for (name, value) in pairs {
        push(&mut all, Cow::Owned(name), value);
    }
    Value::Map(Map(all.into()))
}

/// A copy of a mapping with some more pairs.
pub fn with<const N: usize>(base: &Value, pairs: [(&'static str, Value); N]) -> Value {
    let before = base.as_map().map_or(&[][..], |map| &map.0);
    let mut all = Vec::with_capacity(before.len() + N);
    all.extend_from_slice(before);
    for (name, value) in pairs {
        push(&mut all, Cow::Borrowed(name), value);
    }
    Value::Map(Map(all.into()))
}

fn push(pairs: &mut Vec<Pair>, name: Cow<'static, str>, value: Value) {
    match pairs.iter_mut().find(|(there, _)| *there == name) {
        Some((_, before)) => *before = value,
        None => pairs.push((name, value)),
    }
}

/// Makes a string.
pub fn text(text: &str) -> Value {
    if text.bytes().any(is_escaped) { Value::Text(text.into()) } else { Value::Plain(text.into()) }
}

/// Tells whether a byte is escaped in HTML: all that are stand among the first 64, so one comparison tells most.
#[inline]
pub fn is_escaped(byte: u8) -> bool {
    const ESCAPED: u64 = 1 << b'&' | 1 << b'<' | 1 << b'>' | 1 << b'"' | 1 << b'\'';
    byte < 64 && ESCAPED >> byte & 1 == 1
}

/// Makes a string of parts.
pub fn joined(parts: &[&str]) -> Value {
    text(&parts.concat())
}

/// Makes a string that templates print without escaping: sanitised HTML and escaped JSON only.
pub fn safe(text: &str) -> Value {
    Value::Safe(text.into())
}

/// Makes a list.
pub fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::List(items.into_iter().collect())
}

/// The value of nothing.
pub fn none() -> Value {
    Value::None
}

/// Turns JSON into a value.
pub fn json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::None,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Value::Number(number),
            None => Value::Engine(Arc::new(tera::Value::from_serializable(json))),
        },
        serde_json::Value::String(own) => text(own),
        serde_json::Value::Array(items) => list(items.iter().map(self::json)),
        serde_json::Value::Object(pairs) => named(pairs.iter().map(|(name, value)| (name.clone(), self::json(value)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_where_they_stood_and_where_they_did_not() {
        let hint = Hint::default();
        let (one, other) = (map([("a", 1i64.into()), ("b", 2i64.into())]), map([("b", 3i64.into())]));
        let owned = named([("x".to_owned(), Value::None), ("b".to_owned(), 4i64.into())]);
        let mut found = Vec::new();
        for map in [&one, &other, &one, &owned, &one, &one] {
            found.push(match map.as_map().and_then(|map| map.find("b", &hint)) {
                Some(Value::Number(number)) => *number,
                _ => 0,
            });
        }
        assert_eq!(found, [2, 3, 2, 4, 2, 2]);
        assert!(one.as_map().and_then(|map| map.find("c", &Hint::default())).is_none());
    }

    #[test]
    fn later_pairs_take_the_place_of_earlier_ones() {
        let both = with(&map([("a", 1i64.into()), ("b", 2i64.into())]), [("c", 3i64.into()), ("a", 4i64.into())]);
        assert_eq!(both.to_engine().to_string(), "{\"a\": 4, \"b\": 2, \"c\": 3}");
        let twice = named([("a".to_owned(), 1i64.into()), ("a".to_owned(), 2i64.into())]);
        assert_eq!(twice.to_engine().to_string(), "{\"a\": 2}");
    }

    #[test]
    fn says_of_json_what_the_engine_says() {
        let json = serde_json::json!({"b": [1, -2, 2.5, u64::MAX, null, true], "a": {"甲": "<乙>", "": []}});
        let engine = tera::Value::from_serializable(&json);
        assert_eq!(super::json(&json).to_engine(), engine);
        assert_eq!(super::json(&json).to_engine().to_string(), engine.to_string());
        let own = super::json(&json);
        assert_eq!(own.equals(&own), None);
        let plain = super::json(&serde_json::json!({"a": [1, "x"], "b": null}));
        let turned = super::json(&serde_json::json!({"b": null, "a": [1, "x"]}));
        assert_eq!(plain.equals(&turned), Some(true));
        assert_eq!(plain.equals(&super::json(&serde_json::json!({"a": [1, "y"], "b": null}))), Some(false));
        assert_eq!(list([none()]).equals(&own), Some(false));
    }
}
