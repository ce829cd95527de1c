//! Whether a feed that a site's own template wrote is XML at all. No reader shows a feed that is not.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Says what is wrong with a text as XML, and in which line from 1; none when it is well-formed.
pub(super) fn fault(xml: &[u8]) -> Option<(String, usize)> {
    let mut reader = Reader::from_reader(xml);
    let (mut open, mut roots) = (0usize, 0usize);
    loop {
        let told = match reader.read_event() {
            Ok(Event::Start(_)) => {
                roots += usize::from(open == 0);
                open += 1;
                continue;
            }
            Ok(Event::Empty(_)) => {
                roots += usize::from(open == 0);
                continue;
            }
            Ok(Event::End(_)) => {
                open = open.saturating_sub(1);
                continue;
            }
            Ok(Event::Text(text)) if open == 0 && !text.trim_ascii().is_empty() => {
                "text outside the root element".to_owned()
            }
            Ok(Event::Eof) if open > 0 => "an element is not closed".to_owned(),
            Ok(Event::Eof) if roots != 1 => format!("{roots} root elements where one is wanted"),
            Ok(Event::Eof) => return None,
            Ok(_) => continue,
            Err(error) => error.to_string(),
        };
        let at = usize::try_from(reader.buffer_position()).unwrap_or(xml.len()).min(xml.len());
        return Some((told, xml[..at].iter().filter(|&&byte| byte == b'\n').count() + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn tells_xml_from_what_is_none() {
        assert_eq!(fault(b"<?xml version=\"1.0\"?>\n<feed><a/>x</feed>\n"), None);
        for (bad, line) in [("<feed", 1), ("<feed>\n<a></feed>", 2), ("x", 1), ("", 1), ("<a/>\n<b/>", 2), ("<a>\n", 2)]
        {
            assert_eq!(fault(bad.as_bytes()).map(|(_, line)| line), Some(line), "{bad}");
        }
    }
}
