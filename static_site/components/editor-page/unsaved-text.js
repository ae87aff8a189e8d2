// What is in the editor and not in the home: whether there is any, where it is kept, and how it comes back.

import { EditDraft } from "../../lib/edit-draft.js";
import { html, render } from "../../lib/html.js";
import { session } from "../../lib/site.js";
import { tell } from "../alerts/alerts.js";
import { saveBlob } from "../file-browser/download.js";
import { draftMarkup } from "./editor-markup.js";

const KEEP_MS = 300;

/** The unsaved text of the page's file; owns its draft and the note about it. */
export class UnsavedText {
  #page;
  #draft = null;
  /** The text that lies in the home, null where there is no file; and the name of its content. */
  #saved = null;
  #base = "";
  #isKept = true;
  #timer = 0;

  constructor(page) {
    this.#page = page;
    window.addEventListener("storage", ({ key, newValue }) => {
      if (key === this.#draft?.key && newValue !== null) {
        const { name } = page.file;
        tell(`${name} is being changed in another tab of this browser, too. Only one of the two texts is kept.`);
      }
    });
  }

  /** Begin with another file. */
  begin(path) {
    clearTimeout(this.#timer);
    this.#draft = new EditDraft({ storage: window.localStorage, owner: session.username, path });
    this.#note(html``);
  }

  get hasDraft() {
    return this.#draft?.read() !== null;
  }

  get isNew() {
    return this.#saved === null;
  }

  get isThere() {
    return this.#page.isOpen && this.#page.editor.text !== (this.#saved ?? "");
  }

  /** This text lies in the home now; null for none. */
  lies(text, base) {
    [this.#saved, this.#base] = [text, base];
    this.#note(html``);
  }

  /** Put kept text back; what it began with counts, so that a save sees what others did since. */
  restore() {
    const draft = this.#draft.read();
    if (draft === null || draft.text === (this.#saved ?? "")) {
      return;
    }
    const { file, editor } = this.#page;
    this.#note(draftMarkup({ at: draft.at, isOutdated: draft.base !== this.#base, isNew: this.isNew }));
    file.base = draft.base;
    editor.replace(draft.text);
  }

  /** Take the restored text away again: the file as it lies in the home. */
  giveUp() {
    const { file, editor } = this.#page;
    file.base = this.#base;
    editor.replace(this.#saved ?? "");
    this.#note(html``);
    editor.focus();
  }

  /** Have the browser save the kept text as a file. */
  download() {
    saveBlob(this.#page.file.name, new Blob([this.#draft.read()?.text ?? ""], { type: "text/plain" }));
  }

  /** Keep what is not saved after a moment. */
  keepSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.keep(), KEEP_MS);
  }

  /** Keep what is not saved, and have the page say how things stand. */
  keep() {
    clearTimeout(this.#timer);
    const { isOpen, editor, file } = this.#page;
    if (!isOpen) {
      return;
    }
    if (this.isThere) {
      this.#isKept = this.#draft.keep(editor.text, file.base);
    } else {
      this.#draft.drop();
    }
    this.#page.showStanding();
  }

  /** How things stand, in words. */
  get sentence() {
    if (!this.isThere) {
      return this.isNew ? "A new file: Save makes it." : "Everything is saved.";
    }
    return this.#isKept
      ? "Not saved yet. This browser keeps the text meanwhile."
      : "Not saved yet, and this browser has no room to keep the text: save it soon.";
  }

  /** The text lies under another path: go on with that. */
  move(path) {
    this.#draft.drop();
    this.begin(path);
  }

  #note(markup) {
    render(this.#page.querySelector("#note"), markup);
  }
}
