// <ipt-run-form></ipt-run-form>
// Runs a program of the home as a job on a system.

import { toOptions } from "../../lib/field-markup.js";
import { programOf } from "../../lib/jobs.js";
import { api } from "../../lib/site.js";
import { MODULES, systemOptions } from "../job-form/job-fields.js";
import { JobForm } from "../job-form/job-form.js";

const RECENT = 3;
const TIME = "\\d{1,3}:[0-5]\\d:[0-5]\\d";

function queueHint(queue) {
  const count = (number, noun) => number && `${number} ${noun}${number === 1 ? "" : "s"}`;
  const limits = [
    count(queue?.max_nodes, "node"),
    count(queue?.max_processors, "processor"),
    queue?.max_run_time && `run time ${queue.max_run_time}`,
  ].filter(Boolean);
  return limits.length > 0 ? `At most ${limits.join(", ")}.` : "";
}

/** `mpirun -np {processors}` is shown with an ellipsis where the number will stand. */
function launcherLabel(launcher) {
  return launcher.replaceAll(/\{\w+\}/gu, "…") || "nothing: directly";
}

class RunForm extends JobForm {
  kind = "run";
  action = "Run";
  outlook = "What it prints appears while it runs; its files go to a new folder below jobs in your home.";
  #recent = null;

  fieldsOf(system) {
    const queues = system.queues ?? [];
    const queue = queues.find((each) => each.default) ?? queues[0];
    const launchers = system.launchers ?? [""];
    const fields = [
      { name: "system", label: "System", type: "select", options: systemOptions(this.systems), value: system.name },
      {
        name: "binary",
        label: "Program",
        required: true,
        list: true,
        placeholder: "jobs/…/a.out",
        hint: "A compiled program in your home; recent ones are suggested.",
      },
      { name: "args", label: "Arguments", placeholder: "1000 0.01", hint: "What the program gets on its command line." },
      {
        name: "launcher",
        label: "Started by",
        type: "select",
        options: toOptions(launchers.map((launcher) => [launcher, launcherLabel(launcher)])),
        hint: "MPI programs need a launcher; OpenMP and serial ones do not.",
      },
      {
        name: "threads",
        label: "Threads",
        type: "number",
        required: true,
        value: "1",
        min: 1,
        max: 1024,
        size: "small",
        hint: "OMP_NUM_THREADS",
      },
      { name: "nodes", label: "Nodes", type: "number", required: true, value: "1", min: 1, max: queue?.max_nodes, size: "small", hint: "More than 1 with MPI only." },
      { name: "processors", label: "Processors per node", type: "number", required: true, value: "1", min: 1, max: queue?.max_processors, size: "small", hint: "MPI ranks on each node." },
      {
        name: "queue",
        label: "Queue",
        type: "select",
        options: toOptions(queues.length > 0 ? queues.map(({ name }) => [name, name]) : [["", "the only one"]]),
        value: queue?.name ?? "",
        size: "small",
        hint: queueHint(queue),
      },
      {
        name: "run_time",
        label: "Longest run time",
        required: true,
        value: "00:10:00",
        pattern: TIME,
        patternHint: "Write hours:minutes:seconds, such as 00:10:00.",
        size: "small",
        hint: "Hours:minutes:seconds; the job is ended after that.",
      },
      { name: "files", label: "Input files", isList: true, placeholder: "data/input.txt", hint: "Copied next to it, with commas between." },
    ];
    return system.modules ? [...fields, MODULES] : fields;
  }

  /** The programs that the latest compile jobs made. */
  async seeds() {
    this.#recent ??= this.#readRecent();
    return this.#recent;
  }

  async #readRecent() {
    const query = { kind: "compile", status: "FINISHED", limit: RECENT };
    const { jobs } = await api.call("jobs", { path: "/jobs", query });
    const programs = [];
    for (const { id } of jobs) {
      // One after the other: a function takes only a few calls at once.
      programs.push(programOf(await api.call("jobs", { path: `/jobs/${encodeURIComponent(id)}` })));
    }
    return programs.filter((path) => path !== "");
  }
}

customElements.define("ipt-run-form", RunForm);
