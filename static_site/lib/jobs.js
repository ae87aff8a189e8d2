// What the states of a job mean: a tone for the eye, a sentence for the reader; and what a job is called and left.

const STATES = {
  ACCEPTED: ["busy", "The platform has accepted the job."],
  PENDING: ["busy", "The platform has accepted the job and will prepare it."],
  PROCESSING_INPUTS: ["busy", "The input files are being identified."],
  STAGING_INPUTS: ["busy", "The input files are being copied to the system."],
  STAGED: ["busy", "The input files are in place."],
  STAGING_JOB: ["busy", "The job's script is being copied to the system."],
  SUBMITTING: ["busy", "The job is being handed to the scheduler."],
  BLOCKED: ["busy", "The job waits for a free place."],
  QUEUED: ["busy", "The job waits in the queue."],
  RUNNING: ["busy", "The job is running."],
  PAUSED: ["busy", "The job is paused."],
  CLEANING_UP: ["busy", "The program has ended; its outputs are being collected."],
  ARCHIVING: ["busy", "The outputs are being copied to your home."],
  ARCHIVING_FINISHED: ["busy", "The outputs are in your home."],
  ARCHIVING_FAILED: ["bad", "The outputs could not be copied to your home."],
  FINISHED: ["good", "The job is done."],
  FAILED: ["bad", "The job failed."],
  STOPPED: ["quiet", "The job was cancelled."],
  KILLED: ["quiet", "The job was cancelled."],
};
const DONE = new Set(["FINISHED", "FAILED", "STOPPED", "KILLED"]);

/** Every state that a job may be filtered by. */
export const FILTER_STATES = ["FINISHED", "FAILED", "STOPPED", "RUNNING", "QUEUED", "PENDING"];

/** True when the job will not change any more. */
export function isDone(status) {
  return DONE.has(status);
}

/** Return the tone of a state: busy, good, bad or quiet. */
export function toneOf(status) {
  return STATES[status]?.[0] ?? "quiet";
}

/** Return the sentence of a state. */
export function sentenceOf(status) {
  return STATES[status]?.[1] ?? "The state of the job is not known.";
}

const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const KINDS = { compile: "Compile", run: "Run", "build-run": "Compile and run", compare: "Compare" };
const NAME = /^ipt-(?:compile|run|build-run|compare)-(?:([a-z0-9][a-z0-9-]{0,23})-)?([0-9a-f]{12})$/u;
// Notes of the wrapper, and what lies beside the program only as long as nothing is in the home.
const BOOKKEEPING = /^(?:IPT_[A-Z_]+|ipt-lib\.sh|wrapper\.sh|manifest\.sha256\.json|ipt-.*\.ipcexe)$/u;

/** Every kind that a job may be filtered by: `[kind, label]`. */
export const FILTER_KINDS = Object.entries(KINDS);

/** Return what a person calls a job: `{title: "Compile heat", id: "0a1b2c3d"}`; a foreign one by its own name. */
export function titleOf(job) {
  const name = String(job.name ?? "");
  const parts = Object.hasOwn(KINDS, job.kind) && name.startsWith(`ipt-${job.kind}-`) ? NAME.exec(name) : null;
  if (!parts) {
    return { title: name, id: "" };
  }
  const [, program, request] = parts;
  const label = KINDS[job.kind];
  return { title: program ? `${label} ${program}` : label, id: request.slice(0, 8) };
}

function hasBeen(job, status) {
  return (job.history ?? []).some((event) => event.status === status);
}

/** Return the folder of the home that a job's files are in, also of one that was stopped while they were copied; or "". */
export function folderOfJob(job) {
  const isThere = job.status === "FINISHED" || hasBeen(job, "ARCHIVING");
  return isThere ? String(job.archive_path ?? "").replace(/\/+$/u, "") : "";
}

/**
 * Return the files that a job left, without those of its app and the notes that its wrapper made for the service.
 * Beside a program that is not over lie its inputs: what it makes of these is told at the end.
 *
 * Their paths are empty as long as they are not in the home.
 */
export function outputsOf(job) {
  // A job that failed after its files had been copied has them in its folder, too.
  const folder = hasBeen(job, "ARCHIVING_FINISHED") ? folderOfJob(job) : "";
  const others = new Set(["test", ...inputsOf(job).map(({ path }) => path.split("/").at(-1))]);
  return (job.outputs ?? [])
    .filter(({ name, path }) => !BOOKKEEPING.test(name) && (path || folder || !others.has(name)))
    .map((entry) => (entry.path || !folder ? entry : { ...entry, path: `${folder}/${entry.name}` }));
}

/**
 * Return the outputs that can be fetched: those in the home and, of a job that is over, those that lie beside it
 * still, with its id as `job`. Folders of these can't be looked into.
 */
export function fetchableOutputsOf(job) {
  const isOver = isDone(job.status);
  return outputsOf(job)
    .map((entry) => (entry.path || !isOver || entry.type === "dir" ? entry : { ...entry, path: entry.name, job: job.id }))
    .filter(({ path }) => path);
}

const INPUTS = { source: "Source", binary: "Program", serial: "Serial", parallel: "Parallel", files: "Additional" };

/** Return the files that a job was made from: `[{label, path}]`, paths in the home; a foreign job's are its own words. */
export function inputsOf(job) {
  const given = job.request ?? job.inputs ?? {};
  const names = job.request ? Object.keys(INPUTS) : Object.keys(given);
  return names.flatMap((name) => {
    const values = [given[name] ?? []].flat().map(String);
    const label = job.request ? INPUTS[name] : name;
    return values.filter((path) => path !== "").map((path) => ({ label, path, isInHome: Boolean(job.request) }));
  });
}

/** Return where the program of a compile job lies, or "" when it made none. */
export function programOf(job) {
  const output = job.parameters?.output;
  if (job.kind !== "compile" || job.status !== "FINISHED" || !output || !job.archive_path) {
    return "";
  }
  return `${String(job.archive_path).replace(/\/+$/u, "")}/${output}`;
}

const plain = (text) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, " ").trim();
const isAlike = (one, other) => plain(one) === plain(other);

/** Return the timeline: each state once, when it was reached, how long it lasted, and what was said about it. */
export function timelineOf(history) {
  const steps = [];
  for (const { status, description, created } of history ?? []) {
    let step = steps.at(-1);
    if (step?.status !== status) {
      step = { status, reasons: [], created };
      steps.push(step);
    }
    const [usual] = step.reasons;
    const more = description?.startsWith(`${usual}: `) ? capitalized(description.slice(usual.length + 2)) : description;
    if (more && !isAlike(step.reasons.at(-1) ?? "", more)) {
      step.reasons.push(more);
    }
  }
  return steps.map((step, index) => ({ ...step, until: steps[index + 1]?.created ?? null }));
}
