// Labs, links, undo and the embedded page, in the served release build, through its accessible names only.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { open, run } from "./page.mjs";
import { site } from "./site.mjs";

const EVERYTHING = "kubectl get all,pv,pvc,storageclass,configmap -A -o yaml | md5sum";
const here = site();

const button = (page, name) => page.getByRole("button", { name, exact: true });
const step = (page, number, word) => page.getByRole("region", { name: "Lab", exact: true }).getByRole("listitem", { name: new RegExp(`^Step ${number}, .*, ${word}$`) });

/** Clicks a command in the lab's text. */
const click = (page, command) => page.getByRole("region", { name: "Lab", exact: true }).getByRole("button", { name: command, exact: true }).first().click();

async function share(page) {
  await button(page, "Share").click();
  const link = await page.getByRole("textbox", { name: "Link" }).inputValue();
  await button(page, "Close").click();
  return link;
}

test("a lab from start to end: commands in the text, hint, solution, progress that survives a reload", async () => {
  const page = await open(here.browser, here.address);
  await button(page, "Labs").click();
  await page.getByRole("list", { name: "Labs" }).getByRole("button", { name: /^A file outlives its pod/ }).click();
  await step(page, 1, "current").waitFor();
  await click(page, "kubectl apply -f pod.yaml");
  await step(page, 2, "current").waitFor();
  await click(page, `kubectl exec persist -- sh -c 'echo "still here" > /opt/note.txt'`);
  await button(page, "Hint").click();
  await page.getByText("runs a command in the container.").waitFor();
  await page.reload();
  await step(page, 1, "done").waitFor();
  await step(page, 2, "current").waitFor();
  assert.match(await run(page, "kubectl exec persist -- cat /opt/note.txt"), /still here/);
  await click(page, `kubectl exec persist -- sh -c 'echo "not for long" > /srv/scratch.txt'`);
  await step(page, 3, "current").waitFor();
  await button(page, "Solution").click();
  await page.getByRole("button", { name: "Copy kubectl delete pod persist" }).last().waitFor();
  await button(page, "Solution").click();
  await step(page, 4, "current").waitFor();
  await page.getByText("No objects now").waitFor();
  await click(page, "kubectl apply -f pod.yaml");
  await page.getByRole("region", { name: "Cluster" }).getByRole("button", { name: "Pod persist, Running" }).waitFor();
  await click(page, "kubectl exec persist -- cat /srv/scratch.txt");
  await page.getByText(/ran in the container and failed there/).waitFor();
  await step(page, 4, "current").waitFor();
  await click(page, "kubectl exec persist -- ls /opt /srv > left.txt");
  await page.getByText("All steps are done.").waitFor();
  assert.deepEqual(page.faults, []);
});

test("a link opens the same cluster in a fresh browser, with its lab and how far it is", async () => {
  const page = await open(here.browser, `${here.address}#lab=statefulset-claims`);
  await button(page, "Speed").click();
  await button(page, "Speed").click();
  await click(page, "kubectl apply -f nginx.yaml");
  await step(page, 2, "current").waitFor();
  await button(page, "Pause").click();
  const link = await share(page);
  assert.ok(link.length <= 2000, `${link.length} characters`);
  const everything = await run(page, EVERYTHING);
  const other = await open(here.browser, link);
  await button(other, "Pause").click();
  await step(other, 2, "current").waitFor();
  assert.equal(await other.getByRole("alert").count(), 0, "the digest fits");
  assert.match(everything, /^[0-9a-f]{32} /);
  assert.equal(await run(other, EVERYTHING), everything);
  assert.deepEqual([...page.faults, ...other.faults], []);
});

test("a broken or foreign link says so and leaves what is there", async () => {
  const page = await open(here.browser, here.address);
  await run(page, "kubectl create configmap mine");
  for (const [hash, words] of [["s=1.abc%%", /broken/], ["s=9.AAAA", /later version/], ["lab=none", /no lab of this name/]]) {
    await page.evaluate((hash) => { location.hash = hash; }, hash);
    await page.getByRole("alert").filter({ hasText: words }).waitFor();
    assert.match(await page.getByRole("alert").textContent(), /still here/);
    assert.match(await run(page, "kubectl get configmap mine -o name"), /configmap\/mine/);
  }
  await page.goto("about:blank");
  await page.goto(`${here.address}#s=1.abc`);
  await page.getByRole("alert").filter({ hasText: /broken/ }).waitFor();
  assert.match(await run(page, "kubectl get configmap mine -o name"), /configmap\/mine/);
  assert.deepEqual(page.faults, []);
});

