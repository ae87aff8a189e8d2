// <ipt-sign-in></ipt-sign-in>
// The button that leads to the sign-in page of the tenant, or onward for who is signed in.

import { html, render } from "../../lib/html.js";
import { beginSignIn, safeNext } from "../../lib/sign-in.js";
import { api, hashParameters, session, storage } from "../../lib/site.js";
import { tellError } from "../alerts/alerts.js";

class SignIn extends HTMLElement {
  connectedCallback() {
    const user = session.read();
    if (user) {
      render(
        this,
        html`<p>You are signed in as <strong>${user.username}</strong>.</p>
          <a class="button primary large" href="terminal.html">Go to your terminal</a>`,
      );
      return;
    }
    render(
      this,
      html`<button type="button" class="button primary large">Sign in</button>
        <p class="hint">You sign in at the platform itself; this site never sees your password.</p>`,
    );
    this.querySelector("button").addEventListener("click", (event) => this.#begin(event.currentTarget));
    // Back from the sign-in page: the browser may show this page as it was left.
    window.addEventListener("pageshow", () => this.#idle());
  }

  #idle() {
    const button = this.querySelector("button");
    if (button) {
      button.disabled = false;
      button.textContent = "Sign in";
    }
  }

  async #begin(button) {
    button.disabled = true;
    button.textContent = "Opening the sign-in page …";
    try {
      const next = safeNext(hashParameters().get("next"));
      window.location.assign(await beginSignIn({ api, storage, next }));
    } catch (error) {
      this.#idle();
      tellError(error);
    }
  }
}

customElements.define("ipt-sign-in", SignIn);
