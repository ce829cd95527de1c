//! Filters and functions of templates. None reads a file, the clock, the environment or chance.

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

/// The longest list `range` makes; a template that wants more is in a loop that does not end.
const LONGEST_RANGE: i64 = 10_000;

/// Adds everything templates may use beyond the engine's own.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("fill", fill);
    tera.register_filter("hanzi_number", hanzi_number);
    tera.register_filter("chinese_date", chinese_date);
    tera.register_function("range", range);
}

/// `t.n_articles | fill(n=3)`: puts values into the `{n}` of a phrase.
fn fill(phrase: &str, values: Kwargs, _: &State) -> TeraResult<String> {
    let mut failed = None;
    let filled = fill_with(phrase, |name, out| match values.get::<Value>(name) {
        Ok(Some(value)) => {
            out.push_str(&value.to_string());
            true
        }
        Ok(None) => false,
        Err(error) => {
            failed = Some(error);
            false
        }
    });
    failed.map_or(Ok(filled), Err)
}

/// Puts what `push` adds for a name in the place of `{name}`; where it adds nothing and says so, the name stays.
pub(super) fn fill_with(phrase: &str, mut push: impl FnMut(&str, &mut String) -> bool) -> String {
    let mut out = String::with_capacity(phrase.len() + 16);
    let mut rest = phrase;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let Some(close) = rest.find('}') else { break };
        if !push(&rest[1..close], &mut out) {
            out.push_str(&rest[..=close]);
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    out
}

/// `12345 | hanzi_number` is `1.2万` or, with `script="hant"`, `1.2萬`; smaller numbers stay.
fn hanzi_number(number: i64, values: Kwargs, _: &State) -> TeraResult<String> {
    if number.abs() < 10_000 {
        return Ok(number.to_string());
    }
    let sign = match values.get::<&str>("script")? {
        Some("hant") => "萬",
        _ => "万",
    };
    let tenths = number / 1000;
    Ok(if tenths % 10 == 0 {
        format!("{}{sign}", tenths / 10)
    } else {
        format!("{}.{}{sign}", tenths / 10, (tenths % 10).abs())
    })
}

/// `"2019-02-21" | chinese_date` is `2019年2月21日`; what is no date stays.
fn chinese_date(date: &str, _: Kwargs, _: &State) -> TeraResult<String> {
    let mut parts = date.get(..10).unwrap_or(date).split('-').map(str::parse::<u32>);
    Ok(match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) => format!("{year}年{month}月{day}日"),
        _ => date.to_owned(),
    })
}

/// The engine's `range`, with an end.
fn range(values: Kwargs, _: &State) -> TeraResult<Value> {
    let start = values.get::<i64>("start")?.unwrap_or(0);
    let end = values.must_get::<i64>("end")?;
    let step = values.get::<i64>("step_by")?.unwrap_or(1).max(1);
    if end.saturating_sub(start) / step > LONGEST_RANGE {
        return Err(Error::message(format!("a range of more than {LONGEST_RANGE} numbers")));
    }
    let numbers = (start..end).step_by(usize::try_from(step).unwrap_or(1));
    Ok(Value::from(numbers.map(Value::from).collect::<Vec<_>>()))
}
