// <ipt-editor-page></ipt-editor-page>
// The file of the home that the address names after the #: edit, save, and lose nothing.

import { editorAddress } from "../../lib/diagnostics.js";
import { dropOldDrafts } from "../../lib/edit-draft.js";
import { readPlace } from "../../lib/edit-place.js";
import { EditedFile } from "../../lib/edited-file.js";
import { html, render } from "../../lib/html.js";
import { api, hashParameters, isSignedIn, session } from "../../lib/site.js";
import { clearAlerts, tellError } from "../alerts/alerts.js";
import "../code-editor/code-editor.js";
import { bindDownloads } from "../file-browser/download.js";
import { failedMarkup, folderMarkup, insteadMarkup, pageMarkup } from "./editor-markup.js";
import { confirmLeave } from "./editor-questions.js";
import { EditorSaver } from "./editor-saver.js";
import { bindTools, drawCompile } from "./editor-tools.js";
import { askForFile } from "./file-asker.js";
import { JobMarks } from "./job-marks.js";
import { UnsavedText } from "./unsaved-text.js";

class EditorPage extends HTMLElement {
  file = null;
  unsaved = null;
  saver = null;
  isOpen = false;
  #marks = null;
  #job = "";
  #turn = 0;

  connectedCallback() {
    if (!isSignedIn()) {
      return;
    }
    render(this, pageMarkup());
    dropOldDrafts(window.localStorage);
    this.unsaved = new UnsavedText(this);
    this.saver = new EditorSaver(this);
    this.#marks = new JobMarks(this);
    bindDownloads(this);
    bindTools(this);
    this.editor.onEdited = () => this.unsaved.keepSoon();
    window.addEventListener("hashchange", () => this.#moved());
    window.addEventListener("pagehide", () => this.unsaved.keep());
    window.addEventListener("beforeunload", (event) => this.#leaving(event));
    this.open();
  }

  get editor() {
    return this.querySelector("ipt-code-editor");
  }

  /** Open what the address names. */
  async open() {
    const turn = ++this.#turn;
    const place = readPlace(hashParameters());
    this.#close();
    this.#job = place.job;
    if (!place.path) {
      this.file = null;
      this.say("Which file?");
      askForFile(this.querySelector("#instead"));
      return;
    }
    const options = { api, address: window.location.href, fetch: window.fetch.bind(window) };
    const file = new EditedFile({ ...options, path: place.path });
    this.file = file;
    this.unsaved.begin(file.path);
    this.#name();
    this.say("Reading the file …");
    try {
      const [found] = await Promise.all([file.open(), this.#marks.load(place.job)]);
      if (turn === this.#turn) {
        this.show(found, place);
      }
    } catch (error) {
      if (turn === this.#turn) {
        this.say(`${file.name} could not be read.`);
        render(this.querySelector("#instead"), failedMarkup());
      }
      tellError(error);
    }
  }

  /** Show what was found of the file: its text at a place, or why there is no editor for it. */
  show(found, place = {}) {
    const { name, path } = this.file;
    this.isOpen = found.state === "text" || found.state === "new";
    this.querySelector("#workplace").hidden = !this.isOpen;
    if (!this.isOpen) {
      this.say("");
      const markup = insteadMarkup({ state: found.state, name, path, hasDraft: this.unsaved.hasDraft });
      render(this.querySelector("#instead"), markup);
      return;
    }
    this.editor.open(found.text, { name });
    this.unsaved.lies(found.state === "new" ? null : found.text, found.base);
    // Places are in the file as it lies there: they move with what unsaved text puts in front of them.
    this.#marks.show(path);
    this.#marks.jumpTo(place);
    this.unsaved.restore();
    this.unsaved.keep();
  }

  /** The file has got another path. */
  renamed() {
    const { path, name } = this.file;
    window.history.replaceState(null, "", editorAddress({ path, job: this.#job }));
    this.editor.rename(name);
    this.#name();
    this.#marks.show(path);
  }

  /** Say whether there is unsaved text, wherever the page speaks of it. */
  showStanding() {
    document.title = `${this.unsaved.isThere ? "● " : ""}${this.file.name} · IPT on the Web`;
    drawCompile(this, this.#marks.formAddress);
    if (!this.saver.isBusy) {
      this.say(this.unsaved.sentence);
    }
  }

  /** Say how things stand; the same words twice are read aloud once. */
  say(text) {
    const place = this.querySelector("#state");
    if (place.textContent !== text) {
      place.textContent = text;
    }
  }

  #close() {
    this.isOpen = false;
    clearAlerts();
    this.querySelector("#workplace").hidden = true;
    this.querySelector("#complaints").hidden = true;
    for (const id of ["#instead", "#note", "#folder"]) {
      render(this.querySelector(id), html``);
    }
  }

  #name() {
    this.querySelector("h1").textContent = this.file.name;
    render(this.querySelector("#folder"), folderMarkup(this.file.folder));
  }

  /** The address has changed: another place of this file, or another file. */
  async #moved() {
    const place = readPlace(hashParameters());
    const isSame = place.path === (this.file?.path ?? "");
    if (isSame && place.job === this.#job && this.isOpen) {
      this.#marks.jumpTo(place);
      return;
    }
    this.unsaved.keep();
    if (!isSame && this.unsaved.isThere && !(await confirmLeave(this.file.name))) {
      window.history.replaceState(null, "", editorAddress({ path: this.file.path, job: this.#job }));
      return;
    }
    this.open();
  }

  #leaving(event) {
    this.unsaved.keep();
    // Who was signed out comes back to the kept text: a question would only be in the way.
    if (this.unsaved.isThere && session.read()) {
      event.preventDefault();
    }
  }
}

customElements.define("ipt-editor-page", EditorPage);
