// Which constants each function of the program uses, by what the linker tells (`--emit-relocs`, .ci/link.rs).
// Models the WebAssembly object file linking convention, version 2.

const [SYMBOLS, FUNCTION, DATA, UNDEFINED, EXPLICIT_NAME] = [8, 0, 1, 0x10, 0x40];
// Kinds of relocation without an addend: indices of functions, types, globals, tags and tables.
const NO_ADDEND = new Set([0, 1, 2, 6, 7, 10, 12, 13, 18, 19, 20, 24, 26]);

/** Reads a wasm file's bytes from a place on. */
class Reader {
  constructor(bytes, at = 0) {
    Object.assign(this, { bytes, at });
  }
  byte() {
    return this.bytes[this.at++];
  }
  /** A number of up to 32 bits, with or without a sign. */
  number(signed = false) {
    let [value, shift, byte] = [0n, 0n, 0];
    do {
      byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      shift += 7n;
    } while (byte & 128);
    return Number(signed && byte & 64 ? value - (1n << shift) : value);
  }
  text() {
    const length = this.number();
    return this.bytes.toString("utf8", this.at, (this.at += length));
  }
}

/** The sections by their name: where the payload begins and ends. */
function sections(bytes) {
  const found = {};
  const reader = new Reader(bytes, 8);
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const length = reader.number();
    const end = reader.at + length;
    const name = id === 0 ? reader.text() : id;
    found[name] = { start: reader.at, end };
    reader.at = end;
  }
  return found;
}

/** The symbols of the linking section: constants with segment, offset and size. */
function symbols(bytes, { start, end }) {
  const reader = new Reader(bytes, start);
  reader.number();
  while (reader.at < end) {
    const type = reader.byte();
    const length = reader.number();
    if (type !== SYMBOLS) {
      reader.at += length;
      continue;
    }
    return Array.from({ length: reader.number() }, () => {
      const kind = reader.byte();
      const flags = reader.number();
      if (kind === DATA) {
        const name = reader.text();
        return flags & UNDEFINED ? { kind, name } : { kind, name, segment: reader.number(), offset: reader.number(), size: reader.number() };
      }
      const index = reader.number();
      // Sections have no name; of what is imported, only the name that differs is there.
      const named = kind !== 3 && (!(flags & UNDEFINED) || flags & EXPLICIT_NAME);
      return { kind, index, name: named ? reader.text() : undefined };
    });
  }
  throw new Error("the linker wrote no symbols");
}

/** The relocations of a section: the place in it, and the symbol. */
function relocations(bytes, { start }) {
  const reader = new Reader(bytes, start);
  reader.number();
  return Array.from({ length: reader.number() }, () => {
    const type = reader.byte();
    const [offset, symbol] = [reader.number(), reader.number()];
    if (!NO_ADDEND.has(type)) reader.number(true);
    return { type, offset, symbol };
  });
}

/** The data segments: address, and where their bytes are in the section. */
function segments(bytes, { start }) {
  const reader = new Reader(bytes, start);
  return Array.from({ length: reader.number() }, () => {
    if (reader.number() !== 0) throw new Error("a passive data segment");
    reader.byte();
    const address = reader.number(true);
    reader.byte();
    const length = reader.number();
    const from = reader.at - start;
    reader.at += length;
    return { address, from, length };
  });
}

/** The functions' bodies, in order: where they end in the code section. */
function bodies(bytes, { start }) {
  const reader = new Reader(bytes, start);
  return Array.from({ length: reader.number() }, () => {
    const length = reader.number();
    reader.at += length;
    return reader.at - start;
  });
}

function functionNames(bytes, { start, end }) {
  const reader = new Reader(bytes, start);
  while (reader.at < end) {
    const type = reader.byte();
    const length = reader.number();
    if (type === 1) return new Map(Array.from({ length: reader.number() }, () => [reader.number(), reader.text()]));
    reader.at += length;
  }
  throw new Error("the functions have no names");
}

const importedFunctions = (bytes, { start }) => {
  const reader = new Reader(bytes, start);
  let functions = 0;
  for (let left = reader.number(); left > 0; left -= 1) {
    reader.text();
    reader.text();
    const kind = reader.byte();
    if (kind !== 0) throw new Error("the program imports more than functions");
    functions += 1;
    reader.number();
  }
  return functions;
};

/**
 * `constants`: every constant's address and size, in order of address. `of`: by the name of a function, the places in that list
 * of what it uses, with what those refer to in turn.
 */
export function constants(bytes) {
  const found = sections(bytes);
  const all = symbols(bytes, found.linking);
  const placed = segments(bytes, found[11]);
  const list = all
    .map((symbol, index) => ({ ...symbol, index }))
    .filter((symbol) => symbol.kind === DATA && symbol.size > 0)
    .map(({ segment, offset, size, index, name }) => ({ address: placed[segment].address + offset, size, index, name }))
    .sort((a, b) => a.address - b.address || b.size - a.size);
  const place = new Map(list.map(({ index }, at) => [index, at]));
  // What the constants refer to: each relocation lies in every constant that covers it (equal endings of strings share bytes).
  const refers = list.map(() => []);
  for (const { offset, symbol } of relocations(bytes, found["reloc.DATA"])) {
    if (!place.has(symbol)) continue;
    const segment = placed.find(({ from, length }) => offset >= from && offset < from + length);
    const address = segment.address + offset - segment.from;
    for (const at of covering(list, address)) refers[at].push(place.get(symbol));
  }
  const ends = bodies(bytes, found[10]);
  const names = functionNames(bytes, found.name);
  const imported = importedFunctions(bytes, found[2]);
  const used = ends.map(() => []);
  let body = 0;
  for (const { offset, symbol } of relocations(bytes, found["reloc.CODE"])) {
    while (offset >= ends[body]) body += 1;
    if (place.has(symbol)) used[body].push(place.get(symbol));
  }
  const of = new Map();
  used.forEach((direct, index) => {
    const name = names.get(index + imported);
    of.set(name, [...(of.get(name) ?? []), ...direct]);
  });
  return { constants: list, of, refers };
}

/** The places of the constants that hold an address; `list` is in order of address. */
export function covering(list, address) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].address <= address) low = middle + 1;
    else high = middle;
  }
  const found = [];
  // Constants are not longer than the largest one, so that the search backwards ends there.
  for (let at = low - 1; at >= 0 && address - list[at].address < LONGEST; at -= 1) {
    if (address < list[at].address + list[at].size) found.push(at);
  }
  return found;
}

// No single constant is longer than this; explain's texts are the longest.
const LONGEST = 1 << 20;

/** A wasm file without what only linkers and debuggers read of it; names stay. */
export function standard(bytes) {
  const kept = [bytes.subarray(0, 8)];
  const reader = new Reader(bytes, 8);
  while (reader.at < bytes.length) {
    const from = reader.at;
    const id = reader.byte();
    const length = reader.number();
    const end = reader.at + length;
    if (id !== 0 || ["name", "target_features"].includes(reader.text())) kept.push(bytes.subarray(from, end));
    reader.at = end;
  }
  return Buffer.concat(kept);
}
