//! Tags of Hexo, Jekyll (Liquid) and Hugo in the text of a post: translated to Markdown, or taken out with a warning.
//!
//! Takes one line outside code, gives it back without tags and says what it met. Double braces that are no known tag
//! are text: articles about templates hold many.

/// What was done with one tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Met {
    /// The tag as it stood.
    pub(super) tag: String,
    /// Whether something stands in its place.
    pub(super) translated: bool,
}

/// Translates the tags of a line; `None` when it holds none.
pub(super) fn translate(line: &str) -> Option<(String, Vec<Met>)> {
    if !line.contains("{%") && !line.contains("{{") {
        return None;
    }
    let (mut out, mut met, mut rest) = (String::with_capacity(line.len()), Vec::new(), line);
    while let Some((before, tag, after)) = next_tag(rest) {
        out.push_str(before);
        // Inline code shows tags; it does not use them.
        let in_code = out.matches('`').count() % 2 == 1;
        match if in_code { None } else { replacement(tag) } {
            Some(text) => {
                met.push(Met { tag: tag.to_owned(), translated: !text.is_empty() });
                out.push_str(&text);
            }
            None => out.push_str(tag),
        }
        rest = after;
    }
    out.push_str(rest);
    (!met.is_empty()).then_some((out, met))
}

/// Finds the next `{% … %}`, `{{< … >}}`, `{{% … %}}` or `{{ … }}`.
fn next_tag(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(offset) = text[from..].find('{') {
        let at = from + offset;
        let close = match text.as_bytes().get(at + 1) {
            Some(b'%') => "%}",
            Some(b'{') if text[at..].starts_with("{{<") => ">}}",
            Some(b'{') if text[at..].starts_with("{{%") => "%}}",
            Some(b'{') => "}}",
            _ => {
                from = at + 1;
                continue;
            }
        };
        let end = at + 2 + text[at + 2..].find(close)? + close.len();
        return Some((&text[..at], &text[at..end], &text[end..]));
    }
    None
}

fn replacement(tag: &str) -> Option<String> {
    let inner = tag.trim_start_matches(['{', '%', '<', '-']).trim_end_matches(['}', '%', '>', '-']).trim();
    let inner = inner.trim_start_matches('<').trim_end_matches(['>', '/']).trim();
    if tag.starts_with("{{") && !tag.starts_with("{{<") && !tag.starts_with("{{%") {
        return liquid_value(inner);
    }
    let words = words(inner);
    let name = words.first()?.to_ascii_lowercase();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
        return None;
    }
    let arguments = &words[1..];
    Some(match name.as_str() {
        "highlight" | "codeblock" | "code" => format!("```{}", language(arguments)),
        "endhighlight" | "endcodeblock" | "endcode" | "/highlight" | "/code" => "```".to_owned(),
        "img" | "image" | "asset_img" | "figure" | "asset_image" | "fancybox" => image(arguments),
        "include"
            if arguments
                .first()
                .is_some_and(|file| ["figure", "image", "img"].iter().any(|kind| file.contains(kind))) =>
        {
            image(&arguments[1..])
        }
        "link" | "post_link" | "asset_link" | "asset_path" | "post_url" | "ref" | "relref" | "post_path" => {
            link(&name, arguments)
        }
        "youtube" => video("https://www.youtube.com/watch?v=", arguments),
        "vimeo" => video("https://vimeo.com/", arguments),
        "bilibili" => video("https://www.bilibili.com/video/", arguments),
        "gist" => video("https://gist.github.com/", arguments),
        _ => String::new(),
    })
}

/// `{{ site.baseurl }}/x`, `{{ "/x" | relative_url }}`: the values that are known; everything else is text.
fn liquid_value(inner: &str) -> Option<String> {
    let (value, filter) = inner.split_once('|').map_or((inner, ""), |(value, filter)| (value.trim(), filter.trim()));
    if matches!(value, "site.baseurl" | "site.url" | "site.production_url" | "site.root") {
        return Some(String::new());
    }
    let quoted = value.strip_prefix(['"', '\'']).and_then(|value| value.strip_suffix(['"', '\'']));
    quoted.filter(|_| filter.ends_with("_url") || filter.starts_with("prepend")).map(str::to_owned)
}

