// The machine that a job is on does not answer: what was known of the job stays, with the age of that.

import { formatTime } from "./format.js";

const TROUBLE = /trying again\.?$/iu;

/** Return since when the platform has been trying to reach the machine of a job, as far as its history tells; or "". */
export function silentSince(job) {
  let since = "";
  for (const { status, description, created } of [...(job.history ?? [])].reverse()) {
    if (status !== job.status || !TROUBLE.test(description ?? "")) {
      return since;
    }
    since = created;
  }
  return since;
}

/** Return a job with what was known of its files before, as far as they can't be read now. */
function keepKnown(known, job) {
  return {
    ...job,
    outputs: job.outputs?.length > 0 ? job.outputs : (known?.outputs ?? []),
    outputs_truncated: job.outputs_truncated || (known?.outputs_truncated ?? false),
    diagnostics_available: job.diagnostics_available || (known?.diagnostics_available ?? false),
    stage: job.stage || (known?.stage ?? ""),
    exit_code: job.exit_code ?? known?.exit_code ?? null,
    run_seconds: job.run_seconds ?? known?.run_seconds ?? null,
  };
}

/** Follows one job whose machine may fall silent; owns what was known last, and of when. */
export class MachineSilence {
  #known = null;
  #asOf = null;
  #since = null;
  #now;

  constructor(now = Date.now) {
    this.#now = now;
  }

  /** Take a job as it was read now; returns it with what is known of it. */
  take(job) {
    if (!job.outputs_unavailable) {
      this.#since = null;
      this.#asOf = this.#now();
      this.#known = job;
      return job;
    }
    this.#since ??= silentSince(job) || this.#now();
    this.#known = keepKnown(this.#known, job);
    return this.#known;
  }

  /** What to say of it, while it lasts; else "". */
  sentence(locale, timeZone) {
    const job = this.#known;
    // Why a job waits is told beside its state.
    if (this.#since === null || (job.status === "QUEUED" && job.queue?.reason)) {
      return "";
    }
    const time = (value) => formatTime(value, locale, timeZone);
    const shown =
      this.#asOf === null
        ? "its files and what it printed are shown when it answers again."
        : `what is shown of its files and of what it printed is as of ${time(this.#asOf)}.`;
    const system = job.system_label || job.system || "The system";
    return `${system} does not answer since ${time(this.#since)}; ${shown} This page asks again by itself.`;
  }
}
