// Base of the forms of jobs: fields made from what a system has, presets, a live preview of what will be done,
// errors next to their fields, and one job for one form however often it is sent.
//
// A form says what it is: `kind`, `action`, `outlook`, `sourceField` and `groupsOf(system, values)`;
// the methods below that are empty are for it to fill.

import { Draft } from "../../lib/draft.js";
import { readValues } from "../../lib/fields.js";
import { html, render } from "../../lib/html.js";
import { keptOf, systemsFor, translateValues } from "../../lib/job-forms.js";
import { sizeFaults } from "../../lib/job-size.js";
import { launcherOf, presetValues } from "../../lib/presets.js";
import { api, isSignedIn, storage } from "../../lib/site.js";
import { clearAlerts, tell, tellError } from "../alerts/alerts.js";
import "../job-preview/job-preview.js";
import "../notify-choice/notify-choice.js";
import { FormChecks } from "./form-checks.js";
import { takeLink } from "./form-link.js";
import { formMarkup, groupsMarkup } from "./form-markup.js";
import { FormPresets } from "./form-presets.js";
import { FormSender } from "./form-sender.js";
import { controlOf, isTyped, notOffered, pressChips, readControls, useChip } from "./form-values.js";
import { PathSuggestions } from "./path-suggestions.js";

// Their choice changes what other fields offer.
const DRAWN_AGAIN = new Set(["system", "queue"]);

export class JobForm extends HTMLElement {
  systems = [];
  system = null;
  fields = [];
  /** Names of the fields that the person filled in; presets leave these alone. */
  typed = new Set();
  sourceField = "source";
  presets = new FormPresets(this);
  #checks = new FormChecks(this, { api, request: () => this.#request() });
  #sender = new FormSender(this, api);
  #draft;

  /** Called before the draft is read, with the link that the page was opened by. */
  opened() {}

  /** Return the values to begin with; a form may make more of what a link said. */
  linked(values) {
    return values;
  }

  /** Called after the form was drawn. */
  drawn() {}

  /** Called after a field got another value. */
  changed() {}

  /** Called after anything changed, to show what follows from the values. */
  updated() {}

  /** Paths to offer for a field before anything is typed. */
  async seeds() {
    return [];
  }

  /** Return what a preset would fill in. */
  presetValues(preset) {
    return presetValues(this.kind, this.system, preset, this.values[this.sourceField]);
  }

  /** Return where the values are more than the queue allows. */
  limits(values, queue) {
    return sizeFaults(values, queue);
  }

  control(name) {
    return controlOf(this, name);
  }

  get values() {
    return readControls(this, this.fields);
  }

  async connectedCallback() {
    if (!isSignedIn()) {
      return;
    }
    render(this, html`<p class="waiting" aria-live="polite">Asking which systems there are …</p>`);
    try {
      this.systems = (await api.call("job_submit", { path: "/systems" })).systems;
    } catch (error) {
      tellError(error);
      this.#offerRetry();
      return;
    }
    this.#start();
    window.addEventListener("pageshow", (event) => event.persisted && this.#sender.rest());
    window.addEventListener("hashchange", () => this.#start());
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

  /** The systems that take this kind of job. */
  get offered() {
    return systemsFor(this.kind, this.systems);
  }

  #start() {
    const link = takeLink();
    this.opened(link);
    if (this.offered.length === 0) {
      render(this, html`<p>No system is set up for such jobs yet. Ask the operator.</p>`);
      return;
    }
    this.#openDraft();
    const draft = this.#draft.values;
    const kept = keptOf(draft, link.values);
    if (kept !== draft) {
      this.typed = new Set();
    }
    Object.keys(link.values).forEach((name) => link.values[name] && this.typed.add(name));
    const lost = this.#draw(this.linked({ ...kept, ...link.values }));
    if (lost.length > 0) {
      tell(`${this.#place} has not all that was asked for. Look at these again: ${lost.join("; ")}.`);
    }
  }

  get #place() {
    return this.system.label || this.system.name;
  }

  #openDraft() {
    this.#draft = new Draft({ storage, name: this.kind });
    this.typed = this.#draft.typed;
  }

