// Cuts a release build's wasm in two: what the first answer needs, and what is fetched right after first paint (the functions and texts
// of late.json, with every constant that only they use). A call that comes before the late part is there loads it on the spot.
// Binaryen's wasm-split does this from a profile, but is not in its npm package. usage: split.mjs DIST
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";
import { constants, covering } from "./constants.mjs";
import { FUNCTION, NAME, SMALL, items, plain } from "./names.mjs";

// Names in stack traces, for finding out what reached the late part too soon.
binaryen.setDebugInfo(Boolean(process.env.STATELAB_NAMES));

const here = dirname(fileURLToPath(import.meta.url));
// A debug build stays whole, and one that is asked to.
if (process.env.TRUNK_PROFILE === "debug" || process.env.STATELAB_WHOLE) process.exit(0);
const linked = join(process.env.CARGO_TARGET_DIR ?? join(here, "../target"), "wasm32-unknown-unknown/wasm/statelab.wasm");
const dist = process.argv[2] ?? process.env.TRUNK_STAGING_DIR;
const { modules, texts: paths } = JSON.parse(readFileSync(join(here, "late.json"), "utf8"));
const texts = paths.flatMap((path) => (path.endsWith("/") ? readdirSync(join(here, "..", path)).map((name) => path + name) : [path]));

const CALLS = new RegExp(String.raw`\((?:call|ref\.func|return_call) (${NAME})`, "g");
const GLOBALS = new RegExp(String.raw`\(global\.[gs]et (${NAME})`, "g");

/** A module's text, item by item: the functions by name with what they use, everything else by its first word. */
function read(text) {
  const { head, items: all } = items(text);
  const read = { head, type: [], import: [], global: [], memory: [], table: [], elem: [], data: [], export: [], functions: new Map() };
  for (const item of all) {
    const word = item.match(/^ \((\w+)/)[1];
    if (word !== "func") {
      read[word].push(item);
      continue;
    }
    const [, name, signature] = item.match(FUNCTION);
    const calls = new Set([...item.matchAll(CALLS)].map((call) => call[1]));
    read.functions.set(name, { text: item, signature, calls });
  }
  for (const item of read.import) {
    const [, name, signature] = item.match(new RegExp(String.raw`\(func (${NAME})(.*)\)\)$`, "s")) ?? [];
    if (name) read.functions.set(name, { imported: true, signature, calls: new Set() });
  }
  return read;
}

/** The bytes of a data item's string. */
function bytes(literal) {
  const out = [];
  for (let at = 0; at < literal.length; at += 1) {
    if (literal[at] !== "\\") out.push(literal.charCodeAt(at));
    else if (/[0-9a-fA-F]/.test(literal[at + 1])) out.push(parseInt(literal.slice(at + 1, (at += 2) + 1), 16));
    else out.push({ t: 9, n: 10, r: 13 }[literal[(at += 1)]] ?? literal.charCodeAt(at));
  }
  return Buffer.from(out);
}

function data(address, content) {
  const literal = [...content].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  return ` (data (i32.const ${address}) "${literal}")`;
}

/** What the early functions use of the constants, and the rest, which only late functions and the late texts' readers use. */
function cut(wasm, inEarly) {
  const { constants: all, of, refers } = constants(readFileSync(linked));
  const wanted = texts.map((path) => readFileSync(join(here, "..", path)));
  const [low, high] = [all[0].address, Math.max(...all.map(({ address, size }) => address + size))];
  const todo = [];
  for (const name of inEarly) {
    const { text, imported } = wasm.functions.get(name);
    if (imported) continue;
    const used = of.get(name.replace(/^\$"?|"$/g, ""));
    if (used) {
      todo.push(...used);
      continue;
    }
    // The linker knows nothing of what wasm-bindgen has put between; that names its constants as they are.
    const named = [...text.matchAll(/\(i32\.const (\d+)\)/g)].map(([, value]) => Number(value)).filter((value) => value >= low && value < high);
    if (named.length > 0 && !/shim"?$/.test(name)) throw new Error(`${name}: the linker does not say what it uses`);
    todo.push(...named.flatMap((address) => covering(all, address)));
  }
  const kept = new Set();
  while (todo.length > 0) {
    const at = todo.pop();
    if (kept.has(at)) continue;
    kept.add(at);
    todo.push(...refers[at]);
  }
  // For each byte: 0, no constant; 1, of a late constant; 2, of an early one.
  const owner = new Uint8Array(high - low);
  const mark = ({ address, size }, value) => owner.fill(value, address - low, address - low + size);
  all.forEach((constant, at) => kept.has(at) || mark(constant, 1));
  all.forEach((constant, at) => kept.has(at) && mark(constant, 2));
  const items = wasm.data.map((item) => {
    const [, address, literal] = item.match(/\(i32\.const (\d+)\) "((?:[^"\\]|\\.)*)"\)$/s);
    return { address: Number(address), content: bytes(literal) };
  });
  for (const text of wanted) {
    const item = items.find(({ content }) => content.includes(text));
    if (!item) throw new Error("a late text is not in the program");
    mark({ address: item.address + item.content.indexOf(text), size: text.length }, 1);
  }
  const late = [];
  const early = items.map(({ address, content }) => {
    const rest = Buffer.from(content);
    for (let from = 0, to; from < content.length; from = to) {
      const isLate = (at) => owner[address + at - low] === 1;
      for (to = from + 1; to < content.length && isLate(to) === isLate(from); to += 1);
      if (!isLate(from)) continue;
      late.push(data(address + from, content.subarray(from, to)));
      rest.fill(0, from, to);
    }
    return data(address, rest);
  });
  return { early, late };
}

