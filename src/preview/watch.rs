//! Notices that files of a site were saved.
//!
//! The system's own events wake it at once; beside them it compares sizes and times now and then, since network file
//! systems and containers often send no events at all. Output and cache are never looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind};
use notify::{EventKind, RecursiveMode, Watcher as _};

/// How long it must be quiet after an event: an editor's save is several of them.
const QUIET: Duration = Duration::from_millis(12);
/// How long a stream of events, or a file that is being written, may put off the next build.
const PATIENCE: Duration = Duration::from_millis(250);
/// How often files are compared when events are to be had, and when not.
const COMPARE: [Duration; 2] = [Duration::from_secs(2), Duration::from_millis(500)];
/// Comparing may take this share of the time: one part in so many.
const SHARE: u32 = 30;

/// Size and time of every file that is looked at.
type Stamps = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

/// The places of a site that are looked at: a folder's files, or one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// The root, of which only the settings matter.
    pub(super) settings: PathBuf,
    /// Content, static files, themes.
    pub(super) folders: Vec<PathBuf>,
}

/// Waits for changes.
pub(super) struct Watch {
    places: Places,
    events: Receiver<Heard>,
    stamps: Stamps,
    /// The system's watcher; none where it cannot be had.
    watcher: Option<notify::RecommendedWatcher>,
    /// Folders that are watched.
    watched: Vec<PathBuf>,
}

impl Watch {
    /// Begins to look.
    pub(super) fn new(places: Places) -> Self {
        let (tell, events) = channel();
        let known = places.clone();
        let heard = move |event: notify::Result<notify::Event>| {
            // A queue that ran over is an error: something changed, nobody knows what.
            let heard = event.map_or(Some(Heard::Changed(None)), |event| known.hear(event));
            if let Some(heard) = heard {
                let _ = tell.send(heard);
            }
        };
        let watcher = notify::recommended_watcher(heard).ok();
        let mut watch = Watch { stamps: stamps(&places), places, events, watcher, watched: Vec::new() };
        watch.listen();
        watch
    }

    /// Asks the system for events of all places that exist; without them, files are compared more often.
    fn listen(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        let root = self.places.settings.parent().map(Path::to_owned).unwrap_or_default();
        let wanted = std::iter::once((root, RecursiveMode::NonRecursive))
            .chain(self.places.folders.iter().map(|folder| (folder.clone(), RecursiveMode::Recursive)));
        for (path, mode) in wanted {
            if path.is_dir() && !self.watched.contains(&path) && watcher.watch(&path, mode).is_ok() {
                self.watched.push(path);
            }
        }
    }

    fn hears_all(&self) -> bool {
        self.watcher.is_some() && self.places.folders.iter().all(|path| !path.is_dir() || self.watched.contains(path))
    }

    /// Waits until something was saved and the disk is quiet again.
    pub(super) fn wait(&mut self) {
        let mut pause = COMPARE[usize::from(!self.hears_all())];
        loop {
            match self.events.recv_timeout(pause) {
                Ok(heard) => return self.settle(Some(heard)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(pause),
            }
            let started = Instant::now();
            let now = stamps(&self.places);
            if now != self.stamps {
                self.stamps = now;
                return self.settle(None);
            }
            pause = COMPARE[usize::from(!self.hears_all())].max(started.elapsed() * SHARE);
        }
    }

    /// Waits until files that are being written are closed, and no more events come.
    fn settle(&mut self, mut first: Option<Heard>) {
        let started = Instant::now();
        let (mut open, mut touched) = (BTreeSet::new(), BTreeSet::new());
        loop {
            let left = PATIENCE.saturating_sub(started.elapsed());
            let pause = if open.is_empty() { QUIET.min(left) } else { left };
            let heard = match first.take() {
                Some(heard) => heard,
                None => match self.events.recv_timeout(pause) {
                    Ok(heard) => heard,
                    Err(_) => break,
                },
            };
            match heard {
                Heard::Writing(path) => {
                    touched.insert(path.clone());
                    open.insert(path);
                }
                Heard::Written(path) => {
                    open.remove(&path);
                    touched.insert(path);
                }
                Heard::Changed(path) => touched.extend(path),
            }
        }
        // What was heard of is known; what nobody told of is still found by comparing.
        for path in touched {
            self.stamps.retain(|other, _| !other.starts_with(&path));
            stamp_below(&path, &mut self.stamps);
        }
        // A folder that was made, or replaced by another, is to be heard from now on.
        self.watched.retain(|path| path.is_dir());
        self.listen();
    }

    /// Looks at other places from now on, as the settings say.
    pub(super) fn follow(&mut self, places: Places) {
        if places != self.places {
            *self = Watch::new(places);
        }
    }
}

/// What an event says.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    /// A file is being written: what stands in it now may be half of a save.
    Writing(PathBuf),
    /// It was closed.
    Written(PathBuf),
    /// Something else changed there; none when nobody knows where.
    Changed(Option<PathBuf>),
}

