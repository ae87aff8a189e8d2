// Offers files of the home while a path is typed: the entries of the folder typed so far.

import { html, render } from "../../lib/html.js";
import { folderOf, withoutHome } from "../../lib/paths.js";

const listings = new Map();

// One reading of a folder serves every field of the page.
async function listFolder(api, folder) {
  if (!listings.has(folder)) {
    const reading = api.call("files", { path: "/files", query: { path: folder } });
    listings.set(folder, reading);
    reading.catch(() => listings.delete(folder));
  }
  return (await listings.get(folder)).entries;
}

/** Fills the datalist of one input. */
export class PathSuggestions {
  #api;
  #input;
  #seeds;
  #folder = null;

  constructor({ api, input, seeds }) {
    this.#api = api;
    this.#input = input;
    this.#seeds = seeds;
    input.addEventListener("focus", () => this.#offer());
    input.addEventListener("input", () => this.#offer());
  }

  async #offer() {
    const folder = folderOf(withoutHome(this.#input.value));
    if (folder === this.#folder) {
      return;
    }
    this.#folder = folder;
    try {
      const entries = await listFolder(this.#api, folder);
      const seeds = folder === "" ? await this.#seeds() : [];
      const paths = entries.map((entry) => (entry.type === "dir" ? `${entry.path}/` : entry.path));
      const unique = [...new Set([...seeds, ...paths])];
      render(this.#input.list, html`${unique.map((path) => html`<option value="${path}"></option>`)}`);
    } catch {
      // Suggestions are a convenience: without them the path is typed.
      this.#folder = null;
    }
  }
}
