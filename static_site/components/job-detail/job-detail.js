// <ipt-job-detail job="<id>"></ipt-job-detail>
// One job: where it stands and since when, what it printed, what it left behind.

import { html, render } from "../../lib/html.js";
import { stateSentence } from "../../lib/job-words.js";
import { isDone, titleOf, toneOf } from "../../lib/jobs.js";
import { MachineSilence } from "../../lib/machine-silence.js";
import { startPolling } from "../../lib/poll.js";
import { api } from "../../lib/site.js";
import { clearAlerts, Trouble } from "../alerts/alerts.js";
import "../comparison/comparison.js";
import "../diagnostics/diagnostics.js";
import "../elapsed-time/elapsed-time.js";
import { bindDownloads } from "../file-browser/download.js";
import { lastAddress } from "../job-list/job-list.js";
import "../output-text/output-text.js";
import { renderChanged } from "../status-chip/status-chip.js";
import "../zip-download/zip-download.js";
import { carryOut, isWatched } from "./job-actions.js";
import { actionsMarkup, pageMarkup, silenceMarkup, sinceMarkup, standingMarkup } from "./job-markup.js";
import { factsMarkup, inputsMarkup, outputsMarkup, timelineMarkup } from "./job-parts.js";

const EVERY_MS = 2000;

class JobDetail extends HTMLElement {
  #polling = null;
  #job = null;
  #trouble = new Trouble();
  #silence = new MachineSilence();

  connectedCallback() {
    render(this, pageMarkup(lastAddress()));
    bindDownloads(this.querySelector("#outputs"));
    this.querySelector("#actions").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) {
        this.#carryOut(button);
      }
    });
    this.addEventListener("ipt-verdict", ({ detail }) => this.#fill("#verdict", html`${detail}`));
    this.#polling = startPolling(() => this.#read(), { every: EVERY_MS, onError: (error) => this.#failed(error) });
    this.#outputs.forEach((output) => output.follow(this.getAttribute("job")));
    this.querySelector("h1").focus();
  }

  disconnectedCallback() {
    this.#polling.stop();
    this.#trouble.end();
  }

  get #outputs() {
    return this.querySelectorAll("ipt-output");
  }

  #failed(error) {
    if (error.code === "not_found") {
      this.querySelector("h1").textContent = "No such job";
      this.querySelector("#sentence").textContent = "It may have been removed from the history.";
      // Of what is not there nothing is to be expected.
      ["#actions", "#freshness", ".columns"].forEach((selector) => this.querySelector(selector).replaceChildren());
      return false;
    }
    this.#trouble.tell(error);
    return !error.endsSession;
  }

  async #read() {
    const job = await api.call("jobs", { path: `/jobs/${encodeURIComponent(this.getAttribute("job"))}` });
    this.#trouble.end();
    if (this.isConnected) {
      this.#show(this.#silence.take(job));
    }
    return isDone(job.status) && !job.outputs_unavailable ? false : EVERY_MS;
  }

  #show(job) {
    if (this.#job && isDone(job.status) && !isDone(this.#job.status)) {
      // "It is being cancelled" is over as well.
      clearAlerts(["good"]);
    }
    this.#job = job;
    const { title, id } = titleOf(job);
    this.querySelector("h1").textContent = title;
    this.querySelector("#short-id").textContent = id;
    document.title = `${job.status}: ${title} · IPT on the Web`;
    this.querySelector("ipt-status").show(job.status, toneOf(job.status));
    this.#fill("#sentence", html`${stateSentence(job)}`);
    this.#fill("#since", sinceMarkup(job));
    this.#fill("#silence", silenceMarkup(this.#silence.sentence()));
    this.#fill("#standing", standingMarkup(job));
    this.#fill("#facts", factsMarkup(job));
    this.#fill("#timeline", timelineMarkup(job));
    this.#fill("#inputs", inputsMarkup(job));
    this.#fill("#outputs", outputsMarkup(job));
    this.querySelector("ipt-zip-download").show(job);
    this.querySelector("ipt-diagnostics").show(job);
    this.querySelector("ipt-comparison").show(job);
    this.#drawActions();
    this.#showAge(job);
    for (const output of this.#outputs) {
      output.status = job.status;
    }
  }

  #fill(selector, markup) {
    renderChanged(this.querySelector(selector), markup);
  }

  #drawActions() {
    const actions = this.querySelector("#actions");
    const hadFocus = actions.contains(document.activeElement);
    renderChanged(actions, actionsMarkup(this.#job, { isWatched: isWatched(this.#job) }));
    if (hadFocus && !actions.contains(document.activeElement)) {
      this.querySelector("h1").focus();
    }
  }

  #showAge(job) {
    const now = new Date().toISOString();
    const age = html`As of <ipt-elapsed since="${now}"></ipt-elapsed> ago`;
    render(this.querySelector("#freshness"), isDone(job.status) ? html`` : age);
  }

  async #carryOut(button) {
    await carryOut(button.dataset.action, this.#job, button);
    if (this.isConnected && this.#job) {
      this.#drawActions();
      this.#polling.now();
    }
  }
}

customElements.define("ipt-job-detail", JobDetail);
