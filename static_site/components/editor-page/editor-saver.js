// The ways of the text into the home, one at a time. Whatever fails, the text stays in the editor.

import { api } from "../../lib/site.js";
import { clearAlerts, tell, tellError } from "../alerts/alerts.js";
import { askAboutConflict, askForPath } from "./editor-questions.js";

/** Saves the file of a page; each way returns whether the text lies in the home. */
export class EditorSaver {
  #page;
  #isBusy = false;

  constructor(page) {
    this.#page = page;
  }

  get isBusy() {
    return this.#isBusy;
  }

  /** Save under the name of the file, after asking where somebody else has changed it. */
  save() {
    return this.#once(async () => {
      const { unsaved, file, editor } = this.#page;
      if (!unsaved.isThere && !unsaved.isNew) {
        return true;
      }
      this.#page.say("Looking whether the file was changed elsewhere …");
      const found = await file.look(editor.text);
      switch (found === "same" ? "overwrite" : await askAboutConflict(found, file.name)) {
        case "overwrite":
          return this.#write();
        case "reload":
          return this.#reload();
        case "save-as":
          return this.#writeAs();
        default:
          return false;
      }
    });
  }

  /** Save under another name and go on with that file. */
  saveAs() {
    return this.#once(() => this.#writeAs());
  }

  async #once(task) {
    if (this.#isBusy || !this.#page.isOpen) {
      return false;
    }
    this.#busy(true);
    clearAlerts(["good", "bad"]);
    try {
      return await task();
    } catch (error) {
      tellError(error);
      return false;
    } finally {
      this.#busy(false);
      this.#page.unsaved.keep();
    }
  }

  #busy(isBusy) {
    this.#isBusy = isBusy;
    this.#page.querySelector("#save").setAttribute("aria-busy", String(isBusy));
  }

  #onProgress = (sent, total) => {
    this.#page.say(total > 0 && sent < total ? `Saving … ${Math.floor((100 * sent) / total)} %` : "Saving …");
  };

  async #write() {
    const { unsaved, file, editor } = this.#page;
    const { text } = editor;
    this.#page.say("Saving …");
    await file.save(text, this.#onProgress);
    unsaved.lies(text, file.base);
    return true;
  }

  async #writeAs() {
    const { unsaved, file, editor } = this.#page;
    const path = await askForPath(api, file.path);
    if (!path) {
      return false;
    }
    const { text } = editor;
    this.#page.say("Saving …");
    await file.saveAs(path, text, this.#onProgress);
    unsaved.move(path);
    unsaved.lies(text, file.base);
    this.#page.renamed();
    return true;
  }

  /** Show what lies in the home; undo brings the text before back. */
  async #reload() {
    const { unsaved, file, editor } = this.#page;
    const found = await file.open();
    if (found.state !== "text") {
      unsaved.keep();
      this.#page.show(found);
      return false;
    }
    unsaved.lies(found.text, found.base);
    editor.replace(found.text);
    tell("This is the file as it was saved elsewhere. Undo brings your text back.");
    return false;
  }
}
