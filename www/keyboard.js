// The keyboard on the page, beyond what the browser does: arrow keys inside groups that are one Tab stop, F6 from pane to pane, and a
// focus that is never lost. Loaded after first paint; without it every button is a Tab stop of its own.

// Groups that the arrow keys walk: one Tab stop each.
const GROUPS = "[data-arrows]";
const PANES = [".bar", ".lab", ".files", ".cluster", ".details", ".console"];
const STOPS = 'a[href], button:not([disabled]), input, textarea, [contenteditable="true"], [tabindex="0"]';
const ARROWS = { ArrowLeft: ["left", "right", -1], ArrowRight: ["left", "right", 1], ArrowUp: ["top", "bottom", -1], ArrowDown: ["top", "bottom", 1] };
// How much farther away something seems that is not straight ahead.
const ASIDE = 3;

const visible = (element) => element.checkVisibility({ visibilityProperty: true });
const stops = (place) => [...place.querySelectorAll(STOPS)].filter(visible);
const buttons = (group) => [...group.querySelectorAll("button")];

/** Makes one button of each group its Tab stop: the one with the focus, else the chosen tab, else the one before, else the first one. */
function settle() {
  for (const group of document.querySelectorAll(GROUPS)) {
    const all = buttons(group);
    const stop = all.find((button) => button === document.activeElement) ?? all.find((button) => button.ariaSelected === "true") ?? all.find((button) => button.dataset.stop) ?? all[0];
    for (const button of all) {
      if (button === stop) button.dataset.stop = "1";
      else delete button.dataset.stop;
      if (button.tabIndex !== (button === stop ? 0 : -1)) button.tabIndex = button === stop ? 0 : -1;
    }
  }
}

/** The nearest of some boxes that lies ahead. */
function ahead(from, all, [start, end, sign]) {
  const here = from.getBoundingClientRect();
  const [start2, end2] = start === "left" ? ["top", "bottom"] : ["left", "right"];
  const middle = (box, one, other) => (box[one] + box[other]) / 2;
  let best = null;
  for (const element of all) {
    const box = element.getBoundingClientRect();
    const along = (middle(box, start, end) - middle(here, start, end)) * sign;
    const apart = Math.max(box[start2] - here[end2], here[start2] - box[end2], 0) * ASIDE + Math.abs(middle(box, start2, end2) - middle(here, start2, end2)) / 4;
    // What only sticks out a little is beside, not ahead.
    const beside = sign > 0 ? box[start] < here[start] + 4 : box[end] > here[end] - 4;
    if (element === from || along <= 0 || (beside && apart > 0)) continue;
    if (!best || along + apart < best.cost) best = { element, cost: along + apart };
  }
  return best?.element;
}

function walk(event) {
  const group = event.target.closest?.(GROUPS);
  if (!group || event.target.tagName !== "BUTTON" || event.ctrlKey || event.altKey || event.metaKey) return;
  const all = buttons(group).filter(visible);
  const next = { Home: () => all[0], End: () => all.at(-1) }[event.key]?.() ?? (ARROWS[event.key] && (ahead(event.target, all, ARROWS[event.key]) ?? event.target));
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** F6: to the next pane, Shift-F6 to the one before. */
function leap(event) {
  const panes = PANES.map((name) => document.querySelector(name)).filter((pane) => pane && visible(pane) && stops(pane).length > 0);
  const here = panes.findIndex((pane) => pane.contains(document.activeElement));
  const pane = panes[(here + (event.shiftKey ? panes.length - (here < 0 ? 0 : 1) : 1)) % panes.length];
  event.preventDefault();
  const first = pane?.querySelector('#console-input, .cm-content, [data-arrows] [data-stop], [role="tab"][tabindex="0"]');
  (first && visible(first) ? first : stops(pane)[0])?.focus();
}

// What had the focus last, what was around it, and where it was.
let last = null;

function note(event) {
  const around = [];
  for (let place = event.target.parentElement; place && place !== document.body; place = place.parentElement) around.push(place);
  last = { element: event.target, around, box: event.target.getBoundingClientRect() };
  settle();
}

/** What has the focus is gone: what was next to it takes it. */
function hold() {
  settle();
  if (!last || document.activeElement !== document.body || (last.element.isConnected && visible(last.element))) return;
  const away = ({ left, top }) => Math.hypot(left - last.box.left, top - last.box.top);
  for (const place of last.around.filter((place) => place.isConnected)) {
    const near = stops(place).filter((stop) => stop.tabIndex >= 0).sort((one, other) => away(one.getBoundingClientRect()) - away(other.getBoundingClientRect()))[0];
    if (near) return near.focus();
  }
}

/** Ctrl-K: everything that can be done, in one list. */
function search(event) {
  const button = document.getElementById("search");
  if (!button || !visible(button)) return;
  event.preventDefault();
  button.click();
}

function key(event) {
  if (event.key === "F6") leap(event);
  else if (event.key === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) search(event);
  else walk(event);
}

addEventListener("keydown", key);
addEventListener("focusin", note);
addEventListener("pointerdown", () => { last = null; });
new MutationObserver(hold).observe(document.body, { childList: true, subtree: true });
settle();
