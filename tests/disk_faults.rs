//! Lets every operation on the disk fail, one after the other: the old site stays, or the new one is there.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jianfan::cache::{Cache, Keep, Memory};
use jianfan::corpus::{self, Drafts};
use jianfan::facts::{self, Desk};
use jianfan::page::Ground;
use jianfan::site::{self, Disk, Fault, Past, Target, Trust, WriteError};
use jianfan::source::{self, Shelf};
use jianfan::{config, convert_all, data, media, page, theme};

use crate::support;

/// A site laid out and ready to be written.
struct Ready<'a> {
    site: &'a page::Site,
    views: &'a page::Views,
}

impl Ready<'_> {
    /// Writes the site; with `memory` as a build does that remembers, at whose end it leaves something.
    fn write(&self, output: &Path, disk: &Disk, memory: Option<&Path>) -> Result<(), WriteError> {
        let memory = memory.map(|root| Memory::open(root, Cache::Keep));
        let mut past = memory.as_ref().and_then(|memory| Past::recall(memory, output, None));
        let target = Target { output, trust: Trust::Manifest, shard: None };
        let written = site::write_on(disk, self.site, self.views, &target, past.as_mut());
        if let (Ok(_), Some(memory), Some(past)) = (&written, &memory, &past) {
            past.leave(memory, output);
        }
        written.map(|written| assert!(written.is_ok()))
    }
}

/// Lays the site at `root` out and hands it to `then`.
fn lay_out(root: &Path, then: &mut dyn FnMut(Ready<'_>)) {
    let config = Arc::new(config::load(root).unwrap().value);
    let listing = source::list(&config).unwrap().value;
    let data = data::read(&config).unwrap().value;
    let statics = source::statics(&config).unwrap().value;
    let theme = Arc::new(theme::load(&config).unwrap().value);
    let mut memory = Memory::open(root, Cache::Off);
    let (desk, shelf) = (Desk::new(&config, &data), Arc::new(Shelf::new(&config, &listing)));
    let known = facts::collect(memory.read(&listing, &desk, &shelf, Keep::No), listing.refused).value;
    let corpus = Arc::new(corpus::gather(known, data.shared, &config, Drafts::Skip, &shelf, &mut None).value);
    let copies = media::Copies::default();
    let media = media::gather(&listing.attachments, &statics, &page::referred(&corpus), copies).value;
    let editions = convert_all(&corpus, &config, &desk);
    let ground =
        Ground { config: &config, theme: &theme, media, shelf: &shelf, made_with: desk.digest, statics: &statics };
    let site = Arc::new(page::lay_out(editions.into(), ground).complete(None).value);
    let views = page::Views::new(&site, &theme);
    then(Ready { site: &site, views: &views });
}

fn make_site(root: &Path, texts: &[(&str, &str)]) {
    std::fs::create_dir_all(root.join("content")).unwrap();
    let settings = "title: 站\nbase_url: https://example.org/\neditions: [{id: zh-hans, script: hans}]\nfeeds: false\nsearch: false\ntaxonomies: []\n";
    std::fs::write(root.join("site.yaml"), settings).unwrap();
    for (name, text) in texts {
        let article = format!("---\ntitle: {name}\ndate: 2019-02-21\n---\n{text}\n");
        std::fs::write(root.join(format!("content/{name}.md")), article).unwrap();
    }
}

/// All files of a site, or none where a first build did not come so far.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    if folder.exists() { support::tree(folder) } else { BTreeMap::new() }
}

/// What lies beside the output besides it.
fn leftovers(output: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(output.parent().unwrap()).unwrap().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != "out" && name != ".jianfan")
        .collect()
}

struct Trial<'a> {
    work: &'a Path,
    one: Ready<'a>,
    two: Ready<'a>,
    old: BTreeMap<String, Vec<u8>>,
    new: BTreeMap<String, Vec<u8>>,
}

/// What there is before the build that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// Nothing.
    Nothing,
    /// The first site.
    Site,
    /// The first site, and the second one as its twin.
    Twin,
}

impl Trial<'_> {
    /// Writes the second site over the first with a fault; gives how many operations were begun.
    fn run(&self, fault: Option<Fault>, exchange: bool, before: Before) -> usize {
        let _ = std::fs::remove_dir_all(self.work);
        let output = self.work.join("out");
        let memory = (before == Before::Twin).then_some(self.work);
        if before != Before::Nothing {
            self.one.write(&output, &Disk::default(), memory).unwrap();
        }
        if before == Before::Twin {
            self.two.write(&output, &Disk::default(), memory).unwrap();
            self.one.write(&output, &Disk::default(), memory).unwrap();
        }
        let disk = Disk::failing(fault, exchange);
        let outcome = self.two.write(&output, &disk, memory);
        let found = tree(&output);
        let old = if before == Before::Nothing { &BTreeMap::new() } else { &self.old };
        let named = outcome.as_ref().err().map(ToString::to_string);
        if outcome.is_ok() {
            assert!(found == self.new, "{before:?} {fault:?}: done, yet not the new site");
        } else if exchange || !matches!(fault, Some(Fault::From(_))) {
            assert!(found == *old || found == self.new, "{before:?} {fault:?}: a mixture, after {named:?}");
        }
        if let Some(message) = named {
            assert!(message.contains(&*self.work.to_string_lossy()), "{fault:?}: names no path: {message}");
        }
        // The next build needs no help, and tidies up.
        self.two.write(&output, &Disk::default(), memory).unwrap();
        assert!(tree(&output) == self.new, "{before:?} {fault:?}: the next build is not whole");
        assert_eq!(leftovers(&output), Vec::<String>::new(), "{fault:?}");
        disk.operations()
    }
}

#[test]
fn whatever_fails_the_old_site_or_the_new_one_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    make_site(&root.join("one"), &[("a", "甲。"), ("b", "乙。")]);
    make_site(&root.join("two"), &[("a", "甲。"), ("d", "戊己庚。")]);
    lay_out(&root.join("one"), &mut |one| {
        lay_out(&root.join("two"), &mut |two| {
            let one = Ready { site: one.site, views: one.views };
            one.write(&root.join("old/out"), &Disk::default(), None).unwrap();
            two.write(&root.join("new/out"), &Disk::default(), None).unwrap();
            let (old, new) = (tree(&root.join("old/out")), tree(&root.join("new/out")));
            assert_ne!(old, new);
            let trial = Trial { work: &root.join("work"), one, two, old, new };
            use Before::{Nothing, Site, Twin};
            for (before, exchange) in [(Site, true), (Site, false), (Twin, true), (Twin, false), (Nothing, true)] {
                let all = trial.run(None, exchange, before);
                assert!(all > 10, "only {all} operations");
                for at in 1..=all {
                    trial.run(Some(Fault::At(at)), exchange, before);
                    trial.run(Some(Fault::From(at)), exchange, before);
                }
            }
        });
    });
}
