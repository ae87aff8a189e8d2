// The jobs that are ticked in the list, and what can be done with all of them at once.

import { forAll, listNames } from "../../lib/bulk.js";
import { isDone, titleOf } from "../../lib/jobs.js";
import { cancelAllSentence } from "../../lib/job-words.js";
import { clearAlerts, tell } from "../alerts/alerts.js";
import { confirmAction } from "../dialog/dialog.js";

const count = (number) => `${number} ${number === 1 ? "job" : "jobs"}`;
const nameOf = (job) => Object.values(titleOf(job)).filter(Boolean).join(" ");

/** Owns which of the shown jobs are ticked; `call(job, action)` does one thing to one job. */
export class JobSelection {
  #root;
  #call;
  #onDone;
  #jobs = [];
  #picked = new Set();

  constructor(root, { call, onDone }) {
    this.#root = root;
    this.#call = call;
    this.#onDone = onDone;
    root.addEventListener("change", (event) => this.#onChange(event.target));
    this.#find("#cancel-picked").addEventListener("click", () => this.#cancel());
    this.#find("#remove-picked").addEventListener("click", () => this.#remove());
  }

  /** These jobs are shown now; what is not among them any more is not ticked any more. */
  show(jobs) {
    this.#jobs = jobs;
    this.#picked = new Set(jobs.map(({ id }) => id).filter((id) => this.#picked.has(id)));
    this.#draw();
  }

  get #chosen() {
    return this.#jobs.filter(({ id }) => this.#picked.has(id));
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }

  #onChange(box) {
    if (box.id === "pick-all") {
      this.#picked = new Set(box.checked ? this.#jobs.map(({ id }) => id) : []);
      this.#draw();
    } else if (box.dataset.job) {
      this.#picked[box.checked ? "add" : "delete"](box.dataset.job);
      this.#draw();
    }
  }

  #draw() {
    for (const box of this.#root.querySelectorAll("[data-job]")) {
      box.checked = this.#picked.has(box.dataset.job);
    }
    const all = this.#find("#pick-all");
    all.checked = this.#picked.size > 0 && this.#picked.size === this.#jobs.length;
    all.indeterminate = this.#picked.size > 0 && !all.checked;
    all.disabled = this.#jobs.length === 0;
    this.#find("#picked").textContent = this.#picked.size > 0 ? `${this.#picked.size} selected` : "";
    this.#offer("#cancel-picked", "Cancel", this.#chosen.filter((job) => job.can_cancel));
    this.#offer("#remove-picked", "Remove", this.#chosen.filter((job) => isDone(job.status)));
  }

  #offer(selector, word, jobs) {
    const button = this.#find(selector);
    button.disabled = jobs.length === 0;
    button.textContent = jobs.length > 0 ? `${word} ${count(jobs.length)}` : word;
  }

  async #cancel() {
    const jobs = this.#chosen.filter((job) => job.can_cancel);
    const isSure = await confirmAction({
      title: `Cancel ${count(jobs.length)}?`,
      text: `${listNames(jobs.map(nameOf))}. ${cancelAllSentence(jobs.map(({ status }) => status))}`,
      action: `Cancel ${count(jobs.length)}`,
    });
    if (isSure) {
      await this.#act(jobs, "cancel", "being cancelled");
    }
  }

  async #remove() {
    const jobs = this.#chosen.filter((job) => isDone(job.status));
    const isSure = await confirmAction({
      title: `Remove ${count(jobs.length)} from the history?`,
      text: `${listNames(jobs.map(nameOf))}. Their folders with the outputs stay in your home.`,
      action: `Remove ${count(jobs.length)}`,
    });
    if (isSure) {
      await this.#act(jobs, "remove", "removed from the history");
    }
  }

  async #act(jobs, action, outcome) {
    clearAlerts();
    this.#root.setAttribute("aria-busy", "true");
    const { done, failed } = await forAll(jobs, (job) => this.#call(job, action));
    this.#root.removeAttribute("aria-busy");
    done.forEach(({ id }) => this.#picked.delete(id));
    if (done.length > 0) {
      tell(`${count(done.length)} ${done.length === 1 ? "is" : "are"} ${outcome}.`, "good");
    }
    if (failed.length > 0 && !failed.some(({ error }) => error.endsSession)) {
      const names = listNames(failed.map(({ item }) => nameOf(item)));
      tell(`${count(failed.length)} could not be ${outcome.replace("being ", "")}: ${names}. ${failed[0].error.message}`, "bad");
    }
    this.#onDone();
  }
}
