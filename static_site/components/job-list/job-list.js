// <ipt-job-list></ipt-job-list>
// The caller's jobs, newest first: filtered as the address says, page by page, asked again while it is looked at.

import { html, render } from "../../lib/html.js";
import { isFiltered, PAGE, readFilters, toQuery, writeFilters } from "../../lib/job-filters.js";
import { isDone } from "../../lib/jobs.js";
import { startPolling } from "../../lib/poll.js";
import { api, hashParameters, storage } from "../../lib/site.js";
import { tellError, Trouble } from "../alerts/alerts.js";
import "../elapsed-time/elapsed-time.js";
import { renderChanged } from "../status-chip/status-chip.js";
import { JobSelection } from "./job-selection.js";
import { cellsMarkup, listMarkup, noneMarkup } from "./list-markup.js";
import { drawRows } from "./table-rows.js";

const BUSY_MS = 5000;
const QUIET_MS = 20_000;
const TYPING_MS = 300;
const NUMBER = new Intl.NumberFormat("en");
const ADDRESS_KEY = "ipt.history";
const FIELDS = ["search", "kind", "status", "system", "since", "until"];

/** Return where the list was last: its address after the #. */
export function lastAddress() {
  return storage.getItem(ADDRESS_KEY) ?? "";
}

class JobList extends HTMLElement {
  /** The job that one comes back from; it gets the focus. */
  comesFrom = "";
  #polling = null;
  #filters = null;
  #selection = null;
  #total = null;
  #typing = null;
  #isAsked = false;
  #trouble = new Trouble();

  connectedCallback() {
    render(this, listMarkup());
    this.#selection = new JobSelection(this, {
      call: (job, action) => this.#act(job, action),
      onDone: () => this.#polling.now(),
    });
    this.#listen();
    this.#readAddress();
    this.#polling = startPolling(() => this.#read(), {
      every: QUIET_MS,
      onError: (error) => {
        this.#trouble.tell(error);
        return !error.endsSession;
      },
    });
    this.#offerSystems();
  }

  disconnectedCallback() {
    clearTimeout(this.#typing);
    this.#polling.stop();
    this.#trouble.end();
  }

  #find(id) {
    return this.querySelector(`#${id}`);
  }

  #listen() {
    const form = this.querySelector("form");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => this.#filter(event.target.name));
    this.#find("clear").addEventListener("click", () => {
      this.#go(readFilters(new URLSearchParams()));
      this.#find("search").focus();
    });
    this.#find("again").addEventListener("click", () => this.#polling.now());
    const turn = (id, page) => this.#find(id).addEventListener("click", () => this.#go({ ...this.#filters, page: page() }));
    turn("newest", () => 1);
    turn("newer", () => this.#filters.page - 1);
    turn("older", () => this.#filters.page + 1);
    turn("oldest", () => Math.max(1, Math.ceil(this.#total / PAGE)));
  }

  /** Show what the address asks for now: one has gone back to it, or followed a link. */
  readAddress() {
    this.#readAddress();
    this.#ask();
  }

  #readAddress() {
    this.#filters = readFilters(hashParameters());
    for (const name of FIELDS) {
      this.#offerChosen(name);
      this.#find(name).value = this.#filters[name];
    }
    this.#keep();
  }

  // A system of the address may be one that is not offered, or not yet.
  #offerChosen(name) {
    const field = this.#find(name);
    const value = this.#filters[name];
    if (name === "system" && value && ![...field.options].some((option) => option.value === value)) {
      field.add(new Option(value, value));
    }
  }

  async #offerSystems() {
    try {
      const { systems } = await api.call("job_submit", { path: "/systems" });
      const field = this.#find("system");
      for (const { name, label } of systems) {
        const there = [...field.options].find((option) => option.value === name);
        const option = there ?? field.appendChild(new Option(name, name));
        option.textContent = label || name;
      }
    } catch (error) {
      // The list itself asks the same platform and tells what is wrong with it.
      if (error.endsSession) {
        tellError(error);
      }
    }
  }

  #filter(name) {
    const values = Object.fromEntries(FIELDS.map((field) => [field, this.#find(field).value]));
    const address = `#${writeFilters({ ...values, page: 1 })}`;
    // What is typed sign by sign is one step of the way back.
    if (name === "search") {
      window.history.replaceState(null, "", address);
    } else {
      window.history.pushState(null, "", address);
    }
    this.#filters = readFilters(hashParameters());
    this.#keep();
    this.#ask(TYPING_MS);
  }

  #go(filters) {
    window.history.pushState(null, "", `#${writeFilters(filters)}`);
    this.readAddress();
  }

  #keep() {
    storage.setItem(ADDRESS_KEY, writeFilters(this.#filters));
    this.#find("clear").hidden = !isFiltered(this.#filters);
    this.#isAsked = true;
  }

  #ask(delay = 0) {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#polling.now(), delay);
  }

  async #read() {
    const query = toQuery(this.#filters);
    const answer = await api.call("jobs", { path: "/jobs", query });
    this.#trouble.end();
    const isCurrent = JSON.stringify(query) === JSON.stringify(toQuery(this.#filters));
    if (this.isConnected && isCurrent) {
      this.#show(answer);
    }
    return answer.jobs.every((job) => isDone(job.status)) ? QUIET_MS : BUSY_MS;
  }

  #show({ jobs, more, total = null }) {
    // On the last page the number is known, even where the platform does not count.
    this.#total = more || jobs.length === 0 ? total : (this.#filters.page - 1) * PAGE + jobs.length;
    drawRows(this.querySelector("tbody"), jobs.map((job) => ({ key: job.id, markup: cellsMarkup(job) })));
    this.#find("jobs").hidden = jobs.length === 0;
    const isEmpty = jobs.length === 0;
    renderChanged(this.#find("none"), isEmpty ? noneMarkup(this.#filters, isFiltered(this.#filters)) : html``);
    this.#selection.show(jobs);
    const now = new Date().toISOString();
    render(this.#find("freshness"), html`As of <ipt-elapsed since="${now}"></ipt-elapsed> ago`);
    this.#showPage(jobs.length, more);
    this.#focusJob();
  }

  #showPage(length, more) {
    const { page } = this.#filters;
    const first = (page - 1) * PAGE + 1;
    const of = this.#total === null ? "" : ` of ${NUMBER.format(this.#total)}`;
    const place = length > 0 ? `${NUMBER.format(first)} to ${NUMBER.format(first + length - 1)}${of}` : "";
    this.#find("page").textContent = place;
    // Buttons that lead nowhere are noise.
    this.querySelectorAll(".pager button").forEach((button) => {
      button.hidden = page === 1 && !more;
    });
    this.#find("newest").disabled = page === 1;
    this.#find("newer").disabled = page === 1;
    this.#find("older").disabled = !more;
    this.#find("oldest").disabled = !more || this.#total === null;
    if (this.#isAsked) {
      // Told when somebody asked for it, not whenever the list is read again.
      this.#find("found").textContent = place ? `Jobs ${place}` : "No jobs found";
      this.#isAsked = false;
    }
  }

  #focusJob() {
    const link = this.comesFrom && document.getElementById(`job-${this.comesFrom}`);
    this.comesFrom = "";
    if (link) {
      link.focus();
    }
  }

  async #act(job, action) {
    const path = `/jobs/${encodeURIComponent(job.id)}`;
    const call = action === "cancel" ? { method: "POST", path: `${path}/cancel` } : { method: "DELETE", path };
    return api.call("jobs", call);
  }
}

customElements.define("ipt-job-list", JobList);
