//! Files without a template: sitemap, robots, headers, redirects.

use std::fmt::Write as _;
use std::hash::Hash;

use siphasher::sip128::SipHasher13;

use super::feed::escape;
use super::view::root;
use super::{Kind, Site};
use crate::article::date::Moment;
use crate::config::EditionConfig;
use crate::digest::Digest;

/// What one sitemap may hold, by its protocol: addresses, and bytes.
const SITEMAP: Limits = Limits { urls: 50_000, bytes: 50 * 1024 * 1024 };

#[derive(Clone, Copy)]
struct Limits {
    urls: usize,
    bytes: usize,
}

/// The files that belong to the whole site.
pub(super) fn files(site: &Site) -> Vec<(String, Kind)> {
    let mut files = match one_sitemap(site) {
        Some(digest) => vec![("sitemap.xml".to_owned(), Kind::Sitemap(digest))],
        None => sitemaps(site).into_iter().map(|(path, bytes)| (path, Kind::Bytes(bytes))).collect(),
    };
    let robots = format!("User-agent: *\nAllow: /\n\nSitemap: {}sitemap.xml\n", site.config.absolute_root());
    files.push(("robots.txt".into(), Kind::Bytes(robots.into_bytes())));
    let config = &site.config;
    let for_host = crate::host::files(&config.host, config.base_url.as_deref(), &redirect_rules(site));
    files.extend(for_host.into_iter().map(|(path, bytes)| (path.to_owned(), Kind::Bytes(bytes))));
    files
}

/// The digest of what the sitemap says, where it is surely one file: it is made only if that is another than before.
fn one_sitemap(site: &Site) -> Option<Digest> {
    let fixed = |edition: &EditionConfig| 100 + edition.lang.len() + 6 * edition.id.len();
    let config = &site.config;
    let fixed = 400 + config.editions.iter().map(fixed).sum::<usize>();
    let each = config.editions.len() + 3;
    let (mut hasher, mut urls, mut bytes) = (SipHasher13::new(), 0, 0);
    for (path, rest, modified) in addresses(site) {
        urls += 1;
        // No character takes more than six times its bytes when it is escaped.
        bytes += fixed + 6 * each * (config.absolute_root().len() + rest.len());
        (path, modified.map(|moment| (moment.year(), moment.month(), moment.day_of_month()))).hash(&mut hasher);
    }
    (urls <= SITEMAP.urls && bytes <= SITEMAP.bytes).then(|| hasher.into())
}

/// The sitemap of a site that has one.
pub(super) fn sitemap(site: &Site, out: &mut Vec<u8>) {
    *out = sitemaps(site).pop().map(|(_, bytes)| bytes).unwrap_or_default();
}

const XML: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const URLSET: (&str, &str) = (
    "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    "</urlset>\n",
);
const INDEX: (&str, &str) =
    ("<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n", "</sitemapindex>\n");

fn sitemaps(site: &Site) -> Vec<(String, Vec<u8>)> {
    split(&sitemap_entries(site), site.config.absolute_root(), SITEMAP)
}

/// One sitemap of these entries, or an index of as many as keep the limits.
fn split(entries: &[String], root: &str, limits: Limits) -> Vec<(String, Vec<u8>)> {
    let wrap = |(head, foot): (&str, &str), inner: &str| format!("{XML}{head}{inner}{foot}").into_bytes();
    let most = limits.bytes - XML.len() - URLSET.0.len() - URLSET.1.len();
    let mut parts = vec![String::new()];
    let mut urls = 0;
    for entry in entries {
        let last = parts.len() - 1;
        if urls == limits.urls || (urls > 0 && parts[last].len() + entry.len() > most) {
            parts.push(entry.clone());
            urls = 1;
        } else {
            parts[last].push_str(entry);
            urls += 1;
        }
    }
    if let [whole] = parts.as_slice() {
        return vec![("sitemap.xml".into(), wrap(URLSET, whole))];
    }
    let names = (1..=parts.len()).map(|number| format!("sitemap-{number}.xml"));
    let index: String =
        names.clone().map(|name| format!("<sitemap><loc>{}{name}</loc></sitemap>\n", escape(root))).collect();
    let mut files: Vec<_> = names.zip(parts.iter().map(|part| wrap(URLSET, part))).collect();
    files.push(("sitemap.xml".into(), wrap(INDEX, &index)));
    files
}

/// What the sitemap names: output path, what of the address is below its edition, and when it was changed.
fn addresses(site: &Site) -> impl Iterator<Item = (&str, &str, Option<Moment>)> {
    site.pages.iter().filter_map(|(path, page)| {
        let modified = match &page.kind {
            Kind::Article(at) => {
                let article = &site.corpus().entries[*at].article;
                if article.noindex {
                    return None;
                }
                article.changed()
            }
            Kind::Home
            | Kind::Terms(_)
            | Kind::Term(..)
            | Kind::Cross(..)
            | Kind::Matrix
            | Kind::Year(..)
            | Kind::Archive
            | Kind::Undated(_) => None,
            _ => return None,
        };
        let id = &site.config.editions[page.edition].id;
        let rest = path.strip_suffix("index.html").and_then(|url| url.strip_prefix(id.as_str()))?;
        Some((path.as_str(), rest, modified))
    })
}

