//! What builds remember: the facts of texts, so that only changed files are read and understood again.
//!
//! Part of stage *read*. Kept in `.jianfan/cache`, which may be deleted at any time. Nothing here is ever needed for a
//! build: what is missing, damaged, of another program or made with other settings is left aside and made again. A file
//! is known by its path together with what the file system says of it ([`Stamp`]); one so young that it may have changed
//! once more without another stamp is read and known by the digest of its content.

mod inputs;
mod stamp;
mod store;
mod tree;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustix::fs::FlockOperation;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::dedupe;
use crate::digest::Digest;
use crate::facts::{self, Desk, OfSource};
use crate::search;
use crate::source::{self, Listing, Shelf};
use crate::together;
pub use inputs::{Inputs, inputs};
pub use stamp::Stamp;
use store::{Pieces, Place};
pub(crate) use tree::{Seen, Tree};

/// What a build does with what earlier ones left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Cache {
    /// Uses it, and leaves something for the next one.
    #[default]
    Keep,
    /// Looks at nothing, but leaves something for the next one.
    Renew,
    /// Neither.
    Off,
}

/// The folder of the cache, held by one build at a time.
struct Folder {
    path: PathBuf,
    /// The kernel's lock ends with the process.
    _lock: File,
}

impl Folder {
    /// Takes the folder; none when another build has it or nothing can be written there.
    fn take(root: &Path) -> Option<Self> {
        // Where there is no site, none is begun by looking for one.
        if !root.join(crate::config::FILE).is_file() && !root.join("content").is_dir() {
            return None;
        }
        let path = root.join(".jianfan/cache");
        std::fs::create_dir_all(&path).ok()?;
        let lock = File::options().create(true).truncate(true).write(true).open(path.join("lock")).ok()?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).ok()?;
        Some(Folder { path, _lock: lock })
    }
}

/// The time by the clock of the file system that holds a site; none where nothing can be written.
fn clock(root: &Path) -> Option<i128> {
    let mut file = File::create(root.join(".jianfan/cache/clock")).ok()?;
    std::io::Write::write_all(&mut file, b"touched when a build begins\n").ok()?;
    Some(Stamp::from(&file.metadata().ok()?).modified)
}

/// The facts that are remembered, by file.
#[derive(Default)]
pub struct Memory {
    root: PathBuf,
    folder: Option<Folder>,
    /// Where smaller copies of pictures are kept.
    pictures: Option<PathBuf>,
    pieces: Option<Arc<Pieces>>,
    known: BTreeMap<String, Known>,
    /// What the facts were made with.
    made_with: Digest,
    cache: Cache,
    /// What the comparison of texts remembers.
    pub copies: Option<dedupe::Memory>,
    /// What the plan of the search index remembers.
    pub search: Option<search::State>,
    /// Digest of the two as they were found.
    found: Digest,
    /// The time by the clock of the file system when the build began.
    now: Option<i128>,
    /// The content folder as this build has seen it already.
    content: Tree,
}

/// What is remembered of one file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    stamp: Stamp,
    /// Whether the file may have changed again without another stamp.
    doubtful: bool,
    content: Digest,
    place: Option<Place>,
    /// The facts themselves, where a program goes on after its build.
    #[serde(skip)]
    open: Option<Arc<OfSource>>,
}

/// The index of the pieces.
#[derive(Serialize, Deserialize)]
struct Index<K> {
    program: String,
    made_with: Digest,
    pieces: String,
    /// By path.
    known: K,
}

/// Name of the index.
const INDEX: &str = "facts.index";

/// Name of what the comparison of texts remembers.
const COPIES: &str = "copies";

/// Name of what the plan of the search index remembers.
const SEARCH: &str = "search";

