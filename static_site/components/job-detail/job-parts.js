// The markup of what one job is made of: facts, timeline, inputs and outputs.

import { formatBytes, formatSeconds, formatSpan, formatTime, isoTime } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { endSentence, resourceWords } from "../../lib/job-words.js";
import { fetchableOutputsOf, folderOfJob, inputsOf, isDone, outputsOf, sentenceOf, timelineOf, toneOf } from "../../lib/jobs.js";
import { folderOf } from "../../lib/paths.js";

function fact(name, value) {
  return value === "" || value === null || value === undefined
    ? ""
    : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

const folderAddress = (path) => `files.html#path=${encodeURIComponent(path)}`;

/** What is known about the job. */
export function factsMarkup(job) {
  const path = folderOfJob(job);
  const folder = path && html`<a href="${folderAddress(path)}">${path}</a>`;
  return html`<dl class="facts">
    ${fact("Command", job.command_line && html`<code>${job.command_line}</code>`)}
    ${fact("System", job.system_label || job.system)} ${fact("Asked for", resourceWords(job.request))}
    ${fact("Exit code", endSentence(job))} ${fact("Sent", formatTime(job.created))}
    ${fact("Started", formatTime(job.started))} ${fact("Ended", formatTime(job.ended))}
    ${fact("Took", formatSpan(job.started, job.ended))} ${fact("Program ran", formatSeconds(job.run_seconds))}
    ${fact("Folder", folder)} ${fact("Name", job.name)} ${fact("Id", job.id)}
  </dl>`;
}

function stepMarkup(step, { isLast, isOver }) {
  const until = isoTime(step.until ?? (isOver ? step.created : ""));
  const elapsed = html`<ipt-elapsed since="${isoTime(step.created)}" ${until && html`until="${until}"`}></ipt-elapsed>`;
  const reasons = step.reasons.length > 0 ? step.reasons : [sentenceOf(step.status)];
  return html`<li data-tone="${toneOf(step.status)}" class="${isLast ? "now" : ""}">
    <strong>${step.status}</strong> ${isLast && isOver ? "" : elapsed}
    <span class="hint"><time datetime="${isoTime(step.created)}">${formatTime(step.created)}</time></span>
    ${reasons.map((reason) => html`<span class="hint reason">${reason}</span>`)}
  </li>`;
}

/** The states that the job went through, with times and reasons; the last one counts on while the job lives. */
export function timelineMarkup(job) {
  const steps = timelineOf(job.history);
  if (steps.length === 0) {
    return html`<p class="empty">Nothing has happened yet.</p>`;
  }
  const isOver = isDone(job.status);
  return html`<ol class="timeline">
    ${steps.map((step, index) => stepMarkup(step, { isLast: index === steps.length - 1, isOver }))}
  </ol>`;
}

/** The files that the job was made from. */
export function inputsMarkup(job) {
  const inputs = inputsOf(job);
  if (inputs.length === 0) {
    return html`<p class="empty">No files.</p>`;
  }
  return html`<dl class="facts">
    ${inputs.map(({ label, path, isInHome }) =>
      fact(label, isInHome ? html`<a href="${folderAddress(folderOf(path))}">${path}</a>` : path),
    )}
  </dl>`;
}

function downloadMarkup(entry) {
  return html`<button
    type="button"
    class="button small"
    data-download="${entry.path}"
    data-job="${entry.job ?? ""}"
    aria-label="Download ${entry.name}"
  >
    Download
  </button>`;
}

function outputMarkup(entry) {
  if (entry.type === "dir" && entry.path) {
    return html`<li><a class="name" href="${folderAddress(entry.path)}">${entry.name}/</a></li>`;
  }
  return html`<li>
    <span class="name">${entry.name}</span><span class="hint">${formatBytes(entry.size)}</span>
    ${entry.path && downloadMarkup(entry)}
  </li>`;
}

function outputsHint(job, entries) {
  if (isDone(job.status) && !entries.some(({ path, job: beside }) => path && !beside)) {
    return html`<p class="hint">
      They are not in your home: the job ended before its files were copied there. Download what you need.${job.outputs_truncated && " Only the first of them are listed."}
    </p>`;
  }
  const folder = folderOfJob(job);
  return job.outputs_truncated && folder
    ? html`<p class="hint">There are more; the <a href="${folderAddress(folder)}">folder</a> has all of them.</p>`
    : "";
}

/** The files that the job left behind. */
export function outputsMarkup(job) {
  const fetchable = new Map(fetchableOutputsOf(job).map((entry) => [entry.name, entry]));
  const entries = outputsOf(job).map((entry) => fetchable.get(entry.name) ?? entry);
  if (entries.length === 0) {
    const none = isDone(job.status) ? "The job left no files." : "Files appear here when the job ends.";
    return html`<p class="empty">${job.outputs_unavailable ? "They are shown when the system answers again." : none}</p>`;
  }
  return html`<ul class="outputs">${entries.map(outputMarkup)}</ul>${outputsHint(job, entries)}`;
}
