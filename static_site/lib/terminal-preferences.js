// How a person likes the terminal; kept in this browser.

export const THEMES = ["system", "light", "dark"];
export const SCROLLBACKS = [1000, 10_000, 100_000];
const USUAL = { fontSize: 14, theme: "system", scrollback: 10_000, isReaderMode: false, isNotified: false };
const SMALLEST = 8;
const LARGEST = 32;
const KEY = "ipt.terminal";

const RULES = {
  fontSize: (value) => Number.isInteger(value) && value >= SMALLEST && value <= LARGEST,
  theme: (value) => THEMES.includes(value),
  scrollback: (value) => SCROLLBACKS.includes(value),
  isReaderMode: (value) => typeof value === "boolean",
  isNotified: (value) => typeof value === "boolean",
};

/** The preferences; owns one entry of the storage. A damaged entry counts as none. */
export class Preferences {
  #storage;

  constructor(storage) {
    this.#storage = storage;
  }

  /** Return all of them, each one valid. */
  read() {
    let kept;
    try {
      kept = JSON.parse(this.#storage.getItem(KEY)) ?? {};
    } catch {
      kept = {};
    }
    const valid = Object.keys(USUAL).filter((name) => RULES[name](kept[name]));
    return { ...USUAL, ...Object.fromEntries(valid.map((name) => [name, kept[name]])) };
  }

  /** Keep a change; returns all of them. What is not valid is left as it was. */
  change(values) {
    const fitting = Object.entries(values).filter(([name, value]) => RULES[name]?.(value));
    const preferences = { ...this.read(), ...Object.fromEntries(fitting) };
    try {
      this.#storage.setItem(KEY, JSON.stringify(preferences));
    } catch {
      // A full storage forgets; the terminal works all the same.
    }
    return preferences;
  }

  /** Make the letters larger (1), smaller (-1) or usual again (0); returns all preferences. */
  zoom(step) {
    return this.change({ fontSize: step === 0 ? USUAL.fontSize : this.read().fontSize + step });
  }
}
