// <ipt-terminal-tools></ipt-terminal-tools>, with `onTool(name)`, `onChange(preferences)`
// The row of tools above the terminal, and its settings: letters, colours, scrollback, screen reader.

import { html, render } from "../../lib/html.js";
import { Preferences, SCROLLBACKS, THEMES } from "../../lib/terminal-preferences.js";

const TOOLS = [
  ["find", "Find"],
  ["copy", "Copy"],
  ["paste", "Paste"],
  ["upload", "Upload"],
  ["full", "Full screen"],
];
const THEME_NAMES = { system: "Like the system", light: "Light", dark: "Dark" };
const NUMBERS = new Intl.NumberFormat("en");

function optionMarkup(value, text) {
  return html`<option value="${value}">${text}</option>`;
}

function settingsMarkup() {
  return html`<div class="settings card" id="settings" role="group" aria-label="Settings of the terminal" hidden>
    <div class="field">
      <span id="size-label" class="label">Letters</span>
      <div class="button-row" role="group" aria-labelledby="size-label">
        <button type="button" class="button small" data-zoom="-1" aria-label="Smaller letters">A−</button>
        <output id="size" aria-live="polite"></output>
        <button type="button" class="button small" data-zoom="1" aria-label="Larger letters">A+</button>
        <button type="button" class="button small" data-zoom="0" aria-label="Letters of the usual size">Usual</button>
      </div>
    </div>
    <div class="field">
      <label for="theme">Colours</label>
      <select id="theme">${THEMES.map((theme) => optionMarkup(theme, THEME_NAMES[theme]))}</select>
    </div>
    <div class="field">
      <label for="scrollback">Lines kept above</label>
      <select id="scrollback">${SCROLLBACKS.map((lines) => optionMarkup(lines, NUMBERS.format(lines)))}</select>
    </div>
    <label class="switch"><input type="checkbox" id="notify" /> Notify me before the terminal is ended</label>
  </div>`;
}

class TerminalTools extends HTMLElement {
  onTool = () => {};
  onChange = () => {};
  #preferences = new Preferences(window.localStorage);

  connectedCallback() {
    render(
      this,
      html`<div class="tools">
          <div class="button-row" role="group" aria-label="Tools of the terminal">
            ${TOOLS.map(([name, text]) => html`<button type="button" class="button small" data-tool="${name}">${text}</button>`)}
            <button type="button" class="button small" id="open-settings" aria-expanded="false" aria-controls="settings">
              Settings
            </button>
            <button type="button" class="button small" data-tool="keys">Keys</button>
          </div>
          <label class="switch"><input type="checkbox" id="reader-mode" /> Screen reader mode</label>
        </div>
        ${settingsMarkup()}`,
    );
    this.addEventListener("click", (event) => this.#onClick(event.target.closest("button")));
    this.addEventListener("keydown", (event) => this.#onKey(event));
    const change = (id, read) =>
      this.querySelector(`#${id}`).addEventListener("change", ({ target }) => this.#change(read(target)));
    change("theme", ({ value }) => ({ theme: value }));
    change("scrollback", ({ value }) => ({ scrollback: Number(value) }));
    change("reader-mode", ({ checked }) => ({ isReaderMode: checked }));
    this.querySelector("#notify").addEventListener("change", ({ target }) => this.#setNotified(target));
    this.#draw(this.preferences);
  }

  /** What the person likes, as it is kept. */
  get preferences() {
    return this.#preferences.read();
  }

  /** Larger (1), smaller (-1) or usual (0) letters. */
  zoom(step) {
    this.#told(this.#preferences.zoom(step));
  }

  /** Show whether the terminal fills the screen. */
  showFull(isFull) {
    this.querySelector("[data-tool=full]").textContent = isFull ? "Leave full screen" : "Full screen";
  }

  #change(values) {
    this.#told(this.#preferences.change(values));
  }

  #told(preferences) {
    this.#draw(preferences);
    this.onChange(preferences);
  }

  #draw({ fontSize, theme, scrollback, isReaderMode, isNotified }) {
    this.querySelector("#size").textContent = `${fontSize} px`;
    this.querySelector("#theme").value = theme;
    this.querySelector("#scrollback").value = String(scrollback);
    this.querySelector("#reader-mode").checked = isReaderMode;
    this.querySelector("#notify").checked = isNotified && globalThis.Notification?.permission === "granted";
  }

  #onClick(button) {
    if (button?.dataset.tool) {
      this.onTool(button.dataset.tool);
    } else if (button?.dataset.zoom) {
      this.zoom(Number(button.dataset.zoom));
    } else if (button?.id === "open-settings") {
      this.#toggle(this.querySelector("#settings").hidden);
    }
  }

  #onKey(event) {
    if (event.key === "Escape" && !this.querySelector("#settings").hidden) {
      event.preventDefault();
      this.#toggle(false);
      this.querySelector("#open-settings").focus();
    }
  }

  #toggle(isOpen) {
    this.querySelector("#settings").hidden = !isOpen;
    this.querySelector("#open-settings").setAttribute("aria-expanded", String(isOpen));
  }

  /** The browser asks for its permission only when a person has clicked. */
  async #setNotified(box) {
    const isWished = box.checked;
    box.checked = false; // until it is allowed and kept
    const permission = isWished ? await globalThis.Notification?.requestPermission() : "";
    this.#change({ isNotified: permission === "granted" });
  }
}

customElements.define("ipt-terminal-tools", TerminalTools);
