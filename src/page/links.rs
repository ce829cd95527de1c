//! The addresses written in a body, as they lead on a page of the site.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use super::view::View;
use crate::article::Article;
use crate::corpus::Entry;
use crate::diagnostic::Diagnostic;
use crate::facts::Facts;
use crate::markdown::{Image, Links};

/// Resolves the addresses of one article's body.
pub(super) struct PageLinks<'a> {
    view: &'a View,
    article: &'a Article,
    root: &'a str,
    remarks: RefCell<Vec<Diagnostic>>,
}

impl<'a> PageLinks<'a> {
    pub(super) fn new(view: &'a View, entry: &'a Entry, root: &'a str) -> Self {
        // A hand-made edition lies where it lies: its pictures are beside it, not beside its original.
        let article = &view.edition().facts(entry).article;
        PageLinks { view, article, root, remarks: RefCell::default() }
    }

    /// What there was to say; empty when nothing was.
    pub(super) fn into_remarks(self) -> Vec<Diagnostic> {
        self.remarks.into_inner()
    }

    fn remark(&self, code: &'static str, message: String, help: &str) {
        let article = self.article;
        let body = self.view.site.shelf.body(article);
        let place = body.find(message.split('`').nth(1).unwrap_or_default()).unwrap_or(0);
        let line = article.body_line + body[..place].matches('\n').count();
        let diagnostic = Diagnostic::warning(code, article.path.as_ref(), message).at(line, 1).help(help);
        self.remarks.borrow_mut().push(diagnostic);
    }
}

/// A path below the content folder, from an address relative to the file of the article with this ID.
pub(super) fn below_content(id: &str, written: &str) -> Option<String> {
    let folder = id.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The files beside an article that its body refers to, by path below the content folder.
pub(super) fn beside(facts: &Arc<Facts>) -> impl Iterator<Item = String> {
    facts.addresses.iter().filter_map(|written| {
        let (path, _) = split(written);
        let id = &facts.article.id;
        (!is_absolute(path) && !path.starts_with('/')).then(|| below_content(id, &decoded(path))).flatten()
    })
}

/// Tells whether an address names a scheme or a host.
fn is_absolute(url: &str) -> bool {
    let head = url.find(['/', '?', '#']).map_or(url, |at| &url[..at]);
    head.contains(':') || url.starts_with("//")
}

/// Splits an address into its path and what follows it.
fn split(url: &str) -> (&str, &str) {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    url.split_at(end)
}

fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = (first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

impl Links for PageLinks<'_> {
    fn link<'u>(&self, written: &'u str) -> Option<Cow<'u, str>> {
        if is_absolute(written) || written.starts_with('#') || written.is_empty() {
            return Some(Cow::Borrowed(written));
        }
        let (path, rest) = split(written);
        if let Some(path) = path.strip_prefix('/') {
            return Some(Cow::Owned(format!("{}{path}{rest}", self.root)));
        }
        let target = below_content(&self.article.id, &decoded(path))?;
        let id = target.strip_suffix(".md").or_else(|| target.strip_suffix(".markdown"));
        if let Some(address) = self.view.site.address_of(id.unwrap_or(&target)) {
            return Some(Cow::Owned(format!("{}{}/{address}{rest}", self.root, self.view.edition().config.id)));
        }
        if let Some(file) = self.view.site.media.find(&target) {
            return Some(Cow::Owned(format!("{}{}{rest}", self.root, file.output)));
        }
        if id.is_some() {
            self.remark(
                "link-broken",
                format!("`{written}` leads to no published article"),
                "correct the path, which is relative to this file",
            );
            return None;
        }
        Some(Cow::Owned(written.to_owned()))
    }

    fn image<'u>(&self, written: &'u str) -> Option<Image<'u>> {
        if is_absolute(written) {
            return Some(Image { url: Cow::Borrowed(written), size: None });
        }
        let (path, rest) = split(written);
        if let Some(path) = path.strip_prefix('/') {
            return Some(Image { url: Cow::Owned(format!("{}{path}{rest}", self.root)), size: None });
        }
        let found =
            below_content(&self.article.id, &decoded(path)).and_then(|target| self.view.site.media.find(&target));
        match found {
            Some(file) => Some(Image { url: Cow::Owned(format!("{}{}", self.root, file.output)), size: file.size }),
            None => {
                self.remark(
                    "image-missing",
                    format!("there is no picture `{written}`; its description is shown"),
                    "put the file beside the article, or correct the path",
                );
                None
            }
        }
    }
}
