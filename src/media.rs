//! Pictures and other files that lie beside articles.
//!
//! Part of stage *read*: takes the attachments of the content folder; gives each one its content-hashed place in the
//! output and, for pictures, width and height. Formats that can hold scripts (SVG, HTML) are not published.

use std::collections::BTreeMap;
use std::path::PathBuf;

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
    /// Width and height in pixels of a picture.
    pub size: Option<(u32, u32)>,
}

/// The files beside articles, by path below the content folder.
#[derive(Clone, Debug, Default)]
pub struct Media {
    files: BTreeMap<String, File>,
}

/// What is published when it lies beside an article.
const EXTENSIONS: &[&str] =
    &["png", "jpg", "jpeg", "gif", "webp", "avif", "pdf", "mp3", "m4a", "ogg", "mp4", "webm", "csv", "zip", "epub"];

/// The largest published file: the limit of the strictest host (Cloudflare Pages), in bytes.
const LARGEST: u64 = 25 << 20;

impl Media {
    /// Finds a file by its path below the content folder.
    pub fn find(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }
}

/// Gives every attachment its place.
pub fn gather(attachments: &[Attachment]) -> Checked<Media> {
    let results: Vec<Option<Result<(String, File), Diagnostic>>> = attachments.par_iter().map(examine).collect();
    let mut media = Media::default();
    let mut diagnostics = Vec::new();
    for result in results.into_iter().flatten() {
        match result {
            Ok((path, file)) => {
                media.files.insert(path, file);
            }
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    Checked { value: media, diagnostics }
}

fn examine(attachment: &Attachment) -> Option<Result<(String, File), Diagnostic>> {
    let name = attachment.path.rsplit('/').next().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    if !EXTENSIONS.contains(&extension.as_str()) {
        return None;
    }
    Some(publish(attachment, stem, &extension).map(|file| (attachment.path.clone(), file)))
}

fn publish(attachment: &Attachment, stem: &str, extension: &str) -> Result<File, Diagnostic> {
    let unreadable = |error: std::io::Error| {
        Diagnostic::error("unreadable", attachment.shown.as_str(), format!("cannot be read: {error}"))
            .help("check the permissions")
    };
    let length = attachment.file.metadata().map_err(unreadable)?.len();
    if length > LARGEST {
        return Err(Diagnostic::error(
            "file-too-large",
            attachment.shown.as_str(),
            format!("more than {} MiB", LARGEST >> 20),
        )
        .help("make it smaller, or link to a copy elsewhere"));
    }
    let bytes = std::fs::read(&attachment.file).map_err(unreadable)?;
    let hash: String = Sha256::digest(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let stem: String = stem.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(40).collect();
    let stem = if stem.is_empty() { "file" } else { &stem };
    let output = format!("assets/media/{stem}.{hash}.{extension}");
    Ok(File { output, file: attachment.file.clone(), size: pixels(&bytes) })
}

/// Width and height from the head of a picture; none when they are absurd.
fn pixels(bytes: &[u8]) -> Option<(u32, u32)> {
    let size = imagesize::blob_size(bytes).ok()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    (width > 0 && height > 0 && width < 100_000 && height < 100_000).then_some((width, height))
}