test("undo, redo and reset, for commands and edits; the last state is back after a reload and in a new tab", async () => {
  const page = await open(here.browser, here.address);
  const names = () => run(page, "kubectl get configmap one two --ignore-not-found -o name");
  await run(page, "kubectl create configmap one");
  await run(page, "kubectl create configmap two");
  await button(page, "Undo").click();
  assert.equal(await names(), "configmap/one");
  await button(page, "Undo").click();
  await button(page, "Redo").click();
  assert.equal(await names(), "configmap/one");
  await button(page, "New file").click();
  await page.getByRole("textbox", { name: "Manifest" }).fill("kind: Nothing\n");
  assert.match(await run(page, "cat manifest-1.yaml"), /Nothing/);
  await button(page, "Undo").click();
  await button(page, "Undo").click();
  assert.match(await run(page, "cat manifest-1.yaml"), /No such file/);
  await page.waitForTimeout(200);
  await page.reload();
  await page.getByRole("textbox", { name: "Console" }).waitFor();
  assert.equal(await names(), "configmap/one");
  const context = page.context();
  await page.close();
  const again = await context.newPage();
  await again.goto(here.address);
  await again.getByRole("textbox", { name: "Console" }).waitFor();
  assert.equal(await run(again, "kubectl get configmap one -o name"), "configmap/one");
  await button(again, "Reset").click();
  assert.match(await run(again, "kubectl get configmap one -o name"), /not found/);
  await button(again, "Undo").click();
  await button(again, "Undo").click();
  assert.equal(await run(again, "kubectl get configmap one -o name"), "configmap/one");
});

test("a lab file of one's own opens from the list of labs and goes with the link; its mistakes have their lines", async () => {
  const page = await open(here.browser, here.address);
  const own = (await readFile("examples/labs/01-file-outlives-pod.md", "utf8")).replace("A file outlives its pod", "My own lab");
  const choose = async (text) => {
    await button(page, "Labs").click();
    await page.getByLabel("Open a lab file").setInputFiles({ name: "my.md", mimeType: "text/markdown", buffer: Buffer.from(text) });
  };
  await choose(own.replace("> Hint:", "> Hnt:"));
  await page.getByRole("alert").filter({ hasText: /my\.md:\d+: a quote that begins with "Hnt"/ }).waitFor();
  await choose(own);
  await page.getByRole("region", { name: "Lab", exact: true }).getByRole("heading", { name: "My own lab" }).waitFor();
  await click(page, "kubectl apply -f pod.yaml");
  await step(page, 2, "current").waitFor();
  const other = await open(here.browser, await share(page));
  await step(other, 2, "current").waitFor();
  await page.waitForTimeout(200);
  await page.reload();
  await step(page, 2, "current").waitFor();
  assert.deepEqual([...page.faults, ...other.faults], []);
});

/** The course page of examples/embed on a site of its own, with one way to treat its frames. */
async function course(around, files = {}) {
  const text = (await readFile("examples/embed/index.html", "utf8")).replace("../embed.js", `${here.address}embed.js`);
  const site = createServer((request, response) => {
    const other = files[request.url];
    response.writeHead(other === undefined && request.url.endsWith(".md") ? 404 : 200, { "content-type": "text/html" });
    response.end(other ?? (request.url === "/page" ? text : around));
  });
  await new Promise((done) => site.listen(0, "127.0.0.1", done));
  return { address: `http://localhost:${site.address().port}/`, close: () => site.close() };
}

