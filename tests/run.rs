//! `hopp run` of the sample customers on the real Docker: undisturbed, repeated, changed, refused, interrupted, killed.
//!
//! These tests need Docker with the images `odoo:19.0` and `postgres:15` (`make images`) and fail without.

mod backups;
mod calm;
mod changed;
mod killed;
mod refused;
mod storm;

use jiff::Timestamp;

use crate::harness::{content, sample};

/// What a run is measured by is a run that nothing happened to; both tell their story in one test because they share it.
#[test]
fn a_run_that_was_disturbed_in_the_hop_in_every_way_ends_with_the_database_of_an_undisturbed_one() {
    let test = "a_run_that_was_disturbed_in_the_hop_in_every_way_ends_with_the_database_of_an_undisturbed_one";
    let Some(bryggan) = sample(test, "bryggan") else { return };
    let began = Timestamp::now();
    let (undisturbed, killed) = std::thread::scope(|scope| {
        let killed = scope.spawn(|| storm::disturbed_in_the_hop(&bryggan, began));
        let (customer, undisturbed) = calm::undisturbed(&bryggan, began);
        calm::nothing_changed(&customer);
        changed::only_where_it_delivers_to(&customer);
        changed::only_a_script_that_fails_at_first(&customer);
        (undisturbed, killed.join().unwrap())
    });
    let differences = content::differences(&undisturbed, &killed);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
