// <ipt-job-detail job="<id>"></ipt-job-detail>
// One job: where it stands and since when, what it printed, what it left behind.

import { html, render } from "../../lib/html.js";
import { isDone, sentenceOf, titleOf, toneOf } from "../../lib/jobs.js";
import { startPolling } from "../../lib/poll.js";
import { api } from "../../lib/site.js";
import { clearAlerts, tell, tellError } from "../alerts/alerts.js";
import { confirmAction } from "../dialog/dialog.js";
import "../elapsed-time/elapsed-time.js";
import { bindDownloads } from "../file-browser/download.js";
import "../output-text/output-text.js";
import { renderChanged } from "../status-chip/status-chip.js";
import { actionsMarkup, factsMarkup, outputsMarkup, pageMarkup, sinceMarkup, timelineMarkup } from "./job-markup.js";

const EVERY_MS = 2000;

class JobDetail extends HTMLElement {
  #polling = null;
  #status = "";

  get #path() {
    return `/jobs/${encodeURIComponent(this.getAttribute("job"))}`;
  }

  connectedCallback() {
    render(this, pageMarkup());
    bindDownloads(this.querySelector("#outputs"));
    this.querySelector("#actions").addEventListener("click", (event) => {
      const action = event.target.closest("button")?.dataset.action;
      if (action === "cancel") {
        this.#cancel();
      } else if (action === "delete") {
        this.#delete();
      }
    });
    this.#polling = startPolling(() => this.#read(), { every: EVERY_MS, onError: (error) => this.#failed(error) });
    this.querySelectorAll("ipt-output").forEach((output) => output.follow(this.getAttribute("job")));
    this.querySelector("h1").focus();
  }

  disconnectedCallback() {
    this.#polling.stop();
  }

  #failed(error) {
    tellError(error);
    if (error.code === "not_found") {
      this.querySelector("h1").textContent = "No such job";
    }
    return error.code !== "not_found" && !error.endsSession;
  }

  async #read() {
    const job = await api.call("jobs", { path: this.#path });
    if (this.isConnected) {
      this.#show(job);
    }
    return isDone(job.status) ? false : EVERY_MS;
  }

  #show(job) {
    const { title, id } = titleOf(job);
    this.querySelector("h1").textContent = title;
    this.querySelector("#short-id").textContent = id;
    document.title = `${job.status}: ${title} · IPT on the Web`;
    this.querySelector("ipt-status").show(job.status, toneOf(job.status));
    renderChanged(this.querySelector("#sentence"), html`${job.message} ${sentenceOf(job.status)}`);
    renderChanged(this.querySelector("#since"), sinceMarkup(job));
    renderChanged(this.querySelector("#actions"), actionsMarkup(job));
    renderChanged(this.querySelector("#facts"), factsMarkup(job));
    renderChanged(this.querySelector("#timeline"), timelineMarkup(job));
    renderChanged(this.querySelector("#outputs"), outputsMarkup(job));
    if (this.#status !== job.status && isDone(job.status)) {
      this.querySelectorAll("ipt-output").forEach((output) => output.hurry());
    }
    this.#status = job.status;
  }

  async #cancel() {
    const isSure = await confirmAction({
      title: "Cancel this job?",
      text: "It is ended where it stands. What it has printed so far is kept.",
      action: "Cancel the job",
    });
    if (isSure) {
      await this.#act({ method: "POST", path: `${this.#path}/cancel` }, "The job is being cancelled.");
      this.#polling.now();
    }
  }

  async #delete() {
    const isSure = await confirmAction({
      title: "Remove this job from the history?",
      text: "Its folder with the outputs stays in your home.",
      action: "Remove",
    });
    if (isSure && (await this.#act({ method: "DELETE", path: this.#path }, "The job is removed from the history."))) {
      window.location.hash = "";
    }
  }

  async #act(call, done) {
    clearAlerts();
    try {
      await api.call("jobs", call);
      tell(done, "good");
      return true;
    } catch (error) {
      tellError(error);
      return false;
    }
  }
}

customElements.define("ipt-job-detail", JobDetail);
