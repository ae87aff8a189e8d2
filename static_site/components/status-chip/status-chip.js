// <ipt-status></ipt-status>, then element.show("READY", "good")
// A state in one word, read aloud when it changes. Tones: busy, good, bad, quiet.

import { html, render } from "../../lib/html.js";

class StatusChip extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "status");
    this.classList.add("chip");
  }

  show(text, tone) {
    // Written only on change, so that it is read aloud only on change.
    if (this.textContent !== text) {
      this.textContent = text;
    }
    this.dataset.tone = tone;
  }
}

customElements.define("ipt-status", StatusChip);

/** The same chip as markup, for places that are not read aloud, such as table cells. */
export function chip(text, tone) {
  return html`<span class="chip" data-tone="${tone}">${text}</span>`;
}

const shown = new WeakMap();

/** Replace the content of a live region only when its text changes. */
export function renderChanged(element, markup) {
  const text = markup.toString();
  if (shown.get(element) !== text) {
    shown.set(element, text);
    render(element, markup);
  }
}
