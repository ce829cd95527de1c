//! What a page that was imported before would change in its article, as a unified diff.

use std::fmt::Write as _;
use std::path::Path;

/// Lines of context around a change.
const CONTEXT: usize = 2;
/// Longest text that is compared line by line, in lines.
const LINES: usize = 4000;

/// Compares an article on disk with how its page reads now; `None` when the file is gone or has nothing in common.
pub(super) fn changes(path: &Path, new: &str) -> Option<String> {
    let old = std::fs::read_to_string(path).ok()?;
    let (a, b): (Vec<&str>, Vec<&str>) = (old.lines().take(LINES).collect(), new.lines().take(LINES).collect());
    let steps = steps(&a, &b);
    let shared = steps.iter().filter(|step| matches!(step, Step::Same(line) if line.chars().count() > 15)).count();
    let titled = a.iter().any(|line| line.starts_with("title:") && b.contains(line));
    (shared > 0 || titled).then(|| render(&steps))
}

enum Step<'a> {
    Same(&'a str),
    Gone(&'a str),
    New(&'a str),
}

/// Longest common subsequence by lines, after cutting what both ends share.
fn steps<'a>(a: &[&'a str], b: &[&'a str]) -> Vec<Step<'a>> {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (x, y) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    let mut steps: Vec<Step<'a>> = a[..head].iter().map(|line| Step::Same(line)).collect();
    let width = y.len() + 1;
    if x.len().saturating_mul(width) > 4_000_000 {
        steps.extend(x.iter().map(|line| Step::Gone(line)));
        steps.extend(y.iter().map(|line| Step::New(line)));
    } else {
        let mut table = vec![0u32; (x.len() + 1) * width];
        for i in (0..x.len()).rev() {
            for j in (0..y.len()).rev() {
                table[i * width + j] = if x[i] == y[j] {
                    table[(i + 1) * width + j + 1] + 1
                } else {
                    table[(i + 1) * width + j].max(table[i * width + j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < x.len() || j < y.len() {
            if i < x.len() && j < y.len() && x[i] == y[j] {
                steps.push(Step::Same(x[i]));
                (i, j) = (i + 1, j + 1);
            } else if j == y.len() || (i < x.len() && table[(i + 1) * width + j] >= table[i * width + j + 1]) {
                steps.push(Step::Gone(x[i]));
                i += 1;
            } else {
                steps.push(Step::New(y[j]));
                j += 1;
            }
        }
    }
    steps.extend(a[a.len() - tail..].iter().map(|line| Step::Same(line)));
    steps
}

fn render(steps: &[Step<'_>]) -> String {
    let mut out = String::new();
    let changed = |at: usize| !matches!(steps[at], Step::Same(_));
    let near = |at: usize| (at.saturating_sub(CONTEXT)..(at + CONTEXT + 1).min(steps.len())).any(changed);
    let mut shown = true;
    for (at, step) in steps.iter().enumerate() {
        let keep = near(at);
        if keep && !shown {
            out.push_str("@@\n");
        }
        shown = keep;
        if keep {
            let _ = match step {
                Step::Same(line) => writeln!(out, " {line}"),
                Step::Gone(line) => writeln!(out, "-{line}"),
                Step::New(line) => writeln!(out, "+{line}"),
            };
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_changed() {
        let a = ["一", "二", "三", "四", "五", "六", "七"];
        let b = ["一", "二", "三", "四", "五", "陆", "七"];
        assert_eq!(render(&steps(&a, &b)), "@@\n 四\n 五\n-六\n+陆\n 七\n");
        assert_eq!(render(&steps(&a, &a)), "");
    }
}
