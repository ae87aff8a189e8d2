// What may be pasted into a shell, and what a person is asked about first.

const ASK_BYTES = 5120;
const SHOWN_LINES = 8;
const SHOWN_COLUMNS = 100;
// All but tab and line ends: an escape sequence in a paste could press keys or leave the paste's own brackets.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu;
const encoder = new TextEncoder();

/** Return the text without control characters, its lines ended in one way. */
export function cleanPaste(text) {
  return String(text).replace(/\r\n?/gu, "\n").replace(CONTROLS, "");
}

/**
 * Return what is to be asked before a clean text is pasted, or null.
 *
 * `isBracketed` tells that the program asked to be told what is pasted: it runs no line of it by itself.
 */
export function pasteQuestion(text, isBracketed) {
  const size = encoder.encode(text).length;
  const lines = text.replace(/\n$/u, "").split("\n");
  const isMany = lines.length > 1 && !isBracketed;
  if (!isMany && size <= ASK_BYTES) {
    return null;
  }
  const amount = lines.length > 1 ? `${lines.length} lines` : `${size} bytes`;
  return {
    title: `Paste ${amount}?`,
    text: isMany
      ? "Each line is carried out as soon as it arrives, as if you had pressed Enter after it."
      : `That is ${size} bytes of text.`,
    preview: previewOf(lines),
  };
}

function previewOf(lines) {
  const cut = (line) => (line.length > SHOWN_COLUMNS ? `${line.slice(0, SHOWN_COLUMNS)} …` : line);
  const shown = lines.slice(0, SHOWN_LINES).map(cut);
  const rest = lines.length - shown.length;
  return (rest > 0 ? [...shown, `… and ${rest} more`] : shown).join("\n");
}
