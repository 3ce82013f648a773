// The page with the keyboard only: every pane, every menu, every node of the picture. In the served release build.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./page.mjs";
import { site } from "./site.mjs";

let page;
const here = site(async ({ browser, address }) => {
  page = await open(browser, address, { viewport: { width: 1280, height: 800 } });
  // What comes after first paint: the arrows and the editor.
  await page.locator(".scene [data-stop]").waitFor();
  await page.locator(".cm-content").waitFor();
});

/** What has the focus: its role, its name, and whether one can see it. */
const focus = () =>
  page.evaluate(() => {
    const element = document.activeElement;
    const labels = element.getAttribute("aria-labelledby")?.split(" ").map((id) => document.getElementById(id)?.textContent);
    const shown = (place) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(place);
      return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || (place.matches("label.line") && boxShadow !== "none");
    };
    const box = element.getBoundingClientRect();
    const inside = box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
    return {
      role: element.getAttribute("role") ?? element.tagName.toLowerCase(),
      name: labels?.join(" ") ?? element.getAttribute("aria-label") ?? element.textContent,
      pane: element.closest(".bar, .lab, .files, .cluster, .details, .console, .sheet, .palette")?.classList[1] ?? element.closest(".bar, .sheet, .palette")?.classList[0],
      seen: inside && [element, element.closest("label, .cm-editor")].some((place) => place && shown(place)),
    };
  });

/** Presses keys; gives what has the focus then, which must be seen and have a name. */
async function press(...keys) {
  for (const key of keys) await page.keyboard.press(key);
  // Two frames: what opens takes the focus when it is drawn.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const now = await focus();
  // Between the last control and the first the browser itself has the focus.
  if (now.role === "body") return now;
  assert.ok(now.seen, `the focus on ${now.role} ${now.name} is not to be seen after ${keys}`);
  assert.ok(now.name.trim(), `${now.role} in ${now.pane} has no name`);
  return now;
}

/** Presses a key until the focus is on a name; what came before it. */
async function pressUntil(key, name, most = 60) {
  const passed = [];
  for (let count = 0; count < most; count += 1) {
    const now = await press(key);
    if (typeof name === "string" ? now.name === name : name.test(now.name)) return passed;
    passed.push(now.name);
  }
  throw new Error(`${key} does not lead to ${name}, but to ${passed.join(", ")}`);
}

const toConsole = () => page.getByRole("textbox", { name: "Console" }).focus();
const file = (name) => page.getByRole("tab", { name, exact: true });
const step = (number, word) => page.getByRole("region", { name: "Lab", exact: true }).getByRole("listitem", { name: new RegExp(`^Step ${number}, .*, ${word}$`) });

test("Tab walks through everything once and comes round, both ways", async () => {
  for (const key of ["Tab", "Shift+Tab"]) {
    await toConsole();
    const passed = [];
    for (let count = 0; count < 80; count += 1) {
      const now = await press(key);
      if (now.role === "body") continue;
      if (now.name === "Console") break;
      passed.push(now.name);
    }
    for (const name of ["Undo", "Reset", "Share", "Theme", "Pause", "Labs", "Manifest", "Apply", "Delete", "New file", "Console output", "Height of the console"]) {
      assert.ok(passed.includes(name), `${key} does not reach ${name}: ${passed.join(", ")}`);
    }
    assert.equal(new Set(passed).size, passed.length, `something has the focus twice: ${passed.join(", ")}`);
  }
});

test("every control has a name", async () => {
  const devtools = await page.context().newCDPSession(page);
  const { nodes } = await devtools.send("Accessibility.getFullAXTree");
  const controls = nodes.filter((node) => /^(button|textbox|tab|link|separator|combobox|menuitem|slider|dialog|tablist|group)$/.test(node.role?.value ?? "") && node.properties?.some(({ name }) => name === "focusable"));
  assert.ok(controls.length > 20);
  assert.deepEqual(controls.filter((node) => !node.name?.value.trim()).map((node) => node.role.value), []);
});

test("the arrows reach every object and file of the picture, and Enter opens it; Esc leads back", async () => {
  await toConsole();
  await page.keyboard.type("kubectl exec web-1 -- sh -c 'echo hello > /usr/share/nginx/html/index.html'");
  await press("Enter");
  await page.getByRole("button", { name: /^File index.html on pvc-/ }).waitFor();
  const wanted = await page.locator(".scene button").evaluateAll((all) => all.map((button) => button.getAttribute("aria-label")));
  await pressUntil("Shift+Tab", /^(Node|StatefulSet|Pod) /);
  const reached = new Set();
  const open = [(await press("Home")).name];
  // From each that is reached, in all four directions.
  while (open.length > 0) {
    const name = open.pop();
    if (reached.has(name)) continue;
    reached.add(name);
    for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {
      await page.getByRole("button", { name, exact: true }).focus();
      open.push((await press(key)).name);
    }
  }
  assert.deepEqual(wanted.filter((name) => !reached.has(name)), []);
  for (const name of reached) {
    await page.getByRole("button", { name, exact: true }).focus();
    assert.equal((await press("Enter")).pane, "details", name);
    assert.equal((await press("Escape")).name, name);
  }
});

