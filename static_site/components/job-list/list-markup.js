// The markup of the list of jobs: its filters, its rows, and what stands there when there are none.

import { formatSpan, formatTime, isoTime } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { FILTER_KINDS, FILTER_STATES, isDone, titleOf, toneOf } from "../../lib/jobs.js";
import { stuckSentence } from "../../lib/job-words.js";
import { chip } from "../status-chip/status-chip.js";

function choice(name, label, options) {
  return html`<div class="field small">
    <label for="${name}">${label}</label>
    <select id="${name}" name="${name}">
      <option value="">All</option>
      ${options.map(([value, text]) => html`<option value="${value}">${text}</option>`)}
    </select>
  </div>`;
}

function day(name, label) {
  return html`<div class="field small">
    <label for="${name}">${label}</label><input id="${name}" name="${name}" type="date" />
  </div>`;
}

/** The list as it stands before anything is known. */
export function listMarkup() {
  return html`<div class="page-title"><h1>History</h1></div>
    <form class="filters" role="search" aria-label="Jobs" novalidate>
      <div class="field">
        <label for="search">Search</label>
        <input id="search" name="search" type="search" maxlength="100" autocomplete="off" spellcheck="false" />
      </div>
      ${choice("kind", "Kind", [...FILTER_KINDS, ["other", "Other"]])}
      ${choice("status", "State", FILTER_STATES.map((state) => [state, state]))} ${choice("system", "System", [])}
      ${day("since", "Sent since")} ${day("until", "Sent until")}
      <button type="button" class="button quiet" id="clear" hidden>Clear the filters</button>
    </form>
    <p class="visually-hidden" role="status" id="found"></p>
    <div class="list-bar">
      <div class="button-row" role="group" aria-label="Selected jobs">
        <label class="switch"><input type="checkbox" id="pick-all" /> All on this page</label>
        <span class="hint" id="picked"></span>
        <button type="button" class="button small" id="cancel-picked" disabled>Cancel</button>
        <button type="button" class="button small danger" id="remove-picked" disabled>Remove</button>
      </div>
      <p class="hint freshness"><span id="freshness"></span>
        <button type="button" class="button small quiet" id="again">Refresh</button></p>
    </div>
    <div class="table-box" id="jobs" hidden>
      <table role="table">
        <caption class="visually-hidden">Jobs, newest first</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col"><span class="visually-hidden">Selected</span></th>
            <th role="columnheader" scope="col">Name</th>
            <th role="columnheader" scope="col">State</th>
            <th role="columnheader" scope="col">Sent</th>
            <th role="columnheader" scope="col">Took</th>
            <th role="columnheader" scope="col">System</th>
          </tr>
        </thead>
        <tbody role="rowgroup"></tbody>
      </table>
    </div>
    <div id="none"><p class="empty">Asking for the jobs …</p></div>
    <nav class="pager" aria-label="Pages">
      <button type="button" class="button" id="newest" disabled>Newest</button>
      <button type="button" class="button" id="newer" disabled>Newer</button>
      <span id="page"></span>
      <button type="button" class="button" id="older" disabled>Older</button>
      <button type="button" class="button" id="oldest" disabled>Oldest</button>
    </nav>`;
}

function when(value) {
  return value ? html`<time datetime="${isoTime(value)}">${formatTime(value)}</time>` : "–";
}

function took(job) {
  if (isDone(job.status) || !job.started) {
    return formatSpan(job.started, job.ended) || "–";
  }
  return html`<ipt-elapsed since="${isoTime(job.started)}"></ipt-elapsed>`;
}

function stateMarkup(job) {
  const ahead = job.status === "QUEUED" ? job.queue?.ahead : null;
  const stuck = stuckSentence(job);
  return html`${chip(job.status, toneOf(job.status))}
  ${Number.isInteger(ahead) && html`<span class="hint">${ahead === 0 ? "next in the queue" : `${ahead} ahead`}</span>`}
  ${stuck && html`<span class="stuck">${stuck}</span>`}`;
}

/** The cells of one job. Whether it is selected is not part of them, so that selecting redraws nothing. */
export function cellsMarkup(job) {
  const { title, id } = titleOf(job);
  return html`<td role="cell" class="pick">
      <input type="checkbox" id="pick-${job.id}" data-job="${job.id}" aria-label="Select ${title} ${id}" />
    </td>
    <td role="cell" data-label="Name">
      <a id="job-${job.id}" href="#job=${encodeURIComponent(job.id)}">${title}</a>
      ${id && html`<span class="short-id">${id}</span>`}
      <span class="command-short">${job.command_line}</span>
    </td>
    <td role="cell" data-label="State" class="state">${stateMarkup(job)}</td>
    <td role="cell" data-label="Sent">${when(job.created)}</td>
    <td role="cell" data-label="Took">${took(job)}</td>
    <td role="cell" data-label="System">${job.system_label || job.system}</td>`;
}

/** What stands in place of the table. */
export function noneMarkup(filters, isNarrowed) {
  if (filters.page > 1) {
    return html`<p class="empty">There are no jobs on this page; the list ends before it.</p>`;
  }
  return isNarrowed
    ? html`<p class="empty">No job fits. Widen the search.</p>`
    : html`<p class="empty">No jobs yet. <a href="compile.html">Compile a program</a> to make the first.</p>`;
}
