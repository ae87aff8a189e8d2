// <ipt-job-list></ipt-job-list>
// The caller's jobs, newest first: filtered, page by page, asked again while it is looked at.

import { formatSpan, formatTime, isoTime } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { FILTER_STATES, isDone, titleOf, toneOf } from "../../lib/jobs.js";
import { startPolling } from "../../lib/poll.js";
import { api } from "../../lib/site.js";
import { tellError } from "../alerts/alerts.js";
import "../elapsed-time/elapsed-time.js";
import { chip, renderChanged } from "../status-chip/status-chip.js";

const PAGE = 20;
const BUSY_MS = 5000;
const QUIET_MS = 20_000;
const TYPING_MS = 300;

function when(value) {
  return value ? html`<time datetime="${isoTime(value)}">${formatTime(value)}</time>` : "–";
}

function rowMarkup(job) {
  const { title, id } = titleOf(job);
  return html`<tr role="row">
    <td role="cell" data-label="Name">
      <a id="job-${job.id}" href="#job=${encodeURIComponent(job.id)}">${title}</a>
      ${id && html`<span class="short-id">${id}</span>`}
      <span class="command-short">${job.command_line}</span>
    </td>
    <td role="cell" data-label="State">${chip(job.status, toneOf(job.status))}</td>
    <td role="cell" data-label="Sent">${when(job.created)}</td>
    <td role="cell" data-label="Took">${formatSpan(job.started, job.ended) || "–"}</td>
    <td role="cell" data-label="Where">${job.system}</td>
  </tr>`;
}

class JobList extends HTMLElement {
  #polling = null;
  #offset = 0;
  #typing = null;

  connectedCallback() {
    render(
      this,
      html`<div class="page-title"><h1>History</h1></div>
        <form class="filters" role="search" novalidate>
          <div class="field"><label for="search">Search</label><input id="search" type="search" autocomplete="off" /></div>
          <div class="field small">
            <label for="kind">Kind</label>
            <select id="kind">
              <option value="">All</option>
              <option value="compile">Compile</option>
              <option value="run">Run</option>
            </select>
          </div>
          <div class="field small">
            <label for="state">State</label>
            <select id="state">
              <option value="">All</option>
              ${FILTER_STATES.map((state) => html`<option>${state}</option>`)}
            </select>
          </div>
          <p class="hint freshness" id="freshness"></p>
        </form>
        <div id="jobs"></div>
        <div class="pager">
          <button type="button" class="button" id="newer" disabled>Newer</button>
          <span id="page"></span>
          <button type="button" class="button" id="older" disabled>Older</button>
        </div>`,
    );
    this.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    this.querySelector("form").addEventListener("input", () => this.#turn(0));
    this.querySelector("#newer").addEventListener("click", () => this.#turn(Math.max(0, this.#offset - PAGE)));
    this.querySelector("#older").addEventListener("click", () => this.#turn(this.#offset + PAGE));
    this.#polling = startPolling(() => this.#read(), {
      every: QUIET_MS,
      onError: (error) => {
        tellError(error);
        return !error.endsSession;
      },
    });
  }

  disconnectedCallback() {
    clearTimeout(this.#typing);
    this.#polling.stop();
  }

  #turn(offset) {
    this.#offset = offset;
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#polling.now(), TYPING_MS);
  }

  #query() {
    const value = (id) => this.querySelector(`#${id}`).value.trim();
    return { limit: PAGE, offset: this.#offset, search: value("search"), kind: value("kind"), status: value("state") };
  }

  async #read() {
    const query = this.#query();
    const answer = await api.call("jobs", { path: "/jobs", query });
    if (this.isConnected && JSON.stringify(query) === JSON.stringify(this.#query())) {
      this.#show(answer, query);
    }
    return answer.jobs.every((job) => isDone(job.status)) ? QUIET_MS : BUSY_MS;
  }

  #show({ jobs, more }, query) {
    const isFiltered = query.search || query.kind || query.status;
    const none = isFiltered
      ? html`<p class="empty">No job fits. Widen the search.</p>`
      : html`<p class="empty">No jobs yet. <a href="compile.html">Compile a program</a> to make the first.</p>`;
    const table = html`<div class="table-box">
      <table role="table">
        <caption class="visually-hidden">Jobs, newest first</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Name</th>
            <th role="columnheader" scope="col">State</th>
            <th role="columnheader" scope="col">Sent</th>
            <th role="columnheader" scope="col">Took</th>
            <th role="columnheader" scope="col">Where</th>
          </tr>
        </thead>
        <tbody role="rowgroup">${jobs.map(rowMarkup)}</tbody>
      </table>
    </div>`;
    renderChanged(this.querySelector("#jobs"), jobs.length > 0 ? table : none);
    const now = new Date().toISOString();
    render(this.querySelector("#freshness"), html`As of <ipt-elapsed since="${now}"></ipt-elapsed> ago`);
    this.querySelector("#newer").disabled = this.#offset === 0;
    this.querySelector("#older").disabled = !more;
    const last = this.#offset + jobs.length;
    this.querySelector("#page").textContent = jobs.length > 0 ? `${this.#offset + 1} to ${last}` : "";
  }
}

customElements.define("ipt-job-list", JobList);
