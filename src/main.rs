//! The thin binary: arguments in, exit code out.

use std::process::ExitCode;

mod cli;

// A build makes and drops millions of small texts on all threads at once: a fifth of its processor time with the C
// library's allocator went into that. Huge pages are off (`no_thp`): half filled ones made up a sixth of the memory, and
// clearing them took as long as the small faults they save.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
