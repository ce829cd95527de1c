//! Pictures and other files that articles refer to.
//!
//! Part of stage *read*, after *gather*: takes the files beside articles, those of `static/`, and what published articles
//! refer to; gives each one its place in the output and, for pictures, width, height and the widths of smaller copies.
//! Only heads of pictures are read here; the copies are made when they are written (see `resize`). Formats that can
//! hold scripts (SVG, HTML) are not published from beside an article.

mod resize;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::diagnostic::{Checked, Diagnostic};
use crate::source::Attachment;

/// One published file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Output path.
    pub output: String,
    /// Where it lies.
    pub file: PathBuf,
    /// Path below the root of the site, for messages.
    pub shown: String,
    /// Width and height in pixels of a picture, as it is shown.
    pub size: Option<(u32, u32)>,
    /// Smaller copies of a picture, the smallest first.
    pub copies: Vec<Copy>,
}

/// A smaller copy of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Output path. It names the bytes of the original, the width and the way the copy is made, so it names its own bytes.
    pub output: String,
    /// Width in pixels.
    pub width: u32,
}

/// What articles refer to, by path below the content folder, or with a leading `/` below `static/`.
#[derive(Clone, Debug, Default)]
pub struct Media {
    files: BTreeMap<String, File>,
    /// Where copies are kept from build to build.
    cache: Option<PathBuf>,
}

/// What is published when it lies beside an article.
const EXTENSIONS: &[&str] =
    &["png", "jpg", "jpeg", "gif", "webp", "avif", "pdf", "mp3", "m4a", "ogg", "mp4", "webm", "csv", "zip", "epub"];

/// Where files from beside articles, and smaller copies, go.
pub const FOLDER: &str = "assets/media/";

/// The largest published file: the limit of the strictest host (Cloudflare Pages), in bytes.
const LARGEST: u64 = 25 << 20;

