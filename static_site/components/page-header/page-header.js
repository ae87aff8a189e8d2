// <ipt-header></ipt-header>
// Skip link, name of the site, tabs, and who is signed in.

import { html, render } from "../../lib/html.js";
import { keepFlash } from "../../lib/flash.js";
import { signOut } from "../../lib/sign-in.js";
import { api, pageName, session, storage } from "../../lib/site.js";
import { startJobNews } from "../job-news/job-news.js";

const TABS = ["Terminal", "Compile", "Run", "Compare", "History", "Files", "Help"];
const OPEN_TABS = new Set(["Help"]);
const ADMIN_TABS = ["Admin"];

function tab(name, current) {
  const page = `${name.toLowerCase()}.html`;
  return page === current
    ? html`<li><a href="${page}" aria-current="page">${name}</a></li>`
    : html`<li><a href="${page}">${name}</a></li>`;
}

function person(user) {
  if (!user) {
    return pageName() === "index.html" ? "" : html`<a class="button" href="index.html">Sign in</a>`;
  }
  return html`<span class="user" title="${user.fullName || user.username}">
      <span class="visually-hidden">Signed in as </span>${user.username}
    </span>
    <button type="button" class="button quiet" id="sign-out">Sign out</button>`;
}

class PageHeader extends HTMLElement {
  connectedCallback() {
    const user = session.read();
    const tabs = TABS.filter((name) => user || OPEN_TABS.has(name)).concat(user?.isAdmin ? ADMIN_TABS : []);
    render(
      this,
      html`<a class="skip-link" href="#main">Skip to content</a>
        <header class="page-header">
          <a class="brand" href="index.html"><img src="logo.svg" alt="" width="32" height="32" />IPT on the Web</a>
          <nav aria-label="Main">
            <ul class="tabs">${tabs.map((name) => tab(name, pageName()))}</ul>
          </nav>
          <div class="person">${person(user)}</div>
        </header>`,
    );
    if (user) {
      startJobNews();
    }
    this.querySelector("#sign-out")?.addEventListener("click", (event) => this.#leave(event.currentTarget));
    // The address after the # belongs to the page's own state, so the link moves the focus itself.
    this.querySelector(".skip-link").addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById("main")?.focus();
    });
  }

  async #leave(button) {
    button.disabled = true;
    try {
      await signOut({ api, session });
      keepFlash(storage, "good", "You are signed out.");
    } catch {
      keepFlash(
        storage,
        "note",
        "You are signed out in this tab. The service could not be reached to end the session there too; it ends by itself.",
      );
    }
    window.location.assign("index.html");
  }
}

customElements.define("ipt-header", PageHeader);
