// <ipt-file-browser></ipt-file-browser>
// The folder of the home that the address names after the #: look, upload, download, make, rename, delete.

import { editorAddress } from "../../lib/diagnostics.js";
import { formatBytes, formatTime, isoTime } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { crumbsOf, isHidden, joinPath, nameFault, withoutHome } from "../../lib/paths.js";
import { api, hashParameters, isSignedIn } from "../../lib/site.js";
import { isTextName, MOST_BYTES } from "../../lib/text-file.js";
import { clearAlerts, tell, tellError } from "../alerts/alerts.js";
import { askText, confirmAction } from "../dialog/dialog.js";
import "../file-upload/file-upload.js";
import { bindDownloads } from "./download.js";

const PAGE = 200;
const HIDDEN_KEY = "ipt.hidden-files";
const folderAddress = (path) => `#path=${encodeURIComponent(path)}`;

function crumbMarkup({ name, path }, index, crumbs) {
  return index === crumbs.length - 1
    ? html`<li aria-current="location">${name}</li>`
    : html`<li><a href="${folderAddress(path)}">${name}</a></li>`;
}

function editMarkup({ name, path, size }) {
  return isTextName(name) && size <= MOST_BYTES
    ? html`<a class="button small" href="${editorAddress({ path })}" aria-label="Edit ${name}">Edit</a>`
    : "";
}

function rowMarkup(entry) {
  const isFolder = entry.type === "dir";
  return html`<tr role="row">
    <td role="cell" data-label="Name" class="name">
      ${isFolder ? html`<a class="folder" href="${folderAddress(entry.path)}">${entry.name}/</a>` : html`${entry.name}`}
    </td>
    <td role="cell" data-label="Size">${isFolder ? "–" : formatBytes(entry.size)}</td>
    <td role="cell" data-label="Changed"><time datetime="${isoTime(entry.modified)}">${formatTime(entry.modified) || "–"}</time></td>
    <td role="cell" class="row-actions">
      ${!isFolder && editMarkup(entry)} ${!isFolder &&
      html`<button type="button" class="button small" data-download="${entry.path}" aria-label="Download ${entry.name}">
        Download
      </button>`}
      <button type="button" class="button small" data-rename="${entry.path}" aria-label="Rename ${entry.name}">Rename</button>
      <button type="button" class="button small danger" data-delete="${entry.path}" aria-label="Delete ${entry.name}">
        Delete
      </button>
    </td>
  </tr>`;
}

class FileBrowser extends HTMLElement {
  #entries = [];
  #hasMore = false;
  #reading = 0;

  connectedCallback() {
    if (!isSignedIn()) {
      return;
    }
    render(
      this,
      html`<div class="page-title"><h1>Files</h1></div>
        <ipt-file-upload class="card"></ipt-file-upload>
        <div class="bar">
          <nav aria-label="Folder"><ol class="crumbs"></ol></nav>
          <div class="button-row">
            <label class="switch"><input type="checkbox" id="hidden-files" /> Show hidden files</label>
            <button type="button" class="button" id="make-file">New text file</button>
            <button type="button" class="button" id="make">New folder</button>
            <button type="button" class="button" id="again">Refresh</button>
          </div>
        </div>
        <div id="listing" aria-busy="true"></div>`,
    );
    const hidden = this.querySelector("#hidden-files");
    hidden.checked = window.localStorage.getItem(HIDDEN_KEY) === "on";
    hidden.addEventListener("change", () => {
      window.localStorage.setItem(HIDDEN_KEY, hidden.checked ? "on" : "off");
      this.#draw();
    });
    this.querySelector("#make").addEventListener("click", () => this.#make());
    this.querySelector("#make-file").addEventListener("click", () => this.#makeFile());
    this.querySelector("#again").addEventListener("click", () => this.#read());
    this.querySelector("ipt-file-upload").onUploaded = () => this.#read();
    const listing = this.querySelector("#listing");
    bindDownloads(listing);
    listing.addEventListener("click", (event) => this.#onClick(event.target.closest("button")));
    window.addEventListener("hashchange", () => {
      clearAlerts();
      this.#read();
    });
    this.#read();
  }

  get #folder() {
    return withoutHome(hashParameters().get("path") ?? "");
  }

  #onClick(button) {
    if (button?.dataset.rename) {
      this.#rename(button.dataset.rename);
    } else if (button?.dataset.delete) {
      this.#delete(button.dataset.delete);
    } else if (button?.id === "more") {
      this.#read(this.#entries.length);
    }
  }

  async #read(offset = 0) {
    const number = ++this.#reading;
    const folder = this.#folder;
    const listing = this.querySelector("#listing");
    listing.setAttribute("aria-busy", "true");
    render(this.querySelector(".crumbs"), html`${crumbsOf(folder).map(crumbMarkup)}`);
    this.querySelector("ipt-file-upload").folder = folder;
    try {
      const query = { path: folder, limit: PAGE, offset };
      const answer = await api.call("files", { path: "/files", query });
      if (number === this.#reading) {
        this.#entries = offset > 0 ? [...this.#entries, ...answer.entries] : answer.entries;
        this.#hasMore = answer.more;
        this.#draw();
      }
    } catch (error) {
      if (number === this.#reading) {
        tellError(error);
        render(listing, html`<p class="empty">This folder could not be read. <a href="#">Go to Home</a>.</p>`);
      }
    } finally {
      listing.setAttribute("aria-busy", "false");
    }
  }

  get #shown() {
    const isAll = this.querySelector("#hidden-files").checked;
    return isAll ? this.#entries : this.#entries.filter(({ name }) => !isHidden(name));
  }

