// What a compiler complained about, as marks in the text of one file.

import { endOfWord, indexOf } from "./edit-place.js";

const SEVERITIES = { error: "error", warning: "warning" };
const COUNTS_BYTES = /(?:^|[/\s])(?:clang|icx|icpx|armclang)/u;

/** True when the compiler of a job counts columns in bytes. */
export function countsBytes(request) {
  return COUNTS_BYTES.test(request?.command ?? request?.compile ?? "");
}

function markOf(diagnostic, text, isBytes) {
  const { line, column, severity, message, option } = diagnostic;
  // Without a column it is the whole line that is meant, from its first sign on.
  const from = column ? indexOf(text, column, { isBytes }) : text.search(/\S|$/u);
  const to = column ? endOfWord(text, from) : text.trimEnd().length;
  const said = option ? `${message} [${option}]` : message;
  return { line, from, to: Math.max(from, to), severity: SEVERITIES[severity] ?? "info", message: said, diagnostic };
}

/** Return the marks of those diagnostics that are in a file; `lineText(number)` is a line's text, or null. */
export function marksFor({ diagnostics, path, lineText, isBytes = false }) {
  return diagnostics
    .filter((diagnostic) => diagnostic.path === path && lineText(diagnostic.line) !== null)
    .map((diagnostic) => markOf(diagnostic, lineText(diagnostic.line), isBytes));
}
