// <ipt-preset-buttons></ipt-preset-buttons>, then element.offer(presets), element.press(name), element.say(…)
// One button for each kind of program; below them, what the last one did to the form.
// Sends `ipt-preset` with {name, isAll} when one is chosen, `ipt-preset-undo` when it is taken back.

import { html, render } from "../../lib/html.js";

class PresetButtons extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button?.dataset.preset) {
        this.#send("ipt-preset", { name: button.dataset.preset, isAll: button.dataset.all === "true" });
      } else if (button?.dataset.undo) {
        this.#send("ipt-preset-undo", {});
      }
    });
  }

  #send(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }

  /** Show the buttons; a system without presets has none. */
  offer(presets) {
    this.hidden = presets.length === 0;
    render(
      this,
      html`<div class="field">
        <span class="label" id="preset-label">Preset</span>
        <div class="chips" role="group" aria-labelledby="preset-label" aria-describedby="preset-hint">
          ${presets.map(
            ({ name, label }) =>
              html`<button type="button" class="chip-button" aria-pressed="false" id="preset-${name}" data-preset="${name}">
                ${label || name}
              </button>`,
          )}
        </div>
        <p class="hint" id="preset-hint">Fills in the fields below for a kind of program; change them as you like.</p>
        <div class="preset-note" role="status"></div>
      </div>`,
    );
  }

  /** Show which preset stands in the form. */
  press(name) {
    for (const button of this.querySelectorAll("[data-preset]:not([data-all])")) {
      button.setAttribute("aria-pressed", String(button.dataset.preset === name));
    }
  }

  /** Say what was done: `text`, and what was left as the person had it: `kept`, labels of fields. */
  say({ text, kept = [], preset = null, isUndoable = false }) {
    const place = this.querySelector(".preset-note");
    const undo = isUndoable ? html`<button type="button" class="button small" data-undo="1">Undo</button>` : "";
    const all =
      kept.length > 0
        ? html`<button type="button" class="button small" data-preset="${preset.name}" data-all="true">
            Replace it too
          </button>`
        : "";
    render(
      place,
      html`${text && html`<p>${text}</p>`} ${kept.length > 0 && html`<p>Kept as you typed it: ${kept.join(", ")}.</p>`}
        ${(undo || all) && html`<div class="button-row">${all} ${undo}</div>`}`,
    );
  }
}

customElements.define("ipt-preset-buttons", PresetButtons);
