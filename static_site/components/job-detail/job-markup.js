// The markup of one job: the page, its headings and what can be done.

import { formatSeconds, formatTime, isoTime } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { formAddress, runAddress } from "../../lib/job-forms.js";
import { queueWords, stuckSentence } from "../../lib/job-words.js";
import { isDone, programOf, timelineOf } from "../../lib/jobs.js";

/** The page as it stands before anything is known; `list` is the address of the list that one came from. */
export function pageMarkup(list) {
  return html`<p class="back"><a href="history.html#${list}">← All jobs</a></p>
    <div class="page-title">
      <h1 tabindex="-1">Job</h1>
      <span id="short-id" class="short-id"></span>
      <ipt-status></ipt-status>
      <p id="sentence" class="sentence" aria-live="polite">Asking for the job …</p>
      <p id="verdict" class="verdict" role="status"></p>
      <p id="since" class="hint"></p>
      <p id="freshness" class="hint"></p>
    </div>
    <div id="silence" role="status"></div>
    <div id="standing"></div>
    <div id="actions" class="button-row"></div>
    <div class="columns">
      <div class="main-column">
        <ipt-comparison class="card" hidden></ipt-comparison>
        <ipt-diagnostics class="card" hidden></ipt-diagnostics>
        <ipt-output class="card" stream="out" label="Standard output"></ipt-output>
        <ipt-output class="card" stream="err" label="Standard error"></ipt-output>
        <div class="card">
          <h2>Outputs</h2>
          <div id="outputs"><p class="empty">Asking …</p></div>
          <ipt-zip-download></ipt-zip-download>
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
        <div class="card">
          <h2>Inputs</h2>
          <div id="inputs"></div>
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

/** That the machine of the job does not answer, while it lasts. */
export function silenceMarkup(sentence) {
  return sentence ? html`<p class="standing">${sentence}</p>` : html``;
}

/** Where a waiting job stands, with the age of that news, and what is odd about how long it takes. */
export function standingMarkup(job) {
  const queue = job.status === "QUEUED" ? queueWords(job) : null;
  const stuck = stuckSentence(job);
  const age = queue?.asOf
    ? html` <span class="hint" title="${formatTime(queue.asOf)}">As of
        <ipt-elapsed since="${isoTime(queue.asOf)}"></ipt-elapsed> ago.</span>`
    : "";
  return html`${queue && html`<p class="standing">${queue.text}${age}</p>`}
  ${stuck && html`<p class="standing stuck">${stuck}</p>`}`;
}

function button(action, label, look) {
  return html`<button type="button" class="button ${look}" id="action-${action}" data-action="${action}">${label}</button>`;
}

/** What can be done with the job now. */
export function actionsMarkup(job, { isWatched }) {
  const program = programOf(job);
  const edit = formAddress(job.request);
  const run = runAddress({ binary: program, system: job.system ?? "", built: job.request?.command ?? "" });
  const isOver = isDone(job.status);
  const first = job.status === "FAILED" ? "primary" : "";
  return html`${program && html`<a class="button primary" id="action-run" href="${run}">Run this program</a>`}
  ${edit && html`<a class="button ${first}" id="action-edit" href="${edit}">Change and send again</a>`}
  ${edit && isOver && button("resubmit", "Send again", "")}
  ${!isOver && button("watch", isWatched ? "Do not tell me when it ends" : "Tell me when it ends", "")}
  ${job.can_cancel && button("cancel", "Cancel", "danger")}
  ${isOver && button("delete", "Remove from history", "quiet")}`;
}
