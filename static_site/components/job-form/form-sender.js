// Sends a form, once at a time, and goes to the job that came of it.

import { watch } from "../../lib/job-watch.js";
import { titleOf } from "../../lib/jobs.js";
import { clearAlerts, tellError } from "../alerts/alerts.js";

export class FormSender {
  #form;
  #api;
  #isSending = false;

  constructor(form, api) {
    this.#form = form;
    this.#api = api;
  }

  /** The page is shown again as it was left: nothing is under way any more. */
  rest() {
    this.#setBusy(false);
  }

  #setBusy(isBusy) {
    this.#isSending = isBusy;
    const button = this.#form.querySelector("button[type=submit]");
    if (button) {
      button.disabled = isBusy;
      button.textContent = isBusy ? "Sending …" : this.#form.action;
    }
  }

  /** Send; a form with faults is not sent, and the first of them gets the focus. */
  async send({ faults, request, onAccepted, onRefused }) {
    clearAlerts();
    if (this.#isSending) {
      return;
    }
    const first = this.#form.fields.find(({ name }) => faults[name]);
    if (first) {
      this.focus(this.#form.control(first.name));
      return;
    }
    this.#setBusy(true);
    try {
      const job = await this.#api.call("job_submit", { method: "POST", path: "/jobs", body: request() });
      onAccepted();
      if (this.#form.querySelector("ipt-notify-choice").isWanted) {
        watch(job.id, titleOf(job).title);
      }
      window.location.assign(`history.html#job=${encodeURIComponent(job.id)}`);
    } catch (error) {
      this.#setBusy(false);
      const control = onRefused(error);
      if (control) {
        this.focus(control);
      } else {
        tellError(error);
      }
    }
  }

  /** Give a control the focus, also where it is folded away. */
  focus(control) {
    const details = control.closest("details");
    if (details) {
      details.open = true;
    }
    control.focus();
  }
}
