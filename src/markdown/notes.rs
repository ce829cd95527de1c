//! Footnotes: numbered in the order they are first referred to, listed at the end, with a way back.

use std::collections::BTreeMap;

use pulldown_cmark::{Event, Tag, TagEnd, html};

/// The footnotes met in one body.
#[derive(Default)]
pub(super) struct Notes {
    numbers: BTreeMap<String, usize>,
    uses: Vec<usize>,
}

impl Notes {
    /// The sign that stands in the text.
    pub(super) fn reference(&mut self, name: &str) -> String {
        let next = self.numbers.len() + 1;
        let number = *self.numbers.entry(name.to_owned()).or_insert(next);
        if number > self.uses.len() {
            self.uses.push(0);
        }
        self.uses[number - 1] += 1;
        let again = match self.uses[number - 1] {
            1 => String::new(),
            times => format!("-{times}"),
        };
        format!("<sup class=\"note-ref\"><a href=\"#fn-{number}\" id=\"fnref-{number}{again}\">{number}</a></sup>")
    }

    /// Writes the body, then the notes somebody refers to.
    pub(super) fn write(&self, events: Vec<Event<'_>>, out: &mut String) {
        if self.numbers.is_empty() && !events.iter().any(is_definition) {
            html::push_html(out, events.into_iter());
            return;
        }
        let mut body = Vec::with_capacity(events.len());
        let mut notes: BTreeMap<usize, Vec<Event<'_>>> = BTreeMap::new();
        let mut inside: Vec<usize> = Vec::new();
        let mut unnamed = self.numbers.len();
        for event in events {
            match event {
                Event::Start(Tag::FootnoteDefinition(name)) => {
                    let number = self.numbers.get(name.as_ref()).copied().unwrap_or_else(|| {
                        unnamed += 1;
                        unnamed
                    });
                    inside.push(number);
                }
                Event::End(TagEnd::FootnoteDefinition) => {
                    inside.pop();
                }
                event => match inside.last() {
                    Some(number) => notes.entry(*number).or_default().push(event),
                    None => body.push(event),
                },
            }
        }
        html::push_html(out, body.into_iter());
        if notes.is_empty() {
            return;
        }
        out.push_str("<section class=\"footnotes\"><ol>\n");
        for (number, events) in notes {
            out.push_str(&format!("<li id=\"fn-{number}\">"));
            html::push_html(out, events.into_iter());
            if number <= self.numbers.len() {
                out.push_str(&format!("<a href=\"#fnref-{number}\" class=\"note-back\">↩</a>"));
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ol></section>\n");
    }
}

fn is_definition(event: &Event<'_>) -> bool {
    matches!(event, Event::Start(Tag::FootnoteDefinition(_)))
}
