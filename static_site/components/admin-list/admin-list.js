// <ipt-admin-list view="terminals"></ipt-admin-list>
// One list for administrators: filtered as the address says, page by page, asked again while it is looked at.

import { callOf, isNarrowed, outcomeOf, PAGE, questionOf, readPlace, toQuery, VIEWS, writePlace } from "../../lib/admin.js";
import { html, render } from "../../lib/html.js";
import { startPolling } from "../../lib/poll.js";
import { api, hashParameters } from "../../lib/site.js";
import { clearAlerts, tell, tellError, Trouble } from "../alerts/alerts.js";
import { confirmAction } from "../dialog/dialog.js";
import "../elapsed-time/elapsed-time.js";
import { drawRows } from "../job-list/table-rows.js";
import { renderChanged } from "../status-chip/status-chip.js";
import { listMarkup, noneMarkup, noteMarkup, rowsOf } from "./admin-markup.js";

const EVERY_MS = 20_000;
const TYPING_MS = 300;
// A start may take as long as a host needs.
const ACTION_MS = 130_000;
const NUMBER = new Intl.NumberFormat("en");

class AdminList extends HTMLElement {
  #place = null;
  #polling = null;
  #typing = null;
  #isAsked = false;
  #trouble = new Trouble();

  connectedCallback() {
    render(this, listMarkup(this.#view, VIEWS[this.#view]));
    this.#listen();
    this.#readAddress();
    this.#polling = startPolling(() => this.#read(), {
      every: EVERY_MS,
      onError: (error) => {
        this.#trouble.tell(error);
        return !error.endsSession;
      },
    });
  }

  disconnectedCallback() {
    clearTimeout(this.#typing);
    this.#polling.stop();
    this.#trouble.end();
  }

  get #view() {
    return this.getAttribute("view");
  }

  #find(id) {
    return this.querySelector(`#${id}`);
  }

  /** Show what the address asks for now: one has gone back to it, or followed a link. */
  readAddress() {
    this.#readAddress();
    this.#ask();
  }

  #readAddress() {
    this.#place = readPlace(hashParameters());
    for (const [name, value] of Object.entries(this.#place.filters)) {
      this.#find(name).value = value;
    }
    this.#isAsked = true;
  }

  #listen() {
    const form = this.querySelector("form");
    form?.addEventListener("submit", (event) => event.preventDefault());
    form?.addEventListener("input", (event) => this.#filter(event.target));
    this.#find("again").addEventListener("click", () => this.#polling.now());
    this.#find("newer")?.addEventListener("click", () => this.#turn(-1));
    this.#find("older")?.addEventListener("click", () => this.#turn(1));
    this.querySelector("tbody").addEventListener("click", ({ target }) => {
      if (target.dataset.action) {
        this.#act(target);
      }
    });
  }

  #filter(field) {
    const filters = Object.fromEntries(VIEWS[this.#view].filters.map(([name]) => [name, this.#find(name).value]));
    const address = `#${writePlace({ view: this.#view, filters })}`;
    // What is typed sign by sign is one step of the way back.
    if (field.tagName === "INPUT") {
      window.history.replaceState(null, "", address);
    } else {
      window.history.pushState(null, "", address);
    }
    this.#place = readPlace(hashParameters());
    this.#isAsked = true;
    this.#ask(TYPING_MS);
  }

  #turn(step) {
    window.history.pushState(null, "", `#${writePlace({ ...this.#place, page: this.#place.page + step })}`);
    this.readAddress();
  }

  #ask(delay = 0) {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#polling.now(), delay);
  }

  async #read() {
    const query = toQuery(this.#place);
    const answer = await api.call("admin", { path: `/${this.#view}`, query });
    this.#trouble.end();
    const isCurrent = JSON.stringify(query) === JSON.stringify(toQuery(this.#place));
    if (this.isConnected && isCurrent) {
      this.#show(answer);
    }
  }

  #show(answer) {
    const rows = rowsOf(this.#view, answer);
    drawRows(this.querySelector("tbody"), rows);
    this.#find("table").hidden = rows.length === 0;
    const isEmpty = rows.length === 0;
    renderChanged(this.#find("none"), isEmpty ? noneMarkup(this.#place, isNarrowed(this.#place)) : html``);
    renderChanged(this.#find("note"), noteMarkup(this.#view, answer));
    render(this.#find("freshness"), html`As of <ipt-elapsed since="${new Date().toISOString()}"></ipt-elapsed> ago`);
    this.#showPage(rows.length, answer.total ?? rows.length);
  }

  #showPage(length, total) {
    const first = (this.#place.page - 1) * PAGE + 1;
    const place = length > 0 ? `${NUMBER.format(first)} to ${NUMBER.format(first + length - 1)} of ${NUMBER.format(total)}` : "";
    if (this.#find("page")) {
      this.#find("page").textContent = place;
      this.#find("newer").disabled = this.#place.page === 1;
      this.#find("older").disabled = first + length - 1 >= total;
      this.querySelector(".pager").hidden = this.#place.page === 1 && length === total;
    }
    if (this.#isAsked) {
      // Told when somebody asked for it, not whenever the list is read again.
      this.#find("found").textContent = place ? `${VIEWS[this.#view].title} ${place}` : "Nothing found";
      this.#isAsked = false;
    }
  }

  async #act(button) {
    const { action, name, launch } = button.dataset;
    const question = questionOf(action, name);
    if (question && !(await confirmAction(question))) {
      return;
    }
    clearAlerts();
    button.disabled = true;
    button.closest("tr").setAttribute("aria-busy", "true");
    try {
      const answer = await api.call("admin", { ...callOf(action, name, { launch }), timeoutMs: ACTION_MS });
      tell(outcomeOf(action, name, answer), "good");
    } catch (error) {
      tellError(error);
      if (error.endsSession) {
        return;
      }
    } finally {
      button.disabled = false;
      button.closest("tr")?.removeAttribute("aria-busy");
    }
    this.#polling.now();
  }
}

customElements.define("ipt-admin-list", AdminList);
