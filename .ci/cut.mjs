// Cuts a release build's wasm in two: the functions that a first visit runs until its first answer, and all others, which are fetched right
// after first paint; each with the constants that it uses. Which is which a visit tells: headless Chromium runs the build with a mark at each
// function, so that no list of them is kept. A call that comes before the late part is there loads it on the spot (src/app/late.rs).
//
// Binaryen's wasm-split cuts functions alike, but is not in its npm package, and leaves all constants in the first part (170 KB more);
// wasm_split and Dioxus' splitter want asynchronous functions at the cut, and leave what a module's functions share (240 KB more).
// usage: cut.mjs DIST
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";
import { blank, launch, run, serve } from "../tests/page/page.mjs";
import { constants, covering, standard } from "./constants.mjs";

const WIDTHS = [1280, 360];
// How many times slower a processor is than this one: what comes together on one machine comes one by one on another.
const SLOWER = [1, 3, 10];
const PATIENCE_MS = 120_000;
// How far simulated time may have come when the late part arrives over a slow connection.
const TICKS_MS = 5000;
// Functions of less text than this stay in the first part: they weigh little, and whether they run hangs on chance most often.
const SMALL = 300;
// What loads the late part (src/app/late.rs) stands in the first one, though no first visit runs it.
const LOAD = "late_missing";
// The flag that late.rs reads, and the table through which the first part calls the late one.
const [FLAG, ENTRIES] = ["late", "entries"];
// What the late part imports all from.
const FIRST = "e";
const NO_LIMIT = 0xffffffff;

const here = dirname(fileURLToPath(import.meta.url));
const dist = process.argv[2];
const wasm = readdirSync(dist).find((name) => name.endsWith("_bg.wasm"));
const page = join(dist, "index.html");
const html = readFileSync(page, "utf8");
const whole = standard(readFileSync(join(dist, wasm)));
const linked = readFileSync(join(process.env.CARGO_TARGET_DIR ?? join(here, "../target"), "wasm32-unknown-unknown/wasm/statelab.wasm"));
// Until they are written, functions are known by their names.
binaryen.setDebugInfo(true);

const read = () => binaryen.readBinary(whole);
const each = (count, at) => Array.from({ length: count }, (_, index) => at(index));
const functions = (module) => each(module.getNumFunctions(), (index) => binaryen.getFunctionInfo(module.getFunctionByIndex(index)));
const defined = (module) => functions(module).filter((one) => !one.module);
const tables = (module) => each(module.getNumTables(), (index) => binaryen.getTableInfo(module.getTableByIndex(index)));
const exported = (module) => each(module.getNumExports(), (index) => binaryen.getExportInfo(module.getExportByIndex(index)));
const elements = (module) => each(module.getNumElementSegments(), (index) => binaryen.getElementSegmentInfo(module.getElementSegmentByIndex(index)));
const segments = (module) => each(module.getNumDataSegments(), (index) => module.getDataSegmentInfo(module.getDataSegmentByIndex(index)));
const changing = (module) => each(module.getNumGlobals(), (index) => binaryen.getGlobalInfo(module.getGlobalByIndex(index))).filter(({ mutable }) => mutable);

function addFlag(module) {
  module.addGlobal(FLAG, binaryen.i32, true, module.i32.const(0));
  module.addGlobalExport(FLAG, FLAG);
}

/** The names of the functions that run in first visits: at each width, on each processor. */
async function visited() {
  const module = read();
  const all = defined(module);
  all.forEach(({ name, body }, index) => {
    const mark = `ran${index}`;
    module.addGlobal(mark, binaryen.i32, true, module.i32.const(0));
    module.addGlobalExport(mark, mark);
    binaryen.Function.setBody(module.getFunction(name), module.block(null, [module.global.set(mark, module.i32.const(1)), body]));
  });
  // As in a build that was cut, whose late part never comes.
  addFlag(module);
  writeFileSync(join(dist, wasm), module.emitBinary());
  writeFileSync(page, html.replace("<title>", "<link rel=late href=./none.wasm><title>"));
  const server = await serve(dist);
  const browser = await launch();
  const ran = new Set();
  for (const rate of SLOWER) {
    for (const width of WIDTHS) {
      const marks = await visit(browser, server.address, { width, rate, count: all.length });
      marks.forEach((mark, index) => mark && ran.add(all[index].name));
    }
  }
  await browser.close();
  server.close();
  return ran;
}

