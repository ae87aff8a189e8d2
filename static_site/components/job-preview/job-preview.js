// <ipt-job-preview></ipt-job-preview>, then element.show(answer), element.wait(labels) or element.refuse(sentence)
// What a form would do: the exact command, the Agave document, the same as a curl command; each can be copied.

import { html, render } from "../../lib/html.js";
import { renderChanged } from "../status-chip/status-chip.js";
import { copyText } from "./copy-text.js";

function copyButton(place, what) {
  return html`<button type="button" class="button small copy" data-copy="${place}" disabled>
    Copy<span class="visually-hidden"> ${what}</span>
  </button>`;
}

class JobPreview extends HTMLElement {
  connectedCallback() {
    render(
      this,
      html`<div class="preview-title">
          <h2>Command</h2>
          ${copyButton("preview", "the command")}
        </div>
        <p class="hint">This is exactly what will be carried out.</p>
        <pre tabindex="0" class="command" id="preview" role="region" aria-label="Command"></pre>
        <p class="visually-hidden" role="status" id="ready"></p>
        <ul class="cautions" aria-label="Warnings" aria-live="polite" hidden></ul>
        <details hidden>
          <summary>Agave job document</summary>
          <div class="preview-title">
            <p class="hint">What the platform gets.</p>
            ${copyButton("document", "the job document")}
          </div>
          <pre tabindex="0" class="command" id="document" role="region" aria-label="Agave job document"></pre>
        </details>
        <details hidden>
          <summary>The same with curl</summary>
          <div class="preview-title">
            <p class="hint">Sends this job from a shell.</p>
            ${copyButton("curl", "the curl command")}
          </div>
          <pre tabindex="0" class="command" id="curl" role="region" aria-label="curl command"></pre>
        </details>
        <p class="visually-hidden" role="status" id="copied"></p>`,
    );
    this.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-copy]");
      if (button) {
        copyText(this.querySelector(`#${button.dataset.copy}`), this.querySelector("#copied"));
      }
    });
  }

  #write({ command, document = "", curl = "", cautions = [] }, isReady) {
    renderChanged(this.querySelector("#preview"), command);
    // Read aloud: that there is a command, and not each of its versions while somebody types.
    renderChanged(this.querySelector("#ready"), isReady ? html`The command is ready.` : html`There is no command yet.`);
    this.querySelector("#document").textContent = document;
    this.querySelector("#curl").textContent = curl;
    this.querySelectorAll("details").forEach((details) => {
      details.hidden = details.querySelector("pre").textContent === "";
    });
    this.querySelectorAll("[data-copy]").forEach((button) => {
      button.disabled = !isReady;
    });
    const list = this.querySelector(".cautions");
    renderChanged(list, html`${cautions.map(({ message }) => html`<li>${message}</li>`)}`);
    list.hidden = cautions.length === 0;
  }

  /** Show what the service would do. */
  show({ command_line, document, curl = "", warnings = [] }) {
    const written = JSON.stringify(document ?? {}, null, 2);
    this.#write({ command: html`${command_line}`, document: written, curl, cautions: warnings }, true);
  }

  /** Say which fields are still to be filled in or mended. */
  wait(labels) {
    this.#write({ command: html`<span class="muted">Waiting for: ${labels.join(", ")}</span>` }, false);
  }

  /** Say why there is no preview. */
  refuse(sentence) {
    this.#write({ command: html`<span class="muted">${sentence}</span>` }, false);
  }
}

customElements.define("ipt-job-preview", JobPreview);
