// <ipt-terminal-warning></ipt-terminal-warning>, with `onKeep`, `onLeft`, `isCursorHigh()`
// Says that the terminal will be ended, how long that is away, and offers to keep it.
// It lies over the half of the screen where the cursor is not.

import { html, render } from "../../lib/html.js";
import { readWarning, timeLeft, warningSentence } from "../../lib/terminal-warning.js";

const TICK_MS = 1000;

class TerminalWarning extends HTMLElement {
  onKeep = () => {};
  /** Told of each warning's sentence, for a notification; "" when it is called off. */
  onChange = () => {};
  /** The focus was in it, and it is gone. */
  onLeft = () => {};
  isCursorHigh = () => false;
  #warning = null;
  #timer = null;
  #title = "";

  connectedCallback() {
    this.setAttribute("role", "alert");
    this.#title = document.title;
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-keep]")) {
        this.onKeep();
      } else if (target.closest("[data-hide]")) {
        this.#hide();
      }
    });
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  /** Show what a frame told; `canKeep` tells whether a click may ask for more time. */
  show(frame, canKeep) {
    const warning = readWarning(frame, Date.now());
    if (warning === null) {
      this.clear();
      return;
    }
    this.#warning = warning;
    const sentence = warningSentence(warning, Date.now());
    // The seconds are for the eye: spoken once a second they would drown everything else.
    render(
      this,
      html`<div class="alert warn">
        <p>${sentence} <span class="left" aria-hidden="true"></span></p>
        <div class="button-row">
          ${canKeep && warning.reason === "idle" && html`<button type="button" class="button small" data-keep>Keep it running</button>`}
          <button type="button" class="button small" data-hide aria-label="Hide this warning">Hide</button>
        </div>
      </div>`,
    );
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
    this.onChange(sentence);
  }

  /** It was called off, or it is over. */
  clear() {
    if (this.#warning !== null) {
      this.#warning = null;
      clearInterval(this.#timer);
      this.#hide();
      document.title = this.#title;
      this.onChange("");
    }
  }

  /** Free the screen; the title goes on counting, and the next warning is shown again. */
  #hide() {
    const hadFocus = this.contains(document.activeElement);
    render(this, html``);
    if (hadFocus) {
      this.onLeft();
    }
  }

  #tick() {
    const left = timeLeft(this.#warning, Date.now());
    const text = this.querySelector(".left");
    if (text) {
      text.textContent = `${left} left.`;
    }
    this.classList.toggle("low", this.isCursorHigh());
    document.title = `${left} left · ${this.#title}`;
  }
}

customElements.define("ipt-terminal-warning", TerminalWarning);
