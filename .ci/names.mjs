// What the cut of a build and its profile share: how they read a module's text.

/** Functions of fewer letters than this stay in the first part: what calls the late part is no smaller. (Equal functions are one, under the name of any of them.) */
export const SMALL = 1200;

/** A name in a module's text. */
export const NAME = String.raw`\$(?:"(?:[^"\\]|\\.)*"|[^\s()"]+)`;

/** A function's beginning: its name and its signature. */
export const FUNCTION = new RegExp(String.raw`^ \(func (${NAME})((?: \((?:param|result|type) [^)]*\))*)`);

/** A module's text: what stands before its items, and the items. */
export function items(text) {
  const [head, ...items] = text.replace(/\n?\)\s*$/, "").split(/\n(?= \()/);
  return { head, items };
}

const SIGNS = { SP: "@", BP: "*", RF: "&", LT: "<", GT: ">", LP: "(", RP: ")", C: "," };

/** A function's path without what differs between compilers and builds. Models the rustc-demangle crate's `legacy`. */
export function plain(name) {
  let rest = name.replace(/^\$"?|"$/g, "");
  // The newer mangling is left as it is, but for what tells one build of a crate from another.
  if (!rest.startsWith("_ZN")) return rest.replace(/Cs[0-9A-Za-z]+_/g, "C_");
  rest = rest.slice(3);
  const parts = [];
  for (let length; (length = parseInt(rest, 10)); rest = rest.slice(String(length).length + length)) {
    parts.push(rest.slice(String(length).length).slice(0, length));
  }
  return parts
    .filter((part) => !/^h[0-9a-f]{16}$/.test(part))
    .map((part) => part.replace(/^_(?=\$)/, "").replace(/\$(?:u([0-9a-f]+)|(\w+))\$/g, (_, code, sign) => (code ? String.fromCharCode(parseInt(code, 16)) : SIGNS[sign])).replaceAll("..", "::"))
    .join("::");
}
