// What the tests of the page share: a static server for dist/ in a sub-folder, and a headless Chromium.
import { createServer } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { pack } from "../../.ci/pack.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { chromium } = createRequire(join(root, ".ci/package.json"))("playwright-core");
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };

/** The files of a folder by their path in it, packed. */
async function packed(folder) {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return new Map(await Promise.all(files.map(async (name) => [name, pack(name, await readFile(name))])));
}

/**
 * Serves dist/, or another build, under /lab/ and examples/embed/ under /lab/embed/; the address ends in a slash. `hosted`: packed, as most
 * hosts send it.
 */
export async function serve(dist = join(root, "dist"), { hosted = false } = {}) {
  const sent = hosted ? await packed(dist) : new Map();
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://x").pathname);
    const inside = path.replace(/^\/lab\//, "");
    const wanted = inside === "" || inside.endsWith("/") ? `${inside}index.html` : inside;
    const name = join(wanted.startsWith("embed/") ? join(root, "examples") : dist, wanted);
    try {
      const bytes = sent.get(name) ?? (await readFile(name));
      const encoding = sent.has(name) ? { "content-encoding": "br" } : {};
      // As hosts of static pages do, so that a frame without an origin may load its parts.
      response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "application/octet-stream", "access-control-allow-origin": "*", ...encoding });
      response.end(bytes);
    } catch {
      response.writeHead(404);
      response.end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { address: `http://127.0.0.1:${server.address().port}/lab/`, close: () => server.close() };
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
  });
}

/** A page in a browser that has nothing of it yet; once the program runs, `program` is what its wasm exports. */
export async function blank(browser, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.addInitScript(() => addEventListener("TrunkApplicationStarted", (event) => { window.program = event.detail.wasm; }));
  return page;
}

/** A page with the playground open and its console ready; what has an address like `lost` never arrives. */
export async function open(browser, address, { lost, ...options } = {}) {
  const page = await blank(browser, options);
  if (lost) await page.context().route(lost, (route) => route.abort());
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  await page.goto(address);
  await page.getByRole("textbox", { name: "Console" }).waitFor();
  return page;
}

/** Types a command and waits until the console is at its prompt again; gives what it printed. */
export async function run(page, command) {
  const log = page.getByRole("log", { name: "Console output" });
  const before = await log.locator("div").count();
  const box = page.getByRole("textbox", { name: "Console" });
  await box.fill(command);
  await box.press("Enter");
  await page.waitForFunction(() => document.querySelector("label.line .prompt").textContent.trim().endsWith("$"));
  const lines = await log.locator("div").allTextContents();
  return lines.slice(before + 1).join("\n");
}
