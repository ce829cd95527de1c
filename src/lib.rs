//! jianfan (簡繁): a folder of messy Chinese news in, a static archive in both scripts out.
pub mod article;
pub mod dedupe;
pub mod diagnostic;
pub mod import;
pub mod script;
pub mod slug;
pub mod source;
pub mod taxonomy;
