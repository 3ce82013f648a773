#![cfg(target_arch = "wasm32")]
//! Tests in a headless browser.
