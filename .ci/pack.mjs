import { brotliCompressSync, constants } from "node:zlib";

/** A file as hosts of static pages send it: packed with brotli, as small as it gets. */
export function pack(name, bytes) {
  const mode = name.endsWith(".wasm") ? constants.BROTLI_MODE_GENERIC : constants.BROTLI_MODE_TEXT;
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_MODE]: mode } });
}
