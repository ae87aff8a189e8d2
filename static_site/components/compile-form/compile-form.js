// <ipt-compile-form></ipt-compile-form>
// Compiles a program of the home as a job on a system and, if wanted, runs it in the same job.

import { toOptions } from "../../lib/field-markup.js";
import { html } from "../../lib/html.js";
import { systemsFor } from "../../lib/job-forms.js";
import { storage } from "../../lib/site.js";
import { JobForm } from "../job-form/job-form.js";
import {
  advancedGroup,
  compilerList,
  launcherField,
  moduleFields,
  OWN,
  queueFields,
  sizeFields,
  systemField,
} from "../job-form/job-fields.js";
import { sizeGroup, showSize } from "../job-form/size-text.js";

const LAST_KIND = "ipt.compile-kind";
const KINDS = toOptions([
  ["compile", "Compile only"],
  ["build-run", "Compile, then run it"],
]);

class CompileForm extends JobForm {
  kind = "compile";

  get action() {
    return this.#isRun ? "Compile and run" : "Compile";
  }

  get outlook() {
    return this.#isRun
      ? "One job: it runs if compiling went well. Its files go to a new folder below jobs in your home."
      : "The result goes to a new folder below jobs in your home.";
  }

  get #isRun() {
    return this.kind === "build-run";
  }

  get #command() {
    return this.#isRun ? "compile" : "command";
  }

  /** A link says which kind it is for; without one the tab's last choice counts. */
  opened({ kind, values }) {
    const isLink = Object.keys(values).length > 0;
    const last = kind || (isLink ? "compile" : storage.getItem(LAST_KIND));
    this.kind = last === "build-run" ? last : "compile";
    storage.setItem(LAST_KIND, this.kind);
  }

  groupsOf(system, values) {
    const mode = { name: "mode", label: "What to do", type: "radio", isLocal: true, options: KINDS, value: this.kind };
    const modes = systemsFor("build-run", this.systems).length > 0 ? [mode] : [];
    const groups = [
      {
        title: "Job",
        fields: [...modes, systemField(this.offered, system)],
        after: html`<ipt-preset-buttons></ipt-preset-buttons>`,
      },
      { title: "Program", fields: this.#compileFields(system, values) },
    ];
    const run = this.#isRun ? this.#runGroups(system, values) : [];
    return [...groups, ...run, advancedGroup({ hasMemory: this.#isRun })];
  }

  #compileFields(system, values) {
    const compilers = system.compilers ?? [];
    const command = values[this.#command] ?? compilers[0]?.command ?? "";
    return [
      {
        name: "source",
        label: "Source file",
        required: true,
        list: true,
        placeholder: "heat.c",
        hint: "A file of your home. Suggestions come while you type.",
      },
      compilerList(system, { name: "compiler", label: "Compiler", command }),
      {
        name: this.#command,
        label: "Compiler command",
        required: true,
        value: command,
        placeholder: "gcc -fopenmp -O2",
        size: "small",
        hint: "The compiler with its options, without file names.",
      },
      {
        name: this.#isRun ? "compile_args" : "args",
        label: this.#isRun ? "Compiler arguments" : "Arguments",
        placeholder: "-lm",
        size: "small",
        hint: "Put at the end of the command: libraries.",
      },
      { name: "output", label: "Output file", required: true, value: "a.out", size: "small", hint: "Name of the program to make." },
      {
        name: "files",
        label: "Additional files",
        isList: true,
        placeholder: "grid.h, input/",
        hint: this.#isRun
          ? "Headers, other sources and input files, with commas between."
          : "Headers and other sources, with commas between.",
      },
      ...moduleFields(system),
    ];
  }

  #runGroups(system, values) {
    const args = { name: "args", label: "Program arguments", placeholder: "1000 0.01", hint: "What the program gets on its command line." };
    const launcher = launcherField("MPI programs need a launcher; OpenMP and serial ones do not.", system.launchers);
    return [sizeGroup("Run", [args, launcher, ...sizeFields()]), { title: "Queue and time", fields: queueFields(system, values.queue) }];
  }

  drawn() {
    this.#chooseCompiler();
  }

  changed(name) {
    if (name === "mode") {
      this.switchKind(this.control("mode").value);
      storage.setItem(LAST_KIND, this.kind);
    } else if (name === "compiler" && this.control("compiler").value !== OWN) {
      this.control(this.#command).value = this.control("compiler").value;
      this.typed.delete(this.#command);
    }
  }

  updated(values) {
    this.#chooseCompiler();
    showSize(this, values);
  }

  #chooseCompiler() {
    const list = this.control("compiler");
    const command = this.control(this.#command).value.trim();
    list.value = [...list.options].some((option) => option.value === command) ? command : OWN;
  }
}

customElements.define("ipt-compile-form", CompileForm);
