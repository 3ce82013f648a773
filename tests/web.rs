#![cfg(target_arch = "wasm32")]
//! Tests in a headless browser: the core gives the same answers in wasm as natively.

use statelab::playground::replay::replay;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn our_session_pages_replay_to_the_same_bytes() {
    for page in [include_str!("sessions/ours/first-claim.md"), include_str!("sessions/ours/shell.md")] {
        assert_eq!(replay(page), page);
    }
}
