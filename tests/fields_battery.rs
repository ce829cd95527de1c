//! Holds the field readers to the battery of bad inputs, where that kit lies beside the repository.
//!
//! The battery speaks of whole builds; this asks the functions for the part that is theirs: read or refused, in
//! silence or with something to warn of.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may fail loudly, and says what it skipped")]

use std::path::{Path, PathBuf};
use std::process::Command;

use jianfan::article::date;
use jianfan::slug;
use jianfan::source::decode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Silent,
    Warned,
    Refused,
}

struct Case {
    id: String,
    class: String,
    file: PathBuf,
    allowed: Vec<String>,
}

impl Case {
    /// Tells whether an outcome is among those the battery allows; a warning is fine wherever silence is.
    fn allows(&self, outcome: Outcome) -> bool {
        self.allowed.iter().any(|word| match word.as_str() {
            "ok" => outcome != Outcome::Refused,
            "ok-with-warning" => outcome == Outcome::Warned,
            "error-naming-file" => outcome == Outcome::Refused,
            _ => false,
        })
    }
}

/// Unpacks the battery and gives its cases of some classes; empty, with a word, when there is none.
fn cases(folder: &Path, prefix: &str) -> Vec<Case> {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/battery");
    let Ok(table) = std::fs::read_to_string(kit.join("expected.tsv")) else {
        println!("skipped: no battery at {}", kit.display());
        return Vec::new();
    };
    let unpacked = Command::new("tar").arg("xzf").arg(kit.join("cases.tar.gz")).arg("-C").arg(folder).status();
    assert!(unpacked.is_ok_and(|status| status.success()), "tar cannot unpack the battery");
    let rows = table.lines().skip(1).map(|row| row.split('\t').collect::<Vec<_>>());
    let mine = rows.filter(|row| row.len() > 5 && row[0].starts_with(prefix));
    mine.map(|row| Case {
        id: row[0].to_owned(),
        class: row[1].to_owned(),
        file: folder.join("cases").join(row[1]).join(row[0]).join(row[3]),
        allowed: row[4].split(',').chain(row[5].split(',')).map(str::to_owned).collect(),
    })
    .collect()
}

/// Gives a field of the front matter as the text an editor wrote, `None` when it is no scalar or not valid YAML.
fn field(file: &Path, key: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(&format!("{key}:")))?;
    let value: serde_yaml::Value = serde_yaml::from_str(line).ok()?;
    match &value[key] {
        serde_yaml::Value::String(text) => Some(text.clone()),
        serde_yaml::Value::Number(number) => Some(number.to_string()),
        serde_yaml::Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// Runs the cases of a prefix through a function; `None` leaves a case out.
fn run(prefix: &str, outcome: impl Fn(&Case) -> Option<Outcome>) {
    let folder = tempfile::tempdir().unwrap();
    let cases = cases(folder.path(), prefix);
    let judged: Vec<_> = cases.iter().filter_map(|case| Some((case, outcome(case)?))).collect();
    let wrong: Vec<_> = judged.iter().filter(|(case, outcome)| !case.allows(*outcome)).collect();
    let shown: Vec<_> =
        wrong.iter().map(|(case, outcome)| format!("{}: {outcome:?}, not {:?}", case.id, case.allowed)).collect();
    println!("{prefix}: {} of {} cases judged", judged.len(), cases.len());
    assert!(shown.is_empty(), "{shown:#?}");
    assert!(cases.is_empty() || !judged.is_empty());
}

#[test]
fn dates() {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    run("date-", |case| {
        let written = field(&case.file, "date")?;
        Some(match date::parse(&written, &zone) {
            Ok(read) if read.repaired.is_none() => Outcome::Silent,
            Ok(_) => Outcome::Warned,
            Err(_) => Outcome::Refused,
        })
    });
}

#[test]
fn slugs() {
    run("path-slug-", |case| {
        let written = field(&case.file, "slug")?;
        Some(match slug::check(&written) {
            Ok(slug) if slug.as_str() == written => Outcome::Silent,
            Ok(_) => Outcome::Warned,
            Err(_) => Outcome::Refused,
        })
    });
}

#[test]
fn encodings() {
    run("enc-", |case| {
        assert_eq!(case.class, "enc");
        let bytes = std::fs::read(&case.file).unwrap();
        match decode::decode(&bytes, None) {
            Err(_) => Some(Outcome::Refused),
            Ok(decoded) if !decoded.repaired.is_empty() => Some(Outcome::Warned),
            // Later stages may find more to say, so silence is judged only where the battery wants silence or an error.
            Ok(_) => (!case.allowed.iter().any(|word| word == "ok-with-warning" || word == "neutralised"))
                .then_some(Outcome::Silent),
        }
    });
}

/// The pages of the import kit are in four encodings; all are certain, some against the label they carry.
#[test]
fn pages_of_the_import_kit_decode() {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/gold/pages/files");
    let Ok(files) = std::fs::read_dir(&kit) else {
        println!("skipped: no pages at {}", kit.display());
        return;
    };
    for file in files {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let with_label = decode::decode(&bytes, decode::declared_in(&bytes)).unwrap();
        let without = decode::decode(&bytes, None).unwrap();
        assert_eq!((&with_label.text, with_label.encoding), (&without.text, without.encoding), "{}", path.display());
        assert!(!with_label.text.contains('\u{fffd}'), "{}", path.display());
    }
}
