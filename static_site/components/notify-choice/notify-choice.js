// <ipt-notify-choice></ipt-notify-choice>, then element.isWanted
// "Tell me in this browser when it ends": asks for the browser's leave on a click, and remembers the wish.

import { html, render } from "../../lib/html.js";

const KEY = "ipt.tell-job-ends";

function mayNotify() {
  return globalThis.Notification?.permission === "granted";
}

function readWish() {
  try {
    return window.localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

function keepWish(isWanted) {
  try {
    window.localStorage.setItem(KEY, isWanted ? "on" : "off");
  } catch {
    // Without storage the wish holds for this form.
  }
}

class NotifyChoice extends HTMLElement {
  connectedCallback() {
    render(
      this,
      html`<label class="switch" for="tell-me">
          <input type="checkbox" id="tell-me" aria-describedby="tell-me-hint" /> Tell me in this browser when it ends
        </label>
        <p class="hint" id="tell-me-hint" aria-live="polite">Works while a page of this site is open.</p>`,
    );
    const box = this.querySelector("input");
    box.checked = readWish() && mayNotify();
    box.addEventListener("change", () => this.#choose(box));
  }

  /** True when the end of the job is to be told in this browser. */
  get isWanted() {
    return this.querySelector("input").checked;
  }

  async #choose(box) {
    if (box.checked && !mayNotify()) {
      const permission = await globalThis.Notification?.requestPermission();
      box.checked = permission === "granted";
      if (!box.checked) {
        this.querySelector(".hint").textContent =
          permission === undefined
            ? "This browser has no notifications."
            : "The browser does not let this site notify you. Allow it in the settings of the site, beside its address.";
      }
    }
    keepWish(box.checked);
  }
}

customElements.define("ipt-notify-choice", NotifyChoice);
