//! YAML scalars as an editor would have spelled them.

use serde_yaml::Value;

/// The text of a scalar; empty for null, lists and mappings.
pub(super) fn spelled(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(on) => on.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Tagged(tagged) => spelled(&tagged.value),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => String::new(),
    }
}