test("the details' tabs walk with the arrows, and each has something to say", async () => {
  await page.getByRole("button", { name: "Pod web-1, Running" }).focus();
  await press("Enter", "Home");
  for (const tab of ["YAML", "Why", "Files", "Events", "Describe"]) {
    assert.equal((await press("ArrowRight")).name, tab);
    const panel = page.getByRole("tabpanel", { name: tab });
    assert.ok((await panel.textContent()).trim(), tab);
  }
  await press("ArrowLeft", "ArrowLeft", "Tab");
  assert.equal((await press("Escape")).name, "Pod web-1, Running");
});

test("a file in the details opens under the focus", async () => {
  await page.getByRole("button", { name: /^PersistentVolumeClaim www-web-1/ }).focus();
  await press("Enter");
  await press("Home");
  await pressUntil("ArrowRight", "Files");
  await pressUntil("Tab", /^index.html/);
  assert.match((await press("Enter")).name, /^index.html/);
  await page.locator(".details .bytes", { hasText: "hello" }).waitFor();
  assert.match((await press("Enter")).name, /^index.html/);
  assert.equal(await page.locator(".details .bytes").count(), 0);
  assert.match((await press("Escape")).name, /^PersistentVolumeClaim www-web-1/);
});

test("what goes while it has the focus leaves it to what is next to it", async () => {
  await toConsole();
  await page.keyboard.type("sleep 2; kubectl scale sts web --replicas=2");
  await press("Enter");
  await page.getByRole("button", { name: /^Pod web-2/ }).focus();
  await page.getByRole("button", { name: /^Pod web-2/ }).waitFor({ state: "detached" });
  const now = await press("Shift");
  assert.equal(now.pane, "cluster", now.name);
});

test("files: new, arrows between tabs, rename, remove", async () => {
  await page.getByRole("textbox", { name: "Manifest" }).focus();
  await pressUntil("Shift+Tab", "New file");
  await press("Enter");
  await file("manifest-1.yaml").waitFor();
  await pressUntil("Shift+Tab", "manifest-1.yaml");
  assert.equal((await press("ArrowRight")).name, "web.yaml");
  await press("Enter");
  assert.match(await page.locator(".cm-content").textContent(), /StatefulSet/);
  await press("ArrowLeft", "Enter");
  assert.equal((await press("F2")).name, "File name");
  assert.equal((await press("Escape")).name, "manifest-1.yaml");
  await press("F2");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("claim");
  assert.equal((await press("Enter")).name, "claim.yaml");
  assert.equal(await file("manifest-1.yaml").count(), 0);
  await pressUntil("Tab", "Manifest");
  await page.keyboard.type("apiVersion: v1\nkind: ConfigMap\n");
  await page.keyboard.type("metadata: {name: typed}");
  await press("Control+Enter");
  await page.getByRole("log", { name: "Console output" }).getByText("configmap/typed created").waitFor();
  await pressUntil("Tab", "Delete");
  await press("Enter");
  await page.getByRole("log", { name: "Console output" }).getByText('configmap "typed" deleted').waitFor();
  await pressUntil("Shift+Tab", "Remove claim.yaml");
  assert.equal((await press("Enter")).name, "web.yaml");
  assert.equal(await file("claim.yaml").count(), 0);
});

test("a lab: the list, a step with hint and solution, the next step, leaving", async () => {
  await toConsole();
  await pressUntil("Shift+Tab", "Labs");
  const first = await press("Enter");
  assert.equal(first.pane, "lab");
  assert.equal((await press("Escape")).name, "Labs");
  await press("Enter");
  assert.notEqual((await press("ArrowDown")).name, first.name);
  assert.equal((await press("ArrowUp")).name, first.name);
  assert.match((await press("Enter")).name, /^A file outlives/);
  await pressUntil("Tab", "Hint");
  await press("Enter");
  await pressUntil("Tab", "Solution");
  await press("Enter", "Enter");
  await step(2, "current").waitFor();
  assert.equal((await press("Shift")).pane, "lab");
  await page.getByRole("status").filter({ hasText: "Step 1 is done" }).waitFor();
  await pressUntil("Shift+Tab", "Leave");
  assert.equal((await press("Enter")).name, "Console");
});

test("the link: it is chosen, copied, closed, and the focus is back", async () => {
  await toConsole();
  await pressUntil("Shift+Tab", "Share");
  assert.equal((await press("Enter")).name, "Link");
  await pressUntil("Tab", "Copy link");
  await press("Enter");
  await page.getByRole("status").filter({ hasText: "Copied" }).waitFor();
  assert.equal((await press("Escape")).name, "Share");
  await press("Enter");
  await pressUntil("Tab", "Close");
  assert.equal((await press("Enter")).name, "Share");
});

