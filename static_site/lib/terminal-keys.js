// The keys that the page keeps for itself; all others belong to the shell.

const NAMES = {
  leave: { keys: ["Ctrl", "Shift", "L"], text: "Leave the terminal; the focus goes to the controls above it" },
  find: { keys: ["Ctrl", "Shift", "F"], text: "Find in the output; Esc closes the search" },
  copy: { keys: ["Ctrl", "Shift", "C"], text: "Copy what is marked" },
  paste: { keys: ["Ctrl", "Shift", "V"], text: "Paste" },
  larger: { keys: ["Ctrl", "Shift", "+"], text: "Larger letters" },
  smaller: { keys: ["Ctrl", "Shift", "−"], text: "Smaller letters" },
  usual: { keys: ["Ctrl", "Shift", "0"], text: "Letters of the usual size" },
};
const SHELL = [
  { keys: ["Shift", "Page Up"], text: "Scroll back through the output; Shift+Page Down scrolls forward" },
  { keys: ["Ctrl", "C"], text: "Stop the program that runs" },
  { keys: ["Tab"], text: "Completion by the shell" },
  { keys: ["Esc"], text: "Belongs to the shell, in full screen too" },
];
const BY_CODE = {
  KeyL: "leave",
  KeyF: "find",
  KeyC: "copy",
  KeyV: "paste",
  Equal: "larger",
  NumpadAdd: "larger",
  Minus: "smaller",
  NumpadSubtract: "smaller",
  Digit0: "usual",
  Numpad0: "usual",
};
// Where these signs are on other keys than on a US keyboard.
const BY_SIGN = { "+": "larger", "-": "smaller", _: "smaller" };

/** Every documented key: `[{keys, text}]`, those of the page first. */
export const KEYS = [...Object.values(NAMES), ...SHELL];

/** Return what a key event asks of the page ("find", "copy", …), or "" where it belongs to the shell. */
export function actionOf(event) {
  if (!event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) {
    return "";
  }
  return BY_SIGN[event.key] ?? BY_CODE[event.code] ?? "";
}
