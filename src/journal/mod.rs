//! The only memory of a run.
//!
//! - [`Writer`] appends events, each on disk before it returns; [`read`] gives them back, torn tail and all.
//! - [`StateFolder`] knows where everything of a customer lies (`.hopp/<customer>/`).
//! - [`History`] folds all journals of a customer into what later runs can reuse.
//! - [`RunLock`] lets one run at a time work on a customer.

mod format;
mod history;
mod lock;
mod state;

pub use format::{JournalError, VERSION, Writer, read};
pub use history::{History, Remembered};
pub use lock::{LockError, RunLock};
pub use state::{Checkpoint, Checkpoints, StateFolder};
