//! What templates see: shared values that cost nothing to hand to a second page.
//!
//! This room and `theme` are the only ones that name Tera. An article's entry in lists is made once for each edition and
//! then shared by every list it stands in.

pub use tera::{Map, Value};

/// Makes a mapping.
pub fn map<const N: usize>(pairs: [(&'static str, Value); N]) -> Value {
    let mut map = Map::with_capacity(N);
    for (key, value) in pairs {
        map.insert(key.into(), value);
    }
    Value::from(map)
}

/// A copy of a mapping with some more pairs.
pub fn with<const N: usize>(base: &Value, pairs: [(&'static str, Value); N]) -> Value {
    let mut map = base.as_map().cloned().unwrap_or_default();
    map.reserve(N);
    for (key, value) in pairs {
        map.insert(key.into(), value);
    }
    Value::from(map)
}

/// Makes a string.
pub fn text(text: &str) -> Value {
    Value::normal_string(text)
}

/// Makes a string that templates print without escaping: sanitised HTML and escaped JSON only.
pub fn safe(text: &str) -> Value {
    Value::safe_string(text)
}

/// Makes a list.
pub fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::from(items.into_iter().collect::<Vec<Value>>())
}

/// The value of nothing.
pub fn none() -> Value {
    Value::none()
}

/// Turns JSON into a value.
pub fn json(json: &serde_json::Value) -> Value {
    Value::from_serializable(json)
}

/// Finds a pair of a mapping.
pub fn get<'m>(map: &'m Map, key: &'m str) -> Option<&'m Value> {
    map.get(&tera::value::Key::Str(key))
}

/// Finds a pair of a mapping that most likely stands at a place, and gives its place and value.
pub fn get_near<'m>(map: &'m Map, key: &'m str, near: usize) -> Option<(usize, &'m Value)> {
    match map.get_index(near) {
        Some((there, value)) if there.as_str() == Some(key) => Some((near, value)),
        _ => map.get_full(&tera::value::Key::Str(key)).map(|(place, _, value)| (place, value)),
    }
}
