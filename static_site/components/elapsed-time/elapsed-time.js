// <ipt-elapsed since="2026-01-01T00:00:00Z" until="…"></ipt-elapsed>
// How long something has taken; counts on every second while there is no `until`.

import { formatSpan } from "../../lib/format.js";

class ElapsedTime extends HTMLElement {
  static observedAttributes = ["since", "until"];
  #timer = null;

  connectedCallback() {
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  attributeChangedCallback() {
    this.#draw();
  }

  #draw() {
    this.textContent = formatSpan(this.getAttribute("since"), this.getAttribute("until"));
  }
}

customElements.define("ipt-elapsed", ElapsedTime);