impl Memory {
    /// Opens what earlier builds of the site at `root` left.
    pub fn open(root: &Path, cache: Cache) -> Self {
        if cache == Cache::Off {
            return Memory::default();
        }
        let folder = Folder::take(root);
        // Copies are named by what they are made of, so that none can be out of date.
        let pictures = (cache == Cache::Keep && folder.is_some()).then(|| root.join(".jianfan/images"));
        let mut memory = Memory { root: root.to_owned(), folder, pictures, cache, ..Memory::default() };
        memory.now = clock(root);
        let (index, parts) = rayon::join(|| memory.index(), || memory.parts());
        if let Some(folder) = &memory.folder {
            let old = index.as_ref().map(|index| index.pieces.clone());
            let usable = index.filter(|index| cache == Cache::Keep && index.program == facts::PROGRAM);
            if let Some(index) = usable
                && let Ok(pieces) = Pieces::open(&folder.path, &index.pieces)
            {
                memory.pieces = Some(Arc::new(pieces));
                memory.known = index.known;
                memory.made_with = index.made_with;
            } else {
                memory.pieces = Pieces::begin(&folder.path, old.as_deref()).ok().map(Arc::new);
            }
        }
        (memory.copies, memory.search, memory.found) = parts;
        memory
    }

    /// The index that the last build left, of whatever program.
    fn index(&self) -> Option<Index<BTreeMap<String, Known>>> {
        store::unseal(&self.bytes(INDEX)?)
    }

    /// What is remembered besides facts, and the digest of both as they were found.
    fn parts(&self) -> (Option<dedupe::Memory>, Option<search::State>, Digest) {
        if self.cache != Cache::Keep {
            return Default::default();
        }
        let (copies, search) = (self.bytes(COPIES), self.bytes(SEARCH));
        let found = found(copies.as_deref(), search.as_deref());
        let copies = copies.and_then(|bytes| dedupe::Memory::from_bytes(&bytes));
        (copies, search.and_then(|bytes| search::State::from_bytes(&bytes)), found)
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.folder.as_ref()?.path.join(name)).ok()
    }

    /// Both know by their own marks whether they are whole and of this program's kind.
    fn save_parts(&self, folder: &Folder) {
        let copies = self.copies.as_ref().map(dedupe::Memory::to_bytes);
        let search = self.search.as_ref().map(search::State::to_bytes);
        if found(copies.as_deref(), search.as_deref()) == self.found {
            return;
        }
        for (name, bytes) in [(COPIES, copies), (SEARCH, search)] {
            let _ = bytes.map(|bytes| store::put(&folder.path.join(name), &bytes));
        }
    }

    /// Where smaller copies of pictures are kept; none when nothing is.
    pub fn pictures(&self) -> Option<PathBuf> {
        self.pictures.clone()
    }

    /// The facts of all files: remembered, or made from the text; `keep` keeps them at hand for another round.
    pub fn read(&mut self, listing: &Listing, desk: &Desk, shelf: &Shelf, keep: Keep) -> Vec<Arc<OfSource>> {
        if self.made_with != desk.digest {
            self.forget();
            self.made_with = desk.digest;
        }
        // Without a clock of the file system every file is doubtful.
        if keep == Keep::AtHand {
            self.now = clock(&self.root);
        }
        let content = std::mem::take(&mut self.content);
        let reading = Reading { memory: self, desk, shelf, now: self.now.unwrap_or(i128::MIN), content };
        let read: Vec<Read> = listing
            .files
            .par_chunks(together::of(listing.files.len()))
            .map_init(|| (Vec::new(), 0), |(buffer, next), files| reading.files(files, next, buffer))
            .flatten_iter()
            .collect();
        let split = read.into_iter().map(|(path, known, source)| {
            let open = (keep == Keep::AtHand).then(|| Arc::clone(&source));
            (known.map(|known| (path, Known { open, ..known })), source)
        });
        let (known, sources): (Vec<_>, Vec<_>) = split.unzip();
        self.known = known.into_iter().flatten().collect();
        sources
    }

    /// Something an earlier build left under a name; none of another program, damaged, or not to be looked at.
    pub fn recall<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let folder = self.folder.as_ref().filter(|_| self.cache == Cache::Keep)?;
        let bytes = std::fs::read(folder.path.join(name)).ok()?;
        let (program, value): (String, T) = store::unseal(&bytes)?;
        (program == facts::PROGRAM).then_some(value)
    }

    /// Leaves something for the next build under a name.
    pub fn leave(&self, name: &str, value: &impl Serialize) {
        if let (Some(folder), Some(bytes)) = (&self.folder, store::seal(&(facts::PROGRAM, value))) {
            let _ = store::put(&folder.path.join(name), &bytes);
        }
    }

    /// The folder for what builds keep besides, where something may be kept.
    pub fn place(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|_| self.root.join(".jianfan"))
    }

    /// The time by the clock of the file system when the build began.
    pub fn now(&self) -> Option<i128> {
        self.now
    }

    /// Takes over what this build has seen of the content folder, which need not be looked at again.
    pub fn saw(&mut self, inputs: Inputs) {
        self.content = inputs.content;
    }

    /// Lets other builds have the folder; the facts at hand stay.
    pub fn release(&mut self) {
        (self.folder, self.pieces) = (None, None);
    }

    fn forget(&mut self) {
        self.known.clear();
        if let (Some(folder), Some(pieces)) = (&self.folder, &self.pieces) {
            self.pieces = Pieces::begin(&folder.path, Some(pieces.name())).ok().map(Arc::new);
        }
    }

    /// Leaves what is known for the next build. A disk that takes no more only costs it time.
    pub fn save(&mut self) {
        let (Some(folder), Some(pieces)) = (&self.folder, &self.pieces) else { return };
        self.save_parts(folder);
        let live: u64 = self.known.values().filter_map(|known| known.place).map(|place| place.size()).sum();
        if pieces.size() > 2 * live + WASTE {
            let fresh = Pieces::begin(&folder.path, Some(pieces.name())).ok();
            if let Some(fresh) = fresh {
                let mut buffer = Vec::new();
                for known in self.known.values_mut() {
                    known.place = known.place.and_then(|place| pieces.carry(&place, &fresh, &mut buffer));
                }
                self.pieces = Some(Arc::new(fresh));
            }
        }
        let Some(pieces) = &self.pieces else { return };
        let known = self.known.iter().filter(|(_, known)| known.place.is_some());
        let index = Index {
            program: facts::PROGRAM.to_owned(),
            made_with: self.made_with,
            pieces: pieces.name().to_owned(),
            known: known.collect::<BTreeMap<&String, &Known>>(),
        };
        let saved = store::seal(&index).is_some_and(|bytes| store::put(&folder.path.join(INDEX), &bytes).is_ok());
        if saved {
            remove_others(&folder.path, pieces.name());
        }
    }
}

