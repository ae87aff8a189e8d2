// The markup of one job.

import { formatBytes, formatSeconds, formatSpan, formatTime, isoTime } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { isDone, outputsOf, programOf, retryOf, sentenceOf, timelineOf, toneOf } from "../../lib/jobs.js";

/** The page as it stands before anything is known. */
export function pageMarkup() {
  return html`<p class="back"><a href="history.html#">← All jobs</a></p>
    <div class="page-title">
      <h1 tabindex="-1">Job</h1>
      <span id="short-id" class="short-id"></span>
      <ipt-status></ipt-status>
      <p id="sentence" class="sentence" aria-live="polite">Asking for the job …</p>
      <p id="since" class="hint"></p>
    </div>
    <div id="actions" class="button-row"></div>
    <div class="columns">
      <div class="main-column">
        <ipt-output class="card" stream="out" label="Standard output"></ipt-output>
        <ipt-output class="card" stream="err" label="Standard error"></ipt-output>
        <div class="card">
          <h2>Outputs</h2>
          <div id="outputs"><p class="empty">Asking …</p></div>
        </div>
      </div>
      <div class="side-column">
        <div class="card">
          <h2>Timeline</h2>
          <div id="timeline"></div>
        </div>
        <div class="card">
          <h2>Facts</h2>
          <div id="facts"></div>
        </div>
      </div>
    </div>`;
}

/** How long the job has been in its state, while it goes on; then how long its program ran. */
export function sinceMarkup(job) {
  const step = timelineOf(job.history).at(-1);
  if (isDone(job.status)) {
    const ran = formatSeconds(job.run_seconds);
    return ran ? html`The program ran ${ran}.` : html``;
  }
  return !step
    ? html``
    : html`for <ipt-elapsed since="${isoTime(step.created)}"></ipt-elapsed>`;
}

/** What can be done with the job now. */
export function actionsMarkup(job) {
  const program = programOf(job);
  const retry = retryOf(job);
  const parameters = new URLSearchParams({ binary: program, system: job.system ?? "" });
  return html`${program && html`<a class="button primary" href="run.html#${parameters}">Run this program</a>`}
  ${retry && html`<a class="button primary" href="${retry}">Change and send again</a>`}
  ${job.can_cancel && html`<button type="button" class="button danger" data-action="cancel">Cancel</button>`}
  ${isDone(job.status) &&
  html`<button type="button" class="button quiet" data-action="delete">Remove from history</button>`}`;
}

function fact(name, value) {
  return value === "" || value === null || value === undefined
    ? ""
    : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** What is known about the job. */
export function factsMarkup(job) {
  const folder = job.archive_path
    ? html`<a href="files.html#path=${encodeURIComponent(job.archive_path)}">${job.archive_path}</a>`
    : "";
  return html`<dl class="facts">
    ${fact("Command", html`<code>${job.command_line}</code>`)} ${fact("Where", job.system)}
    ${fact("Exit code", job.exit_code)} ${fact("Sent", formatTime(job.created))}
    ${fact("Started", formatTime(job.started))} ${fact("Ended", formatTime(job.ended))}
    ${fact("Took", formatSpan(job.started, job.ended))} ${fact("Program ran", formatSeconds(job.run_seconds))}
    ${fact("Folder", folder)} ${fact("Name", job.name)} ${fact("Id", job.id)}
  </dl>`;
}

/** The states that the job went through, with times; the last one counts on while the job lives. */
export function timelineMarkup(job) {
  const steps = timelineOf(job.history);
  if (steps.length === 0) {
    return html`<p class="empty">Nothing has happened yet.</p>`;
  }
  return html`<ol class="timeline">
    ${steps.map((step, index) => {
      const isLast = index === steps.length - 1;
      const until = isoTime(step.until ?? (isDone(job.status) ? step.created : ""));
      const elapsed = html`<ipt-elapsed since="${isoTime(step.created)}" ${until && html`until="${until}"`}></ipt-elapsed>`;
      return html`<li data-tone="${toneOf(step.status)}" class="${isLast ? "now" : ""}">
        <strong>${step.status}</strong> ${isLast && isDone(job.status) ? "" : elapsed}
        <span class="hint"><time datetime="${isoTime(step.created)}">${formatTime(step.created)}</time></span>
        <span class="hint">${step.description || sentenceOf(step.status)}</span>
      </li>`;
    })}
  </ol>`;
}

function downloadMarkup(entry) {
  return html`<button
    type="button"
    class="button small"
    data-download="${entry.path}"
    aria-label="Download ${entry.name}"
  >
    Download
  </button>`;
}

/** The files that the job left behind. */
export function outputsMarkup(job) {
  const entries = outputsOf(job);
  if (entries.length === 0) {
    return html`<p class="empty">${isDone(job.status) ? "The job left no files." : "Files appear here when the job ends."}</p>`;
  }
  return html`<ul class="outputs">
    ${entries.map(
      (entry) =>
        html`<li>
          ${entry.type === "dir" && entry.path
            ? html`<a href="files.html#path=${encodeURIComponent(entry.path)}">${entry.name}/</a>`
            : html`<span class="name">${entry.name}</span><span class="hint">${formatBytes(entry.size)}</span>
                ${entry.path && downloadMarkup(entry)}`}
        </li>`,
    )}
  </ul>`;
}