/// One `<url>` a page, with its twins in the other editions.
fn sitemap_entries(site: &Site) -> Vec<String> {
    let base = escape(site.config.absolute_root());
    let mut entries = Vec::new();
    for (path, rest, modified) in addresses(site) {
        let id = path.split('/').next().unwrap_or_default();
        let rest = escape(rest);
        let mut entry = format!("<url><loc>{base}{id}{rest}</loc>");
        // The schema wants it before what comes from other vocabularies.
        if let Some(modified) = modified {
            let _ = write!(entry, "<lastmod>{}</lastmod>", modified.day());
        }
        for edition in &site.config.editions {
            let _ = write!(
                entry,
                "<xhtml:link rel=\"alternate\" hreflang=\"{}\" href=\"{base}{}{rest}\"/>",
                edition.lang, edition.id
            );
        }
        let default = if rest == "/" { String::new() } else { format!("{}{rest}", site.config.default_edition().id) };
        let _ = write!(entry, "<xhtml:link rel=\"alternate\" hreflang=\"x-default\" href=\"{base}{default}\"/>");
        entry.push_str("</url>\n");
        entries.push(entry);
    }
    entries
}

/// Old and new paths, from the top of the host.
fn redirect_rules(site: &Site) -> Vec<(String, String)> {
    let base = site.config.base_path().unwrap_or("/");
    let redirects = site.corpus().redirects.iter();
    redirects.map(|redirect| (format!("{base}{}", redirect.from), format!("{base}{}", redirect.to))).collect()
}

/// The output path of an old address.
pub(super) fn redirect_path(from: &str) -> String {
    let last = from.rsplit('/').next().unwrap_or_default();
    if last.is_empty() {
        return format!("{from}index.html");
    }
    let extension = last.rsplit_once('.').map(|(_, extension)| extension);
    if matches!(extension, Some("html" | "htm" | "xml" | "php" | "asp" | "aspx" | "jsp" | "shtml")) {
        return from.to_owned();
    }
    format!("{from}/index.html")
}

/// A page for hosts that know no redirects.
pub(super) fn redirect_page(site: &Site, path: &str, to: &str, out: &mut Vec<u8>) {
    let target = escape(&format!("{}{to}", root(&site.config, path)));
    let canonical = escape(&format!("{}{to}", site.config.absolute_root()));
    let lang = &site.config.default_edition().lang;
    let text = format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n<title>→ {canonical}</title>\n<link rel=\"canonical\" href=\"{canonical}\">\n<meta name=\"robots\" content=\"noindex\">\n<meta http-equiv=\"refresh\" content=\"0; url={target}\">\n</head>\n<body>\n<p><a href=\"{target}\">{canonical}</a></p>\n</body>\n</html>\n"
    );
    out.clear();
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{Limits, SITEMAP, split};

    fn entries(count: usize) -> Vec<String> {
        (1..=count)
            .map(|n| {
                let url = format!("http://localhost/zh-hans/2024/0{n}/a/");
                let link = format!("<xhtml:link rel=\"alternate\" hreflang=\"zh-Hans\" href=\"{url}\"/>");
                format!("<url><loc>{url}</loc><lastmod>2024-0{n}-01</lastmod>{link}</url>\n")
            })
            .collect()
    }

    #[test]
    fn sitemaps_are_split_at_their_limit() {
        let files = split(&entries(5), "http://localhost/", Limits { urls: 2, bytes: 10_000 });
        // These files also stand before the schema, in tests/feeds.rs.
        let wanted = [
            ("sitemap-1.xml", include_str!("../../tests/feeds/split/sitemap-1.xml")),
            ("sitemap-2.xml", include_str!("../../tests/feeds/split/sitemap-2.xml")),
            ("sitemap-3.xml", include_str!("../../tests/feeds/split/sitemap-3.xml")),
            ("sitemap.xml", include_str!("../../tests/feeds/split/sitemap.xml")),
        ];
        assert_eq!(files.len(), wanted.len());
        for ((name, bytes), wanted) in files.iter().zip(wanted) {
            assert_eq!((name.as_str(), std::str::from_utf8(bytes)), (wanted.0, Ok(wanted.1)));
        }
        // As many as may be stand in one.
        assert_eq!(split(&entries(5), "http://localhost/", Limits { urls: 5, bytes: 10_000 }).len(), 1);
        assert_eq!((SITEMAP.urls, SITEMAP.bytes), (50_000, 52_428_800));
    }

    #[test]
    fn sitemaps_are_split_by_their_size_too() {
        let all = entries(9);
        let limits = Limits { urls: 50, bytes: 600 };
        let files = split(&all, "http://localhost/", limits);
        assert!(files.len() > 3, "{}", files.len());
        assert!(files[..files.len() - 1].iter().all(|(_, bytes)| bytes.len() <= limits.bytes));
        let count = |bytes: &[u8]| String::from_utf8_lossy(bytes).matches("<url>").count();
        assert_eq!(files.iter().map(|(_, bytes)| count(bytes)).sum::<usize>(), all.len());
        assert_eq!(split(&[], "http://localhost/", limits).len(), 1);
    }
}
