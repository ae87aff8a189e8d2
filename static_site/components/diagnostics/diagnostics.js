// <ipt-diagnostics hidden></ipt-diagnostics>, then element.show(job)
// What the compiler complained about: errors first, each leads to its line in the editor.

import { countSentence, editorAddress, placeOf, sortDiagnostics } from "../../lib/diagnostics.js";
import { html, render } from "../../lib/html.js";
import { isDone } from "../../lib/jobs.js";
import { api } from "../../lib/site.js";
import { tellError } from "../alerts/alerts.js";
import { chip } from "../status-chip/status-chip.js";

const TONES = { error: "bad", warning: "busy", note: "quiet" };
const MOST_SHOWN = 200;

function placeMarkup(diagnostic) {
  const place = placeOf(diagnostic);
  const address = editorAddress(diagnostic);
  return address
    ? html`<a class="place" href="${address}">${place}</a>`
    : html`<span class="place">${place || "the whole program"}</span>`;
}

function noteMarkup(note) {
  const { message, ...where } = note;
  return html`<li>${placeOf(where) && placeMarkup(where)} ${message}</li>`;
}

/** One complaint with its notes; where it has a `job`, the editor shows all that this job's compiler said. */
export function diagnosticMarkup(diagnostic) {
  const { severity, message, option, job, notes = [] } = diagnostic;
  return html`<li class="diagnostic" data-severity="${severity}">
    <p class="head">${chip(severity, TONES[severity] ?? "quiet")} ${placeMarkup(diagnostic)}</p>
    <p class="message">${message} ${option && html`<code class="option">${option}</code>`}</p>
    ${notes.length > 0 && html`<ul class="notes">${notes.map((note) => noteMarkup({ ...note, job }))}</ul>`}
  </li>`;
}

class Diagnostics extends HTMLElement {
  #asked = "";

  /** Show what there is for a job, asked for once when it may be there and once when it is over. */
  show(job) {
    const stage = `${job.id} ${isDone(job.status)}`;
    if (job.diagnostics_available && this.#asked !== stage) {
      this.#asked = stage;
      this.#read(job.id, stage);
    }
  }

  async #read(id, stage) {
    try {
      const answer = await api.call("jobs", { path: `/jobs/${encodeURIComponent(id)}/diagnostics` });
      if (this.#asked === stage) {
        this.#draw(answer, id);
      }
    } catch (error) {
      if (error.code !== "system_unreachable") {
        tellError(error);
      }
      this.#asked = "";
    }
  }

  #draw({ diagnostics, truncated }, job) {
    this.hidden = diagnostics.length === 0;
    const shown = sortDiagnostics(diagnostics).slice(0, MOST_SHOWN).map((each) => ({ ...each, job }));
    const isCut = truncated || shown.length < diagnostics.length;
    render(
      this,
      html`<h2>Compiler: ${countSentence(diagnostics)}${truncated && " and more"}</h2>
        <ol class="diagnostics">${shown.map(diagnosticMarkup)}</ol>
        ${isCut && html`<p class="hint">There is more; the compiler's own text below has all of it.</p>`}`,
    );
  }
}

customElements.define("ipt-diagnostics", Diagnostics);
