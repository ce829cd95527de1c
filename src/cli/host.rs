//! A finished site, held against what its host allows.

use std::path::Path;

use jianfan::config::Config;
use jianfan::diagnostic::Diagnostic;
use jianfan::host::{self, Measured};
use jianfan::site;

use super::End;

/// Measures the output; gives the figures, and what there is to say about them.
pub(super) fn measure(config: &Config) -> Result<(Option<Measured>, Vec<Diagnostic>), End> {
    if config.host.profile.is_none() {
        return Ok((None, Vec::new()));
    }
    let files = site::listing(&config.output)?;
    let text = |name: &str| std::fs::read_to_string(config.output.join(Path::new(name))).unwrap_or_default();
    let measured = host::measure(&config.host, &files, &text("_redirects"), &text("_headers"));
    let mut remarks = measured.as_ref().map(Measured::remarks).unwrap_or_default();
    remarks.extend(host::base_path_remark(&config.host, config.base_path()));
    Ok((measured, remarks))
}
