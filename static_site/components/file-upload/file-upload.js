// <ipt-file-upload></ipt-file-upload>, with `folder` and `onUploaded`
// Files dropped or chosen go into a folder of the home, one after the other, each with its progress.

import { formatBytes } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { api } from "../../lib/site.js";
import { uploadFile } from "../../lib/transfer.js";

function itemMarkup({ file, sent, fault, isDone }, index) {
  const total = file.size || 1;
  const state = isDone ? "uploaded" : `${formatBytes(sent)} of ${formatBytes(file.size)}`;
  return html`<li>
    <span class="name">${file.name}</span>
    <progress max="${total}" value="${isDone ? total : sent}" aria-label="Upload of ${file.name}"></progress>
    <span class="${fault ? "fault" : "hint"}">${fault || state}</span>
    ${fault && html`<button type="button" class="button small" data-retry="${index}">Try again</button>`}
  </li>`;
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
        <p class="visually-hidden" aria-live="polite" id="upload-news"></p>`,
    );
    const input = this.querySelector("input");
    input.addEventListener("change", () => {
      this.#add(input.files);
      input.value = "";
    });
    this.addEventListener("click", (event) => this.#retry(event.target.closest("[data-retry]")));
    this.#acceptDrops();
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
      this.#add(event.dataTransfer.files);
    });
  }

  #add(files) {
    const added = Array.from(files, (file) => ({ file, folder: this.folder, sent: 0, fault: "", isDone: false }));
    this.#items = [...this.#items.filter((item) => !item.isDone), ...added];
    this.#draw();
    this.#send();
  }

  #retry(button) {
    if (button) {
      this.#items[Number(button.dataset.retry)].fault = "";
      this.#draw();
      this.#send();
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
  }
}

customElements.define("ipt-file-upload", FileUpload);