/// Splits arguments at spaces, keeping quoted ones whole and without their quotes.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.push(c),
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            None => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn named<'a>(arguments: &'a [String], keys: &[&str]) -> Option<&'a str> {
    arguments.iter().find_map(|argument| {
        let (key, value) = argument.split_once('=')?;
        keys.contains(&key).then_some(value)
    })
}

fn language(arguments: &[String]) -> String {
    let named = arguments.iter().find_map(|argument| argument.strip_prefix("lang:"));
    let word = named.or(arguments.first().map(String::as_str)).unwrap_or_default();
    if word.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-#".contains(&b)) { word.to_owned() } else { String::new() }
}

fn image(arguments: &[String]) -> String {
    let is_file = |word: &&String| {
        let word = word.to_ascii_lowercase();
        !word.contains('=')
            && [".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp"].iter().any(|end| word.contains(end))
    };
    let Some(source) = named(arguments, &["src", "url", "file", "image_path", "link"])
        .or(arguments.iter().find(is_file).map(String::as_str))
    else {
        return String::new();
    };
    let unnamed =
        arguments.iter().rev().find(|word| !word.contains('=') && word.as_str() != source && !word.is_ascii());
    let alt = named(arguments, &["alt", "caption", "title"]).or(unnamed.map(String::as_str)).unwrap_or_default();
    format!("![{}]({})", alt.replace(['[', ']'], ""), source.replace(' ', "%20"))
}

fn link(name: &str, arguments: &[String]) -> String {
    match (name, arguments) {
        (_, []) => String::new(),
        ("link", [text @ .., url]) if url.contains("://") || url.starts_with('/') => {
            let text = if text.is_empty() { url.clone() } else { text.join(" ") };
            format!("[{text}]({url})")
        }
        ("post_link" | "asset_link", [target, text @ ..]) if !text.is_empty() => {
            format!("[{}]({target})", text.join(" "))
        }
        ("post_link" | "asset_link" | "link", [target, ..]) => format!("[{target}]({target})"),
        (_, [target, ..]) => target.clone(),
    }
}

fn video(base: &str, arguments: &[String]) -> String {
    let id = named(arguments, &["id"]).or(arguments.first().map(String::as_str)).unwrap_or_default();
    let id: String = if base.contains("gist") {
        arguments.iter().take(2).cloned().collect::<Vec<_>>().join("/")
    } else {
        id.to_owned()
    };
    if id.is_empty() { String::new() } else { format!("<{base}{id}>") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        assert_eq!(translate(line).map_or_else(|| line.to_owned(), |(text, _)| text), expected);
    }

    #[test]
    fn translates_tags() {
        check("{% include toc.html %}", "");
        check("{{< notice tip >}}", "");
        check("{{< /notice >}}", "");
        check("{% highlight ruby %}", "```ruby");
        check("{% endhighlight %}", "```");
        check("{% asset_img a.png 图一 %}", "![图一](a.png)");
        check("{{< figure src=\"/a b.jpg\" caption=\"图 一\" >}}", "![图 一](/a%20b.jpg)");
        check("看{% post_link first 第一篇 %}。", "看[第一篇](first)。");
        check("[甲]({{ site.baseurl }}/a)", "[甲](/a)");
        check("[甲]({{< ref \"a.md\" >}})", "[甲](a.md)");
        check("{% youtube abc %}", "<https://www.youtube.com/watch?v=abc>");
    }

    #[test]
    fn leaves_text_alone() {
        for line in ["模板里写 {{ title }} 即可", "`{% raw %}` 是一个标签", "集合 {a, {b}}", "没有闭合 {% 标签", "{{"]
        {
            check(line, line);
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(\\{\\{[<%]?|[>%]?\\}\\}|\\{%|%\\}|[a-z=\"' /]{0,6}|\\PC){0,12}") {
            translate(&text);
        }
    }
}