impl Media {
    /// Finds a file by its path below the content folder, or below `static/` with a leading `/`.
    pub fn find(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// All files that articles refer to.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    /// Makes a smaller copy of a picture, or takes it from the cache.
    ///
    /// A picture that cannot be read whole is its own copy, with a warning: a reader sees what the original shows.
    pub fn copy(&self, file: &Path, shown: &str, copy: &Copy, out: &mut Vec<u8>) -> Option<Diagnostic> {
        let name = copy.output.rsplit('/').next().unwrap_or_default();
        let kept = self.cache.as_deref().map(|folder| folder.join(name));
        out.clear();
        if let Some(bytes) =
            kept.as_deref().and_then(|kept| std::fs::read(kept).ok()).filter(|bytes| resize::is_whole(bytes))
        {
            out.extend_from_slice(&bytes);
            return None;
        }
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) => return Some(unreadable(shown, &error)),
        };
        match resize::to_width(&bytes, copy.width) {
            Ok(small) => {
                out.extend_from_slice(&small);
                if let Some(kept) = kept {
                    keep(&kept, &small);
                }
                None
            }
            Err(reason) => {
                out.extend_from_slice(&bytes);
                Some(
                    Diagnostic::warning("image-damaged", shown, format!("the picture cannot be read whole: {reason}"))
                        .help("save it again; until then it is published as it is, without smaller copies"),
                )
            }
        }
    }

    /// Forgets copies in the cache that the site does not have any more.
    pub fn forget_unused(&self) {
        let Some(folder) = &self.cache else { return };
        let used: BTreeSet<&str> =
            self.files().flat_map(|file| &file.copies).filter_map(|copy| copy.output.rsplit('/').next()).collect();
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if !entry.file_name().to_str().is_some_and(|name| used.contains(name)) {
                // What cannot be removed from a cache stays in it.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// Keeps a copy for the next build; a cache that cannot be written costs time only.
fn keep(path: &Path, bytes: &[u8]) {
    if let Some(folder) = path.parent()
        && std::fs::create_dir_all(folder).is_ok()
    {
        let _ = std::fs::write(path, bytes);
    }
}

/// How smaller copies of pictures are made.
#[derive(Clone, Debug, Default)]
pub struct Copies {
    /// Whether they are.
    pub wanted: bool,
    /// Where they are kept from build to build.
    pub cache: Option<PathBuf>,
}

/// Gives every file that is referred to its place.
pub fn gather(
    attachments: &[Attachment],
    statics: &[Attachment],
    referred: &BTreeSet<String>,
    copies: Copies,
) -> Checked<Media> {
    let beside = attachments.iter().filter(|file| referred.contains(&file.path)).filter_map(examine_beside);
    let below_static =
        statics.iter().filter(|file| is_picture(&file.path) && referred.contains(&format!("/{}", file.path)));
    let jobs: Vec<Job<'_>> = beside.chain(below_static.map(|file| Job { file, place: Place::Own })).collect();
    let results: Vec<Result<Examined, Diagnostic>> = jobs.par_iter().map(Job::examine).collect();
    let mut media = Media { files: BTreeMap::new(), cache: copies.cache };
    let mut diagnostics = Vec::new();
    for result in results {
        match result {
            Ok((path, mut file, remark)) => {
                if !copies.wanted {
                    file.copies.clear();
                }
                media.files.insert(path, file);
                diagnostics.extend(remark);
            }
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    Checked { value: media, diagnostics }
}

/// The path a file is referred to by, the file, and what there is to say.
type Examined = (String, File, Option<Diagnostic>);

/// A file to look at.
struct Job<'a> {
    file: &'a Attachment,
    place: Place,
}

enum Place {
    /// Below `assets/media/`, by stem, digest and extension.
    Hashed { stem: String, extension: String },
    /// Where it lies in `static/`.
    Own,
}

fn examine_beside(file: &Attachment) -> Option<Job<'_>> {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    EXTENSIONS
        .contains(&extension.as_str())
        .then(|| Job { file, place: Place::Hashed { stem: plain_stem(stem), extension } })
}

/// Tells whether a file of `static/` may have smaller copies.
fn is_picture(path: &str) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    matches!(extension.as_deref(), Some("jpg" | "jpeg" | "png" | "webp" | "gif" | "avif"))
}

fn plain_stem(stem: &str) -> String {
    let stem: String = stem.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(40).collect();
    if stem.is_empty() { "file".to_owned() } else { stem }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn unreadable(shown: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("unreadable", shown, format!("cannot be read: {error}")).help("check the permissions")
}

impl Job<'_> {
    fn examine(&self) -> Result<Examined, Diagnostic> {
        let shown = self.file.shown.as_str();
        let length = self.file.file.metadata().map_err(|error| unreadable(shown, &error))?.len();
        if length > LARGEST {
            return Err(Diagnostic::error("file-too-large", shown, format!("more than {} MiB", LARGEST >> 20))
                .help("make it smaller, or link to a copy elsewhere"));
        }
        let bytes = std::fs::read(&self.file.file).map_err(|error| unreadable(shown, &error))?;
        let digest = Sha256::digest(&bytes);
        let (path, stem, output) = match &self.place {
            Place::Hashed { stem, extension } => {
                let output = format!("{FOLDER}{stem}.{}.{extension}", hex(&digest));
                (self.file.path.clone(), stem.clone(), output)
            }
            Place::Own => {
                let name = self.file.path.rsplit('/').next().unwrap_or_default();
                let stem = plain_stem(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
                (format!("/{}", self.file.path), stem, self.file.path.clone())
            }
        };
        let (size, widths, remark) = match resize::look(&bytes) {
            Some(Ok(seen)) => (Some(seen.size), seen.widths, None),
            Some(Err(reason)) => {
                let remark = Diagnostic::warning("image-damaged", shown, reason)
                    .help("save it again as JPEG, PNG or WebP, no larger than a page needs; until then it is published as it is");
                (None, Vec::new(), Some(remark))
            }
            None => (pixels(&bytes), Vec::new(), None),
        };
        let copies = widths.into_iter().map(|width| {
            let recipe = [&digest[..], &width.to_le_bytes(), &[resize::RECIPE]].concat();
            Copy { output: format!("{FOLDER}{stem}-{width}.{}.webp", hex(&Sha256::digest(recipe))), width }
        });
        let file =
            File { output, file: self.file.file.clone(), shown: shown.to_owned(), size, copies: copies.collect() };
        Ok((path, file, remark))
    }
}

/// Width and height from the head of a picture; none when they are absurd.
fn pixels(bytes: &[u8]) -> Option<(u32, u32)> {
    let size = imagesize::blob_size(bytes).ok()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    (width > 0 && height > 0 && width < 100_000 && height < 100_000).then_some((width, height))
}
