//! Files without a template: sitemap, robots, headers, redirects.

use std::fmt::Write as _;

use super::feed::escape;
use super::view::root;
use super::{Kind, Site};

/// The most addresses of one sitemap, by its protocol.
const SITEMAP: usize = 50_000;

/// The files that belong to the whole site.
pub(super) fn files(site: &Site) -> Vec<(String, Vec<u8>)> {
    let mut files = sitemaps(site);
    let robots = format!("User-agent: *\nAllow: /\n\nSitemap: {}sitemap.xml\n", site.config.absolute_root());
    files.push(("robots.txt".into(), robots.into_bytes()));
    let config = &site.config;
    let for_host = crate::host::files(&config.host, config.base_url.as_deref(), &redirect_rules(site));
    files.extend(for_host.into_iter().map(|(path, bytes)| (path.to_owned(), bytes)));
    files
}

fn sitemaps(site: &Site) -> Vec<(String, Vec<u8>)> {
    let urls = sitemap_entries(site);
    let head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
    let wrap = |urls: &[String]| {
        format!("{head}<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n{}</urlset>\n", urls.concat()).into_bytes()
    };
    if urls.len() <= SITEMAP {
        return vec![("sitemap.xml".into(), wrap(&urls))];
    }
    let mut files = Vec::new();
    let mut index = format!("{head}<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for (number, part) in urls.chunks(SITEMAP).enumerate() {
        let name = format!("sitemap-{}.xml", number + 1);
        let _ = writeln!(index, "<sitemap><loc>{}{name}</loc></sitemap>", escape(site.config.absolute_root()));
        files.push((name, wrap(part)));
    }
    index.push_str("</sitemapindex>\n");
    files.push(("sitemap.xml".into(), index.into_bytes()));
    files
}

/// One `<url>` a page, with its twins in the other editions.
fn sitemap_entries(site: &Site) -> Vec<String> {
    let base = escape(site.config.absolute_root());
    let mut entries = Vec::new();
    for (path, page) in &site.pages {
        let (noindex, modified) = match &page.kind {
            Kind::Article(at) => {
                let article = &site.corpus().entries[*at].article;
                (article.noindex, article.changed())
            }
            Kind::Home
            | Kind::Terms(_)
            | Kind::Term(..)
            | Kind::Cross(..)
            | Kind::Matrix
            | Kind::Year(..)
            | Kind::Archive
            | Kind::Undated(_) => (false, None),
            _ => (true, None),
        };
        let id = &site.config.editions[page.edition].id;
        let Some(rest) = path.strip_suffix("index.html").and_then(|url| url.strip_prefix(id.as_str())) else {
            continue;
        };
        if noindex {
            continue;
        }
        let rest = escape(rest);
        let mut entry = format!("<url><loc>{base}{id}{rest}</loc>");
        for edition in &site.config.editions {
            let _ = write!(
                entry,
                "<xhtml:link rel=\"alternate\" hreflang=\"{}\" href=\"{base}{}{rest}\"/>",
                edition.lang, edition.id
            );
        }
        let default = if rest == "/" { String::new() } else { format!("{}{rest}", site.config.default_edition().id) };
        let _ = write!(entry, "<xhtml:link rel=\"alternate\" hreflang=\"x-default\" href=\"{base}{default}\"/>");
        if let Some(modified) = modified {
            let _ = write!(entry, "<lastmod>{}</lastmod>", modified.day());
        }
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