/** One visit: which functions have run, by their places. */
async function visit(browser, address, { width, rate, count }) {
  const visit = await blank(browser, { viewport: { width, height: 800 } });
  visit.setDefaultTimeout(PATIENCE_MS);
  const session = await visit.context().newCDPSession(visit);
  await session.send("Emulation.setCPUThrottlingRate", { rate });
  await visit.goto(address);
  await run(visit, "kubectl get pvc");
  await visit.waitForTimeout(TICKS_MS);
  const marks = await visit.evaluate((count) => Array.from({ length: count }, (_, index) => window.program[`ran${index}`].value), count);
  await visit.context().close();
  return marks;
}

/** The functions that are left once what nothing reaches is gone. */
function left(module) {
  module.runPasses(["remove-unused-module-elements"]);
  return functions(module).map(({ name }) => name);
}

/** Which functions the first part holds or imports (it imports for the late one too), and which late ones it calls. */
function parts(ran) {
  const module = read();
  const imported = functions(module).filter((one) => one.module);
  const isLate = ({ name, body }) => !ran.has(name) && name !== LOAD && binaryen.emitText(body).length >= SMALL;
  const late = new Set(defined(module).filter(isLate).map(({ name }) => name));
  for (const name of late) binaryen.Function.setBody(module.getFunction(name), module.unreachable());
  const reached = left(module);
  const early = [...imported.map(({ name }) => name), ...reached.filter((name) => !late.has(name))];
  return { early: new Set(early), entries: reached.filter((name) => late.has(name)) };
}

/** The constants, from the linker, that the early functions use with all that those refer to: a byte for each of theirs, from `low` on. */
function earlyBytes(early) {
  const { constants: all, of, refers } = constants(linked);
  const [low, high] = [all[0].address, Math.max(...all.map(({ address, size }) => address + size))];
  const todo = [];
  for (const { name, body } of defined(read()).filter(({ name }) => early.has(name))) {
    if (of.has(name)) {
      todo.push(...of.get(name));
      continue;
    }
    // The linker knows nothing of what wasm-bindgen has put between; that names its constants as they are.
    const named = [...binaryen.emitText(body).matchAll(/\(i32\.const (\d+)\)/g)].map(([, value]) => Number(value)).filter((value) => value >= low && value < high);
    if (named.length > 0 && !/shim$/.test(name)) throw new Error(`${name}: the linker does not say what it uses`);
    todo.push(...named.flatMap((address) => covering(all, address)));
  }
  const kept = new Set();
  while (todo.length > 0) {
    const at = todo.pop();
    if (kept.has(at)) continue;
    kept.add(at);
    todo.push(...refers[at]);
  }
  // Bytes of no constant stay with the first part.
  const isEarly = new Uint8Array(high - low).fill(1);
  const mark = (wanted, value) => all.forEach(({ address, size }, at) => kept.has(at) === wanted && isEarly.fill(value, address - low, address - low + size));
  mark(false, 0);
  mark(true, 1);
  return { low, isEarly };
}

/** The data of one part, as the runs of bytes that are its own. */
function data({ low, isEarly }, wanted) {
  const of = (address) => isEarly[address - low] ?? 1;
  const found = [];
  for (const { offset, data } of segments(read())) {
    const bytes = new Uint8Array(data);
    for (let from = 0, to; from < bytes.length; from = to) {
      const part = of(offset + from);
      for (to = from + 1; to < bytes.length && of(offset + to) === part; to += 1);
      if (part === wanted) found.push({ offset: offset + from, data: bytes.subarray(from, to) });
    }
  }
  return found;
}

