//! The late part of the program: what no first visit runs until its first answer comes in a wasm file of its own (`.ci/cut.mjs` cuts it off),
//! fetched once the page is painted. A build that was not cut has none of it, and nothing here does anything then.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(inline_js = r#"
// Long enough for the first frame to be painted.
const PAINT_MS = 50;
let early = null;
let address = null;
export function keep(exports) {
  early = exports;
  const link = document.querySelector("link[rel=late]");
  address = link && "late" in exports ? link.href : null;
}
export function has_late() { return address === null || early.late.value === 1; }
export function fetch_late() {
  if (address === null) return;
  const whole = () => fetch(address).then((answer) => answer.arrayBuffer()).then(WebAssembly.compile);
  setTimeout(() => WebAssembly.compileStreaming(fetch(address)).catch(whole).then(join).catch(() => {}), PAINT_MS);
}
function join(module) {
  if (early.late.value) return;
  new WebAssembly.Instance(module, { e: early });
  early.late.value = 1;
}
// Only where a call could not wait: a blocking request, as the browser has no other way to answer in the middle of a call.
export function load_late() {
  performance.mark("statelab:late-blocked", { detail: new Error().stack });
  const request = new XMLHttpRequest();
  request.open("GET", address, false);
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status !== 200) throw new Error("a part of the page could not be loaded");
  join(new WebAssembly.Module(Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0) & 255)));
}
"#)]
extern "C" {
    fn keep(exports: &JsValue);
    fn fetch_late();
    fn has_late() -> bool;
    fn load_late();
}

/// Whether all of the program is there.
pub fn here() -> bool {
    has_late()
}

/// What a call into the late part does that comes before it is there.
#[wasm_bindgen]
pub fn late_missing() {
    load_late();
}

/// Remembers what the late part will link against. Called once, before anything that may reach it.
pub fn prepare() {
    keep(&wasm_bindgen::exports());
}

/// Starts to fetch the late part; it joins when it is there.
pub fn fetch() {
    fetch_late();
}
