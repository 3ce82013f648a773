// The console under the hands of a user: runaways, completion, history, search. In the served release build.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, run } from "./page.mjs";
import { site } from "./site.mjs";

let page;
site(async ({ browser, address }) => {
  page = await open(browser, address);
});

const box = () => page.getByRole("textbox", { name: "Console" });
const atPrompt = () => page.waitForFunction(() => document.querySelector("label.line .prompt").textContent.trim().endsWith("$"));

for (const runaway of ["while true; do :; done", "yes", "while true; do echo again; done", "kubectl get pods -w", "kubectl exec web-0 -- yes"]) {
  test(`${runaway} leaves the page responsive and ends with Ctrl-C`, async () => {
    await box().fill(runaway);
    await box().press("Enter");
    // The longest time that a frame had to wait while it ran.
    const longest = await page.evaluate(async () => {
      let most = 0;
      const end = performance.now() + 1500;
      for (let last = performance.now(); last < end; ) {
        await new Promise(requestAnimationFrame);
        most = Math.max(most, performance.now() - last);
        last = performance.now();
      }
      return most;
    });
    assert.ok(longest < 1000, `a frame waited ${longest} ms`);
    await box().press("Control+c");
    await atPrompt();
    await box().press("Control+l");
    assert.equal(await run(page, "echo free"), "free");
  });
}

test("Tab completes verbs, kinds, names, flags and files", async () => {
  for (const [typed, wanted] of [
    ["kubectl desc", "kubectl describe "],
    ["kubectl get persistentvolumec", "kubectl get persistentvolumeclaims "],
    ["kubectl describe pod web-", "kubectl describe pod web-"],
    ["kubectl delete pvc www-web-2", "kubectl delete pvc www-web-2 "],
    ["kubectl get pods --all-n", "kubectl get pods --all-namespaces "],
    ["cat web", "cat web.yaml "],
  ]) {
    await box().fill(typed);
    await box().press("Tab");
    assert.equal(await box().inputValue(), wanted);
  }
  await box().fill("kubectl describe pod web-");
  await box().press("Tab");
  await page.getByRole("log", { name: "Console output" }).getByText("web-0   web-1   web-2").first().waitFor();
  await box().press("Control+c");
});

test("arrows walk the history and Ctrl-R searches it", async () => {
  await run(page, "echo first");
  await run(page, "echo second");
  await box().press("ArrowUp");
  await box().press("ArrowUp");
  assert.equal(await box().inputValue(), "echo first");
  await box().press("ArrowDown");
  assert.equal(await box().inputValue(), "echo second");
  await box().press("ArrowDown");
  assert.equal(await box().inputValue(), "");
  await box().press("Control+r");
  await box().pressSequentially("fir");
  const log = page.getByRole("log", { name: "Console output" });
  const before = await log.getByText("first", { exact: true }).count();
  await box().press("Enter");
  await atPrompt();
  assert.equal(await log.getByText("first", { exact: true }).count(), before + 1);
});

const paste = (text) =>
  box().evaluate((input, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", text);
    input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);

test("pasted lines are typed one after the other, here-documents and all; the last waits for Enter", async () => {
  await box().fill("echo before; ");
  await box().press("End");
  await paste("cat <<EOF > pasted.txt\r\none\r\n  two\r\nEOF\r\nsleep 1\r\ncat pasted.txt\r\necho wait");
  const log = page.getByRole("log", { name: "Console output" });
  await log.getByText("  two", { exact: true }).last().waitFor();
  await atPrompt();
  assert.equal(await box().inputValue(), "echo wait");
  await log.getByText("before", { exact: true }).waitFor();
  await box().press("Control+c");
  assert.equal(await run(page, "wc -l < pasted.txt"), "2");
});

test("after a click on a command the keyboard is the console's", async () => {
  await page.getByRole("button", { name: "kubectl get pods,pvc", exact: true }).click();
  await atPrompt();
  await page.keyboard.type("echo typed on");
  await page.keyboard.press("Enter");
  await page.getByRole("log", { name: "Console output" }).getByText("typed on", { exact: true }).waitFor();
});

test("after a reload each command stands over what it printed, and undo goes back before the last one", async () => {
  await box().press("Control+l");
  await run(page, "kubectl create configmap kept");
  await run(page, "kubectl create configmap kept");
  await run(page, "kubectl create configmap last");
  await page.waitForTimeout(200);
  const log = page.getByRole("log", { name: "Console output" });
  const tail = async () => (await log.locator("div").allTextContents()).slice(-6);
  const before = await tail();
  assert.match(before[1], /kept created/);
  assert.match(before[3], /already ?exists/i);
  await page.reload();
  await box().waitFor();
  assert.deepEqual(await tail(), before);
  await box().press("ArrowUp");
  assert.equal(await box().inputValue(), "kubectl create configmap last");
  await box().press("Control+c");
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await box().press("Control+l");
  assert.equal(await run(page, "kubectl get configmap kept last --ignore-not-found -o name"), "configmap/kept");
});

test("an unknown command and a wrong manifest get the words of shell and kubectl", async () => {
  assert.match(await run(page, "kubctl get pods"), /^bash: kubctl: command not found$/m);
  assert.equal(await run(page, "echo $?"), "127");
  await page.getByRole("button", { name: "New file" }).click();
  await page.getByRole("textbox", { name: "Manifest" }).fill("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  colour: red\n");
  await page.getByText(/^Line 5: .*colour/).waitFor();
  assert.match(await run(page, "kubectl apply -f manifest-1.yaml"), /unknown field "metadata.colour"/);
  assert.deepEqual(page.faults, []);
});
