//! The default theme, inside the binary: a site needs no `themes/` folder.

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../themes/default/", $path)))),*]
    };
}

/// Path below `themes/default/`, and bytes. A test compares the list with the folder.
pub(super) const FILES: &[(&str, &[u8])] = files![
    "assets/facets.js",
    "assets/feed.css",
    "assets/icon.svg",
    "assets/search.js",
    "assets/site.js",
    "assets/style.css",
    "i18n/zh-hans.yaml",
    "i18n/zh-hant.yaml",
    "templates/404.html",
    "templates/_facets.html",
    "templates/_groups.html",
    "templates/_item.html",
    "templates/_pager.html",
    "templates/_social.html",
    "templates/_terms.html",
    "templates/archive.html",
    "templates/article.html",
    "templates/base.html",
    "templates/chooser.html",
    "templates/cross.html",
    "templates/feed.xml",
    "templates/home.html",
    "templates/matrix.html",
    "templates/search.html",
    "templates/term.html",
    "templates/terms.html",
    "templates/year.html",
    "theme.yaml",
];