function setData(module, found) {
  const { initial, max } = module.getMemoryInfo();
  const named = found.map(({ offset, data }, index) => ({ name: `d${index}`, offset: module.i32.const(offset), data }));
  module.setMemory(initial, max ?? NO_LIMIT, null, named, false, false, "0");
}

/** The late part, and the names of what it imports of the first one's functions: what is early stands in it as an import. */
function latePart({ early, entries }, found) {
  const module = read();
  const all = functions(module);
  const as = new Map(all.map(({ name }, index) => [name, `f${index}`]));
  for (const { name, params, results } of all.filter(({ name }) => early.has(name))) {
    module.removeFunction(name);
    module.addFunctionImport(name, FIRST, as.get(name), params, results);
  }
  exported(module).forEach(({ name }) => module.removeExport(name));
  elements(module).forEach(({ name }) => module.removeElementSegment(name));
  setData(module, found);
  module.addMemoryImport("0", FIRST, "memory");
  tables(module).forEach(({ name }, index) => module.addTableImport(name, FIRST, `t${index}`));
  changing(module).forEach(({ name, type }, index) => {
    module.removeGlobal(name);
    module.addGlobalImport(name, FIRST, `g${index}`, type, true);
  });
  module.addTable(ENTRIES, entries.length, entries.length);
  module.addTableImport(ENTRIES, FIRST, ENTRIES);
  module.addActiveElementSegment(ENTRIES, ENTRIES, entries, module.i32.const(0));
  const shared = left(module).filter((name) => early.has(name));
  return { module, shared: shared.map((name) => [name, as.get(name)]) };
}

/** The first part: where it calls a late function, it loads the late part if it must, and calls through the table that this fills. */
function firstPart({ entries }, found, shared) {
  const module = read();
  tables(module).forEach(({ name }, index) => module.addTableExport(name, `t${index}`));
  changing(module).forEach(({ name }, index) => module.addGlobalExport(name, `g${index}`));
  shared.forEach(([name, as]) => module.addFunctionExport(name, as));
  addFlag(module);
  module.addTable(ENTRIES, entries.length, entries.length);
  module.addTableExport(ENTRIES, ENTRIES);
  entries.forEach((name, index) => {
    const { params, results } = binaryen.getFunctionInfo(module.getFunction(name));
    const given = binaryen.expandType(params).map((type, local) => module.local.get(local, type));
    const load = module.if(module.i32.eqz(module.global.get(FLAG, binaryen.i32)), module.call(LOAD, [], binaryen.none));
    const call = module.call_indirect(ENTRIES, module.i32.const(index), given, params, results);
    module.removeFunction(name);
    module.addFunction(name, params, results, [], module.block(null, [load, call], results));
  });
  setData(module, found);
  return module;
}

/** A part's bytes. STATELAB_NAMES keeps the names of functions, for finding out what reached the late part too soon. */
function bytes(module) {
  module.runPasses(["remove-unused-module-elements", "duplicate-function-elimination", "memory-packing", "reorder-functions"]);
  if (!module.validate()) throw new Error("a part of the program is not valid");
  binaryen.setDebugInfo(Boolean(process.env.STATELAB_NAMES));
  const written = Buffer.from(module.emitBinary());
  binaryen.setDebugInfo(true);
  return written;
}

const found = parts(await visited());
const early = earlyBytes(found.early);
const { module: late, shared } = latePart(found, data(early, 0));
const [first, second] = [firstPart(found, data(early, 1), shared), late].map(bytes);
const named = (bytes, name) => name(createHash("sha256").update(bytes).digest("hex").slice(0, 16));
// Named after what is in them: a browser never joins parts of different builds.
const firstName = named(first, (hash) => `statelab-${hash}_bg.wasm`);
const lateName = named(second, (hash) => `late-${hash}.wasm`);
unlinkSync(join(dist, wasm));
writeFileSync(join(dist, firstName), first);
writeFileSync(join(dist, lateName), second);
writeFileSync(page, html.replaceAll(wasm, firstName).replace("<title>", `<link rel=late href=./${lateName}><title>`));
