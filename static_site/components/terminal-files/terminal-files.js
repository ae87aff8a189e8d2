// <ipt-terminal-files></ipt-terminal-files>, with `screen`
// Files for the folder that the shell is in, dropped or chosen, and the files that the terminal offers.

import { html, render } from "../../lib/html.js";
import { showUnusual } from "../../lib/terminal-messages.js";
import { Offers } from "../../lib/terminal-offers.js";
import { saveFile } from "../file-browser/download.js";
import "../file-upload/file-upload.js";

function offerMarkup(path) {
  const name = showUnusual(path);
  return html`<div class="alert offer">
    <p>The terminal offers <code>${name}</code>.</p>
    <div class="button-row">
      <button type="button" class="button small primary" data-take="${path}" aria-label="Download ${name}">Download</button>
      <button type="button" class="button small" data-dismiss="${path}" aria-label="Dismiss ${name}">Dismiss</button>
    </div>
  </div>`;
}

/** The folder that files go into, for people. */
function placeOf({ folder, isInHome }) {
  if (!isInHome) {
    return "your home, as the shell is in a folder outside of it";
  }
  return folder ? `~/${showUnusual(folder)}` : "your home";
}

class TerminalFiles extends HTMLElement {
  screen = null;
  #place = { folder: "", isInHome: true };
  #offers = new Offers();
  #depth = 0;

  connectedCallback() {
    render(
      this,
      html`<div id="offers" role="status"></div>
        <ipt-file-upload bare></ipt-file-upload>
        <div class="drop-here" hidden><p></p></div>`,
    );
    this.querySelector("#offers").addEventListener("click", (event) => this.#answer(event.target.closest("button")));
  }

  /** Take what is dropped onto `zone`. */
  watch(zone) {
    zone.addEventListener("dragenter", (event) => this.#onDrag(event, 1));
    zone.addEventListener("dragleave", (event) => this.#onDrag(event, -1));
    zone.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    zone.addEventListener("drop", (event) => {
      if (hasFiles(event)) {
        event.preventDefault();
        this.#markDrop(0);
        this.#upload.addDropped(event.dataTransfer);
      }
    });
  }

  /** Have files chosen by a dialog of the browser. */
  choose() {
    this.#upload.choose();
  }

  /** The shell went to another folder. */
  set place(place) {
    this.#place = place;
    this.#upload.folder = place.folder;
  }

  /** The terminal offers a file; nothing is fetched before a person asks for it. */
  offer(path) {
    if (this.#offers.add(path) || this.#offers.left > 0) {
      this.#drawOffers();
    }
  }

  /** Another shell begins. */
  forget() {
    this.#offers.clear();
    this.#drawOffers();
  }

  get #upload() {
    return this.querySelector("ipt-file-upload");
  }

  #onDrag(event, step) {
    if (hasFiles(event)) {
      event.preventDefault();
      this.#markDrop(Math.max(0, this.#depth + step));
    }
  }

  #markDrop(depth) {
    this.#depth = depth;
    const sign = this.querySelector(".drop-here");
    sign.hidden = depth === 0;
    sign.firstElementChild.textContent = `Drop files to upload them into ${placeOf(this.#place)}`;
  }

  async #answer(button) {
    const path = button?.dataset.take ?? button?.dataset.dismiss;
    if (path === undefined) {
      return;
    }
    if (button.dataset.take) {
      button.disabled = true;
      await saveFile(path);
    }
    this.#offers.remove(path);
    this.#drawOffers();
    this.screen.focus();
  }

  #drawOffers() {
    const { paths, left } = this.#offers;
    const rest = left > 0 && html`<p class="hint">${left} more offered; answer these first, then offer those again.</p>`;
    render(this.querySelector("#offers"), html`${paths.map(offerMarkup)}${rest}`);
  }
}

function hasFiles(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

customElements.define("ipt-terminal-files", TerminalFiles);