impl Places {
    /// Tells what an event means for the site; none when nothing.
    fn hear(&self, mut event: notify::Event) -> Option<Heard> {
        if !event.paths.is_empty() && !event.paths.iter().any(|path| self.counts(path)) {
            return None;
        }
        let path = event.paths.pop();
        Some(match (event.kind, path) {
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), Some(path)) => Heard::Written(path),
            (EventKind::Access(_), _) => return None,
            // Only Linux tells when a file is closed.
            (EventKind::Create(CreateKind::File) | EventKind::Modify(ModifyKind::Data(_)), Some(path))
                if cfg!(target_os = "linux") =>
            {
                Heard::Writing(path)
            }
            (_, path) => Heard::Changed(path),
        })
    }

    /// Of the root itself only the settings and the folders of the site count: the output is put there, too.
    fn counts(&self, path: &Path) -> bool {
        if path == self.settings || self.folders.iter().any(|folder| folder.starts_with(path)) {
            return true;
        }
        let below = self.folders.iter().find_map(|folder| path.strip_prefix(folder).ok());
        below.is_some_and(|below| !below.iter().any(|part| is_idle(Path::new(part))))
    }
}

/// Names that no build reads: hidden files, editors' leftovers, untouched copies.
fn is_idle(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.starts_with(['.', '#']) || name.ends_with('~') || name == "_originals"
}

fn stamps(places: &Places) -> Stamps {
    let mut stamps = Stamps::new();
    stamp_below(&places.settings, &mut stamps);
    for folder in &places.folders {
        stamp_below(folder, &mut stamps);
    }
    stamps
}

/// Takes the stamps of a file, or of all files of a folder.
fn stamp_below(path: &Path, stamps: &mut Stamps) {
    let walk = walkdir::WalkDir::new(path).into_iter();
    let walk = walk.filter_entry(|entry| entry.depth() == 0 || !is_idle(entry.path()));
    for entry in walk.flatten().filter(|entry| !entry.file_type().is_dir()) {
        if let Ok(metadata) = entry.path().metadata() {
            stamps.insert(entry.into_path(), (metadata.len(), metadata.modified().ok()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(root: &Path) -> Places {
        Places { settings: root.join("site.yaml"), folders: vec![root.join("content"), root.join("static")] }
    }

    /// Tells whether a change is noticed, by events or by comparing, whichever comes first.
    fn notices(change: impl FnOnce(&Path)) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("content/_originals")).unwrap();
        std::fs::write(root.join("content/a.md"), "a").unwrap();
        let before = stamps(&places(&root));
        change(&root);
        stamps(&places(&root)) != before
    }

    #[test]
    fn comparing_notices_saves_of_every_kind() {
        assert!(notices(|root| std::fs::write(root.join("content/a.md"), "ab").unwrap()));
        assert!(notices(|root| std::fs::write(root.join("content/b.md"), "").unwrap()));
        assert!(notices(|root| std::fs::remove_file(root.join("content/a.md")).unwrap()));
        assert!(notices(|root| std::fs::write(root.join("site.yaml"), "").unwrap()));
        assert!(notices(|root| {
            std::fs::write(root.join("content/.a.md.new"), "new text").unwrap();
            std::fs::rename(root.join("content/.a.md.new"), root.join("content/a.md")).unwrap();
        }));
    }

    #[test]
    fn what_no_build_reads_is_not_looked_at() {
        assert!(!notices(|root| std::fs::write(root.join("content/.a.md.swp"), "x").unwrap()));
        assert!(!notices(|root| std::fs::write(root.join("content/_originals/x.txt"), "x").unwrap()));
        assert!(!notices(|root| std::fs::create_dir_all(root.join("public/zh-hans")).unwrap()));
    }

    #[test]
    fn tells_half_a_save_from_a_whole_one() {
        use notify::event::DataChange;
        let places = places(Path::new("/s"));
        let hear = |kind, path: &str| places.hear(notify::Event::new(kind).add_path(path.into()));
        let (file, data) = (PathBuf::from("/s/content/a.md"), EventKind::Modify(ModifyKind::Data(DataChange::Any)));
        assert_eq!(hear(data, "/s/content/a.md"), Some(Heard::Writing(file.clone())));
        let closed = EventKind::Access(AccessKind::Close(AccessMode::Write));
        assert_eq!(hear(closed, "/s/content/a.md"), Some(Heard::Written(file)));
        assert_eq!(hear(EventKind::Access(AccessKind::Close(AccessMode::Read)), "/s/content/a.md"), None);
        for idle in [
            "/s/content/.a.md.swp",
            "/s/content/a.md~",
            "/s/content/_originals/x",
            "/s/public",
            "/s/notes.txt",
            "/s/.git",
        ] {
            assert_eq!(hear(data, idle), None, "{idle}");
        }
        assert_eq!(
            hear(EventKind::Create(CreateKind::Folder), "/s/static"),
            Some(Heard::Changed(Some("/s/static".into())))
        );
        assert_eq!(hear(EventKind::Any, "/s/content/b.md"), Some(Heard::Changed(Some("/s/content/b.md".into()))));
    }

    #[test]
    fn a_save_ends_the_wait() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("content")).unwrap();
        let mut watch = Watch::new(places(&root));
        std::fs::write(root.join("content/a.md"), "a").unwrap();
        watch.wait();
        // A folder that did not exist at first is heard, too.
        std::fs::create_dir(root.join("static")).unwrap();
        std::fs::write(root.join("static/a.txt"), "a").unwrap();
        watch.wait();
    }
}
