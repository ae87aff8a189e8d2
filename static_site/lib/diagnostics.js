// What a compiler complained about, in the order in which it is mended, and where to mend it.

const RANKS = { error: 0, warning: 1, note: 2 };

function rankOf({ severity }) {
  return RANKS[severity] ?? RANKS.note;
}

/** Return diagnostics with errors first; within a severity they stay as the compiler wrote them. */
export function sortDiagnostics(diagnostics) {
  return [...diagnostics].sort((one, other) => rankOf(one) - rankOf(other));
}

/** Return how many there are in words: `2 errors, 1 warning`; "" for none. */
export function countSentence(diagnostics) {
  return Object.keys(RANKS)
    .map((severity) => [severity, diagnostics.filter((each) => rankOf(each) === RANKS[severity]).length])
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}${count === 1 ? "" : "s"}`)
    .join(", ");
}

/** Return where a diagnostic is, as compilers write it: `heat.c:12:5`; "" when it is nowhere. */
export function placeOf({ file, line, column }) {
  return [file, line, line && column].filter(Boolean).join(":");
}

/** Return the address of the editor at the place, with the job that found it; "" for a file that is not in the home. */
export function editorAddress({ path, line, column, job }) {
  if (!path) {
    return "";
  }
  const place = Object.entries({ path, line, column, job }).filter(([, value]) => value);
  return `edit.html#${new URLSearchParams(place)}`;
}
