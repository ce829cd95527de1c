//! Sketches as a table, for archives that no one machine compares: one row for each article and hash it meets others by.
//!
//! `docs/dedupe-at-scale.md` documents the columns and has the query that finds in them the pairs of [`candidate_pairs`].
//! A table depends on nothing but its documents, so that an archive can be sketched in parts on many machines.

use std::io::{self, Write};

use super::candidates;
use super::gather::{TELLING, TITLED};
use super::parquet::{Column, Name, Table};
use super::sketch::{Sketch, hash, mix};

const COLUMNS: [Name; 7] = [
    ("id", true),
    ("text", false),
    ("length", false),
    ("bound", false),
    ("meeting", false),
    ("kind", true),
    ("key", false),
];

/// A table of sketches that is being written.
pub struct Export<W>(Table<W>);

/// Sketches written in one group of rows.
const GROUP: usize = 4096;

impl<W: Write> Export<W> {
    /// Begins a table.
    ///
    /// # Errors
    /// The sink fails.
    pub fn new(out: W) -> io::Result<Self> {
        Table::new(out, &COLUMNS).map(Export)
    }

    /// Writes the rows of some sketches. Texts of fewer than eight characters have none: they are never compared.
    ///
    /// # Errors
    /// The sink fails.
    pub fn add(&mut self, sketches: &[Sketch]) -> io::Result<()> {
        sketches.chunks(GROUP).try_for_each(|group| self.group(group))
    }

    fn group(&mut self, sketches: &[Sketch]) -> io::Result<()> {
        let (mut ids, mut kinds, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        let mut of_article: [Vec<(i64, u32)>; 4] = Default::default();
        for sketch in sketches.iter().filter(|sketch| sketch.length >= TELLING) {
            let from = keys.len();
            for (kind, of_kind) in rows(sketch) {
                if !of_kind.is_empty() {
                    kinds.push((kind, of_kind.len() as u32));
                    keys.extend(of_kind.into_iter().map(i64::from));
                }
            }
            let count = (keys.len() - from) as u32;
            ids.push((sketch.id.clone(), count));
            let bound = |rate: u8| 1i64 << (32 - rate.min(32));
            let values = [
                text(sketch) as i64,
                i64::from(sketch.length),
                bound(sketch.rate),
                bound(candidates::meeting_rate(sketch)),
            ];
            of_article.iter_mut().zip(values).for_each(|(column, value)| column.push((value, count)));
        }
        if keys.is_empty() {
            return Ok(());
        }
        let [texts, lengths, bounds, meetings] = of_article.map(Column::NumberRuns);
        let rows = keys.len();
        let columns =
            [Column::TextRuns(ids), texts, lengths, bounds, meetings, Column::TextRuns(kinds), Column::Numbers(keys)];
        self.0.group(rows, &columns)
    }

    /// Ends the table and gives the sink back.
    ///
    /// # Errors
    /// The sink fails.
    pub fn finish(self) -> io::Result<W> {
        self.0.finish()
    }
}

/// What documents with equal texts share; a short text is equal only under the same title.
fn text(sketch: &Sketch) -> u64 {
    if sketch.length < TITLED {
        let title: Vec<char> = sketch.title.chars().collect();
        return mix(sketch.compared ^ hash(&title).rotate_left(1));
    }
    sketch.compared
}

/// The hashes of a document by kind. Each document has a row at least: `none` if there is nothing to meet others by.
fn rows(sketch: &Sketch) -> Vec<(String, Vec<u32>)> {
    let mut out = vec![
        ("sample".to_owned(), sketch.samples.clone()),
        ("numbers".to_owned(), sketch.numbers.clone()),
        ("title".to_owned(), candidates::title(sketch).into_iter().collect()),
    ];
    let smallest = |row| candidates::smallest(row, sketch).into_iter().collect();
    out.extend((0..candidates::ROWS).map(|row| (format!("row{row}"), smallest(row))));
    if out.iter().all(|of_kind| of_kind.1.is_empty()) {
        out.push(("none".to_owned(), vec![0]));
    }
    out
}

/// Gives the pairs of documents that [`super::cluster`] looks at first: for whoever finds them by other means and wants to
/// know whether they are the same.
pub fn candidate_pairs(sketches: &[Sketch]) -> Vec<(usize, usize)> {
    let (sorted, places) = super::gather::sorted(sketches);
    let (_, firsts) = super::gather::equal(&sorted);
    let compared: Vec<&Sketch> = firsts.iter().map(|&at| sorted[at as usize]).collect();
    let place = |at: u32| places[firsts[at as usize] as usize];
    candidates::find(&compared).pairs.into_iter().map(|(a, b)| (place(a), place(b))).collect()
}
