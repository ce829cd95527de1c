//! C++ OpenCC as an engine, for programs built with the feature `opencc`.
//!
//! Takes a conversion and the text of a clause; gives that text converted. Terms, marks and markup stay this program's
//! business. The library reads its configurations from where `JIANFAN_OPENCC` pointed when the program was built (see
//! tests/opencc/fetch), else from where it was installed.

#[cfg(feature = "opencc")]
pub(super) use linked::{convert, ready};

/// Says that the library is not there.
#[cfg(not(feature = "opencc"))]
pub(super) fn ready() -> Result<(), String> {
    Err("this program was built without the feature `opencc`".to_owned())
}

/// Converts nothing.
#[cfg(not(feature = "opencc"))]
pub(super) fn convert(_: super::Target, _: super::Origin, _: &str) -> Option<String> {
    None
}

#[cfg(feature = "opencc")]
mod linked {
    use std::sync::OnceLock;

    use opencc_rust::OpenCC;

    use super::super::{Origin, Region, Target};

    const NAMES: [&str; 5] = ["t2s", "s2tw", "s2hk", "t2tw", "t2hk"];
    static ENGINES: [OnceLock<Result<OpenCC, String>>; 5] = [const { OnceLock::new() }; 5];

    fn engine(at: usize) -> &'static Result<OpenCC, String> {
        ENGINES[at].get_or_init(|| {
            let name = NAMES[at];
            let path = option_env!("JIANFAN_OPENCC")
                .map_or_else(|| format!("{name}.json"), |root| format!("{root}/opencc/clib/share/opencc/{name}.json"));
            OpenCC::new(&path).map_err(|e| format!("C++ OpenCC cannot read its configuration `{path}`: {e}"))
        })
    }

    /// Loads all that a build may need.
    pub(in super::super) fn ready() -> Result<(), String> {
        (0..NAMES.len()).try_for_each(|at| engine(at).as_ref().map(drop).map_err(Clone::clone))
    }

    /// Converts the text of a clause; `None` if it stays as it is.
    pub(in super::super) fn convert(target: Target, origin: Origin, text: &str) -> Option<String> {
        let at = match (target, origin) {
            (Target::Hans, Origin::Hans) => return None,
            (Target::Hans, _) => 0,
            (Target::Hant(Region::Tw), Origin::Hant) => 3,
            (Target::Hant(Region::Hk), Origin::Hant) => 4,
            (Target::Hant(Region::Tw), _) => 1,
            (Target::Hant(Region::Hk), _) => 2,
        };
        engine(at).as_ref().ok()?.convert(text).ok()
    }
}
