// <ipt-alerts></ipt-alerts>
// The place where messages appear; read aloud as they come, closed by a button.

import { ApiError } from "../../lib/api-error.js";
import { takeFlash } from "../../lib/flash.js";
import { html, render } from "../../lib/html.js";
import { storage } from "../../lib/site.js";

class Alerts extends HTMLElement {
  #messages = [];

  connectedCallback() {
    render(
      this,
      html`<div class="alerts" data-tone="note" aria-live="polite"></div>
        <div class="alerts" data-tone="bad" role="alert"></div>`,
    );
    const flash = takeFlash(storage);
    if (flash) {
      this.add(flash.tone, flash.text);
    }
    this.addEventListener("click", (event) => {
      const text = event.target.closest("[data-close]")?.dataset.close;
      if (text !== undefined) {
        this.remove(text);
      }
    });
  }

  /** Show a message, perhaps with a link `{href, label}`; the same one twice is shown once. */
  add(tone, text, link = null) {
    this.#messages = [...this.#messages.filter((message) => message.text !== text), { tone, text, link }].slice(-3);
    this.#draw();
  }

  remove(text) {
    this.#messages = this.#messages.filter((message) => message.text !== text);
    this.#draw();
  }

  clear(tones) {
    this.#messages = this.#messages.filter(({ tone }) => !tones.includes(tone));
    this.#draw();
  }

  #draw() {
    for (const place of this.querySelectorAll(".alerts")) {
      const isBad = place.dataset.tone === "bad";
      const mine = this.#messages.filter((message) => (message.tone === "bad") === isBad);
      render(
        place,
        html`${mine.map(
          ({ tone, text, link }) =>
            html`<div class="alert ${tone}">
              <p>${text} ${link && html`<a href="${link.href}">${link.label}</a>`}</p>
              <button type="button" class="close" data-close="${text}" aria-label="Close message">×</button>
            </div>`,
        )}`,
      );
    }
  }
}

customElements.define("ipt-alerts", Alerts);

const place = () => document.querySelector("ipt-alerts");

/** Tell something that went well, went wrong or is good to know; tone is `good`, `bad` or `note`. */
export function tell(text, tone = "note", link = null) {
  place()?.add(tone, text, link);
}

/** What to tell of a failure; for one inside the service, by which id the operator finds it. */
function textOf(error) {
  if (!(error instanceof ApiError)) {
    console.error(error);
    return "Something on this page went wrong. Reload it; if it happens again, tell the operator.";
  }
  const id = error.status >= 500 && error.requestId ? ` (request ${error.requestId})` : "";
  return error.endsSession ? "" : error.message + id;
}

/** Tell what failed. */
export function tellError(error) {
  const text = textOf(error);
  if (text) {
    place()?.add("bad", text);
  }
}

/** What is wrong with something that is tried again and again: told once, and as long as it lasts. */
export class Trouble {
  #error = "";
  #text = "";

  tell(error) {
    // Another request has another id; for the reader it is the same trouble.
    if (error.message !== this.#error) {
      this.end();
      this.#error = error.message;
      this.#text = textOf(error);
      if (this.#text) {
        tell(this.#text, "bad");
      }
    }
  }

  end() {
    if (this.#text) {
      place()?.remove(this.#text);
    }
    this.#error = "";
    this.#text = "";
  }
}

/** Take away what is shown: what it spoke of is over. */
export function clearAlerts(tones = ["note", "good", "bad"]) {
  place()?.clear(tones);
}
