//! Scripts of the default theme without what only their readers need.

use super::builtin;

/// An asset as it is published: a script of the default theme lean, also where it was exported and left as it was.
pub(super) fn served(path: &str, bytes: Vec<u8>) -> Vec<u8> {
    let ours = path.ends_with(".js") && builtin::FILES.iter().any(|(own, script)| *own == path && *script == bytes);
    if !ours {
        return bytes;
    }
    String::from_utf8(bytes).map_or_else(|other| other.into_bytes(), |script| lean(&script).into_bytes())
}

/// Drops lines that are blank or only a comment, and the white space around the others.
///
/// A line stays a line, so that no semicolon has to be found. A script is left as it is where this could change what it
/// does: with comments of several lines, with text that goes on in the next line.
fn lean(script: &str) -> String {
    let open = |line: &str| line.matches('`').count() % 2 == 1 || line.trim_end().ends_with('\\');
    if script.contains("/*") || script.lines().any(open) {
        return script.to_owned();
    }
    let mut out = String::with_capacity(script.len());
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{builtin, lean};

    #[test]
    fn comments_and_margins_go() {
        let script = "// What it does.\n(() => {\n  // Why.\n  a(\"// not one\"); // stays\n\n\tb(`c ${d}`);\n})();\n";
        assert_eq!(lean(script), "(() => {\na(\"// not one\"); // stays\nb(`c ${d}`);\n})();\n");
    }

    #[test]
    fn a_script_that_may_mean_more_is_left_alone() {
        for script in ["a = `\n  // text\n`;\n", "/*\n  // x\n*/\n  b();\n", "a = \"x \\\n  // y\";\n"] {
            assert_eq!(lean(script), script);
        }
    }

    #[test]
    fn all_scripts_of_the_default_theme_become_lean() {
        let scripts = builtin::FILES.iter().filter(|(path, _)| path.ends_with(".js"));
        for (path, bytes) in scripts {
            let script = std::str::from_utf8(bytes).expect("scripts are UTF-8");
            let made = lean(script);
            assert!(made.lines().all(|line| !line.starts_with(['/', ' '])), "{path}");
            // Nothing else is lost: the other lines are the same, in their order.
            let kept: Vec<&str> =
                script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).collect();
            assert_eq!(made.lines().collect::<Vec<_>>(), kept, "{path}");
        }
    }
}
