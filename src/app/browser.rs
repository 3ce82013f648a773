//! What the page asks of the browser: storage, address, clipboard, the editor island. Everything here may be refused and then does nothing.

use crate::values::yaml::Diagnostic;
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::prelude::*;

#[wasm_bindgen(inline_js = r#"
let editor = null;
let onEdit = null;
export function install_editor(ready, edit, apply) {
  onEdit = edit;
  const start = () => import(new URL("./editor.js", document.baseURI).href).then((module) => {
    const box = document.getElementById("editor");
    const area = document.getElementById("manifest");
    if (!box || !area || editor) return;
    // What is focused and found by this name is the editor from here on.
    area.removeAttribute("id");
    editor = module.mount(box, area.value, (text) => edit(text), () => apply());
    area.hidden = true;
    area.removeAttribute("aria-label");
    ready();
  }).catch(() => {});
  const both = () => { start(); import(new URL("./keyboard.js", document.baseURI).href).catch(() => {}); };
  if ("requestIdleCallback" in window) requestIdleCallback(both, { timeout: 1500 }); else setTimeout(both, 300);
}
export function show_text(text) {
  const area = document.getElementById("manifest");
  if (area && area.value !== text) area.value = text;
  if (editor) editor.show(text);
}
export function mark_lines(list) {
  if (editor) editor.mark(list);
}
export function copy_text(text) { navigator.clipboard?.writeText(text).catch(() => {}); }
export function pixels(name) { return parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--" + name)) || 0; }
export function width_of(id) { return document.getElementById(id)?.clientWidth ?? 0; }
export function capture(event) { event.target.setPointerCapture?.(event.pointerId); }
// Whether the focus is shown: true for who walks with the keyboard, false after a click.
export function focus_is_shown() { return document.activeElement?.matches(":focus-visible") ?? false; }
let before = null;
// What opens and goes again; the focus goes back to what it was on before.
const PASSING = ".details, .sheet, .catalogue";
export function keep_focus() {
  if (!document.activeElement.closest(PASSING)) before = document.activeElement;
}
export function return_focus() {
  const here = document.activeElement;
  if (here !== document.body && !here.closest(PASSING)) return;
  const there = before && before.isConnected && before !== document.body;
  (there ? before : document.getElementById("console-input"))?.focus();
  before = null;
}
// As if typed where the cursor is, so that the line editor hears of it.
export function insert_text(id, text) {
  const input = document.getElementById(id);
  if (!input) return;
  input.setRangeText(text, input.selectionStart, input.selectionEnd, "end");
  input.dispatchEvent(new Event("input", { bubbles: true }));
}
// A paste of several lines, with what stood before and after the cursor; of one line, nothing: the browser pastes that.
export function pasted_lines(event) {
  const text = event.clipboardData?.getData("text") ?? "";
  if (!/[\r\n]/.test(text)) return undefined;
  event.preventDefault();
  const { value, selectionStart, selectionEnd } = event.target;
  return value.slice(0, selectionStart) + text + value.slice(selectionEnd);
}
// The file that was chosen, as far as it is read at all; the same one can be chosen again.
export function read_file(event, most, give) {
  const input = event.target;
  const file = input.files[0];
  file?.slice(0, most + 1).text().then((text) => give(file.name, text)).catch(() => give(file.name, ""));
  input.value = "";
}
// An embedding page hands a lab over when it hears that this page can take it. Nobody else may, and nothing but text is taken.
export function is_inside() { return window.parent !== window; }
export function take_lab(most, give) {
  window.addEventListener("message", (event) => {
    const { type, name, text, fault } = event.data ?? {};
    if (event.source !== window.parent || type !== "statelab:lab" || typeof name !== "string") return;
    if (typeof text === "string") give(name, text.slice(0, most + 1), undefined);
    else give(name, undefined, String(fault).slice(0, most));
  });
  window.parent.postMessage({ type: "statelab:ready" }, "*");
}
// How high an embedded page would like to be: what its panes hold, not how high they are now, so that it does not creep.
let told = 0;
export function post_height(bar, console_least) {
  if (window.parent === window) return;
  const bottom = (name) => {
    const last = document.querySelector(name)?.lastElementChild;
    return last ? last.getBoundingClientRect().bottom - last.parentElement.firstElementChild.getBoundingClientRect().top : 0;
  };
  const height = Math.ceil(bar + Math.max(bottom(".lab .body") + bar, bottom(".canvas") + bar + console_least));
  if (height === told) return;
  told = height;
  window.parent.postMessage({ type: "statelab:height", height }, "*");
}
"#)]
extern "C" {
    fn install_editor(ready: &JsValue, edit: &JsValue, apply: &JsValue);
    #[wasm_bindgen(js_name = show_text)]
    fn show_text_in_editor(text: &str);
    fn mark_lines(list: &JsValue);
    fn copy_text(text: &str);
    fn pixels(name: &str) -> f64;
    fn insert_text(id: &str, text: &str);
    fn keep_focus();
    fn return_focus();
    fn width_of(id: &str) -> f64;
    #[wasm_bindgen(js_name = capture)]
    fn capture_pointer(event: &JsValue);
    #[wasm_bindgen(js_name = focus_is_shown)]
    fn shows_focus() -> bool;
    fn pasted_lines(event: &JsValue) -> Option<String>;
    fn read_file(event: &JsValue, most: usize, give: &JsValue);
    fn is_inside() -> bool;
    fn take_lab(most: usize, give: &JsValue);
    fn post_height(bar: f64, console_least: f64);
}

fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

/// Milliseconds of a clock that only goes forward.
pub fn now() -> f64 {
    window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// What this browser kept under a name; nothing where storage is blocked.
pub fn stored(name: &str) -> Option<String> {
    window()?.local_storage().ok()??.get_item(&format!("statelab.{name}")).ok()?
}

/// Keeps a text for the next visit. False: storage is full or blocked, which loses only the next visit's start.
pub fn store(name: &str, text: &str) -> bool {
    let storage = window().and_then(|window| window.local_storage().ok()?);
    storage.is_some_and(|storage| storage.set_item(&format!("statelab.{name}"), text).is_ok())
}

/// Takes the hash off the address, without another entry in the browser's history.
pub fn clear_hash() {
    if let Some(window) = window().filter(|_| !hash().is_empty())
        && let (Ok(history), Ok(path)) = (window.history(), window.location().pathname())
    {
        // Where the browser refuses, the address stays as it is.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
}

/// The address' hash without its `#`.
pub fn hash() -> String {
    window().and_then(|window| window.location().hash().ok()).unwrap_or_default().trim_start_matches('#').to_owned()
}

pub fn decode(text: &str) -> String {
    js_sys::decode_uri_component(text).map_or_else(|_| text.to_owned(), String::from)
}

/// This page's address with another hash.
pub fn address_with_hash(hash: &str) -> String {
    let address = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    // Neither another hash nor what makes it an embedded page.
    let base = address.split(['#', '?']).next().unwrap_or("").to_owned();
    format!("{base}#{hash}")
}

pub fn on_hash_change(callback: Callback<String>) {
    let listener = Closure::<dyn Fn()>::new(move || callback.emit(hash()));
    if let Some(window) = window() {
        // Without the listener a pasted link opens at the next load.
        let _ = window.add_event_listener_with_callback("hashchange", listener.as_ref().unchecked_ref());
    }
    listener.forget();
}

pub fn is_embedded() -> bool {
    window().and_then(|window| window.location().search().ok()).is_some_and(|search| search.contains("embed"))
}

/// Loads the editor and the keyboard's arrows after first paint; a plain text area stays where it cannot.
pub fn load_editor(ready: Callback<()>, edit: Callback<String>, apply: Callback<()>) {
    let ready = Closure::<dyn Fn()>::new(move || ready.emit(()));
    let edit = Closure::<dyn Fn(String)>::new(move |text| edit.emit(text));
    let apply = Closure::<dyn Fn()>::new(move || apply.emit(()));
    install_editor(ready.as_ref(), edit.as_ref(), apply.as_ref());
    ready.forget();
    edit.forget();
    apply.forget();
}

pub fn show_text(text: &str) {
    show_text_in_editor(text);
}

/// A length of the style sheet, in pixels.
pub fn custom_property(name: &str) -> f64 {
    pixels(name)
}

/// How wide an element is inside, in pixels.
pub fn inner_width(id: &str) -> i32 {
    width_of(id) as i32
}

/// Width and height of the window.
pub fn window_size() -> (f64, f64) {
    let size = |value: Result<JsValue, JsValue>| value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0);
    window().map_or((0.0, 0.0), |window| (size(window.inner_width()), size(window.inner_height())))
}

/// What is narrower is a phone, in pixels, as the style sheet has it.
const PHONE: f64 = 700.0;

pub fn is_phone() -> bool {
    window_size().0 < PHONE
}

/// Lets the pressed element hear of the pointer until it is let go.
pub fn capture(event: &PointerEvent) {
    capture_pointer(event.as_ref());
}

/// Remembers what has the focus, and gives it back.
pub fn remember_focus() {
    keep_focus();
}

pub fn give_focus_back() {
    return_focus();
}

/// Whether the user walks with the keyboard: a click does not show the focus.
pub fn focus_is_shown() -> bool {
    shows_focus()
}

pub fn insert(id: &str, text: &str) {
    insert_text(id, text);
}

/// The text of a paste of several lines into an input, with the rest of its line.
pub fn pasted(event: &Event) -> Option<String> {
    pasted_lines(event.as_ref())
}

/// Reads the file that was chosen in an input, at most so many bytes and one more; gives its name and text.
pub fn read_chosen_file(event: &Event, most: usize, callback: Callback<(String, String)>) {
    let give = Closure::once_into_js(move |name: String, text: String| callback.emit((name, text)));
    read_file(event.as_ref(), most, &give);
}

/// Whether this page can ask an embedding page for a lab.
pub fn asks_for_lab() -> bool {
    is_inside()
}

/// Asks the embedding page for its lab; gives its name and its text, or why there is none.
pub fn on_lab(most: usize, callback: Callback<(String, Result<String, String>)>) {
    let give = Closure::<dyn Fn(String, Option<String>, Option<String>)>::new(move |name, text: Option<String>, fault: Option<String>| {
        callback.emit((name, text.ok_or_else(|| fault.unwrap_or_default())));
    });
    take_lab(most, give.as_ref());
    give.forget();
}

/// Marks the lines of mistakes in the editor.
pub fn mark(mistakes: &[Diagnostic]) {
    let list = js_sys::Array::new();
    for mistake in mistakes {
        let entry = js_sys::Object::new();
        for (name, value) in [("line", JsValue::from_f64(mistake.line as f64)), ("message", JsValue::from_str(&mistake.message))] {
            // Setting a field of a fresh object cannot fail.
            let _ = js_sys::Reflect::set(&entry, &JsValue::from_str(name), &value);
        }
        list.push(&entry);
    }
    mark_lines(&list);
}

pub fn copy(text: &str) {
    copy_text(text);
}

fn root() -> Option<Element> {
    window()?.document()?.document_element()
}

/// `light`, `dark`, or empty for the system's choice.
pub fn set_theme(theme: &str) {
    let Some(root) = root() else { return };
    let dark = if theme.is_empty() { prefers_dark() } else { theme == "dark" };
    // An attribute of a valid name can always be set.
    let _ = root.set_attribute("data-theme", if dark { "dark" } else { "light" });
}

pub fn prefers_dark() -> bool {
    window().and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok()?).is_some_and(|query| query.matches())
}

pub fn remove_loading() {
    if let Some(found) = window().and_then(|window| window.document()?.query_selector(".loading").ok()?) {
        found.remove();
    }
}

pub fn scroll_to_end(node: &NodeRef) {
    if let Some(element) = node.cast::<Element>() {
        element.set_scroll_top(element.scroll_height());
    }
}

pub fn focus(id: &str) {
    let found =
        window().and_then(|window| window.document()?.get_element_by_id(id)).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = found {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
        // A text that opens for copying or writing anew is chosen; the console's line is gone on with.
        if let Some(input) = element.dyn_ref::<web_sys::HtmlInputElement>().filter(|_| id != "console-input") {
            input.select();
        }
    }
}

/// The heights of a bar and of a console that is of use, in pixels.
const BAR: f64 = 44.0;
const CONSOLE_LEAST: f64 = 220.0;

/// Tells an embedding page how high this one would like to be.
pub fn tell_height() {
    post_height(BAR, CONSOLE_LEAST);
}
