//! What hosts allow, and how much of it a site uses.
//!
//! Figures are those the hosts published in 2026 for their free plans; a site that stands at four fifths of one is told.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Host, Profile};
use crate::diagnostic::Diagnostic;
use crate::site::Stamp;

/// One limit, and what the site has of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// What is counted.
    pub what: &'static str,
    /// How many the site has.
    pub value: u64,
    /// How many the host takes.
    pub limit: u64,
    /// The share in whole percent, rounded up.
    pub percent: u64,
}

/// A site held against the limits of its host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Measured {
    /// The profile.
    pub profile: &'static str,
    /// Its limits, in order.
    pub limits: Vec<Measure>,
}

/// From this share on a site is told.
const NEAR: u64 = 80;

/// Counts a site; `redirects` and `headers` are the texts of `_redirects` and `_headers` in it.
pub fn measure(host: &Host, files: &BTreeMap<String, Stamp>, redirects: &str, headers: &str) -> Option<Measured> {
    let profile = host.profile?;
    let count = files.len() as u64 + 1;
    let bytes: u64 = files.values().map(|stamp| stamp.size).sum();
    let largest = files.values().map(|stamp| stamp.size).max().unwrap_or(0);
    let rules = lines(redirects).count() as u64;
    let limits = match profile {
        Profile::GithubPages => vec![("bytes", bytes, 1_000_000_000), ("bytes in one file", largest, 100 << 20)],
        Profile::CloudflarePages => vec![
            ("files", count, 20_000),
            ("bytes in one file", largest, 25 << 20),
            ("redirects", rules, 2_000),
            ("bytes in `_redirects`", redirects.len() as u64, 100 << 10),
            ("rules in `_headers`", lines(headers).filter(|line| line.starts_with('/')).count() as u64, 100),
        ],
        Profile::Netlify => vec![("files in one folder", fullest(files), 54_000)],
        Profile::GitlabPages => vec![
            ("files and folders", count + folders(files).len() as u64, 200_000),
            ("bytes", bytes, 1 << 30),
            ("redirects", rules, 1_000),
            ("bytes in `_redirects`", redirects.len() as u64, 64 << 10),
        ],
        Profile::S3 | Profile::Nginx => Vec::new(),
    };
    let limits = limits.into_iter().map(|(what, value, limit)| Measure {
        what,
        value,
        limit,
        percent: (value * 100).div_ceil(limit),
    });
    Some(Measured { profile: profile.as_str(), limits: limits.collect() })
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

fn folders(files: &BTreeMap<String, Stamp>) -> BTreeSet<&str> {
    files.keys().flat_map(|path| path.match_indices('/').map(|(at, _)| &path[..at])).collect()
}

fn fullest(files: &BTreeMap<String, Stamp>) -> u64 {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for path in files.keys() {
        *counts.entry(path.rsplit_once('/').map_or("", |(folder, _)| folder)).or_default() += 1;
    }
    counts.into_values().max().unwrap_or(0)
}

impl Measured {
    /// Tells whether the host would refuse the site, or leave a part of it out.
    pub fn is_too_much(&self) -> bool {
        self.limits.iter().any(|measure| measure.value > measure.limit)
    }

    /// A word for each limit that is near, or passed.
    pub fn remarks(&self) -> Vec<Diagnostic> {
        let near = self.limits.iter().filter(|measure| measure.value * 100 >= measure.limit * NEAR);
        near.map(|measure| {
            let Measure { what, value, limit, percent } = measure;
            let message = format!("{} takes {limit} {what}; the site has {value}, {percent} %", self.profile);
            let help = if value > limit {
                "publish elsewhere, or make the site smaller: fewer feeds, larger `per_page`, fewer old addresses"
            } else {
                "look for room before it is full: fewer feeds, larger `per_page`, another host"
            };
            Diagnostic::warning("host-limit", "site.yaml", message).help(help)
        })
        .collect()
    }
}

/// A word about an address that a host cannot serve.
pub fn base_path_remark(host: &Host, base_path: Option<&str>) -> Option<Diagnostic> {
    let (Some(profile @ (Profile::CloudflarePages | Profile::Netlify)), Some(path)) = (host.profile, base_path) else {
        return None;
    };
    (path != "/").then(|| {
        let message =
            format!("{} serves a site from the top of its address, but `base_url` ends in `{path}`", profile.as_str());
        Diagnostic::warning("host-base-path", "site.yaml", message)
            .help("take the path out of `base_url`, or name another host")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: u64, size: u64) -> BTreeMap<String, Stamp> {
        (0..files).map(|number| (format!("a/{number}/index.html"), Stamp { size, hash: None })).collect()
    }

    fn says(profile: Profile, files: &BTreeMap<String, Stamp>, redirects: &str) -> Vec<String> {
        let host = Host { profile: Some(profile), ..Host::default() };
        let measured = measure(&host, files, redirects, "/*\n  A: b\n/assets/*\n  C: d\n").unwrap();
        measured.remarks().iter().map(|remark| remark.message.clone()).collect()
    }

    #[test]
    fn figures_stand_in_the_report() {
        let host = Host { profile: Some(Profile::CloudflarePages), ..Host::default() };
        let measured = measure(&host, &site(399, 10), "/a /b 301\n# no rule\n", "/*\n  A: b\n").unwrap();
        let figures: Vec<_> = measured.limits.iter().map(|measure| (measure.what, measure.value)).collect();
        let expected = [
            ("files", 400),
            ("bytes in one file", 10),
            ("redirects", 1),
            ("bytes in `_redirects`", 20),
            ("rules in `_headers`", 1),
        ];
        assert_eq!(figures, expected);
        assert_eq!(measured.limits[0].percent, 2);
        assert!(!measured.is_too_much() && measured.remarks().is_empty());
        assert!(measure(&Host::default(), &site(1, 1), "", "").is_none());
    }

    #[test]
    fn a_site_that_fills_up_is_told() {
        assert_eq!(says(Profile::CloudflarePages, &site(15_998, 1), ""), [] as [&str; 0]);
        assert_eq!(
            says(Profile::CloudflarePages, &site(15_999, 1), ""),
            ["cloudflare-pages takes 20000 files; the site has 16000, 80 %"]
        );
        let many = "/a /b 301\n".repeat(1_001);
        assert_eq!(
            says(Profile::GitlabPages, &site(10, 1), &many),
            ["gitlab-pages takes 1000 redirects; the site has 1001, 101 %"]
        );
        assert_eq!(
            says(Profile::GithubPages, &site(10, 100_000_001), ""),
            [
                "github-pages takes 1000000000 bytes; the site has 1000000010, 101 %",
                "github-pages takes 104857600 bytes in one file; the site has 100000001, 96 %"
            ]
        );
        assert!(says(Profile::S3, &site(100_000, 1), &many).is_empty());
    }
}
