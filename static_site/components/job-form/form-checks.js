// Checks a form while it is filled in: its own rules and the queue's limits at once, then the service's view of it.

import { faultsOf } from "../../lib/fields.js";
import { queueOf } from "../../lib/job-size.js";
import { FormFaults } from "./form-faults.js";
import { FormPreview } from "./form-preview.js";

export class FormChecks {
  #form;
  #faults;
  #preview;
  #request;

  constructor(form, { api, request }) {
    this.#form = form;
    this.#faults = new FormFaults(form);
    this.#preview = new FormPreview(api);
    this.#request = request;
  }

  get #own() {
    return faultsOf(this.#form.fields, this.#form.values);
  }

  get #limits() {
    const { values, system } = this.#form;
    return this.#form.limits(values, queueOf(system, values.queue));
  }

  /** Everything that is wrong as far as the page can tell: `{field: sentence}`. */
  get faults() {
    return { ...this.#limits, ...this.#own };
  }

  get #shown() {
    return this.#form.querySelector("ipt-job-preview");
  }

  /** The person was in these fields. */
  leave(names) {
    this.#faults.leave(names);
  }

  /** A value changed: what the service refused may be mended. */
  forget() {
    this.#faults.forget();
  }

  /** Show what is wrong now, and soon what the service says. */
  look() {
    this.#faults.show(this.#form.fields, this.#own, this.#limits);
    this.#preview.schedule(() => this.#body(), {
      onAnswer: (answer) => this.#answered(answer),
      onRefusal: (error) => {
        this.refuse(error);
        this.#shown.refuse(this.#faults.wordsOf(error));
      },
    });
  }

  #body() {
    const { faults } = this;
    const waiting = this.#form.fields.filter(({ name }) => faults[name]);
    if (waiting.length === 0) {
      return this.#request();
    }
    this.#faults.caution(this.#form.fields, []);
    // Who pauses is told what is wrong; what is still empty is no fault of theirs yet.
    const { values } = this.#form;
    this.leave(waiting.map(({ name }) => name).filter((name) => values[name].trim() !== ""));
    this.#faults.show(this.#form.fields, this.#own, this.#limits);
    this.#shown.wait(waiting.map(({ label }) => label));
    return null;
  }

  #answered(answer) {
    this.#faults.forget();
    this.#faults.show(this.#form.fields, this.#own, {});
    this.#faults.caution(this.#form.fields, answer.warnings ?? []);
    const warnings = answer.warnings?.map((warning) => ({ message: this.#faults.wordsOf(warning) }));
    this.#shown.show({ ...answer, warnings });
  }

  /** Show a refusal next to its field; returns the control, or null when it is not about a field. */
  refuse(error) {
    const control = error.field ? this.#faults.refuse(error.field, this.#faults.wordsOf(error)) : null;
    if (control) {
      this.#faults.show(this.#form.fields, this.#own, {});
    }
    return control;
  }
}
