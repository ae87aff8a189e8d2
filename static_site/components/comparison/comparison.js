// <ipt-comparison hidden></ipt-comparison>, then element.show(job)
// Serial against parallel: times and speed-up as a table and a chart, and whether the outputs are the same.

import { toleranceFault, verdictOf } from "../../lib/comparison.js";
import { render } from "../../lib/html.js";
import { isDone } from "../../lib/jobs.js";
import { startPolling } from "../../lib/poll.js";
import { api } from "../../lib/site.js";
import { clearAlerts, tellError } from "../alerts/alerts.js";
import { renderChanged } from "../status-chip/status-chip.js";
import { chartMarkup, differencesMarkup, frameMarkup, runsMarkup } from "./comparison-markup.js";

const EVERY_MS = 3000;

class Comparison extends HTMLElement {
  #polling = null;
  #job = null;
  #tolerance = "1e-6";

  disconnectedCallback() {
    this.#polling?.stop();
    this.#polling = null;
  }

  /** Show the comparison of a job, and go on while it grows. Jobs of another kind have none. */
  show(job) {
    const wasDone = this.#job ? isDone(this.#job.status) : false;
    this.#job = job;
    if (job.kind !== "compare") {
      return;
    }
    if (this.hidden) {
      this.hidden = false;
      this.#draw();
      this.#start();
    } else if (isDone(job.status) && !wasDone) {
      this.#start();
    }
  }

  #find(id) {
    return this.querySelector(`#${id}`);
  }

  #draw() {
    render(this, frameMarkup());
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#compareAgain();
    });
  }

  #start() {
    this.#polling?.stop();
    this.#polling = startPolling(() => this.#read(), {
      every: EVERY_MS,
      onError: (error) => {
        const isEarly = error.code === "not_found" && !isDone(this.#job.status);
        if (error.code !== "system_unreachable") {
          this.#say(isEarly ? "The runs have not begun yet." : error.message);
        }
        return isEarly || error.isRetryable;
      },
    });
  }

  #compareAgain() {
    const text = this.#find("tolerance").value.trim().replace(",", ".");
    const fault = toleranceFault(text);
    this.#find("tolerance-fault").textContent = fault;
    this.#find("tolerance").setAttribute("aria-invalid", String(fault !== ""));
    if (fault) {
      this.#find("tolerance").focus();
      return;
    }
    clearAlerts(["bad"]);
    this.#tolerance = text;
    this.#start();
  }

  #say(text) {
    const place = this.#find("comparison-message");
    if (place.textContent !== text) {
      place.textContent = text;
    }
  }

  async #read() {
    const tolerance = this.#tolerance;
    const path = `/jobs/${encodeURIComponent(this.#job.id)}/comparison`;
    const answer = await api.call("jobs", { path, query: { tolerance } });
    if (!this.isConnected || tolerance !== this.#tolerance) {
      return 0;
    }
    this.#show(answer);
    return answer.done ? false : EVERY_MS;
  }

  #show(answer) {
    const { runs, done, message } = answer;
    this.#say(message || this.#progress(runs, done));
    this.dispatchEvent(new CustomEvent("ipt-verdict", { bubbles: true, detail: verdictOf(answer) }));
    renderChanged(this.#find("chart"), chartMarkup(answer));
    const place = this.#find("runs");
    renderChanged(place, runsMarkup(answer));
    place.hidden = runs.length === 0;
    renderChanged(this.#find("differences"), differencesMarkup(answer));
    this.querySelector("form").hidden = !runs.some(({ count, same }) => count > 0 && typeof same === "boolean");
  }

  #progress(runs, done) {
    if (done) {
      return "";
    }
    return `${runs.length} ${runs.length === 1 ? "run is" : "runs are"} done; it goes on.`;
  }
}

customElements.define("ipt-comparison", Comparison);
