//! What a file is: when it travels, and how long it may be kept.

/// When a file travels; what others need goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// Styles, scripts, pictures, search data.
    Assets,
    /// Pages.
    Pages,
    /// What tells others of the pages: feeds, site maps, rules of hosts.
    Lists,
}

/// All turns, in order.
pub(super) const TURNS: [Turn; 3] = [Turn::Assets, Turn::Pages, Turn::Lists];

/// The turn of a path.
pub(super) fn turn(path: &str) -> Turn {
    // A packed file travels with the file it was made of.
    let path = path.strip_suffix(".gz").or_else(|| path.strip_suffix(".br")).unwrap_or(path);
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => Turn::Pages,
        "xml" | "opml" | "txt" => Turn::Lists,
        _ if path.starts_with(['_', '.']) => Turn::Lists,
        _ => Turn::Assets,
    }
}

/// How long a browser may keep a file: what has its digest in its name for ever, all else until it changes.
pub(super) fn cache_control(path: &str) -> &'static str {
    if crate::host::is_hashed(path) { crate::host::IMMUTABLE } else { crate::host::REVALIDATE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_wait_for_what_they_need() {
        for (path, expected) in [
            ("assets/style.1a2b3c4d.css", Turn::Assets),
            ("search/g/1.bin", Turn::Assets),
            ("zh-hans/2019/07/x/index.html", Turn::Pages),
            ("zh-hans/index.html.br", Turn::Pages),
            ("zh-hans/feed.xml", Turn::Lists),
            ("zh-hans/feeds.opml", Turn::Lists),
            ("sitemap.xml", Turn::Lists),
            ("_redirects", Turn::Lists),
            (".nojekyll", Turn::Lists),
        ] {
            assert_eq!(turn(path), expected, "{path}");
        }
    }

    #[test]
    fn browsers_are_told_what_may_be_kept() {
        assert_eq!(cache_control("zh-hans/index.html"), "public, max-age=0, must-revalidate");
        assert!(cache_control("assets/style.0123456789.css").ends_with("immutable"));
    }
}
