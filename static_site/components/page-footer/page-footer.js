// <ipt-footer></ipt-footer>
// Who paid for it, and where help is.

import { html, render } from "../../lib/html.js";

class PageFooter extends HTMLElement {
  connectedCallback() {
    render(
      this,
      html`<footer class="page-footer">
        <p>
          IPT on the Web: interactive parallelization in a browser. Supported by the U.S. National Science Foundation,
          award 1642396.
        </p>
        <p><a href="help.html">How it works</a></p>
      </footer>`,
    );
  }
}

customElements.define("ipt-footer", PageFooter);
