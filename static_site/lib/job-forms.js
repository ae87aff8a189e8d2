// Which page has the form of a kind of job, and how a link fills it in: `compile.html#source=heat.c`.

const PAGES = {
  compile: "compile.html",
  "build-run": "compile.html",
  run: "run.html",
  compare: "compare.html",
};
const NOT_IN_FORMS = new Set(["request_id"]);

const APPS = { compile: "build_app", "build-run": "build_run_app", run: "run_app", compare: "compare_app" };

/** Return the systems that take a kind of job. */
export function systemsFor(kind, systems) {
  return systems.filter((system) => system[APPS[kind]]);
}

/** True for a kind that has a form. */
export function hasForm(kind) {
  return Object.hasOwn(PAGES, kind);
}

/** Return the address of a form that is filled in as a request says, or "" when there is no form for it. */
export function formAddress(request) {
  if (!hasForm(request?.kind)) {
    return "";
  }
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(request)) {
    // One page has two kinds of job, so its links say which; the others need not.
    const isNeeded = name === "kind" ? value === "build-run" : !NOT_IN_FORMS.has(name) && value !== null;
    if (isNeeded) {
      const separator = name === "counts" ? " " : ", ";
      parameters.set(name, Array.isArray(value) ? value.join(separator) : String(value));
    }
  }
  return `${PAGES[request.kind]}#${parameters}`;
}

/** Return the address of the run form for a program; the command that built it tells which preset fits. */
export function runAddress({ binary, system = "", built = "" }) {
  const parameters = new URLSearchParams({ binary, system });
  if (built) {
    parameters.set("built", built);
  }
  return `run.html#${parameters}`;
}

function ranksOf(values) {
  if (!values.launcher) {
    return "1";
  }
  const [nodes, processors] = [values.nodes || "1", values.processors].map(Number);
  return Number.isInteger(nodes * processors) ? String(nodes * processors) : "1";
}

/**
 * Return the values of a form as a link says them.
 *
 * Links of older jobs say `processors`, where forms now have ranks: what a launcher starts on each node.
 */
export function readFormValues(parameters) {
  const { kind, processors, ...values } = Object.fromEntries(parameters);
  if (processors !== undefined && values.ranks === undefined) {
    values.ranks = ranksOf({ ...values, processors });
  }
  return { kind: hasForm(kind) ? kind : "", values };
}

// What a job is about.
const PROGRAMS = ["binary", "source", "serial", "parallel"];

/** Return what of a draft goes on beside a link: all of it, or next to nothing where the link names another program. */
export function keptOf(draft, link) {
  const isOther = PROGRAMS.some((name) => link[name] && draft[name] && link[name] !== draft[name]);
  return !isOther ? draft : draft.system ? { system: draft.system } : {};
}

/** Return values of one kind of form for another: what both ask for, under the other's names. */
export function translateValues(values, from, to) {
  const names = { "compile>build-run": { command: "compile", args: "compile_args" }, "build-run>compile": { compile: "command", compile_args: "args" } }[`${from}>${to}`];
  const shared = ["system", "source", "output", "files", "modules", "notify"];
  const translated = {};
  for (const [name, value] of Object.entries(values)) {
    const other = names?.[name] ?? (shared.includes(name) ? name : null);
    if (other) {
      translated[other] = value;
    }
  }
  return translated;
}
