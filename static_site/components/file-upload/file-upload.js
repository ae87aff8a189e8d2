// <ipt-file-upload></ipt-file-upload>, with `folder` and `onUploaded`
// Files dropped or chosen go into a folder of the home, one after the other, each with its progress.
// With the attribute `bare` there is no place of its own to drop them: another calls `choose` and `addDropped`.

import { formatBytes } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { api } from "../../lib/site.js";
import { uploadFile } from "../../lib/transfer.js";
import { conflictQuestion, findConflicts } from "../../lib/upload-conflicts.js";
import { tell, tellError } from "../alerts/alerts.js";
import { confirmAction } from "../dialog/dialog.js";

function itemMarkup({ file, folder, sent, fault, isDone }, index) {
  const total = file.size || 1;
  const state = isDone ? "uploaded" : `${formatBytes(sent)} of ${formatBytes(file.size)}`;
  return html`<li>
    <span class="name">${file.name}</span>
    <span class="hint place">to ${folder ? `~/${folder}` : "your home"}</span>
    <progress max="${total}" value="${isDone ? total : sent}" aria-label="Upload of ${file.name}"></progress>
    <span class="${fault ? "fault" : "hint"}">${fault || state}</span>
    ${fault && html`<button type="button" class="button small" data-retry="${index}">Try again</button>`}
  </li>`;
}

/** Part what was dropped into files, and names of folders. */
function readDrop(transfer) {
  const items = Array.from(transfer.items ?? []).filter(({ kind }) => kind === "file");
  const isFolder = (item) => item.webkitGetAsEntry?.()?.isDirectory ?? false;
  const folders = items.filter(isFolder).map((item) => item.webkitGetAsEntry().name);
  const files = items.filter((item) => !isFolder(item)).map((item) => item.getAsFile());
  return { files: files.filter((file) => file !== null), folders };
}

class FileUpload extends HTMLElement {
  folder = "";
  onUploaded = () => {};
  #items = [];
  #isSending = false;

  connectedCallback() {
    render(
      this,
      html`<div class="drop">
          <p><label for="upload-files">Upload files</label> <span class="hint">Choose them, or drop them here.</span></p>
          <input type="file" id="upload-files" multiple />
        </div>
        <ul class="uploads"></ul>
        <button type="button" class="button small" data-clear hidden>Close list</button>
        <p class="visually-hidden" aria-live="polite" id="upload-news"></p>`,
    );
    const input = this.querySelector("input");
    input.addEventListener("change", () => {
      this.add(Array.from(input.files));
      input.value = "";
    });
    this.addEventListener("click", (event) => this.#onClick(event.target.closest("button")));
    this.querySelector(".drop").hidden = this.hasAttribute("bare");
    this.#acceptDrops();
  }

  /** Have files chosen by a dialog of the browser. */
  choose() {
    this.querySelector("input").click();
  }

  /** Take what was dropped; folders are named as not taken. */
  addDropped(transfer) {
    const { files, folders } = readDrop(transfer);
    if (folders.length > 0) {
      const names = folders.map((name) => `${name}/`).join(", ");
      tell(`Folders are not taken: ${names}. Drop the files in them, or pack them first (zip, tar) and unpack them in the terminal.`);
    }
    return this.add(files);
  }

  /** Upload files, after asking about those that are there already. */
  async add(files) {
    const { folder } = this;
    let replaced = [];
    try {
      replaced = await findConflicts({ api, folder, names: files.map(({ name }) => name) });
    } catch (error) {
      tellError(error);
      return;
    }
    const isSure = replaced.length === 0 || (await confirmAction({ ...conflictQuestion(replaced, folder), keep: "Leave out" }));
    const taken = isSure ? files : files.filter(({ name }) => !replaced.includes(name));
    const added = taken.map((file) => ({ file, folder, sent: 0, fault: "", isDone: false }));
    this.#items = [...this.#items.filter((item) => !item.isDone), ...added];
    this.#draw();
    this.#send();
  }

  #acceptDrops() {
    const zone = this.querySelector(".drop");
    const mark = (isOver) => zone.classList.toggle("over", isOver);
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      mark(true);
    });
    zone.addEventListener("dragleave", () => mark(false));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      mark(false);
      this.addDropped(event.dataTransfer);
    });
  }

  #onClick(button) {
    if (button?.dataset.retry) {
      this.#items[Number(button.dataset.retry)].fault = "";
      this.#draw();
      this.#send();
    } else if (button?.hasAttribute("data-clear")) {
      this.#items = [];
      this.#draw();
    }
  }

  async #send() {
    if (this.#isSending) {
      return;
    }
    this.#isSending = true;
    let sent = 0;
    for (let item = this.#next(); item; item = this.#next()) {
      sent += (await this.#sendOne(item)) ? 1 : 0;
    }
    this.#isSending = false;
    this.#draw();
    if (sent > 0) {
      this.querySelector("#upload-news").textContent = `${sent} uploaded.`;
      this.onUploaded();
    }
  }

  #next() {
    return this.#items.find((item) => !item.isDone && !item.fault);
  }

  async #sendOne(item) {
    try {
      await uploadFile({
        api,
        base: window.location.href,
        folder: item.folder,
        file: item.file,
        onProgress: (sent) => {
          item.sent = Math.min(sent, item.file.size);
          this.#draw();
        },
      });
      item.isDone = true;
    } catch (error) {
      item.fault = error.message;
    }
    this.#draw();
    return item.isDone;
  }

  #draw() {
    render(this.querySelector(".uploads"), html`${this.#items.map(itemMarkup)}`);
    this.querySelector("[data-clear]").hidden = this.#isSending || this.#items.length === 0;
  }
}

customElements.define("ipt-file-upload", FileUpload);
