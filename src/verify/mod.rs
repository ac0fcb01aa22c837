//! Proof that nothing was lost.
//!
//! A [`baseline::Baseline`] is measured before the first hop and after the last, in plain SQL; [`compare`] holds the
//! two against each other and explains every difference or raises a finding. [`content`] is the net below: every
//! record, column by column, of the two databases themselves; [`shipped`] tells it which values are the modules' own.
//! [`modules`], [`views`], [`running`] and [`attachments`] look at the upgraded database alone; [`since`] tells after which
//! hop something was so first. All of it is text in and text out: the steps run it.

pub mod area;
pub mod attachments;
pub mod baseline;
pub mod catalogue;
pub mod compare;
pub mod content;
pub mod modules;
pub mod running;
pub mod shipped;
pub mod since;
pub mod trial;
pub mod views;
