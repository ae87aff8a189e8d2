// Fields that the forms of jobs share, made from what `GET /systems` says of a system.

import { webhookFault } from "../../lib/fields.js";
import { toOptions } from "../../lib/field-markup.js";
import { html } from "../../lib/html.js";
import { limitsOf, memoryFault, queueOf } from "../../lib/job-size.js";
import { quickTimes, runTimeFault } from "../../lib/run-time.js";
import { isTenantLocal } from "../../lib/site.js";

/** The compiler's list says that a command was written by hand. */
export const OWN = "";

function toggleItem(text, item) {
  const items = text.split(",").map((each) => each.trim()).filter(Boolean);
  const others = items.filter((each) => each !== item);
  return (others.length === items.length ? [...items, item] : others).join(", ");
}

/** The system to use; the one that is described is chosen. */
export function systemField(systems, system) {
  return {
    name: "system",
    label: "System",
    type: "select",
    options: toOptions(systems.map(({ name, label }) => [name, label || name])),
    value: system.name,
    hint: system.description ?? "",
  };
}

/** Environment modules, for systems that have them: none or one field. */
export function moduleFields(system) {
  if (!system.modules) {
    return [];
  }
  const choices = (system.suggested_modules ?? []).map(({ name, label }) => ({ value: name, label: label || name }));
  return [
    {
      name: "modules",
      label: "Modules",
      isList: true,
      placeholder: choices.slice(0, 2).map(({ value }) => value).join(", "),
      hint: "Environment modules to load first, with commas between.",
      chips: { label: "Modules of this system", choices, toggle: toggleItem },
    },
  ];
}

/** A list of the system's compilers, which fills in the command of the field `target`. */
export function compilerList(system, { name, label, command }) {
  const pairs = (system.compilers ?? []).map((compiler) => [compiler.command, `${compiler.label}: ${compiler.command}`]);
  return {
    name,
    label,
    type: "select",
    isLocal: true,
    options: toOptions([...pairs, [OWN, "Own command"]]),
    value: pairs.some(([value]) => value === command) ? command : OWN,
    size: "small",
    hint: "Fills in the compiler command.",
  };
}

/** `mpirun -np {ranks}` is shown with an ellipsis where the number will stand. */
function launcherLabel(launcher) {
  return launcher.replaceAll(/\{\w+\}/gu, "…") || "no launcher";
}

/** What starts the program: one of the system's launchers. */
export function launcherField(hint, given) {
  const launchers = given?.length > 0 ? given : [""];
  return {
    name: "launcher",
    label: "Started by",
    type: "select",
    options: toOptions(launchers.map((each) => [each, launcherLabel(each)])),
    value: launchers[0],
    hint,
  };
}

function numberField(name, label, { max, hint }) {
  return { name, label, type: "number", required: true, value: "1", min: 1, max, size: "third", hint };
}

/** How many processes and threads, on how many nodes; of more the service wants to know nothing. */
export function sizeFields() {
  return [
    numberField("ranks", "Ranks", { max: 1_000_000, hint: "MPI processes, all together." }),
    numberField("threads", "Threads", { max: 9999, hint: "Of each process: OMP_NUM_THREADS." }),
    numberField("nodes", "Nodes", { max: 100_000, hint: "More than 1 with MPI only." }),
  ];
}

function limitsMarkup(queue) {
  const limits = limitsOf(queue);
  return limits.length === 0
    ? ""
    : html`<dl class="limits" aria-label="Limits of queue ${queue.name}">
        ${limits.map(([name, most]) => html`<div><dt>${name}</dt><dd>${most}</dd></div>`)}
      </dl>`;
}

/** The queue with its limits, and what of them the job may use. */
export function queueFields(system, chosen) {
  const queues = system.queues ?? [];
  const queue = queueOf(system, chosen);
  return [
    {
      name: "queue",
      label: "Queue",
      type: "select",
      options: toOptions(queues.length > 0 ? queues.map(({ name }) => [name, name]) : [["", "the only one"]]),
      value: queue?.name ?? "",
      size: "small",
      hint: queue?.description ?? "",
      after: limitsMarkup(queue),
    },
    {
      name: "run_time",
      label: "Longest run time",
      required: true,
      value: "00:10:00",
      check: runTimeFault,
      size: "small",
      hint: "Hours:minutes:seconds; the job is ended after that. A short time often waits less.",
      chips: { label: "Run times", choices: quickTimes(queue?.max_run_time) },
    },
  ];
}

const MEMORY = {
  name: "memory",
  label: "Memory on each node",
  isOmitted: true,
  check: memoryFault,
  placeholder: "4GB",
  hint: "Left empty: as much as the queue gives.",
};

/** What few need: the webhook and, for jobs that run something, the memory. */
export function advancedGroup({ hasMemory }) {
  return {
    title: "Advanced",
    isAdvanced: true,
    fields: [
      ...(hasMemory ? [MEMORY] : []),
      {
        name: "notify",
        label: "Call a web address when it ends",
        isOmitted: true,
        check: webhookFault,
        hint: `A webhook, beginning with https${isTenantLocal ? " (or http, for this machine itself)" : ""}: the platform calls it when the job has finished, failed or was stopped. \${JOB_ID} and \${JOB_STATUS} in it are filled in.`,
      },
    ],
  };
}
