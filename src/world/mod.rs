//! The edges of the world that are not containers: git, archives, files, local programs.

pub mod append;
pub mod backup;
pub mod cloc;
pub mod disk;
pub mod dump;
pub mod filestore;
pub mod git;
pub mod hash;
mod lines;
pub mod modules;
pub mod openupgrade;
pub mod process;
pub mod remedy;
pub mod survey;
pub mod zip_backup;