test("a course page of another site embeds two clusters, with storage blocked", async () => {
  const site = await course("");
  const context = await here.browser.newContext({ viewport: { width: 1000, height: 1400 } });
  await context.addInitScript(() => {
    const blocked = { get() { throw new DOMException("blocked", "SecurityError"); } };
    Object.defineProperty(window, "localStorage", blocked);
    Object.defineProperty(window, "sessionStorage", blocked);
  });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto(`${site.address}page`);
  const first = page.frameLocator("state-lab:nth-of-type(1) iframe");
  await first.getByRole("button", { name: "kubectl apply -f claim.yaml", exact: true }).first().click();
  await first.getByRole("button", { name: "PersistentVolumeClaim data, Pending" }).waitFor();
  await first.getByRole("listitem", { name: /^Step 2, .*, current$/ }).waitFor();
  const second = page.frameLocator("state-lab:nth-of-type(2) iframe");
  await second.getByRole("button", { name: /^PersistentVolumeClaim notes, Pending/ }).waitFor();
  const height = () => page.evaluate(() => document.querySelector("state-lab").frame.style.height);
  await page.waitForFunction(() => document.querySelector("state-lab").frame.style.height !== "480px");
  const before = await height();
  assert.ok(parseInt(before) >= 420 && parseInt(before) <= 900, before);
  await page.evaluate(() => {
    const told = { type: "statelab:height", height: 800 };
    window.postMessage(told, "*");
    document.querySelectorAll("state-lab")[1].frame.contentWindow.postMessage(told, "*");
    for (const wrong of [null, "text", { type: "statelab:run", line: "kubectl delete pvc data" }]) document.querySelector("state-lab").frame.contentWindow.postMessage(wrong, "*");
  });
  await page.waitForTimeout(300);
  assert.equal(await height(), before);
  await first.getByRole("button", { name: "PersistentVolumeClaim data, Pending" }).waitFor();
  assert.deepEqual(faults, []);
  site.close();
});

test("what a course page embeds may be its own lab, a whole link, or wrong", async () => {
  const inside = `<script defer src="${here.address}embed.js"></script>`;
  const own = (await readFile("examples/labs/04-first-consumer.md", "utf8")).replace(/title: .*/, "title: A lab of the course");
  const maker = await open(here.browser, `${here.address}#lab=retain-claimref`);
  const link = await share(maker);
  const kinds = [`src="my.md"`, `src="none.md"`, `src="bad.md"`, `link="${link.replace(/^.*#/, "")}"`, `lab="none"`];
  const manifest = `<state-lab><pre>kind: [Pod\n</pre></state-lab>`;
  const site = await course(inside + kinds.map((kind) => `<state-lab ${kind} height="420px"></state-lab>`).join("") + manifest, { "/my.md": own, "/bad.md": own.replace("## ", "# ") + "```console check\n" });
  const page = await here.browser.newPage({ viewport: { width: 1000, height: 3000 } });
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto(site.address);
  const frame = (number) => page.frameLocator(`state-lab:nth-of-type(${number}) iframe`);
  await frame(1).getByRole("heading", { name: "A lab of the course" }).waitFor();
  await frame(1).getByRole("button", { name: "Files", exact: true }).click();
  await frame(1).getByRole("tab", { name: "claim.yaml" }).waitFor();
  await frame(1).getByRole("button", { name: "Files", exact: true }).click();
  await frame(1).getByRole("button", { name: "kubectl apply -f claim.yaml", exact: true }).first().click();
  await frame(1).getByRole("listitem", { name: /^Step 2, .*, current$/ }).waitFor();
  await frame(2).getByRole("alert").filter({ hasText: "none.md could not be fetched: 404" }).waitFor();
  await frame(3).getByRole("alert").filter({ hasText: /bad\.md:\d+: the fence that begins here is never closed/ }).waitFor();
  await frame(4).getByRole("listitem", { name: /^Step 1, .*, current$/ }).waitFor();
  await frame(5).getByRole("alert").filter({ hasText: /no lab of this name; there are file-outlives-pod.*The first scenario/ }).waitFor();
  await frame(6).getByRole("alert").filter({ hasText: /manifest.yaml cannot be applied: .*line 1/ }).waitFor();
  await frame(6).getByRole("button", { name: "kubectl get nodes", exact: true }).waitFor();
  assert.deepEqual(faults, []);
  site.close();
});

test("an embedded page works in a sandbox that has no origin and so no storage", async () => {
  const site = await course(`<iframe sandbox="allow-scripts" width="900" height="600" src="${here.address}?embed#lab=first-consumer"></iframe>`);
  const page = await here.browser.newPage();
  await page.goto(site.address);
  const frame = page.frameLocator("iframe");
  await frame.getByRole("textbox", { name: "Console" }).fill("kubectl get nodes");
  await frame.getByRole("textbox", { name: "Console" }).press("Enter");
  await frame.getByText(/node-\d +Ready/).first().waitFor();
  site.close();
});
