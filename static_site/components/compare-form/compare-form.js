// <ipt-compare-form></ipt-compare-form>
// Runs a serial and a parallel program with the same input, the parallel one with several counts of threads or
// ranks, as one job whose page compares outputs and times.

import { html } from "../../lib/html.js";
import { countsFault, countsLimit, offeredCounts, textOfPlan, toggleCount, usualCounts } from "../../lib/compare-plan.js";
import { queueOf, sizeFaults } from "../../lib/job-size.js";
import { compilerFor, languageOf, presetOfCommand } from "../../lib/presets.js";
import { advancedGroup, launcherField, moduleFields, queueFields, systemField } from "../job-form/job-fields.js";
import { JobForm } from "../job-form/job-form.js";

const REPEATS = ["1", "2", "3", "4", "5"].map((value) => ({ value, label: value }));

function programField(name, label, placeholder) {
  const hint = "A source of your home, or a program that is compiled already.";
  return { name, label, required: true, list: true, size: "small", placeholder, hint };
}

function compileField(system, name, label, value) {
  const suggestions = (system.compilers ?? []).map(({ command, label: text }) => ({ value: command, label: text }));
  const hint = "Left empty, it is run as it is.";
  return { name, label, suggestions, value, size: "small", placeholder: "nothing: it is a program", hint };
}

function presetNamed(system, name) {
  return system.presets?.find((preset) => preset.name === name);
}

class CompareForm extends JobForm {
  kind = "compare";
  action = "Compare";
  outlook = "One job. Its page shows the differences, the times and the speed-up; they are kept with it.";
  sourceField = "parallel";

  groupsOf(system, values) {
    const [serial, parallel] = ["serial", "openmp"].map((name) => presetNamed(system, name)?.compile ?? "");
    const input = [
      { name: "args", label: "Arguments", placeholder: "1000 0.01", hint: "The same for both programs." },
      {
        name: "files",
        label: "Additional files",
        isList: true,
        placeholder: "grid.h, data/input.txt",
        hint: "Headers and input files of both, with commas between.",
      },
    ];
    return [
      {
        title: "Where",
        fields: [systemField(this.offered, system)],
        after: html`<ipt-preset-buttons></ipt-preset-buttons>`,
      },
      {
        title: "Before: the serial program",
        fields: [
          programField("serial", "Serial program", "heat.c"),
          compileField(system, "serial_compile", "Serial compiler", serial),
        ],
      },
      {
        title: "After: the parallel program",
        fields: [
          programField("parallel", "Parallel program", "heat_omp.c"),
          compileField(system, "parallel_compile", "Parallel compiler", parallel),
        ],
      },
      { title: "Input", fields: [...input, ...moduleFields(system)] },
      { title: "Runs", fields: this.#runFields(system, values), after: html`<p class="size-words" id="plan" role="status"></p>` },
      { title: "Queue and time", fields: queueFields(system, values.queue) },
      advancedGroup({ hasMemory: true }),
    ];
  }

  #runFields(system, values) {
    const queue = queueOf(system, values.queue);
    // Others cannot be told how many ranks to start.
    const launchers = system.launchers?.filter((launcher) => launcher === "" || /\{(?:ranks|processors)\}/u.test(launcher));
    const choices = offeredCounts(queue, queue?.max_nodes).map((count) => ({ value: String(count), label: String(count) }));
    return [
      launcherField("With a launcher the counts are MPI ranks, without one they are threads.", launchers),
      {
        name: "counts",
        label: "Threads or ranks to try",
        required: true,
        isCounts: true,
        value: usualCounts(queue),
        check: countsFault,
        hint: "Up to eight whole numbers with spaces between.",
        chips: { label: "Counts", choices, toggle: (text, value) => toggleCount(text, Number(value)) },
      },
      {
        name: "repeats",
        label: "Repeats",
        type: "number",
        required: true,
        value: "1",
        min: 1,
        max: 5,
        size: "small",
        hint: "Each run is timed as often; the time in the middle counts.",
        chips: { label: "Repeats", choices: REPEATS },
      },
      {
        name: "nodes",
        label: "Nodes",
        type: "number",
        required: true,
        value: "1",
        min: 1,
        max: 100_000,
        size: "small",
        hint: "More than 1 with ranks only.",
      },
    ];
  }

  /** What a preset fills in: nothing is compiled that is a program already. */
  presetValues(preset) {
    const filled = { launcher: preset.launcher ?? "", nodes: String(preset.nodes ?? 1) };
    // A program of CUDA has its own threads, which are not counted here.
    const counts = preset.name === "cuda" ? { counts: "1" } : {};
    return { ...filled, ...counts, parallel_compile: this.#compilerOf("parallel", preset) };
  }

  #compilerOf(name, preset) {
    const path = this.control(name).value.trim();
    return path === "" || languageOf(path) ? compilerFor(this.system, preset, path) : "";
  }

  changed(name) {
    if ((name === "system" || name === "queue") && !this.typed.has("counts")) {
      const system = this.offered.find((each) => each.name === this.control("system").value);
      this.control("counts").value = usualCounts(queueOf(system, this.control("queue").value));
    }
    if (name === "serial" && !this.typed.has("serial_compile")) {
      const serial = presetNamed(this.system, "serial");
      this.control("serial_compile").value = serial ? this.#compilerOf("serial", serial) : "";
    }
    if (name === "parallel" && !this.typed.has("parallel_compile")) {
      this.#compileParallel();
    }
  }

  #compileParallel() {
    const name = this.presets.current || presetOfCommand(this.system, this.control("parallel_compile").value) || "openmp";
    const preset = presetNamed(this.system, name);
    this.control("parallel_compile").value = preset ? this.#compilerOf("parallel", preset) : "";
  }

  limits(values, queue) {
    const isRanks = values.launcher !== "";
    const nodes = Number(values.nodes) || 1;
    const counts = countsLimit(values.counts, queue, { nodes, isRanks });
    const apart = !isRanks && nodes > 1 ? { nodes: "Threads stay on one node: choose a launcher to count ranks." } : {};
    return { ...(counts ? { counts } : {}), ...sizeFaults(values, queue), ...apart };
  }

  updated(values) {
    const place = this.querySelector("#plan");
    const text = textOfPlan(values);
    if (place.textContent !== text) {
      place.textContent = text;
    }
  }
}

customElements.define("ipt-compare-form", CompareForm);
