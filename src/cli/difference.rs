//! An output held against an earlier one: sentences that differ, addresses that are gone.

use std::collections::BTreeSet;
use std::path::Path;

use jianfan::config::Config;
use jianfan::diagnostic::Diagnostic;
use jianfan::difference::{self, Differences, Texts};
use jianfan::site;
use rayon::prelude::*;

use super::{End, print};

/// The sentences of all articles of an output.
pub(super) fn texts(output: &Path) -> Result<Texts, End> {
    let listing = site::listing(output)?;
    if listing.is_empty() {
        return Err(End::Failed(format!(
            "`{}` holds no site that this program built; name the folder of an earlier output",
            output.display()
        )));
    }
    let pages: Vec<String> = listing.into_keys().filter(|path| path.ends_with("index.html")).collect();
    let read = |path: String| {
        let file = output.join(&path);
        let html =
            std::fs::read(&file).map_err(|error| End::Failed(format!("cannot read `{}`: {error}", file.display())))?;
        Ok(difference::sentences(&String::from_utf8_lossy(&html)).map(|sentences| (path, sentences)))
    };
    let texts: Vec<Option<_>> = pages.into_par_iter().map(read).collect::<Result<_, End>>()?;
    Ok(texts.into_iter().flatten().collect())
}

/// What differs, for people.
pub(super) fn shown(found: &Differences) -> String {
    let mut text = String::new();
    let mut last = "";
    for one in &found.sentences {
        if one.path != last {
            text.push_str(&format!("/{}\n", one.path.trim_end_matches("index.html")));
            last = &one.path;
        }
        for (sign, words) in [('-', &one.before), ('+', &one.after)] {
            if !words.is_empty() {
                text.push_str(&format!("  {sign} {words}\n"));
            }
        }
    }
    text.push_str(&format!(
        "{} compared: {} changed, {} new, {} gone\n",
        print::count(found.compared, "article page"),
        found.changed,
        found.added.len(),
        found.removed.len()
    ));
    text
}

/// Addresses that are named one by one.
const NAMED: usize = 20;

/// Addresses of articles and terms that the last build published and this one did not.
pub(super) fn dropped(
    config: &Config,
    before: &BTreeSet<String>,
    known: &[Diagnostic],
) -> Result<Vec<Diagnostic>, End> {
    if before.is_empty() {
        return Ok(Vec::new());
    }
    let after: BTreeSet<String> = site::listing(&config.output)?.into_keys().collect();
    let home = format!("{}/", config.default_edition().id);
    let gone: Vec<&str> =
        before.difference(&after).filter_map(|path| path.strip_prefix(&home)?.strip_suffix("index.html")).collect();
    let gone: Vec<&str> = gone.into_iter().filter(|address| is_kept_by_readers(config, address)).collect();
    let said = |address: &str| {
        known.iter().any(|d| d.code == "address-dropped" && d.message.contains(&format!("`/{address}`")))
    };
    let gone: Vec<&str> = gone.into_iter().filter(|address| !said(address)).collect();
    let mut remarks: Vec<Diagnostic> =
        gone.iter().take(NAMED).map(|address| remark(&home, address, before, &after)).collect();
    if gone.len() > NAMED {
        let message = format!("{} more addresses of the last build are gone", gone.len() - NAMED);
        remarks.push(Diagnostic::warning("address-dropped", "", message).help(
            "`jianfan addresses --write` keeps a record, so that articles may move without losing their readers",
        ));
    }
    Ok(remarks)
}

/// Tells an article or a term, which others link to, from a page of a list.
fn is_kept_by_readers(config: &Config, address: &str) -> bool {
    let parts: Vec<&str> = address.trim_end_matches('/').split('/').collect();
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [.., "page", last] if number(last) => false,
        [taxonomy, _] if config.taxonomies.iter().any(|known| known == taxonomy) => true,
        [taxonomy, ..] if config.taxonomies.iter().any(|known| known == taxonomy) => false,
        [only] => !number(only) && !matches!(*only, "" | "archive" | "matrix" | "search" | "undated"),
        _ => true,
    }
}

fn remark(home: &str, address: &str, before: &BTreeSet<String>, after: &BTreeSet<String>) -> Diagnostic {
    let message = format!("`/{address}` was published by the last build, and nothing stands there now");
    let folder = address.trim_end_matches('/').rsplit_once('/').map_or("", |(folder, _)| folder);
    let slug = address.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let new = after.difference(before).filter_map(|path| path.strip_prefix(home)?.strip_suffix("index.html"));
    // An article that moved keeps its slug or its month; when only one page is new there, it is likely the one.
    let near: Vec<&str> = new
        .filter(|new| {
            let (there, name) = new.trim_end_matches('/').rsplit_once('/').unwrap_or_default();
            there == folder || name == slug
        })
        .collect();
    let help = match near.as_slice() {
        [one] => format!(
            "if `/{one}` took its place, add `/{home}{address}` to the `aliases:` of that article; `jianfan addresses --write` does so for all that moves later"
        ),
        _ => format!(
            "add `/{home}{address}` to the `aliases:` of the article that took its place, or bring it back with `withdrawn: reason`"
        ),
    };
    Diagnostic::warning("address-dropped", "", message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_and_go_and_articles_do_not() {
        let config = Config::defaults(Path::new("/s"));
        for (address, kept) in [
            ("2019/07/a/", true),
            ("undated/a/", true),
            ("city/lanzhou/", true),
            ("news/a/", true),
            ("a/", true),
            ("2019/", false),
            ("2019/page/2/", false),
            ("city/lanzhou/page/2/", false),
            ("city/lanzhou/program/lab/", false),
            ("archive/", false),
            ("", false),
        ] {
            assert_eq!(is_kept_by_readers(&config, address), kept, "{address}");
        }
    }
}
