//! The files in which a site tells its host what to do.

use std::fmt::Write as _;

use super::{Host, IMMUTABLE, Profile};

/// What every page is sent with. The default theme needs nothing that this policy forbids.
const HEADERS: &[(&str, &str)] = &[
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    (
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' https: http: data:; media-src 'self' https:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
    ),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
];

/// The files for a host; `redirects` are old and new paths from the top of the host, `base_url` the site's address.
pub(crate) fn files(
    host: &Host,
    base_url: Option<&str>,
    redirects: &[(String, String)],
) -> Vec<(&'static str, Vec<u8>)> {
    let mut files = Vec::new();
    let profile = host.profile;
    let any_of = |profiles: &[Profile]| profile.is_none_or(|profile| profiles.contains(&profile));
    if any_of(&[Profile::GithubPages]) {
        files.push((".nojekyll", Vec::new()));
    }
    if let (Some(Profile::GithubPages), Some(domain)) = (profile, base_url.and_then(own_domain)) {
        files.push(("CNAME", format!("{domain}\n").into_bytes()));
    }
    if any_of(&[Profile::CloudflarePages, Profile::Netlify]) {
        files.push(("_headers", headers(host).into_bytes()));
    }
    if any_of(&[Profile::CloudflarePages, Profile::Netlify, Profile::GitlabPages]) {
        let rules = redirects.iter().map(|(from, to)| format!("{from} {to} 301\n"));
        files.push(("_redirects", rules.collect::<String>().into_bytes()));
    }
    if profile == Some(Profile::Nginx) {
        let rules = redirects.iter().map(|(from, to)| format!("\"{from}\" \"{to}\";\n"));
        files.push((".redirects.map", rules.collect::<String>().into_bytes()));
        files.push((".headers.conf", nginx_headers(host).into_bytes()));
    }
    files
}

/// The usual headers and those of the settings, which go over them.
fn all(host: &Host) -> Vec<(&str, &str)> {
    let given = |name: &str| host.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let usual = HEADERS.iter().map(|&(name, value)| match given(name) {
        Some((_, value)) => (name, value.as_str()),
        None => (name, value),
    });
    let more =
        host.headers.iter().filter(|(name, _)| !HEADERS.iter().any(|(usual, _)| usual.eq_ignore_ascii_case(name)));
    usual
        .chain(more.map(|(name, value)| (name.as_str(), value.as_str())))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// Hashed assets never change; everything else is asked for again.
fn headers(host: &Host) -> String {
    let mut text = "/*\n".to_owned();
    for (name, value) in all(host) {
        let _ = writeln!(text, "  {name}: {value}");
    }
    let _ = writeln!(text, "/assets/*\n  Cache-Control: {IMMUTABLE}");
    text
}

/// The same for nginx, whose own file includes this one wherever it adds a header.
fn nginx_headers(host: &Host) -> String {
    let lines = all(host).into_iter().map(|(name, value)| {
        format!(
            "add_header {name} \"{}\" always;\n",
            value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "${dollar}")
        )
    });
    format!("{}add_header Cache-Control $jianfan_cache always;\n", lines.collect::<String>())
}

/// The domain of a site on GitHub Pages that is not GitHub's own.
fn own_domain(base_url: &str) -> Option<&str> {
    let rest = base_url.split_once("://")?.1;
    let (domain, path) = rest.split_once('/')?;
    let own =
        path.is_empty() && !domain.ends_with(".github.io") && !domain.contains([':', '[']) && domain.contains('.');
    own.then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(profile: Option<Profile>, base_url: &str) -> Vec<&'static str> {
        let host = Host { profile, ..Host::default() };
        files(&host, Some(base_url), &[]).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn each_host_gets_what_it_reads() {
        let url = "https://news.example.org/";
        assert_eq!(names(None, url), [".nojekyll", "_headers", "_redirects"]);
        assert_eq!(names(Some(Profile::GithubPages), url), [".nojekyll", "CNAME"]);
        assert_eq!(names(Some(Profile::GithubPages), "https://me.github.io/news/"), [".nojekyll"]);
        assert_eq!(names(Some(Profile::Netlify), url), ["_headers", "_redirects"]);
        assert_eq!(names(Some(Profile::CloudflarePages), url), ["_headers", "_redirects"]);
        assert_eq!(names(Some(Profile::GitlabPages), url), ["_redirects"]);
        assert!(names(Some(Profile::S3), url).is_empty());
        assert_eq!(names(Some(Profile::Nginx), url), [".redirects.map", ".headers.conf"]);
    }

    #[test]
    fn headers_of_the_settings_go_over_the_usual_ones() {
        let given = [("referrer-policy", "no-referrer"), ("X-Robots-Tag", "noai"), ("Permissions-Policy", "")];
        let headers = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let text = super::headers(&Host { headers, ..Host::default() });
        assert!(text.contains("  Referrer-Policy: no-referrer\n") && text.contains("  X-Robots-Tag: noai\n"));
        assert!(!text.contains("Permissions-Policy") && text.contains("frame-ancestors 'self'"));
        assert!(text.ends_with("/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n"));
    }
}
