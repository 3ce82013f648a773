// Writes late.json: which functions a first visit does not run up to its first answer. `make profile`, after the program has changed a lot.
// usage: profile.mjs DIST, a release build that was not cut (STATELAB_WHOLE=1 STATELAB_NAMES=1)
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import binaryen from "binaryen";
import { FUNCTION, SMALL, items, plain } from "./names.mjs";
import { launch, open, run, serve } from "../tests/page/page.mjs";

binaryen.setDebugInfo(true);
const PAGE = 65536;
const LOCALS = /^(?:\n  \(local [^)]*\))*/;
// A beginning of a path of fewer letters says too little.
const SHORT = 12;
// How values of the standard library's types are dropped stands under names that differ from compiler to compiler.
const DROPS = /^core::ptr::drop_in_place<(?!.*(?:statelab|yew|wasm_bindgen))/;
const WIDTHS = [1280, 360];
const TICKS_MS = 2000;

/** The module with a byte for each function, behind the memory it starts with, that is set when the function runs. */
function instrument(text) {
  const [, pages] = text.match(/\(memory \$\S+ (\d+)/);
  const start = Number(pages) * PAGE;
  const sizes = new Map();
  const { head, items: all } = items(text);
  const marked = all.map((item) => {
    const [begin, name] = item.match(FUNCTION) ?? [];
    if (!name) return item;
    sizes.set(name, item.length);
    const body = begin.length + item.slice(begin.length).match(LOCALS)[0].length;
    return `${item.slice(0, body)}\n  (i32.store8 (i32.const ${start + sizes.size - 1}) (i32.const 1))${item.slice(body)}`;
  });
  const more = Math.ceil(sizes.size / PAGE);
  // As in a build that was cut, whose late part never comes.
  const late = [' (global $late (mut i32) (i32.const 0))', ' (export "late" (global $late))', ")"];
  const grown = [head, ...marked, ...late].join("\n").replace(/(\(memory \$\S+ )(\d+)/, (_, memory, count) => memory + (Number(count) + more));
  return { sizes, start, text: grown };
}

/** The functions that ran in first visits, by name, and the sizes of all. */
async function profile(dist) {
  const file = join(dist, readdirSync(dist).find((name) => name.endsWith("_bg.wasm")));
  const page = join(dist, "index.html");
  const [program, html] = [readFileSync(file), readFileSync(page, "utf8")];
  const module = binaryen.readBinary(program);
  const { sizes, start, text } = instrument(module.emitText());
  const instrumented = binaryen.parseText(text);
  instrumented.setFeatures(module.getFeatures());
  writeFileSync(file, Buffer.from(instrumented.emitBinary()));
  writeFileSync(page, html.replace("<title>", "<link rel=late href=./none.wasm><title>"));
  const names = [...sizes.keys()];
  const ran = new Set();
  const server = await serve(dist);
  const browser = await launch();
  for (const width of WIDTHS) {
    const visit = await open(browser, server.address, { viewport: { width, height: 800 } });
    await run(visit, "kubectl get pvc");
    // A slow machine has come this far when it answers.
    await visit.waitForTimeout(TICKS_MS);
    const bytes = await visit.evaluate(([start, length]) => [...new Uint8Array(window.wasmMemory.buffer, start, length)], [start, names.length]);
    bytes.forEach((byte, index) => byte && ran.add(names[index]));
  }
  await browser.close();
  server.close();
  writeFileSync(file, program);
  writeFileSync(page, html);
  return { sizes, ran };
}

/** The shortest beginnings of paths that match functions which did not run, and none that did. */
function patterns({ sizes, ran }) {
  const big = [...sizes.keys()].filter((name) => sizes.get(name) > SMALL);
  const taken = big.filter((name) => ran.has(name)).map(plain);
  const found = [];
  for (const name of big.filter((name) => !ran.has(name)).map(plain).sort((a, b) => a.length - b.length)) {
    if (found.some((pattern) => name.includes(pattern))) continue;
    const ends = [...name.matchAll(/::|$/g)].map((end) => end.index);
    const pattern = ends.map((end) => name.slice(0, end)).find((beginning) => beginning.length > SHORT && !DROPS.test(beginning) && !taken.some((other) => other.includes(beginning)));
    if (pattern) found.push(pattern);
  }
  return found.filter((pattern) => !found.some((other) => other !== pattern && pattern.includes(other))).sort();
}

const list = new URL("late.json", import.meta.url);
const { texts } = JSON.parse(readFileSync(list, "utf8"));
const modules = patterns(await profile(process.argv[2]));
writeFileSync(list, `${JSON.stringify({ modules, texts }, null, 1)}\n`);
console.log(`${modules.length} patterns`);
