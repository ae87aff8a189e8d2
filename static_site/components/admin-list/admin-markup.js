// The markup of the lists for administrators: filters, rows, and what stands there when there are none.

import { actionsOf, choicesOf, toneOf, VIEWS } from "../../lib/admin.js";
import { formatDuration, formatTime, isoTime } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { toneOf as toneOfJob } from "../../lib/jobs.js";
import { chip } from "../status-chip/status-chip.js";

const COLUMNS = {
  terminals: ["User", "State", "Host", "Since", "Idle", "Actions"],
  hosts: ["Host", "Terminals", "Takes new ones", "Actions"],
  jobs: ["User", "Job", "State", "Sent", "System"],
  audit: ["When", "Administrator", "Action", "On", "Result"],
};

function filter([name, label, choices]) {
  if (!choices) {
    const kind = name === "search" ? "search" : "text";
    return html`<div class="field ${name === "search" ? "" : "small"}">
      <label for="${name}">${label}</label>
      <input id="${name}" name="${name}" type="${kind}" maxlength="100" autocomplete="off" spellcheck="false" />
    </div>`;
  }
  const all = name === "sort" ? "" : html`<option value="">All</option>`;
  return html`<div class="field small">
    <label for="${name}">${label}</label>
    <select id="${name}" name="${name}">
      ${all}${choicesOf(choices).map(([value, text]) => html`<option value="${value}">${text}</option>`)}
    </select>
  </div>`;
}

/** A list as it stands before anything is known. */
export function listMarkup(view, { title, filters }) {
  return html`<h2 class="visually-hidden">${title}</h2>
    ${
      filters.length > 0 &&
      html`<form class="filters" role="search" aria-label="${title}" novalidate>${filters.map(filter)}</form>`
    }
    <p class="visually-hidden" role="status" id="found"></p>
    <div class="list-bar">
      <p class="hint" id="note"></p>
      <p class="hint freshness"><span id="freshness"></span>
        <button type="button" class="button small quiet" id="again">Refresh</button></p>
    </div>
    <div class="table-box" id="table" hidden>
      <table role="table">
        <caption class="visually-hidden">${title}</caption>
        <thead role="rowgroup">
          <tr role="row">
            ${COLUMNS[view].map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody role="rowgroup"></tbody>
      </table>
    </div>
    <div id="none"><p class="empty">Asking for the list …</p></div>
    ${
      view !== "hosts" &&
      html`<nav class="pager" aria-label="Pages" hidden>
        <button type="button" class="button" id="newer">Before</button>
        <span id="page"></span>
        <button type="button" class="button" id="older">Next</button>
      </nav>`
    }`;
}

function cells(view, contents) {
  const labels = COLUMNS[view];
  // The box keeps a cell's parts together where rows become cards.
  return html`${contents.map((part, index) => html`<td role="cell" data-label="${labels[index]}"><div>${part}</div></td>`)}`;
}

const when = (value) => (value ? html`<time datetime="${isoTime(value)}">${formatTime(value)}</time>` : "–");
const span = (seconds) => (Number.isFinite(seconds) ? formatDuration(seconds * 1000) : "–");

function button(action, label, name, launch = "") {
  const look = action === "delete-record" ? "danger" : "";
  return html`<button type="button" class="button small ${look}" id="${action}-${name}" data-action="${action}"
    data-name="${name}" data-launch="${launch}">${label}<span class="visually-hidden"> ${name}</span></button>`;
}

function terminalRow(terminal) {
  const { user, status, host, since, launch, reason, position } = terminal;
  const place = position ? html`<span class="hint">number ${position} in line</span>` : "";
  return {
    key: user,
    markup: cells("terminals", [
      html`<span class="who">${user}</span>`,
      html`${chip(status, toneOf(status))} ${place} ${reason && html`<span class="hint reason">${reason}</span>`}`,
      host || "–",
      html`${when(since)} <span class="hint">${span(terminal.state_s)}</span>`,
      span(terminal.idle_s),
      html`<div class="button-row">${actionsOf(terminal).map(([action, label]) => button(action, label, user, launch))}</div>`,
    ]),
  };
}

function drainWords(host) {
  if (!host.drained) {
    return chip("yes", "good");
  }
  const by = host.drained_by && html`<span class="hint">drained by ${host.drained_by}, ${when(host.drained_since)}</span>`;
  const settings = host.drained_in_settings && html`<span class="hint">drained by the settings of the service</span>`;
  return html`${chip("no", "busy")} ${by} ${settings}`;
}

function hostRow(host) {
  const { name, capacity, terminals } = host;
  const offered = host.drained_by ? button("undrain", "End drain", name) : button("drain", "Drain", name);
  return {
    key: name,
    markup: cells("hosts", [
      html`<span class="who">${name}</span>`,
      capacity ? `${terminals} of ${capacity}` : String(terminals),
      drainWords(host),
      host.drained && !host.drained_by ? "–" : offered,
    ]),
  };
}

function jobRow(job) {
  return {
    key: job.id,
    markup: cells("jobs", [
      html`<span class="who">${job.user}</span>`,
      html`${job.kind} <span class="short-id">${job.id}</span>`,
      job.status ? chip(job.status, toneOfJob(job.status)) : html`<span class="hint">not known</span>`,
      when(job.created),
      job.system_label || job.system || "–",
    ]),
  };
}

function auditRow(entry) {
  return {
    key: entry.id,
    markup: cells("audit", [
      when(entry.at),
      html`<span class="who">${entry.by}</span>`,
      entry.action,
      html`<span class="who">${entry.target}</span>`,
      html`${chip(entry.result, toneOf(entry.result))} <span class="hint reason">${entry.message}</span>`,
    ]),
  };
}

const ROWS = {
  terminals: ({ terminals }) => terminals.map(terminalRow),
  hosts: ({ hosts }) => hosts.map(hostRow),
  jobs: ({ jobs }) => jobs.map(jobRow),
  audit: ({ entries }) => entries.map(auditRow),
};

/** Return the rows of an answer: `[{key, markup}]`. */
export function rowsOf(view, answer) {
  return ROWS[view](answer);
}

/** What is to be known beside a list. */
export function noteMarkup(view, answer) {
  switch (view) {
    case "terminals": {
      const counts = Object.entries(answer.counts ?? {}).filter(([, count]) => count > 0);
      return html`${counts.map(([status, count]) => `${count} ${status}`).join(", ")}`;
    }
    case "jobs":
      return html`The last ${answer.days} days. ${answer.complete ? "" : answer.source}`;
    case "audit":
      return html`The last ${answer.days} days.`;
    default:
      return html`Numbers are those of the records; no host was asked.`;
  }
}

/** What stands in place of the table. */
export function noneMarkup({ view, page }, isNarrowed) {
  if (page > 1) {
    return html`<p class="empty">There is nothing on this page; the list ends before it.</p>`;
  }
  return isNarrowed
    ? html`<p class="empty">Nothing fits. Widen the search.</p>`
    : html`<p class="empty">${VIEWS[view].title}: none yet.</p>`;
}
