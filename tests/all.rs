//! The tests of the whole program, in one binary: thirty would link the library thirty times, and run one after the other.
//! `cargo test --test all publish::` runs those of one file.

mod archives;
mod bad_input;
mod dedupe;
mod disk_faults;
mod duplicates;
mod feeds;
mod fields_battery;
mod fuzz_seeds;
mod golden;
mod import_kit;
mod incremental;
mod init;
mod manual;
mod messages;
mod nginx;
mod online;
mod parts;
mod pictures;
mod preview;
mod profile;
mod promises;
mod publish;
mod publish_s3;
mod safe_html;
mod search_index;
mod seeds;
mod site;
mod sketches;
mod support;
mod taxonomy;
mod taxonomy_files;
mod upkeep;
