// Measures the page in headless Chromium and prints a table: `make figures`. No test: what it prints depends on the machine.
import { blank, launch, serve } from "./page.mjs";

const ROUNDS = 5;
const COMMANDS = 20;
// A phone: what slow 4G is in Chromium's tools, and a processor of a quarter of this one's speed.
const SLOW = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 };
const SLOWER = 4;
const server = await serve(undefined, { hosted: true });
const browser = await launch();
const middle = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

/** Types a command in the page itself, so that driving the browser is not measured; milliseconds until its answer is painted. */
const painted = (page, command, wanted) =>
  page.evaluate(
    async ([command, wanted]) => {
      const find = () => document.querySelector('input[aria-label="Console"]');
      while (!find()) await new Promise((done) => setTimeout(done, 5));
      const [box, log] = [find(), document.querySelector('[role="log"]')];
      const count = () => log.textContent.split(wanted).length;
      const before = count();
      const began = performance.now();
      box.value = command;
      box.dispatchEvent(new InputEvent("input", { bubbles: true }));
      box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
      while (count() === before) await new Promise((done) => setTimeout(done, 1));
      // Two frames: the one that paints, and the one after it.
      await new Promise(requestAnimationFrame);
      await new Promise((done) => setTimeout(done));
      const ended = performance.now();
      return { took: ended - began, since: ended };
    },
    [command, wanted],
  );

/** Milliseconds until the first answer is painted on a phone. */
async function onPhone() {
  const page = await blank(browser);
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", SLOW);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.goto(server.address, { waitUntil: "commit" });
  const { since } = await painted(page, "kubectl get pvc", "www-web-2");
  await page.context().close();
  return since;
}

const PODS = 1000;
const NODES = 10;

/** How long a Deployment takes in the page until all of its pods run, and the longest time in which nothing was painted, in milliseconds. */
async function scaled() {
  const page = await blank(browser);
  await page.goto(server.address);
  await page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((task) => (window.longest = Math.max(window.longest, task.duration)))).observe({ type: "longtask" });
  });
  await painted(page, "kubectl get pvc", "www-web-2");
  await page.getByRole("button", { name: "Labs", exact: true }).click();
  const lab = `---\ntitle: Many\nnodes: ${NODES}\n---\n## Look\nText.\n\`\`\`console check\n$ false\n\`\`\`\n\`\`\`console solution\n$ true\n\`\`\`\n`;
  await page.getByLabel("Open a lab file").setInputFiles({ name: "many.md", mimeType: "text/markdown", buffer: Buffer.from(lab) });
  await page.getByRole("heading", { name: "Many" }).waitFor();
  const speed = page.getByRole("button", { name: "Speed" });
  for (let text = ""; text !== "20×"; text = await speed.textContent()) await speed.click();
  await page.evaluate(() => (window.longest = 0));
  const { took } = await painted(page, `kubectl create deployment many --image=nginx --replicas=${PODS}; kubectl rollout status deployment many`, "successfully rolled out");
  const longest = await page.evaluate(() => window.longest);
  await page.context().close();
  return { took, longest };
}

const first = [];
const slow = [];
const typed = [];
let heap = 0;
for (let round = 0; round < ROUNDS; round += 1) {
  const page = await blank(browser);
  await page.goto(server.address, { waitUntil: "commit" });
  first.push((await painted(page, "kubectl get pvc", "www-web-2")).since);
  for (let count = 0; count < COMMANDS; count += 1) typed.push((await painted(page, "kubectl get pods", "web-2")).took);
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize = 0 } = await session.send("Runtime.getHeapUsage");
  const memory = await page.evaluate(() => window.program.memory.buffer.byteLength);
  heap = Math.max(heap, usedSize + backingStorageSize + memory);
  await page.context().close();
  slow.push(await onPhone());
}
typed.sort((a, b) => a - b);
const many = await scaled();
for (const [what, figure, aim] of [
  ["cold load to the first `kubectl get pvc` answered", `${(middle(first) / 1000).toFixed(2)} s`, "2 s"],
  ["the same on slow 4G, a processor 4 times slower", `${(middle(slow) / 1000).toFixed(2)} s`, "3 s"],
  ["a command typed until painted, median", `${middle(typed).toFixed(0)} ms`, "50 ms"],
  ["a command typed until painted, 99 of 100", `${typed[Math.ceil(typed.length * 0.99) - 1].toFixed(0)} ms`, "50 ms"],
  [`${PODS} pods of a Deployment on ${NODES} nodes Running`, `${(many.took / 1000).toFixed(2)} s`, "1 s"],
  ["the longest task on the way", `${many.longest.toFixed(0)} ms`, "50 ms"],
  ["heap and wasm memory after the first scenario", `${(heap / 2 ** 20).toFixed(1)} MB`, "64 MB"],
])
  console.log(`| ${what.padEnd(52)} | ${figure.padStart(8)} | aim ${aim.padStart(5)} |`);
await browser.close();
server.close();
