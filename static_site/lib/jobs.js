// What the states of a job mean: a tone for the eye, a sentence for the reader.

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
  FAILED: ["bad", "The job failed. Read the standard error below, mend the program, and send it again."],
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

const NAME = /^ipt-(?:compile|run)-(?:([a-z0-9][a-z0-9-]{0,23})-)?([0-9a-f]{12})$/u;
const KINDS = { compile: "Compile", run: "Run" };
const BOOKKEEPING = new Set(["IPT_EXIT_CODE", "IPT_TIME"]);

/** Return what a person calls a job: `{title: "Compile heat", id: "0a1b2c3d"}`; a foreign one by its own name. */
export function titleOf(job) {
  const name = String(job.name ?? "");
  const parts = Object.hasOwn(KINDS, job.kind) && name.startsWith(`ipt-${job.kind}-`) ? NAME.exec(name) : null;
  if (!parts) {
    return { title: name, id: "" };
  }
  const [, program, request] = parts;
  return { title: program ? `${KINDS[job.kind]} ${program}` : KINDS[job.kind], id: request.slice(0, 8) };
}

/** Return the files that a job left, without the notes that its wrapper made for the service. */
export function outputsOf(job) {
  return (job.outputs ?? []).filter(({ name }) => !BOOKKEEPING.has(name));
}

/** Return the address of the form that would send a failed job again, or "" when there is none. */
export function retryOf(job) {
  if (job.status !== "FAILED" || !job.request || !Object.hasOwn(KINDS, job.kind)) {
    return "";
  }
  const { kind, ...fields } = job.request;
  const values = Object.entries(fields).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]);
  return `${kind}.html#${new URLSearchParams(values)}`;
}

/** Return where the program of a compile job lies, or "" when it made none. */
export function programOf(job) {
  const output = job.parameters?.output;
  if (job.kind !== "compile" || job.status !== "FINISHED" || !output || !job.archive_path) {
    return "";
  }
  return `${String(job.archive_path).replace(/\/+$/u, "")}/${output}`;
}

/** Return the timeline: each state once, when it was reached and how long it lasted. */
export function timelineOf(history) {
  const steps = [];
  for (const entry of history ?? []) {
    const last = steps.at(-1);
    if (last && last.status === entry.status) {
      last.description = entry.description || last.description;
    } else {
      steps.push({ status: entry.status, description: entry.description ?? "", created: entry.created });
    }
  }
  return steps.map((step, index) => ({ ...step, until: steps[index + 1]?.created ?? null }));
}
