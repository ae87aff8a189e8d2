// Base of <ipt-compile-form> and <ipt-run-form>: a form made from fields, a live preview of the exact
// command, errors next to their fields, and one job for one form however often it is sent.
//
// A form says what it is: `kind`, `fieldsOf(system)`, `intro` and, if it likes, `changed(name)`.

import { Draft } from "../../lib/draft.js";
import { fieldMarkup } from "../../lib/field-markup.js";
import { faultsOf, readValues } from "../../lib/fields.js";
import { html, render } from "../../lib/html.js";
import { api, hashParameters, isSignedIn, storage } from "../../lib/site.js";
import { clearAlerts, tellError } from "../alerts/alerts.js";
import { renderChanged } from "../status-chip/status-chip.js";
import { PathSuggestions } from "./path-suggestions.js";

const PREVIEW_MS = 400;

/** Values that a link brings, once: a reload or a sign-in must not put them over what was typed since. */
function takeHashValues() {
  const values = Object.fromEntries(hashParameters());
  if (window.location.hash) {
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  }
  return values;
}

export class JobForm extends HTMLElement {
  systems = [];
  #fields = [];
  #draft;
  #touched = new Set();
  #previewTimer = null;
  #previewed = 0;

  async connectedCallback() {
    if (!isSignedIn()) {
      return;
    }
    render(this, html`<p class="waiting" aria-live="polite">Asking which systems there are …</p>`);
    this.#draft = new Draft({ storage, name: this.kind });
    try {
      this.systems = (await api.call("job_submit", { path: "/systems" })).systems;
    } catch (error) {
      tellError(error);
      this.#offerRetry();
      return;
    }
    this.#start(this.#draft.values);
    window.addEventListener("pageshow", (event) => event.persisted && this.#setBusy(false));
    window.addEventListener("hashchange", () => this.#start(this.values));
  }

  #offerRetry() {
    render(
      this,
      html`<p>The systems could not be read, so there is no form yet.</p>
        <button type="button" class="button">Try again</button>`,
    );
    this.querySelector("button").addEventListener("click", () => {
      clearAlerts();
      this.connectedCallback();
    });
  }

  #start(values) {
    if (this.systems.length === 0) {
      render(this, html`<p>No system is set up for jobs yet. Ask the operator.</p>`);
      return;
    }
    this.#draw({ ...values, ...takeHashValues() });
    this.#draft.keep(this.values);
    this.#schedulePreview();
  }

  #system(name) {
    return this.systems.find((system) => system.name === name) ?? this.systems[0];
  }

  #draw(values) {
    this.#fields = this.fieldsOf(this.#system(values.system));
    render(
      this,
      html`<form novalidate class="job-form">
        <div class="card">
          <div class="fields">${this.#fields.map((field) => fieldMarkup(field, values[field.name]))}</div>
        </div>
        <div class="card preview">
          <h2>Command</h2>
          <p class="hint">This is exactly what will be carried out.</p>
          <pre tabindex="0" aria-live="polite" class="command" id="preview"></pre>
          <div class="actions">
            <button type="submit" class="button primary large">${this.action}</button>
            <p class="hint" id="outlook">${this.outlook}</p>
          </div>
        </div>
      </form>`,
    );
    const form = this.querySelector("form");
    form.addEventListener("input", (event) => this.#onInput(event.target));
    form.addEventListener("change", (event) => this.#onChange(event.target));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    for (const field of this.#fields.filter((each) => each.list)) {
      new PathSuggestions({ api, input: this.control(field.name), seeds: () => this.seeds(field.name) });
    }
    this.drawn();
  }

  /** Called after the form was drawn. */
  drawn() {}

  /** Called after a field got another value. */
  changed() {}

  /** Paths to offer for a field before anything is typed. */
  async seeds() {
    return [];
  }

  control(name) {
    return this.querySelector(`[name="${name}"]`);
  }

  get values() {
    return Object.fromEntries(this.#fields.map(({ name }) => [name, this.control(name).value]));
  }

  #request() {
    const values = this.values;
    const request_id = this.#draft.keep(values);
    return { kind: this.kind, request_id, ...readValues(this.#fields, values) };
  }

  #onInput(control) {
    this.#touched.add(control.name);
    this.changed(control.name);
    this.#draft.keep(this.values);
    this.#setFault(control.name, "");
    this.#schedulePreview();
  }

  #onChange(control) {
    if (control.name === "system") {
      this.#draw(this.values);
      this.control("system").focus();
    } else if (this.#touched.has(control.name)) {
      this.#setFault(control.name, faultsOf(this.#fields, this.values)[control.name] ?? "");
    }
    this.#schedulePreview();
  }

  #setFault(name, text) {
    const place = this.querySelector(`#fault-${CSS.escape(name)}`);
    if (place) {
      place.textContent = text;
      this.control(name).setAttribute("aria-invalid", String(text !== ""));
    }
  }

  #schedulePreview() {
    clearTimeout(this.#previewTimer);
    this.#previewTimer = setTimeout(() => this.#preview(), PREVIEW_MS);
  }

  async #preview() {
    const place = this.querySelector("#preview");
    const missing = Object.keys(faultsOf(this.#fields, this.values));
    if (missing.length > 0) {
      const names = missing.map((name) => this.#fields.find((field) => field.name === name).label);
      renderChanged(place, html`<span class="muted">Waiting for: ${names.join(", ")}</span>`);
      return;
    }
    const number = ++this.#previewed;
    try {
      const call = { method: "POST", path: "/jobs/preview", body: this.#request() };
      const answer = await api.call("job_submit", call);
      if (number === this.#previewed) {
        renderChanged(place, html`${answer.command_line}`);
      }
    } catch (error) {
      if (number === this.#previewed) {
        renderChanged(place, html`<span class="muted">${error.message}</span>`);
      }
    }
  }

  #setBusy(isBusy) {
    const button = this.querySelector("button[type=submit]");
    button.disabled = isBusy;
    button.textContent = isBusy ? "Sending …" : this.action;
  }

  async #submit() {
    clearAlerts();
    const faults = faultsOf(this.#fields, this.values);
    this.#fields.forEach(({ name }) => this.#setFault(name, faults[name] ?? ""));
    const first = Object.keys(faults)[0];
    if (first) {
      this.control(first).focus();
      return;
    }
    this.#setBusy(true);
    try {
      const job = await api.call("job_submit", { method: "POST", path: "/jobs", body: this.#request() });
      this.#draft.accepted();
      window.location.assign(`history.html#job=${encodeURIComponent(job.id)}`);
    } catch (error) {
      this.#setBusy(false);
      this.#refused(error);
    }
  }

  #refused(error) {
    if (error.field && this.control(error.field)) {
      this.#setFault(error.field, error.message);
      this.control(error.field).focus();
    } else {
      tellError(error);
    }
  }
}
