//! placeholder
pub mod decode;
