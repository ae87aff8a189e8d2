// <ipt-sign-in-return></ipt-sign-in-return>
// Where the tenant's sign-in page sends people back to: trades the code for a session and goes on.

import { ApiError } from "../../lib/api-error.js";
import { html, render } from "../../lib/html.js";
import { completeSignIn } from "../../lib/sign-in.js";
import { api, session, storage } from "../../lib/site.js";

class SignInReturn extends HTMLElement {
  async connectedCallback() {
    const query = window.location.search;
    // The code must stay neither in the address bar nor in the history.
    window.history.replaceState(null, "", window.location.pathname);
    render(this, html`<p aria-live="polite" class="waiting">Signing you in …</p>`);
    try {
      window.location.replace(await completeSignIn({ api, storage, session, query }));
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error) {
    const message = error instanceof ApiError ? error.message : "The sign-in failed.";
    render(
      this,
      html`<div class="alert bad" role="alert"><p>${message}</p></div>
        <a class="button primary" href="index.html">Back to the start</a>`,
    );
  }
}

customElements.define("ipt-sign-in-return", SignInReturn);
