// The served release build in headless Chromium, through its accessible names only.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { blank, open, run } from "./page.mjs";
import { site } from "./site.mjs";

const here = site();
const LATE = /late-.*\.wasm/;

test("the first visit shows a running StatefulSet and answers", async () => {
  const page = await open(here.browser, here.address);
  assert.match(await run(page, "kubectl get pvc"), /www-web-2 +Bound/);
  await page.getByRole("region", { name: "Cluster" }).getByRole("button", { name: "Pod web-0, Running" }).waitFor();
  assert.deepEqual(page.faults, []);
});

test("where the editor cannot load, the plain text area takes manifests", async () => {
  const page = await open(here.browser, here.address, { lost: /editor\.js/ });
  await page.getByRole("textbox", { name: "Manifest" }).fill("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await page.getByRole("log", { name: "Console output" }).getByText("configmap/plain created", { exact: true }).waitFor();
  assert.deepEqual(page.faults, []);
});

for (const [processor, rate] of [["", 1], [" on a slow processor", 4]]) {
  test(`the first answer${processor} does not wait for the late part of the program`, async () => {
    const page = await blank(here.browser);
    await page.context().route(LATE, (route) => route.abort());
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate });
    await page.goto(here.address);
    assert.match(await run(page, "kubectl get pvc"), /www-web-2 +Bound/);
    assert.equal(await page.evaluate(() => performance.getEntriesByName("statelab:late-blocked").length), 0);
  });
}

test("a command that needs the late part before it is there loads it and answers", async () => {
  const page = await open(here.browser, here.address, { lost: LATE });
  await run(page, "kubectl get pvc");
  await page.context().unroute(LATE);
  assert.match(await run(page, "kubectl explain pod.spec.nodeName"), /FIELD: nodeName <string>/);
  assert.equal(await page.evaluate(() => performance.getEntriesByName("statelab:late-blocked").length), 1);
  assert.deepEqual(page.faults, []);
});

test("the course's mysql walk: three pods, their names, and a file that outlives its pod", async () => {
  const page = await open(here.browser, here.address);
  const recorded = await readFile(new URL("../sessions/recorded/seed-002-mysql-statefulset.md", import.meta.url), "utf8");
  const manifest = recorded.split("```yaml file=mysql.yaml\n")[1].split("```")[0];
  await page.getByRole("button", { name: "New file" }).click();
  await page.getByRole("textbox", { name: "Manifest" }).fill(manifest);
  await page.getByRole("button", { name: "Apply" }).click();
  const cluster = page.getByRole("region", { name: "Cluster" });
  for (const index of [0, 1, 2]) await cluster.getByRole("button", { name: `Pod mysql-${index}, Running` }).waitFor({ timeout: 60_000 });
  assert.match(await run(page, "kubectl get ep mysql"), /:3306,.*:3306,.*:3306/);
  assert.match(await run(page, "kubectl exec mysql-1 -- ping -c 1 mysql-0.mysql"), /1 packets? received|1 received/);
  await run(page, "kubectl exec mysql-1 -- sh -c 'echo kept > /var/lib/mysql/note'");
  await cluster.getByRole("button", { name: /^File note on pvc-/ }).waitFor();
  await run(page, "kubectl delete pod mysql-1");
  await cluster.getByRole("button", { name: "Pod mysql-1, Running" }).waitFor({ timeout: 60_000 });
  assert.match(await run(page, "kubectl exec mysql-1 -- cat /var/lib/mysql/note"), /kept/);
  assert.deepEqual(page.faults, []);
});
