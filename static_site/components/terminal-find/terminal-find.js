// <ipt-terminal-find></ipt-terminal-find>, with `screen`
// The bar that finds text in the terminal's output. Enter and Shift+Enter go on, Esc closes it.

import { html, render } from "../../lib/html.js";
import { SearchAddon } from "../../vendor/addon-search.js";
import { readMarks } from "../terminal-screen/screen-theme.js";

const MOST_MARKED = 1000;

class TerminalFind extends HTMLElement {
  screen = null;
  #addon = null;
  #before = null;

  connectedCallback() {
    this.hidden = true;
    render(
      this,
      html`<form role="search" aria-label="Find in the terminal" class="find">
        <label class="visually-hidden" for="find-text">Find in the output</label>
        <input id="find-text" type="search" placeholder="Find in the output" autocomplete="off" spellcheck="false" />
        <label class="switch"><input type="checkbox" id="find-case" /> Match case</label>
        <output id="find-count" class="hint" for="find-text" aria-live="polite"></output>
        <div class="button-row">
          <button type="button" class="button small" id="find-previous">Previous</button>
          <button type="submit" class="button small" id="find-next">Next</button>
          <button type="button" class="button small" id="find-close">Close</button>
        </div>
      </form>`,
    );
    const on = (id, name, task) => this.querySelector(`#${id}`).addEventListener(name, task);
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#find("findNext");
    });
    on("find-text", "input", () => this.#findAnew());
    on("find-case", "change", () => this.#findAnew());
    on("find-previous", "click", () => this.#find("findPrevious"));
    on("find-close", "click", () => this.close());
    this.addEventListener("keydown", (event) => this.#onKey(event));
  }

  get #input() {
    return this.querySelector("#find-text");
  }

  /** Show the bar; what is marked in the terminal is looked for. */
  open() {
    if (this.hidden) {
      this.#before = document.activeElement;
    }
    this.#addon ??= this.#makeAddon();
    const marked = this.screen.terminal.getSelection();
    this.hidden = false;
    // The bar takes room from the terminal, which forgets what is marked when its size changes: so before the search.
    this.screen.fit();
    if (marked && !marked.includes("\n")) {
      this.#input.value = marked;
    }
    this.#input.focus();
    this.#input.select();
    this.#findAnew();
  }

  /** Hide the bar and give the focus back. */
  close() {
    if (this.hidden) {
      return;
    }
    this.hidden = true;
    this.#addon.clearDecorations();
    this.screen.fit();
    if (this.#before?.isConnected && this.#before !== document.body) {
      this.#before.focus();
    } else {
      this.screen.focus();
    }
  }

  #makeAddon() {
    const addon = new SearchAddon({ highlightLimit: MOST_MARKED });
    this.screen.terminal.loadAddon(addon);
    addon.onDidChangeResults((results) => this.#tell(results));
    return addon;
  }

  /** The newest output is what people look for: a search begins at its end. */
  #findAnew() {
    this.screen.terminal.clearSelection();
    this.#find("findPrevious");
  }

  #find(way) {
    const text = this.#input.value;
    if (text === "") {
      this.#addon.clearDecorations();
      this.#say("");
      return;
    }
    const caseSensitive = this.querySelector("#find-case").checked;
    const isFound = this.#addon[way](text, { caseSensitive, decorations: readMarks(this.screen) });
    if (!isFound) {
      this.#say("Not found");
    }
  }

  #tell({ resultIndex, resultCount }) {
    if (this.#input.value === "" || resultCount === 0) {
      this.#say(this.#input.value === "" ? "" : "Not found");
    } else if (resultIndex < 0) {
      this.#say(`More than ${MOST_MARKED}`);
    } else {
      this.#say(`${resultIndex + 1} of ${resultCount}`);
    }
  }

  #say(text) {
    const place = this.querySelector("#find-count");
    if (place.textContent !== text) {
      place.textContent = text;
    }
  }

  #onKey(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Enter" && event.shiftKey && event.target === this.#input) {
      event.preventDefault();
      this.#find("findPrevious");
    }
  }
}

customElements.define("ipt-terminal-find", TerminalFind);