test("undo, redo, reset, pause and theme keep the focus and say what they did", async () => {
  await toConsole();
  await page.keyboard.type("kubectl create configmap mine");
  await press("Enter");
  await page.getByRole("log", { name: "Console output" }).getByText("configmap/mine created").waitFor();
  const told = (words) => page.getByRole("status").filter({ hasText: words }).waitFor();
  await pressUntil("Shift+Tab", "Undo");
  assert.equal((await press("Enter")).name, "Undo");
  await told("Undid kubectl create configmap mine");
  await pressUntil("Tab", "Redo");
  assert.equal((await press("Enter")).name, "Redo");
  await told("Redid kubectl create configmap mine");
  await pressUntil("Tab", "Pause");
  assert.equal((await press("Space")).name, "Pause");
  assert.equal(await page.getByRole("button", { name: "Pause" }).getAttribute("aria-pressed"), "true");
  await press("Space");
  await pressUntil("Tab", "Reset");
  assert.equal((await press("Enter")).name, "Reset");
  await pressUntil("Tab", "Theme");
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  const before = await theme();
  assert.equal((await press("Enter")).name, "Theme");
  assert.notEqual(await theme(), before);
});

test("the time line goes back and on with the arrows", async () => {
  await toConsole();
  await page.keyboard.type("kubectl create configmap first");
  await press("Enter");
  await page.getByRole("log", { name: "Console output" }).getByText("configmap/first created").waitFor();
  await pressUntil("Shift+Tab", "Time line");
  const line = page.getByRole("slider", { name: "Time line" });
  assert.equal(await line.getAttribute("aria-valuetext"), "now");
  await press("ArrowLeft");
  assert.match(await line.getAttribute("aria-valuetext"), /^before +kubectl create configmap first$/);
  const answer = page.getByRole("log", { name: "Console output" }).getByText("configmap/first created");
  assert.equal(await answer.count(), 0);
  await press("End");
  assert.equal(await line.getAttribute("aria-valuetext"), "now");
  await answer.waitFor();
});

test("the list of everything: opened with Ctrl-K, narrowed, walked, run; the scenarios from the title", async () => {
  await toConsole();
  assert.equal((await press("Control+k")).name, "Search or run");
  assert.equal((await press("Escape")).name, "Console");
  await press("Control+k");
  await page.keyboard.type("pvc www-web-0");
  await page.getByRole("option", { name: /www-web-0/ }).first().waitFor();
  await press("ArrowDown", "ArrowUp");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("claim www-web-1");
  await page.getByRole("option", { name: "PersistentVolumeClaim www-web-1", exact: true }).waitFor();
  assert.equal((await press("Enter")).pane, "details");
  assert.equal((await press("Escape")).name, "Console");
  await pressUntil("Shift+Tab", "nginx StatefulSet");
  assert.equal((await press("Enter")).name, "Start from");
  assert.equal((await press("Escape")).name, "nginx StatefulSet");
  await press("Enter", "ArrowDown");
  assert.equal((await press("Enter")).name, "Console");
  await page.getByText("No objects yet").waitFor();
  await pressUntil("Shift+Tab", "Undo");
  await press("Enter");
  await page.getByRole("button", { name: "Pod web-0, Running" }).waitFor();
});

test("a misspelt field is mended with one press", async () => {
  await pressUntil("Shift+Tab", "Search or run");
  await pressUntil("Tab", "New file");
  await press("Enter");
  await pressUntil("Tab", "Manifest");
  await page.keyboard.type("kind: ConfigMap\napiVersion: v1\nmetadata: {nam: a}");
  await pressUntil("Tab", "Fix: name");
  await press("Enter");
  assert.match(await page.locator(".cm-content").textContent(), /\{name: a\}/);
  assert.equal(await page.getByRole("button", { name: "Fix: name" }).count(), 0);
});

test("the lines between panes move with the arrows, and F6 goes from pane to pane", async () => {
  await toConsole();
  await pressUntil("Shift+Tab", "Height of the console");
  const height = () => page.locator(".console").evaluate((pane) => pane.clientHeight);
  const before = await height();
  await press("ArrowUp");
  assert.ok((await height()) > before);
  await press("ArrowDown");
  await toConsole();
  const panes = [];
  for (let count = 0; count < 5; count += 1) panes.push((await press("F6")).pane);
  assert.deepEqual(panes, ["bar", "lab", "files", "cluster", "console"]);
  assert.equal((await press("Shift+F6")).pane, "cluster");
  assert.deepEqual(page.faults, []);
});

test("on a phone: the panes from the bar at the foot, the labs from the one at the top", async () => {
  page = await open(here.browser, here.address, { viewport: { width: 360, height: 740 } });
  await page.locator(".scene [data-stop]").waitFor({ state: "attached" });
  for (const [name, inside] of [["Files", "Manifest"], ["Cluster", "Service nginx, Ready"], ["Lab", "Close"], ["Console", "Console output"]]) {
    await page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name }).focus();
    assert.equal((await press("Enter")).name, name);
    await pressUntil("Shift+Tab", inside);
  }
  await pressUntil("Shift+Tab", "Labs");
  const first = await press("Enter");
  assert.match(first.name, /^A file outlives/);
  assert.equal((await press("Escape")).name, "Labs");
  assert.deepEqual(page.faults, []);
});
