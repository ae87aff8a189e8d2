// What is wrong with the fields of a form, and where it is shown.
//
// A field is told what is wrong with it once it was left, then while it is typed in.
// Limits of the queue are told at once: they may be broken by a change elsewhere.

import { controlOf } from "./form-values.js";

// The service may blame a field that a form asks for by another name.
const OTHER_NAMES = { processors: "ranks" };

export class FormFaults {
  #form;
  #left = new Set();
  #refused = {};

  constructor(form) {
    this.#form = form;
  }

  /** The person has been in these fields. */
  leave(names) {
    names.forEach((name) => this.#left.add(name));
  }

  /** Return the control of a field that the service names, or null. */
  blamed(field) {
    return controlOf(this.#form, field) ?? (OTHER_NAMES[field] ? controlOf(this.#form, OTHER_NAMES[field]) : null);
  }

  /** Return what the service says of a field, which it calls as its messages do, with the label that stands here. */
  wordsOf({ field, message }) {
    const name = field && this.blamed(field)?.name;
    const label = this.#form.fields.find((each) => each.name === name)?.label;
    return label && message.startsWith(`${field} `) ? label + message.slice(field.length) : message;
  }

  /** The service refused a field; returns its control, or null when the form has none. */
  refuse(field, sentence) {
    const control = this.blamed(field);
    if (control) {
      this.#refused = { [control.name]: sentence };
    }
    return control;
  }

  /** What the service refused is changed. */
  forget() {
    this.#refused = {};
  }

  /** Show the faults: `own` of the fields that were left, `limits` of all. */
  show(fields, own, limits) {
    for (const { name } of fields) {
      const text = (this.#left.has(name) && own[name]) || limits[name] || this.#refused[name] || "";
      const place = this.#form.querySelector(`#fault-${CSS.escape(name)}`);
      if (place.textContent !== text) {
        place.textContent = text;
        controlOf(this.#form, name).setAttribute("aria-invalid", String(text !== ""));
      }
    }
  }

  /** Show what the service warns of, next to the fields. */
  caution(fields, warnings) {
    for (const { name } of fields) {
      const mine = warnings.filter(({ field }) => field && this.blamed(field)?.name === name);
      this.#form.querySelector(`#caution-${CSS.escape(name)}`).textContent = mine.map((warning) => this.wordsOf(warning)).join(" ");
    }
  }
}
