//! Tables of plain columns as Parquet, the format that DuckDB, Spark and DataFusion read without being told how.
//!
//! Only what sketches need: required columns of numbers and texts, no nesting, no compression. A column whose values repeat
//! row after row is written as a dictionary with runs, which makes an id beside two hundred hashes cost a few bytes. The
//! format: <https://parquet.apache.org/docs/file-format/>; its headers are Thrift structs in the compact protocol.

use std::io::{self, Write};

/// The values of one column in one group of rows.
pub(super) enum Column {
    /// Numbers, row by row.
    Numbers(Vec<i64>),
    /// Numbers, each with the rows it stands in.
    NumberRuns(Vec<(i64, u32)>),
    /// Texts, each with the rows it stands in.
    TextRuns(Vec<(String, u32)>),
}

/// The name of a column and whether it holds text.
pub(super) type Name = (&'static str, bool);

/// A table that is being written, group of rows by group of rows.
pub(super) struct Table<W> {
    out: W,
    at: u64,
    names: &'static [Name],
    groups: Vec<Thrift>,
    rows: i64,
}

const MAGIC: &[u8; 4] = b"PAR1";
const INT64: i64 = 2;
const BYTE_ARRAY: i64 = 6;
const UTF8: i64 = 0;
const PLAIN: i64 = 0;
const RLE: i64 = 3;
const DICTIONARY: i64 = 8;

impl<W: Write> Table<W> {
    pub(super) fn new(mut out: W, names: &'static [Name]) -> io::Result<Self> {
        out.write_all(MAGIC)?;
        Ok(Table { out, at: MAGIC.len() as u64, names, groups: Vec::new(), rows: 0 })
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    /// Writes a group of rows: a column for each name, all of one length.
    pub(super) fn group(&mut self, rows: usize, columns: &[Column]) -> io::Result<()> {
        let begin = self.at;
        let mut chunks = Vec::with_capacity(columns.len());
        for (column, name) in columns.iter().zip(self.names) {
            chunks.push(self.column(rows as i64, column, *name)?);
        }
        let mut group = Thrift::default();
        group.structs(1, &chunks);
        group.number(2, Width::I64, (self.at - begin) as i64);
        group.number(3, Width::I64, rows as i64);
        self.groups.push(group.end());
        self.rows += rows as i64;
        Ok(())
    }

    fn column(&mut self, rows: i64, column: &Column, (name, text): Name) -> io::Result<Thrift> {
        let begin = self.at;
        let (values, dictionary) = match column {
            Column::Numbers(all) => (all.iter().flat_map(|value| value.to_le_bytes()).collect(), None),
            Column::NumberRuns(runs) => {
                let value = |run: &(i64, u32)| run.0.to_le_bytes().to_vec();
                (indices(runs.len(), runs.iter().map(|run| run.1)), Some(runs.iter().map(value).collect::<Vec<_>>()))
            }
            Column::TextRuns(runs) => {
                let value = |run: &(String, u32)| [&(run.0.len() as u32).to_le_bytes(), run.0.as_bytes()].concat();
                (indices(runs.len(), runs.iter().map(|run| run.1)), Some(runs.iter().map(value).collect::<Vec<_>>()))
            }
        };
        let encoding = if dictionary.is_some() { DICTIONARY } else { PLAIN };
        if let Some(entries) = &dictionary {
            let mut header = Thrift::default();
            header.number(1, Width::I32, entries.len() as i64);
            header.number(2, Width::I32, PLAIN);
            self.page(2, 7, header, &entries.concat())?;
        }
        let data = self.at;
        let mut header = Thrift::default();
        header.number(1, Width::I32, rows);
        header.number(2, Width::I32, encoding);
        // Levels, of which required columns have none.
        header.number(3, Width::I32, RLE);
        header.number(4, Width::I32, RLE);
        self.page(0, 5, header, &values)?;
        let mut about = Thrift::default();
        about.number(1, Width::I32, if text { BYTE_ARRAY } else { INT64 });
        about.numbers(2, &[PLAIN, encoding]);
        about.texts(3, &[name]);
        about.number(4, Width::I32, 0);
        about.number(5, Width::I64, rows);
        about.number(6, Width::I64, (self.at - begin) as i64);
        about.number(7, Width::I64, (self.at - begin) as i64);
        about.number(9, Width::I64, data as i64);
        if dictionary.is_some() {
            about.number(11, Width::I64, begin as i64);
        }
        let mut chunk = Thrift::default();
        chunk.number(2, Width::I64, begin as i64);
        chunk.structure(3, about.end());
        Ok(chunk.end())
    }

    fn page(&mut self, kind: i64, field: u8, of_kind: Thrift, bytes: &[u8]) -> io::Result<()> {
        let length = i32::try_from(bytes.len()).map_err(io::Error::other)?;
        let mut header = Thrift::default();
        header.number(1, Width::I32, kind);
        header.number(2, Width::I32, i64::from(length));
        header.number(3, Width::I32, i64::from(length));
        header.structure(field, of_kind.end());
        self.put(&header.end().bytes)?;
        self.put(bytes)
    }

    /// Writes the footer and gives the sink back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let mut root = Thrift::default();
        root.text(4, "schema");
        root.number(5, Width::I32, self.names.len() as i64);
        let column = |&(name, text): &Name| {
            let mut column = Thrift::default();
            column.number(1, Width::I32, if text { BYTE_ARRAY } else { INT64 });
            column.number(3, Width::I32, 0);
            column.text(4, name);
            if text {
                column.number(6, Width::I32, UTF8);
            }
            column.end()
        };
        let schema: Vec<Thrift> = [root.end()].into_iter().chain(self.names.iter().map(column)).collect();
        let mut footer = Thrift::default();
        footer.number(1, Width::I32, 1);
        footer.structs(2, &schema);
        footer.number(3, Width::I64, self.rows);
        footer.structs(4, &std::mem::take(&mut self.groups));
        footer.text(6, "jianfan");
        let footer = footer.end().bytes;
        self.put(&footer)?;
        self.put(&(footer.len() as u32).to_le_bytes())?;
        self.put(MAGIC)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Writes places in a dictionary of `count` entries, each repeated: width in bits, then runs.
fn indices(count: usize, repeated: impl Iterator<Item = u32>) -> Vec<u8> {
    let bits = (usize::BITS - count.saturating_sub(1).leading_zeros()) as u8;
    let mut out = vec![bits];
    for (place, repeated) in repeated.enumerate() {
        varint(u64::from(repeated) << 1, &mut out);
        out.extend_from_slice(&(place as u32).to_le_bytes()[..usize::from(bits.div_ceil(8))]);
    }
    out
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[derive(Clone, Copy)]
enum Width {
    I32 = 5,
    I64 = 6,
}

/// A Thrift struct in the compact protocol; fields are written by rising number.
#[derive(Default)]
struct Thrift {
    bytes: Vec<u8>,
    last: u8,
}

impl Thrift {
    fn field(&mut self, field: u8, kind: u8) {
        self.bytes.push((field - self.last) << 4 | kind);
        self.last = field;
    }

    fn zigzag(&mut self, value: i64) {
        varint(((value << 1) ^ (value >> 63)) as u64, &mut self.bytes);
    }

    fn number(&mut self, field: u8, width: Width, value: i64) {
        self.field(field, width as u8);
        self.zigzag(value);
    }

    fn binary(&mut self, text: &str) {
        varint(text.len() as u64, &mut self.bytes);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn text(&mut self, field: u8, text: &str) {
        self.field(field, 8);
        self.binary(text);
    }

    fn structure(&mut self, field: u8, inner: Thrift) {
        self.field(field, 12);
        self.bytes.extend_from_slice(&inner.bytes);
    }

    fn list(&mut self, field: u8, kind: u8, count: usize) {
        self.field(field, 9);
        match u8::try_from(count) {
            Ok(few @ 0..15) => self.bytes.push(few << 4 | kind),
            _ => {
                self.bytes.push(0xF0 | kind);
                varint(count as u64, &mut self.bytes);
            }
        }
    }

    fn numbers(&mut self, field: u8, all: &[i64]) {
        self.list(field, Width::I32 as u8, all.len());
        all.iter().for_each(|&value| self.zigzag(value));
    }

    fn texts(&mut self, field: u8, all: &[&str]) {
        self.list(field, 8, all.len());
        all.iter().for_each(|text| self.binary(text));
    }

    fn structs(&mut self, field: u8, all: &[Thrift]) {
        self.list(field, 12, all.len());
        all.iter().for_each(|one| self.bytes.extend_from_slice(&one.bytes));
    }

    fn end(mut self) -> Self {
        self.bytes.push(0);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_a_table_as_the_format_wants() {
        let mut table = Table::new(Vec::new(), &[("id", true), ("key", false)]).unwrap();
        let id = Column::TextRuns(vec![("甲".into(), 2), ("b".into(), 1)]);
        table.group(3, &[id, Column::Numbers(vec![1, -1, 3])]).unwrap();
        let bytes = table.finish().unwrap();
        assert!(bytes.starts_with(MAGIC) && bytes.ends_with(MAGIC));
        let length = bytes[bytes.len() - 8..bytes.len() - 4].try_into().map(u32::from_le_bytes).unwrap() as usize;
        let footer = &bytes[bytes.len() - 8 - length..bytes.len() - 8];
        // Version 1, then a list of three structs: the root and two columns.
        assert_eq!(&footer[..4], [0x15, 2, 0x19, 0x3C]);
        assert!(footer.ends_with(b"\x28\x07jianfan\0"));
    }

    #[test]
    fn writes_runs_of_places_and_signed_numbers() {
        assert_eq!(indices(1, [5].into_iter()), [0, 10]);
        assert_eq!(indices(3, [1, 2, 300].into_iter()), [2, 2, 0, 4, 1, 0xD8, 4, 2]);
        let mut thrift = Thrift::default();
        thrift.number(1, Width::I64, -3);
        thrift.number(3, Width::I32, 200);
        assert_eq!(thrift.bytes, [0x16, 5, 0x25, 0x90, 3]);
    }
}
