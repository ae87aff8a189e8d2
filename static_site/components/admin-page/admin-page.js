// <ipt-admin-page></ipt-admin-page>
// Everybody's terminals, hosts and jobs, and what administrators did: one list at a time, as the address says.

import { readPlace, VIEWS, writePlace } from "../../lib/admin.js";
import { html, render } from "../../lib/html.js";
import { hashParameters, isSignedIn, session } from "../../lib/site.js";
import { clearAlerts } from "../alerts/alerts.js";
import "../admin-list/admin-list.js";

function pageMarkup() {
  const views = Object.entries(VIEWS);
  return html`<div class="page-title"><h1>Administration</h1></div>
    <nav class="views" aria-label="Administration">
      <ul>
        ${views.map(([view, { title }]) => html`<li><a href="#${writePlace({ view })}" data-view="${view}">${title}</a></li>`)}
      </ul>
    </nav>
    <div id="view"></div>`;
}

class AdminPage extends HTMLElement {
  #view = "";
  #onHash = () => {
    clearAlerts(["bad"]);
    this.#show();
  };

  connectedCallback() {
    if (!isSignedIn()) {
      return;
    }
    if (!session.read()?.isAdmin) {
      // The function refuses everybody else, too; this is only the sentence for who came by a link.
      render(this, html`<h1>Administration</h1><p class="empty">This page is for the administrators of this service.</p>`);
      return;
    }
    render(this, pageMarkup());
    this.#show();
    window.addEventListener("hashchange", this.#onHash);
  }

  disconnectedCallback() {
    window.removeEventListener("hashchange", this.#onHash);
  }

  #show() {
    const { view } = readPlace(hashParameters());
    if (view === this.#view) {
      this.querySelector("ipt-admin-list").readAddress();
      return;
    }
    this.#view = view;
    document.title = `${VIEWS[view].title} · Admin · IPT on the Web`;
    for (const link of this.querySelectorAll("[data-view]")) {
      link.toggleAttribute("aria-current", false);
      if (link.dataset.view === view) {
        link.setAttribute("aria-current", "page");
      }
    }
    render(this.querySelector("#view"), html`<ipt-admin-list view="${view}"></ipt-admin-list>`);
  }
}

customElements.define("ipt-admin-page", AdminPage);
