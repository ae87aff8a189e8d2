// What the compiler of a job said about the open file: marks in its text, and a list that leads to them.

import { countSentence, sortDiagnostics } from "../../lib/diagnostics.js";
import { indexOf, readPlace } from "../../lib/edit-place.js";
import { formatTime } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { formAddress } from "../../lib/job-forms.js";
import { countsBytes, marksFor } from "../../lib/job-marks.js";
import { titleOf } from "../../lib/jobs.js";
import { api } from "../../lib/site.js";
import { tellError } from "../alerts/alerts.js";
import { diagnosticMarkup } from "../diagnostics/diagnostics.js";

function listMarkup(diagnostics) {
  return html`<ol class="diagnostics">${diagnostics.map(diagnosticMarkup)}</ol>`;
}

/** The complaints of one job in the page; `page` has the editor and the places. */
export class JobMarks {
  #page;
  #id = "";
  #job = null;
  #said = [];
  #isCut = false;
  #mine = [];
  #marks = [];

  constructor(page) {
    this.#page = page;
    this.#place.addEventListener("click", (event) => this.#onClick(event));
  }

  get #place() {
    return this.#page.querySelector("#complaints");
  }

  get #editor() {
    return this.#page.querySelector("ipt-code-editor");
  }

  /** The address of the form that the job was made by, filled in as it was; "" where there is none. */
  get formAddress() {
    return this.#job ? formAddress(this.#job.request) : "";
  }

  /** Ask for what a job's compiler said; without a job nothing is shown. */
  async load(id) {
    [this.#id, this.#job, this.#said, this.#isCut] = [id, null, [], false];
    if (!id) {
      return;
    }
    const path = `/jobs/${encodeURIComponent(id)}`;
    try {
      const [job, answer] = await Promise.all([
        api.call("jobs", { path }),
        api.call("jobs", { path: `${path}/diagnostics` }),
      ]);
      if (this.#id === id) {
        this.#job = job;
        this.#said = sortDiagnostics(answer.diagnostics).map((each) => ({ ...each, job: id }));
        this.#isCut = answer.truncated;
      }
    } catch (error) {
      tellError(error);
    }
  }

  /** Show what was said of the file of this path. */
  show(path) {
    this.#mine = this.#said.filter((diagnostic) => diagnostic.path === path);
    this.#marks = marksFor({
      diagnostics: this.#mine,
      path,
      lineText: (number) => this.#editor.lineText(number),
      isBytes: countsBytes(this.#job?.request),
    });
    this.#editor.mark(this.#marks);
    this.#draw();
  }

  /** Go to a line and column, as the compiler counts them. */
  jumpTo({ line, column }) {
    if (line && this.#page.isOpen) {
      const text = this.#editor.lineText(line) ?? "";
      const index = column ? indexOf(text, column, { isBytes: countsBytes(this.#job?.request) }) : 0;
      this.#editor.jump(line, index);
    }
  }

  #draw() {
    const place = this.#place;
    place.hidden = this.#job === null;
    if (place.hidden) {
      return;
    }
    const others = this.#said.filter((diagnostic) => !this.#mine.includes(diagnostic));
    const count = countSentence(this.#mine);
    render(
      place,
      html`<h2 id="complaints-title">Compiler: ${count ? `${count} in this file` : "nothing about this file"}</h2>
        <p class="hint">
          Said by the job <a href="history.html#job=${encodeURIComponent(this.#id)}">${titleOf(this.#job).title}</a> of
          ${formatTime(this.#job.created)}, of the file as it was then. In the editor F8 goes to the next one.
        </p>
        ${listMarkup(this.#mine)} ${others.length > 0 && html`<h3>Elsewhere</h3>${listMarkup(others)}`}
        ${this.#isCut && html`<p class="hint">There is more; the job's page has the compiler's whole text.</p>`}`,
    );
  }

  /** Links within this file do not leave it: they lead to where the text is now. */
  #onClick(event) {
    const link = event.target.closest("a.place");
    const place = link && readPlace(new URLSearchParams(link.hash.slice(1)));
    if (!place || place.path !== this.#page.file.path) {
      return;
    }
    event.preventDefault();
    const isNote = link.closest(".notes") !== null;
    const number = [...this.#place.querySelectorAll(".diagnostic")].indexOf(link.closest(".diagnostic"));
    const mark = this.#marks.find(({ diagnostic }) => diagnostic === this.#mine[number]);
    if (isNote || !mark || !this.#editor.jumpToMark(mark)) {
      this.jumpTo(place);
    }
  }
}
