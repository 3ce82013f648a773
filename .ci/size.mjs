// Prints the size of a build's critical path: all that loads before the console answers. usage: size.mjs DIST [LIMIT_KB]
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pack } from "./pack.mjs";

const [folder, limit = "400"] = process.argv.slice(2);
// Loaded after first paint, or only in another page that embeds the playground.
const later = /^(editor|embed|keyboard|late)/;
const critical = readdirSync(folder).filter((name) => /\.(html|css|js|wasm)$/.test(name) && !later.test(name));
let total = 0;
for (const name of critical.sort()) {
  const bytes = readFileSync(join(folder, name));
  const packed = pack(name, bytes);
  total += packed.length;
  console.log(`${(bytes.length / 1024).toFixed(1).padStart(9)} KB  ${(packed.length / 1024).toFixed(1).padStart(7)} KB brotli  ${name}`);
}
console.log(`critical path: ${(total / 1024).toFixed(1)} KB brotli (aim: ${limit} KB)`);
