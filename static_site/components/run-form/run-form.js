// <ipt-run-form></ipt-run-form>
// Runs a program of the home as a job on a system; what was built last is offered.

import { chipsMarkup } from "../../lib/field-markup.js";
import { html, render } from "../../lib/html.js";
import { programOf } from "../../lib/jobs.js";
import { presetOfCommand, presetValues } from "../../lib/presets.js";
import { api } from "../../lib/site.js";
import { advancedGroup, launcherField, moduleFields, queueFields, sizeFields, systemField } from "../job-form/job-fields.js";
import { JobForm } from "../job-form/job-form.js";
import { showSize, sizeGroup } from "../job-form/size-text.js";

const RECENT = 3;

class RunForm extends JobForm {
  kind = "run";
  action = "Run";
  outlook = "What it prints appears while it runs; its files go to a new folder below jobs in your home.";
  sourceField = "";
  #recent = null;
  #built = [];

  /** A link from a compile job says what the program was built with: that preset is filled in. */
  linked({ built, ...values }) {
    const system = this.offered.find(({ name }) => name === values.system) ?? this.offered[0];
    const preset = system.presets?.find(({ name }) => name === presetOfCommand(system, built));
    return preset && built ? { ...values, ...presetValues("run", system, preset) } : values;
  }

  groupsOf(system, values) {
    const launcher = launcherField("MPI programs need a launcher; OpenMP and serial ones do not.", system.launchers);
    return [
      {
        title: "Where",
        fields: [systemField(this.offered, system)],
        after: html`<ipt-preset-buttons></ipt-preset-buttons>`,
      },
      {
        title: "Program",
        fields: [
          {
            name: "binary",
            label: "Program",
            required: true,
            list: true,
            placeholder: "jobs/…/a.out",
            hint: "A compiled program in your home; recent ones are suggested.",
            after: html`<div id="recent" class="recent"></div>`,
          },
          { name: "args", label: "Arguments", placeholder: "1000 0.01", hint: "What the program gets on its command line." },
          {
            name: "files",
            label: "Input files",
            isList: true,
            placeholder: "data/input.txt",
            hint: "Copied next to it, with commas between.",
          },
          ...moduleFields(system),
        ],
      },
      sizeGroup("Size", [launcher, ...sizeFields()]),
      { title: "Queue and time", fields: queueFields(system, values.queue) },
      advancedGroup({ hasMemory: true }),
    ];
  }

  drawn() {
    if (this.control("binary").value === "") {
      this.#offerRecent();
    }
  }

  changed(name) {
    const program = name === "binary" && this.#built.find(({ path }) => path === this.control("binary").value);
    if (program) {
      this.presets.repeat(presetOfCommand(this.system, program.command), "this program");
    }
  }

  updated(values) {
    showSize(this, values);
  }

  async #offerRecent() {
    try {
      await this.seeds();
    } catch {
      // A convenience: without it the path is typed.
      return;
    }
    const choices = this.#built.map(({ path }) => ({ value: path, label: path.split("/").at(-1) }));
    const chips = chipsMarkup("binary", { label: "Just built", choices });
    const place = this.querySelector("#recent");
    // The page may have been drawn again meanwhile, or be without a form.
    if (place && choices.length > 0) {
      render(place, html`<span class="hint">Just built:</span> ${chips}`);
    }
  }

  /** The programs that the latest compile jobs made. */
  async seeds() {
    this.#recent ??= this.#readRecent();
    return this.#recent;
  }

  async #readRecent() {
    const query = { kind: "compile", status: "FINISHED", limit: RECENT };
    const { jobs } = await api.call("jobs", { path: "/jobs", query });
    for (const { id } of jobs) {
      // One after the other: a function takes only a few calls at once.
      const job = await api.call("jobs", { path: `/jobs/${encodeURIComponent(id)}` });
      this.#built.push({ path: programOf(job), command: job.request?.command ?? "" });
    }
    this.#built = this.#built.filter(({ path }) => path !== "");
    return this.#built.map(({ path }) => path);
  }
}

customElements.define("ipt-run-form", RunForm);
