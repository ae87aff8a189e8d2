// Copy and paste between the browser and the shell.

import { cleanPaste, pasteQuestion } from "../../lib/terminal-paste.js";
import { tell } from "../alerts/alerts.js";
import { confirmAction } from "../dialog/dialog.js";

/** Copy what is marked in the terminal. */
export async function copyMarked(screen) {
  const text = screen.terminal.getSelection();
  if (!text) {
    tell("Nothing is marked in the terminal. Mark some text first, by dragging over it or with a double click.");
    return;
  }
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    tell("This browser does not let the page copy. Use the browser's own Copy.", "bad");
  }
}

/** Give a text to the shell, as far as it may have it; what is risky is asked about first. */
export async function pasteText(screen, given) {
  const text = cleanPaste(given);
  if (text === "") {
    return;
  }
  const question = pasteQuestion(text, screen.terminal.modes.bracketedPasteMode);
  if (question === null || (await confirmAction({ ...question, action: "Paste", keep: "Do not paste" }))) {
    screen.terminal.paste(text);
  }
}

/** Paste by the button, which needs the browser's permission. */
export async function pasteClipboard(screen) {
  let text;
  try {
    text = await navigator.clipboard.readText();
  } catch {
    tell("This browser does not let the page read the clipboard. Press Ctrl+Shift+V in the terminal instead.");
    screen.focus();
    return;
  }
  screen.focus();
  await pasteText(screen, text);
}