/// The digest of what is remembered besides facts.
fn found(copies: Option<&[u8]>, search: Option<&[u8]>) -> Digest {
    Digest::of_value(&(copies.map(Digest::quick), search.map(Digest::quick)))
}

/// Bytes of pieces nobody looks for that are not worth tidying up.
const WASTE: u64 = 4 << 20;

/// Whether facts stay in memory after a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The program ends, or does something else.
    No,
    /// The same site is built again soon.
    AtHand,
}

fn remove_others(folder: &Path, name: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let other = entry.file_name();
        let other = other.to_string_lossy();
        if other.starts_with("facts-") && other != name {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// A file as messages show it, what is kept for the next build, and what is known now.
type Read = (String, Option<Known>, Arc<OfSource>);

/// A file that was looked at.
enum Looked {
    /// Nothing is to be made.
    Read(Read),
    /// Its facts are still to be made.
    Changed { path: String, bytes: Vec<u8>, content: Digest, stamped: Option<Known> },
}

impl Looked {
    /// Bytes read.
    fn bytes(&self) -> usize {
        match self {
            Looked::Read(_) => 0,
            Looked::Changed { bytes, .. } => bytes.len(),
        }
    }
}

/// One round of reading.
struct Reading<'a> {
    memory: &'a Memory,
    desk: &'a Desk,
    shelf: &'a Shelf,
    now: i128,
    /// The content folder as it was seen already.
    content: Tree,
}

impl Reading<'_> {
    /// The stamp of a file, which may have been taken before; `next` is its likely place among those.
    fn stamp(&self, file: &Path, next: &mut usize) -> Option<Stamp> {
        let folder = &self.desk.config().content_dir;
        let below = file.as_os_str().as_encoded_bytes().strip_prefix(folder.as_os_str().as_encoded_bytes());
        let path = below.and_then(|below| std::str::from_utf8(below.strip_prefix(b"/")?).ok());
        let seen = path.and_then(|path| self.content.file_near(path, next));
        seen.filter(|seen| seen.regular).map_or_else(|| Stamp::of(file), |seen| Some(seen.stamp))
    }

    /// What is known of some files; the facts of those that changed are made together.
    fn files(&self, files: &[PathBuf], next: &mut usize, buffer: &mut Vec<u8>) -> Vec<Read> {
        let mut read = Vec::with_capacity(files.len());
        let mut rest = files;
        while !rest.is_empty() {
            let (mut looked, mut bytes) = (Vec::new(), 0);
            for file in rest {
                let one = self.file(file, self.stamp(file, next), buffer);
                bytes += one.bytes();
                looked.push(one);
                if bytes > together::ROOM {
                    break;
                }
            }
            let (these, behind) = rest.split_at(looked.len());
            read.extend(self.made(these, looked));
            rest = behind;
        }
        read
    }

    /// Makes the facts that are still to be made.
    fn made(&self, files: &[PathBuf], mut looked: Vec<Looked>) -> Vec<Read> {
        let changed = files.iter().zip(&mut looked).filter_map(|(file, looked)| match looked {
            Looked::Changed { bytes, .. } => Some((file.as_path(), std::mem::take(bytes))),
            Looked::Read(_) => None,
        });
        let mut made = facts::of_bytes(changed, self.desk, self.shelf).into_iter();
        let read = looked.into_iter().filter_map(|looked| match looked {
            Looked::Read(read) => Some(read),
            Looked::Changed { path, content, stamped, .. } => made.next().map(|mut source| {
                let place = self.put(&mut source);
                (path, stamped.map(|now| Known { place, ..now }), Arc::new(source.with_digest(content)))
            }),
        });
        read.collect()
    }

    /// What is known of a file; its stamp is taken before it is read, so that a change in between shows the next time.
    fn file(&self, file: &Path, stamp: Option<Stamp>, buffer: &mut Vec<u8>) -> Looked {
        let path = self.desk.shown(file);
        let known = self.memory.known.get(&path);
        if let Some(known) = known.filter(|known| !known.doubtful && Some(known.stamp) == stamp)
            && let Some(source) = self.recall(known, buffer)
        {
            return Looked::Read((path, Some(known.clone()), source));
        }
        let bytes = match source::read_bytes(self.desk.config(), file) {
            Ok(bytes) => bytes,
            Err(diagnostic) => return Looked::Read((path.clone(), None, Arc::new(OfSource::unread(path, diagnostic)))),
        };
        let content = Digest::quick(&bytes);
        let stamped =
            stamp.map(|stamp| Known { stamp, doubtful: stamp.doubtful(self.now), content, place: None, open: None });
        if let Some(known) = known.filter(|known| known.content == content)
            && let Some(source) = self.recall(known, buffer)
        {
            return Looked::Read((path, stamped.map(|now| Known { place: known.place, ..now }), source));
        }
        Looked::Changed { path, bytes, content, stamped }
    }

    /// Puts what is known of a file, and the texts that search reads, behind the other pieces.
    fn put(&self, source: &mut OfSource) -> Option<Place> {
        let pieces = self.memory.pieces.as_ref()?;
        let mut texts = Vec::new();
        source.searched().for_each(|kept| kept.put(&mut texts));
        let place = pieces.add(postcard::to_stdvec(source).ok()?, &texts).ok()?;
        let store: Arc<dyn search::Store> = Arc::clone(pieces) as _;
        source.searched().for_each(|kept| kept.leave(&store, place.behind()));
        Some(place)
    }

    fn recall(&self, known: &Known, buffer: &mut Vec<u8>) -> Option<Arc<OfSource>> {
        if let Some(open) = &known.open {
            return Some(Arc::clone(open));
        }
        let (pieces, place) = (self.memory.pieces.as_ref()?, known.place.as_ref()?);
        let whole = pieces.read(place, buffer);
        let mut source: OfSource = whole.then(|| postcard::from_bytes(buffer).ok()).flatten()?;
        let store: Arc<dyn search::Store> = Arc::clone(pieces) as _;
        source.searched().for_each(|kept| kept.leave(&store, place.behind()));
        Some(Arc::new(source.with_digest(known.content)))
    }
}
