// Text that was typed and not saved yet, kept by the browser: a reload, a crash or a lost sign-in costs nothing.

const PREFIX = "ipt.edit.";
const KEPT_MS = 30 * 24 * 3600 * 1000;

/** The unsaved text of one person's file; owns one entry of the storage. */
export class EditDraft {
  #storage;
  #now;

  constructor({ storage, owner, path, now = Date.now }) {
    this.#storage = storage;
    this.#now = now;
    this.key = PREFIX + JSON.stringify([owner, path]);
  }

  /** Return `{text, base, at}`, or null; `base` names the content that the text began with. */
  read() {
    const draft = readEntry(this.#storage, this.key);
    return draft && { text: draft.text, base: String(draft.base ?? ""), at: Number(draft.at) };
  }

  /** Keep the text; false where the browser has no room for it, or does not let pages keep anything. */
  keep(text, base) {
    try {
      this.#storage.setItem(this.key, JSON.stringify({ text, base, at: this.#now() }));
      return true;
    } catch {
      return false;
    }
  }

  drop() {
    this.#storage.removeItem(this.key);
  }
}

function readEntry(storage, key) {
  try {
    const draft = JSON.parse(storage.getItem(key));
    return typeof draft?.text === "string" ? draft : null;
  } catch {
    return null;
  }
}

/** Throw away what nobody came back for within 30 days. */
export function dropOldDrafts(storage, now = Date.now()) {
  Object.keys(storage)
    .filter((key) => key.startsWith(PREFIX))
    .filter((key) => !(Number(readEntry(storage, key)?.at) > now - KEPT_MS))
    .forEach((key) => storage.removeItem(key));
}
