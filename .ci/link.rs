//! Build script: has the linker say which constants each function of the page's program uses, for the cut in two (`.ci/cut.mjs`).

fn main() {
    println!("cargo::rerun-if-changed=.ci/link.rs");
    let is = |name: &str, wanted: &str| std::env::var(name).is_ok_and(|value| value == wanted);
    if is("CARGO_CFG_TARGET_ARCH", "wasm32") && is("PROFILE", "release") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