/** The functions of the early part: all that can be reached without passing a late module. */
function early(wasm) {
  const isLate = (name) => {
    const { text, imported } = wasm.functions.get(name);
    return !imported && text.length > SMALL && modules.some((module) => plain(name).includes(module));
  };
  const roots = [...wasm.export, ...wasm.elem].flatMap((item) => [...item.matchAll(new RegExp(NAME, "g"))].map((found) => found[0]));
  const reached = new Set();
  const todo = roots.filter((name) => wasm.functions.has(name));
  while (todo.length > 0) {
    const name = todo.pop();
    if (reached.has(name) || isLate(name)) continue;
    reached.add(name);
    todo.push(...wasm.functions.get(name).calls);
  }
  return reached;
}

/** `(param $0 i32) (param $1 i32) (result i32)` without the names. */
const shape = (signature) => signature.replace(/\(param \$\S+ /g, "(param ").replace(/\(type [^)]*\)/g, "");

function split(text) {
  const wasm = read(text);
  const inEarly = early(wasm);
  const { early: earlyData, late: lateData } = cut(wasm, inEarly);
  const lateNames = [...wasm.functions.keys()].filter((name) => !inEarly.has(name) && !wasm.functions.get(name).imported);
  const isLate = new Set(lateNames);
  const tableText = wasm.table.find((item) => item.includes("funcref"));
  const [, table, size] = tableText.match(new RegExp(String.raw`\(table (${NAME}) (\d+)`));
  const named = (item) => [...item.matchAll(new RegExp(NAME, "g"))].map((found) => found[0]);
  const called = new Set([...[...inEarly].flatMap((name) => [...wasm.functions.get(name).calls]), ...wasm.export.flatMap(named), ...wasm.elem.flatMap(named)]);
  const entries = lateNames.filter((name) => called.has(name));
  const [, load] = wasm.export.find((item) => item.includes('"late_missing"')).match(new RegExp(String.raw`\(func (${NAME})\)`));

  const stubs = entries.map((name, index) => {
    const { signature } = wasm.functions.get(name);
    const parameters = [...signature.matchAll(/\(param (\$\S+)/g)].map((parameter) => `(local.get ${parameter[1]})`).join(" ");
    return ` (func ${name}${signature} (if (i32.eqz (global.get $late)) (then (call ${load}))) (call_indirect ${table}${shape(signature)} ${parameters} (i32.const ${Number(size) + index})))`;
  });
  const shared = new Set(lateNames.flatMap((name) => [...wasm.functions.get(name).calls]).filter((name) => !isLate.has(name)));
  const lateTexts = lateNames.map((name) => wasm.functions.get(name).text);
  const mutable = wasm.global.filter((item) => item.includes("(mut ")).map((item) => item.match(new RegExp(NAME))[0]);
  const globals = [...new Set(lateTexts.flatMap((text) => [...text.matchAll(GLOBALS)].map((found) => found[1])))].filter((name) => mutable.includes(name));
  const tables = wasm.table.map((item) => item.match(new RegExp(String.raw`\(table (${NAME}) (.*)\)$`)));
  const memory = wasm.memory[0].match(new RegExp(String.raw`\(memory (${NAME}) (.*)\)$`));
  const sharedNames = [...shared];

  const first = [
    wasm.head,
    ...wasm.type,
    ...wasm.import,
    ...wasm.global,
    " (global $late (mut i32) (i32.const 0))",
    ...wasm.memory,
    ...wasm.table.map((item) => (item === tableText ? ` (table ${table} ${Number(size) + entries.length} funcref)` : item)),
    ...wasm.elem,
    ...earlyData,
    ...wasm.export,
    ' (export "late" (global $late))',
    ...tables.map(([, name], index) => ` (export "t${index}" (table ${name}))`),
    ...globals.map((name, index) => ` (export "g${index}" (global ${name}))`),
    ...sharedNames.map((name, index) => ` (export "f${index}" (func ${name}))`),
    ...[...inEarly].filter((name) => !wasm.functions.get(name).imported).map((name) => wasm.functions.get(name).text),
    ...stubs,
    ")",
  ];
  const second = [
    wasm.head,
    ...wasm.type,
    ` (import "e" "memory" (memory ${memory[1]} ${memory[2]}))`,
    ...tables.map(([, name, type], index) => ` (import "e" "t${index}" (table ${name} ${type.replace(/^(\d+) \d+ /, "$1 ")}))`),
    ...globals.map((name, index) => ` (import "e" "g${index}" (global ${name} (mut i32)))`),
    ...sharedNames.map((name, index) => ` (import "e" "f${index}" (func ${name}${wasm.functions.get(name).signature}))`),
    ...wasm.global.filter((item) => !item.includes("(mut ")),
    ` (elem (table ${table}) (i32.const ${size}) func ${entries.join(" ")})`,
    ...lateData,
    ...lateTexts,
    ")",
  ];
  return { first: first.join("\n"), second: second.join("\n") };
}

function assemble(text, features) {
  const module = binaryen.parseText(text);
  module.setFeatures(features);
  module.runPasses(["duplicate-function-elimination", "remove-unused-module-elements", "memory-packing", "reorder-functions"]);
  return Buffer.from(module.emitBinary());
}

const whole = readdirSync(dist).find((name) => name.endsWith("_bg.wasm"));
const module = binaryen.readBinary(readFileSync(join(dist, whole)));
const { first, second } = split(module.emitText());
writeFileSync(join(dist, whole), assemble(first, module.getFeatures()));
const late = assemble(second, module.getFeatures());
const name = `late-${createHash("sha256").update(late).digest("hex").slice(0, 16)}.wasm`;
for (const old of readdirSync(dist).filter((name) => /^late-.*\.wasm$/.test(name))) unlinkSync(join(dist, old));
writeFileSync(join(dist, name), late);
const page = join(dist, "index.html");
writeFileSync(page, readFileSync(page, "utf8").replace(/(<title>)/, `<link rel=late href=./${name}>$1`));