  /** Make another kind of job of the form; what both kinds ask for is kept. */
  switchKind(kind) {
    const same = translateValues(this.values, this.kind, kind);
    const typed = translateValues(Object.fromEntries([...this.typed].map((name) => [name, name])), this.kind, kind);
    this.kind = kind;
    this.#openDraft();
    Object.keys(typed).forEach((name) => this.typed.add(name));
    this.#draw({ ...this.#draft.values, ...same });
  }

  /** Draw the form with values; returns what its lists could not be set to, as they stand now. */
  #draw(given) {
    this.system = this.offered.find(({ name }) => name === given.system) ?? this.offered[0];
    const values = given.launcher ? { ...given, launcher: launcherOf(this.system, given.launcher) } : given;
    const isOpen = (this.querySelector("details.advanced")?.open ?? false) || Boolean(values.notify || values.memory);
    const groups = this.groupsOf(this.system, values);
    this.fields = groups.flatMap((group) => group.fields);
    const lost = notOffered(this.fields, values);
    if (!this.querySelector("form")) {
      render(this, formMarkup());
      this.#listen(this.querySelector("form"));
    }
    render(this.querySelector(".groups"), groupsMarkup(groups, values, { isOpen }));
    this.querySelector("button[type=submit]").textContent = this.action;
    this.querySelector("#outlook").textContent = this.outlook;
    for (const field of this.fields.filter((each) => each.list)) {
      new PathSuggestions({ api, input: this.control(field.name), seeds: () => this.seeds(field.name) });
    }
    this.presets.offer();
    this.drawn();
    this.update();
    return lost.map((field) => this.presets.wordFor(field.name));
  }

  #listen(form) {
    form.addEventListener("input", ({ target }) => target.name && this.#onInput(target));
    form.addEventListener("change", ({ target }) => target.name && this.#onChange(target));
    form.addEventListener("click", ({ target }) => {
      const chip = target.closest("[data-chip]");
      if (chip) {
        useChip(this, chip, this.fields);
      }
    });
    form.addEventListener("ipt-preset", ({ detail }) => this.presets.choose(detail.name, detail.isAll));
    form.addEventListener("ipt-preset-undo", () => this.presets.undo());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  #request() {
    const values = this.values;
    const request = { kind: this.kind, ...readValues(this.fields, values) };
    const request_id = this.#draft.keep(values, { typed: this.typed, request });
    return { request_id, ...request };
  }

  /** Show what follows from the values: faults, chips, the preview. */
  update() {
    pressChips(this);
    this.updated(this.values);
    this.#request();
    this.#checks.look();
  }

  /** A preset changed values: what was wrong with them is over. */
  changedByPreset() {
    this.#checks.forget();
    this.update();
  }

  #onInput(control) {
    // A choice from a list is easily made again; what was typed is the person's own.
    const isTheirs = isTyped(control);
    this.typed[isTheirs ? "add" : "delete"](control.name);
    this.#checks.forget();
    const preset = this.presets.current;
    this.changed(control.name);
    if (control.name === this.sourceField && preset) {
      this.presets.repeat(preset, "this source");
    }
    this.presets.update();
    this.update();
  }

  #onChange(control) {
    this.#checks.leave([control.name]);
    if (DRAWN_AGAIN.has(control.name)) {
      const preset = control.name === "system" ? this.presets.current : "";
      const lost = this.#draw(this.values);
      this.control(control.name).focus();
      this.presets.repeat(preset, this.#place, lost);
    }
    this.update();
  }

  #submit() {
    this.#checks.leave(this.fields.map(({ name }) => name));
    this.update();
    this.#sender.send({
      faults: this.#checks.faults,
      request: () => this.#request(),
      onAccepted: () => this.#draft.accepted(),
      onRefused: (error) => this.#checks.refuse(error),
    });
  }
}
