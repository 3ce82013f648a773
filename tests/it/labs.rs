//! Every lab of the catalogue, played: each check fails before its step's solution and holds after it.

use statelab::playground::labs;

#[test]
fn every_lab_can_be_played() {
    for entry in labs::ALL {
        let lab = labs::parse(entry.page).unwrap_or_else(|mistakes| panic!("{}: {mistakes:#?}", entry.name));
        let faults = labs::play(&lab, 1);
        assert!(faults.is_empty(), "{}: {faults:#?}", entry.name);
    }
}