  #draw() {
    const entries = this.#shown;
    const table = html`<div class="table-box">
        <table role="table" class="files">
          <caption class="visually-hidden">Files in this folder</caption>
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col">Name</th>
              <th role="columnheader" scope="col">Size</th>
              <th role="columnheader" scope="col">Changed</th>
              <th role="columnheader" scope="col"><span class="visually-hidden">Actions</span></th>
            </tr>
          </thead>
          <tbody role="rowgroup">${entries.map(rowMarkup)}</tbody>
        </table>
      </div>
      ${this.#hasMore && html`<div class="pager"><button type="button" class="button" id="more">Show more</button></div>`}`;
    const none =
      this.#entries.length > 0
        ? html`<p class="empty">There are only hidden files here.</p>`
        : html`<p class="empty">This folder is empty. Drop files above to fill it.</p>`;
    render(this.querySelector("#listing"), entries.length > 0 || this.#hasMore ? table : none);
  }

  async #act(call, done) {
    clearAlerts();
    try {
      await api.call("files", call);
      tell(done, "good");
    } catch (error) {
      tellError(error);
    }
    await this.#read();
  }

  async #makeFile() {
    const name = await askText({ title: "New text file", label: "Name", action: "Write it", faultOf: nameFault });
    if (name) {
      window.location.assign(editorAddress({ path: joinPath(this.#folder, name) }));
    }
  }

  async #make() {
    const name = await askText({ title: "New folder", label: "Name", action: "Make folder", faultOf: nameFault });
    if (name) {
      const path = joinPath(this.#folder, name);
      await this.#act({ method: "POST", path: "/folders", body: { path } }, `Folder ${name} is made.`);
    }
  }

  async #rename(path) {
    const value = path.split("/").at(-1);
    const name = await askText({ title: `Rename ${value}`, label: "New name", value, action: "Rename", faultOf: nameFault });
    if (name && name !== value) {
      await this.#act({ method: "POST", path: "/files/rename", body: { path, name } }, `${value} is now ${name}.`);
    }
  }

  async #delete(path) {
    const name = path.split("/").at(-1);
    const isFolder = this.#entries.find((entry) => entry.path === path)?.type === "dir";
    const isSure = await confirmAction({
      title: `Delete ${name}?`,
      text: isFolder ? "The folder and everything in it is deleted for good." : "The file is deleted for good.",
      action: "Delete",
    });
    if (isSure) {
      await this.#act({ method: "DELETE", path: "/files", query: { path } }, `${name} is deleted.`);
    }
  }
}

customElements.define("ipt-file-browser", FileBrowser);
