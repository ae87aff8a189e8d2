// Where in a file: what a link to the editor says, and what a compiler means by a column.

import { splitPath, withoutHome } from "./paths.js";

export const TAB_WIDTH = 8;

function toNumber(text) {
  const number = /^\d{1,9}$/u.test(text ?? "") ? Number(text) : 0;
  return number > 0 ? number : null;
}

/** Return `{path, line, column, job}` of a link such as `edit.html#path=src/heat.c&line=12&column=5`. */
export function readPlace(parameters) {
  return {
    path: splitPath(withoutHome(parameters.get("path") ?? "")).join("/"),
    line: toNumber(parameters.get("line")),
    column: toNumber(parameters.get("column")),
    job: parameters.get("job") ?? "",
  };
}

function byteWidth(character) {
  const code = character.codePointAt(0);
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** Return the index whose character begins at a column, or -1 where none begins there. */
function find(line, column, widthOf) {
  let at = 1;
  let index = 0;
  for (const character of line) {
    if (at >= column) {
      return at === column ? index : -1;
    }
    at += widthOf(character, at);
    index += character.length;
  }
  return at === column ? index : -1;
}

/**
 * Return the index in a line that a compiler's column means.
 *
 * gcc 11 and later count what is seen, with tabs of eight; clang and older ones count bytes.
 * Where a column falls into the middle of a character, it was counted the other way.
 */
export function indexOf(line, column, { isBytes = false } = {}) {
  const seen = find(line, column, (character, at) => (character === "\t" ? TAB_WIDTH - ((at - 1) % TAB_WIDTH) : 1));
  const bytes = find(line, column, byteWidth);
  const [first, second] = isBytes ? [bytes, seen] : [seen, bytes];
  const index = first >= 0 ? first : second;
  return index >= 0 ? index : Math.min(Math.max(column - 1, 0), line.length);
}

/** Return where the word at an index ends; one character where there is no word. */
export function endOfWord(line, index) {
  const [word] = /^[\p{L}\p{N}_]+/u.exec(line.slice(index)) ?? [""];
  return Math.min(line.length, index + Math.max(1, word.length));
}
