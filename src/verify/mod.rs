//! Proof that nothing was lost.
//!
//! A [`baseline::Baseline`] is measured before the first hop and after the last, in plain SQL; [`compare`] holds the
//! two against each other and explains every difference or raises a finding. [`modules`], [`views`] and
//! [`attachments`] look at the upgraded database alone. All of it is text in and text out: the steps run it.

pub mod amount;
pub mod attachments;
pub mod baseline;
pub mod compare;
pub mod modules;
pub mod views;
