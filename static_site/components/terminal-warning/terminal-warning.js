// <ipt-terminal-warning></ipt-terminal-warning>, with `onKeep`
// Says that the terminal will be ended, how long that is away, and offers to keep it.

import { html, render } from "../../lib/html.js";
import { readWarning, timeLeft, warningSentence } from "../../lib/terminal-warning.js";

const TICK_MS = 1000;

class TerminalWarning extends HTMLElement {
  onKeep = () => {};
  /** Told of each warning's sentence, for a notification; "" when it is called off. */
  onChange = () => {};
  #warning = null;
  #timer = null;
  #title = "";

  connectedCallback() {
    this.setAttribute("role", "alert");
    this.#title = document.title;
    this.addEventListener("click", (event) => event.target.closest("button") && this.onKeep());
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
        ${canKeep && warning.reason === "idle" && html`<button type="button" class="button small">Keep it running</button>`}
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
      render(this, html``);
      document.title = this.#title;
      this.onChange("");
    }
  }

  #tick() {
    const left = timeLeft(this.#warning, Date.now());
    this.querySelector(".left").textContent = `${left} left.`;
    document.title = `${left} left · ${this.#title}`;
  }
}

customElements.define("ipt-terminal-warning", TerminalWarning);
