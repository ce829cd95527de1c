//! The addresses written in a body, as they lead on a page of the site.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

use super::view::{Notes, View};
use crate::article::Article;
use crate::config::Remote;
use crate::corpus::Entry;
use crate::diagnostic::Diagnostic;
use crate::facts::Facts;
use crate::markdown::{Image, Links};
use crate::media::File;

/// Resolves the addresses of one article's body.
pub(super) struct PageLinks<'a> {
    view: &'a View,
    article: &'a Article,
    root: &'a str,
    /// Whether the root was put before an address.
    rooted: Cell<bool>,
    remarks: RefCell<Vec<Diagnostic>>,
    asked: RefCell<BTreeSet<String>>,
    /// Output path of the first picture of this site.
    first: RefCell<Option<String>>,
}

impl<'a> PageLinks<'a> {
    pub(super) fn new(view: &'a View, entry: &'a Entry, root: &'a str) -> Self {
        // A hand-made edition lies where it lies: its pictures are beside it, not beside its original.
        let article = &view.edition().facts(entry).article;
        PageLinks {
            view,
            article,
            root,
            rooted: Cell::new(false),
            remarks: RefCell::default(),
            asked: RefCell::default(),
            first: RefCell::default(),
        }
    }

    /// Notes down what there was to say, and which places of the site were asked for; gives the output path of the first
    /// picture.
    pub(super) fn note(self, notes: &mut Notes) -> Option<String> {
        notes.remarks.extend(self.remarks.into_inner());
        notes.asked.extend(self.asked.into_inner());
        self.first.into_inner()
    }

    /// Tells whether an address was given the root.
    pub(super) fn is_rooted(&self) -> bool {
        self.rooted.get()
    }

    fn root(&self) -> &'a str {
        self.rooted.set(true);
        self.root
    }

    /// Remembers that a place of the site was asked for.
    fn ask(&self, target: &str) {
        self.asked.borrow_mut().insert(target.to_owned());
    }

    /// The path below the content folder that an address leads to.
    fn target(&self, path: &str) -> Option<String> {
        let target = below_content(&self.article.id, path)?;
        self.ask(&target);
        Some(target)
    }

    /// A picture of this site, with its smaller copies.
    fn local(&self, file: &File) -> Image<'static> {
        let url = |output: &str| format!("{}{output}", self.root());
        let mut sources: Vec<(String, u32)> = file.copies.iter().map(|copy| (url(&copy.output), copy.width)).collect();
        if let Some((width, _)) = file.size.filter(|_| !sources.is_empty()) {
            sources.push((url(&file.output), width));
        }
        let mut first = self.first.borrow_mut();
        if first.is_none() {
            // What others show beside a link: not all of them read WebP, so no copy.
            *first = Some(file.output.clone());
        }
        Image { url: Cow::Owned(url(&file.output)), size: file.size, sources }
    }

    /// A picture of another site, by the settings.
    fn remote<'u>(&self, written: &'u str) -> Option<Image<'u>> {
        match &self.view.site.config.images.remote {
            Remote::Keep => Some(Image::plain(Cow::Borrowed(written))),
            Remote::Drop => None,
            Remote::Proxy(pattern) => Some(Image::plain(Cow::Owned(pattern.replace("{url}", &encoded(written))))),
        }
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

/// The files that a body refers to: by path below the content folder, or below `static/` with a leading `/`.
pub(super) fn referred(facts: &Arc<Facts>) -> impl Iterator<Item = String> {
    facts.addresses.iter().filter_map(|written| {
        let (path, _) = split(written);
        if is_absolute(path) {
            return None;
        }
        let path = decoded(path);
        if path.starts_with('/') { Some(path) } else { below_content(&facts.article.id, &path) }
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

/// An address as part of a query.
fn encoded(url: &str) -> String {
    let mut out = String::with_capacity(url.len() + url.len() / 2);
    for &byte in url.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
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
            return Some(Cow::Owned(format!("{}{path}{rest}", self.root())));
        }
        let target = self.target(&decoded(path))?;
        let id = target.strip_suffix(".md").or_else(|| target.strip_suffix(".markdown"));
        if let Some(address) = self.view.site.address_of(id.unwrap_or(&target)) {
            return Some(Cow::Owned(format!("{}{}/{address}{rest}", self.root(), self.view.edition().config.id)));
        }
        if let Some(file) = self.view.site.media.find(&target) {
            return Some(Cow::Owned(format!("{}{}{rest}", self.root(), file.output)));
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
            return self.remote(written);
        }
        let (path, rest) = split(written);
        let path = decoded(path);
        let (found, below_static) = match path.strip_prefix('/') {
            Some(below) => {
                self.ask(&path);
                (self.view.site.media.find(&path), Some(below))
            }
            None => {
                let target = self.target(&path);
                (target.and_then(|target| self.view.site.media.find(&target)), None)
            }
        };
        if let Some(file) = found {
            return Some(self.local(file));
        }
        if let Some(below) = below_static {
            // What the site itself makes is there, too; what is not may come from elsewhere on the host.
            if !self.view.site.pages.contains_key(below) {
                self.remark(
                    "image-missing",
                    format!("there is no picture `{written}` below `static/`; it is shown as written"),
                    "put the file there, or correct the path",
                );
            }
            return Some(Image::plain(Cow::Owned(format!("{}{below}{rest}", self.root()))));
        }
        self.remark(
            "image-missing",
            format!("there is no picture `{written}`; its description is shown"),
            "put the file beside the article, or correct the path",
        );
        None
    }
}
