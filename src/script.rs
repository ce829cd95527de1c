//! Chinese in both scripts: detection, conversion, folding.
//!
//! Serves the stages and knows none of them. Takes text or Markdown and what an editor declared about it; gives the
//! same in the other script. It is the only room that knows OpenCC.

mod opencc;
mod tables;

pub use opencc::OpenCc;
