//! The order in which files travel, the same for every target that takes them one by one.

use std::collections::BTreeSet;

use super::kind::{TURNS, turn};
use super::record::Record;
use super::tree::{Item, Tree};
use super::{Handover, Mode, PublishError};

/// A file on its way.
pub(super) type Parcel<'t> = (&'t str, &'t Item);

/// What a target must be able to do.
pub(super) trait Target {
    /// Its name, without secrets.
    fn name(&self) -> String;
    /// The list that was left there.
    fn record(&self) -> Result<Option<Record>, PublishError>;
    /// A file that stands there though there is no list.
    fn stranger(&self) -> Result<Option<String>, PublishError>;
    /// Which of these files are there already, whole.
    fn present(&self, parcels: &[Parcel<'_>]) -> Result<BTreeSet<String>, PublishError>;
    /// Brings files there.
    fn put(&self, parcels: &[Parcel<'_>]) -> Result<(), PublishError>;
    /// Brings the list there.
    fn put_record(&self, record: &Record) -> Result<(), PublishError>;
    /// Removes files.
    fn delete(&self, paths: &[String]) -> Result<(), PublishError>;
    /// Reads back: what is wrong with these files there, and with those that should be gone.
    fn problems(&self, tree: &Tree, gone: &[String]) -> Result<Vec<String>, PublishError>;
}

/// Hands the tree over.
pub(super) fn run(target: &dyn Target, tree: &Tree, mode: Mode) -> Result<Handover, PublishError> {
    let found = target.record()?;
    if found.is_none()
        && !mode.force
        && let Some(example) = target.stranger()?
    {
        return Err(PublishError::Foreign { target: target.name(), example });
    }
    let known = found.clone().unwrap_or_default();
    let changed = changed(target, &known, tree, mode)?;
    let gone: Vec<String> = known.files.keys().filter(|path| !tree.files.contains_key(*path)).cloned().collect();
    let mut handover = Handover {
        target: target.name(),
        dry_run: mode.dry_run,
        files: tree.files.len(),
        bytes: tree.bytes(),
        sent: changed.iter().map(|(path, _)| (*path).to_owned()).collect(),
        sent_bytes: changed.iter().map(|(_, item)| item.stamp.size).sum(),
        unchanged: tree.files.len() - changed.len(),
        deleted: gone,
        verified: 0,
        commit: None,
    };
    if mode.dry_run {
        return Ok(handover);
    }
    let last = Record::of(tree);
    if found.as_ref() != Some(&last) || !changed.is_empty() {
        send(target, &known.while_sending(tree), &changed, &handover.deleted)?;
        target.put_record(&last)?;
    }
    let problems = target.problems(tree, &handover.deleted)?;
    if !problems.is_empty() {
        return Err(PublishError::Unverified { target: target.name(), problems });
    }
    handover.verified = tree.files.len();
    Ok(handover)
}

/// What has to travel, in its order.
fn changed<'t>(
    target: &dyn Target,
    known: &Record,
    tree: &'t Tree,
    mode: Mode,
) -> Result<Vec<Parcel<'t>>, PublishError> {
    let all = tree.files.iter().map(|(path, item)| (path.as_str(), item));
    let mut parcels: Vec<Parcel<'t>> =
        all.filter(|(path, item)| mode.all || known.files.get(*path) != Some(&item.stamp)).collect();
    // An interrupted run brought some of them there; what it brought need not travel again.
    if !mode.all {
        let unsure: Vec<Parcel<'t>> = parcels.iter().filter(|(path, _)| known.is_unsure(path)).copied().collect();
        if !unsure.is_empty() {
            let present = target.present(&unsure)?;
            parcels.retain(|(path, _)| !present.contains(*path));
        }
    }
    parcels.sort_by_key(|(path, _)| (turn(path), *path));
    Ok(parcels)
}

fn send(target: &dyn Target, sending: &Record, parcels: &[Parcel<'_>], gone: &[String]) -> Result<(), PublishError> {
    // The list goes first: should this run be interrupted, the next one knows what may be there.
    target.put_record(sending)?;
    for part in TURNS {
        let of_turn: Vec<Parcel<'_>> = parcels.iter().filter(|(path, _)| turn(path) == part).copied().collect();
        if !of_turn.is_empty() {
            target.put(&of_turn)?;
        }
    }
    if !gone.is_empty() {
        target.delete(gone)?;
    }
    Ok(())
}
