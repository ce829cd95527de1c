//! Bodies of articles when they are needed again: kept while there is room, else read from their files once more.
//!
//! Part of stage *read*. A file that has changed since its article was parsed is noticed by the body's digest and never
//! mixed into the build: the reader gets nothing and the build ends with what [`Shelf::troubles`] says.

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::{Listing, open};
use crate::article::Article;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;

/// Bytes of bodies that are kept: all of a site of 10,000 articles, and little beside the machine of a larger one.
const ROOM: usize = 48 << 20;

/// Gives bodies back.
pub struct Shelf {
    config: Arc<Config>,
    /// Files whose name is not what messages show.
    oddly_named: BTreeMap<String, PathBuf>,
    kept: RwLock<Kept>,
    troubles: Mutex<BTreeMap<String, Diagnostic>>,
}

#[derive(Default)]
struct Kept {
    bodies: BTreeMap<Digest, Arc<str>>,
    bytes: usize,
}

impl Shelf {
    /// An empty shelf for the articles of a listing.
    pub fn new(config: &Arc<Config>, listing: &Listing) -> Self {
        let odd = listing.files.iter().map(|file| (config.shown(file), file));
        let odd = odd.filter(|(shown, file)| config.root.join(shown).as_os_str() != file.as_os_str());
        Shelf {
            config: Arc::clone(config),
            oddly_named: odd.map(|(shown, file)| (shown, file.clone())).collect(),
            kept: RwLock::default(),
            troubles: Mutex::default(),
        }
    }

    /// Keeps a body that was just read, if there is room.
    pub fn keep(&self, article: &Article, body: String) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + body.len() <= ROOM {
            kept.bytes += body.len();
            kept.bodies.insert(article.body_at.digest, body.into());
        }
    }

    /// Keeps the body of an article at hand, as an earlier shelf or its file has it, if there is room.
    pub fn hold(&self, article: &Article, earlier: Option<&Shelf>) {
        let kept = |shelf: &Shelf| {
            let kept = shelf.kept.read().unwrap_or_else(PoisonError::into_inner);
            kept.bodies.get(&article.body_at.digest).cloned()
        };
        if kept(self).is_some() {
            return;
        }
        let Some(body) = earlier.and_then(kept).or_else(|| self.read_unchanged(article)) else {
            return;
        };
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + body.len() <= ROOM {
            kept.bytes += body.len();
            kept.bodies.insert(article.body_at.digest, body);
        }
    }

    /// The body of an article as its file has it; empty, and a trouble, when the file has changed.
    pub fn body(&self, article: &Article) -> Arc<str> {
        let kept =
            self.kept.read().unwrap_or_else(PoisonError::into_inner).bodies.get(&article.body_at.digest).cloned();
        kept.unwrap_or_else(|| self.read(article))
    }

    /// Files that changed while the build was reading them, each an error.
    pub fn troubles(&self) -> Vec<Diagnostic> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn read(&self, article: &Article) -> Arc<str> {
        self.read_unchanged(article).unwrap_or_else(|| {
            let path = article.path.to_string();
            let trouble =
                Diagnostic::error("changed-meanwhile", &*path, "the file changed while the build was reading it")
                    .help("run the build again");
            self.troubles.lock().unwrap_or_else(PoisonError::into_inner).insert(path, trouble);
            Arc::default()
        })
    }

    /// Reads a body from its file; none when it is another one by now.
    fn read_unchanged(&self, article: &Article) -> Option<Arc<str>> {
        let body = if article.body_at.as_written { self.read_part(article) } else { self.read_whole(article) };
        body.filter(|body| Digest::of(body.as_bytes()) == article.body_at.digest)
    }

    fn file(&self, article: &Article) -> PathBuf {
        let odd = self.oddly_named.get(article.path.as_ref()).cloned();
        odd.unwrap_or_else(|| self.config.root.join(article.path.as_ref()))
    }

    /// Reads the bytes of the body alone.
    fn read_part(&self, article: &Article) -> Option<Arc<str>> {
        let range = &article.body_at.bytes;
        let mut bytes = vec![0; range.len()];
        open(&self.file(article)).ok()?.read_exact_at(&mut bytes, range.start as u64).ok()?;
        simdutf8::basic::from_utf8(&bytes).ok().map(Arc::from)
    }

    /// Decodes the whole file again.
    fn read_whole(&self, article: &Article) -> Option<Arc<str>> {
        let source = super::read_file(&self.config, &self.file(article)).ok()?.value;
        source.text.get(article.body_at.bytes.clone()).map(Arc::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article;

    #[test]
    fn reads_a_body_again_and_notices_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let content = folder.path().join("content");
        std::fs::create_dir_all(&content).unwrap();
        std::fs::write(content.join("a.md"), "---\ntitle: 甲\n---\n一。\n---\ntitle: 乙\n---\n二。\n").unwrap();
        std::fs::write(content.join("b.md"), "---\r\ntitle: 丙\r\n---\r\n三。\r\n四。\r\n").unwrap();
        let config = Arc::new(Config::defaults(folder.path()));
        let listing = super::super::list(&config).unwrap().value;
        let read = |file| super::super::read_file(&config, file).unwrap().value;
        let parse = |file| article::parse(&read(file), &config.time_zone, &config.taxonomies).value.articles;
        let written: Vec<_> = listing.files.iter().flat_map(|file| parse(file)).collect();
        let shelf = Shelf::new(&config, &listing);
        for written in &written {
            assert_eq!(*shelf.body(&written.article), *written.body);
        }
        assert_eq!(written.iter().map(|w| w.body_at.as_written).collect::<Vec<_>>(), [true, true, false]);
        assert!(shelf.troubles().is_empty());
        std::fs::write(content.join("a.md"), "---\ntitle: 甲\n---\n壹。\n---\ntitle: 乙\n---\n二。\n").unwrap();
        assert_eq!((&*shelf.body(&written[0].article), &*shelf.body(&written[1].article)), ("", "二。\n"));
        let said: String = shelf.troubles().iter().map(crate::diagnostic::render).collect();
        assert_eq!(
            said,
            "content/a.md: error[changed-meanwhile]: the file changed while the build was reading it\n  = help: run the build again\n"
        );
    }
}
