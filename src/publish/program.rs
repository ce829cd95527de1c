//! Programs of the system that are given input and asked for output.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use super::PublishError;

/// Runs a program to its end; what its exit code means is the caller's affair.
pub(super) fn run(program: &'static str, mut command: Command, input: Option<&[u8]>) -> Result<Output, PublishError> {
    let missing = |error: std::io::Error| PublishError::Program {
        program,
        message: format!("it cannot be started ({error}); install {program}"),
    };
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(missing)?;
    let writer = child.stdin.take().map(|mut pipe| {
        let input = input.unwrap_or_default().to_owned();
        // The program may answer before it has read everything, so both go on at once.
        std::thread::spawn(move || {
            let _ = pipe.write_all(&input);
        })
    });
    let output = child.wait_with_output().map_err(missing)?;
    if let Some(writer) = writer {
        let _ = writer.join();
    }
    Ok(output)
}
