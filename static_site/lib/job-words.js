// What the numbers and times of a job mean, in words: how its program ended, where it stands in the queue,
// whether it has been in one state for suspiciously long.

import { adviceFor } from "./failure.js";
import { formatDuration, formatTime, parseTime } from "./format.js";
import { isDone, sentenceOf, timelineOf } from "./jobs.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ENDINGS = {
  126: "the program could not be executed. Is it a program for this system, compiled and not a text?",
  127: "the command was not found. Is a module missing?",
};
// Codes of a program that a signal ended are 128 and the signal's number.
const SIGNALS = {
  2: "the program was interrupted",
  4: "the program met an instruction that this processor does not know. Was it compiled for another one?",
  6: "the program gave up by itself (abort), often after a failed check",
  7: "the program touched memory that is not there (bus error)",
  8: "the program divided by zero or made another error in arithmetic",
  9: "the program was killed, often because it took too much memory or time",
  11: "the program touched memory that is not its own (segmentation fault)",
  15: "the program was asked to end",
  24: "the program used more processor time than it may",
  25: "the program wrote more than it may",
};
// Being copied or handed over takes seconds or minutes; a queue may take its time.
const PATIENCE = { QUEUED: 12 * HOUR, BLOCKED: 12 * HOUR, PAUSED: 12 * HOUR };
const PREPARING = 15 * MINUTE;
const GRACE = 5 * MINUTE;

/** Return how a program ended, by its exit code; "" when that is not known. */
export function exitSentence(code) {
  if (!Number.isInteger(code)) {
    return "";
  }
  if (code === 0) {
    return "0: the program ended well.";
  }
  const signal = code < 0 ? -code : code - 128;
  const words = ENDINGS[code] ?? SIGNALS[signal] ?? (signal > 0 && signal < 65 ? `signal ${signal} ended it` : "");
  return words ? `${code}: ${words}${words.endsWith("?") ? "" : "."}` : `${code}: the program says that it failed.`;
}

function isOfCompiler(job) {
  return job.kind === "compile" || (job.kind === "build-run" && job.stage === "compile");
}

/** Return how what a job carried out ended; of one that compiles that is the compiler. */
export function endSentence(job) {
  const sentence = exitSentence(job.exit_code);
  return isOfCompiler(job) ? sentence.replace("the program", "the compiler") : sentence;
}

function limitOf(job) {
  const time = /^(\d{1,3}):([0-5]\d):([0-5]\d)$/u.exec(job.request?.run_time ?? "");
  if (!time) {
    return Infinity;
  }
  const [hours, minutes, seconds] = time.slice(1).map(Number);
  return hours * HOUR + minutes * MINUTE + seconds * 1000 + GRACE;
}

/** Return since when a job has been in its state, as far as that is known: its last event, else its beginning. */
function sinceOf(job) {
  const step = timelineOf(job.history).at(-1);
  const isRunning = job.status === "RUNNING";
  return parseTime(step?.status === job.status ? step.created : isRunning ? job.started : job.created);
}

/** Return what is odd about how long a job has been in its state, or "". */
export function stuckSentence(job, now = Date.now()) {
  const since = sinceOf(job);
  if (isDone(job.status) || since === null) {
    return "";
  }
  const longest = job.status === "RUNNING" ? limitOf(job) : (PATIENCE[job.status] ?? PREPARING);
  if (now - since < longest) {
    return "";
  }
  const span = formatDuration(now - since);
  if (job.status === "RUNNING") {
    return `Running for ${span}, longer than its time limit. It may hang: cancel it.`;
  }
  return Object.hasOwn(PATIENCE, job.status)
    ? `Waiting for ${span}. Perhaps another queue is shorter, or the job asks for more than is ever free.`
    : `No progress for ${span}. It may be stuck: cancel it and send it again, or tell the operator.`;
}

/** Return what the scheduler says about a waiting job: `{text, asOf}`, or null when it says nothing. */
export function queueWords(job, { now = Date.now(), locale, timeZone } = {}) {
  if (!job.queue) {
    return null;
  }
  const { ahead, expected_start: expected, reason, as_of: asOf } = job.queue;
  const parts = [];
  if (Number.isInteger(ahead)) {
    parts.push(ahead === 0 ? "It is the next in the queue." : `${ahead} ${ahead === 1 ? "job is" : "jobs are"} ahead of it.`);
  }
  const start = parseTime(expected);
  if (start !== null) {
    const left = start > now ? `in ${formatDuration(start - now)}` : "any moment now";
    parts.push(`Expected to start ${left} (${formatTime(start, locale, timeZone)}).`);
  }
  if (reason) {
    parts.push(reason.endsWith(".") ? reason : `The scheduler says: ${reason}.`);
  }
  return parts.length > 0 ? { text: parts.join(" "), asOf: asOf ?? "" } : null;
}

const CANCELS = {
  QUEUED: "It waits in the queue: it is taken out and never runs.",
  RUNNING: "The program is ended where it stands. What it has printed so far is kept.",
  CLEANING_UP: "The program has ended already; what it left is not copied to your home any more.",
  ARCHIVING: "The program has ended already; what has been copied to your home so far stays there, the rest is not copied.",
};

const HAS_BEGUN = new Set(["RUNNING", "PAUSED", "CLEANING_UP", "ARCHIVING"]);

/** Return what becomes of a job that is cancelled now. */
export function cancelSentence(status) {
  return CANCELS[status] ?? "It has not started yet, and never will.";
}

/** Return what becomes of several jobs that are cancelled now, by their states. */
export function cancelAllSentence(statuses) {
  const waiting = statuses.filter((status) => !HAS_BEGUN.has(status)).length;
  if (waiting === statuses.length) {
    return "What waits is taken out of the queue and never runs.";
  }
  const begun = "What runs is ended where it stands; what it has printed so far is kept.";
  return waiting === 0 ? begun : `${begun} What waits is taken out of the queue and never runs.`;
}

/** Return how far a job came that compiles and then runs, where that explains how it ended; else "". */
export function stageSentence(job) {
  if (job.kind !== "build-run" || job.status !== "FAILED") {
    return "";
  }
  const sentences = { compile: "It did not compile, so nothing was run.", run: "It compiled; the run failed." };
  return sentences[job.stage] ?? "";
}

/** Return where a job stands; of one that failed how far it came, why, and what may help. */
export function stateSentence(job) {
  const sentences =
    job.status === "FAILED"
      ? [stageSentence(job), job.message || sentenceOf(job.status), adviceFor(job)]
      : [job.message, sentenceOf(job.status)];
  return sentences.filter(Boolean).join(" ");
}

/** Return what a job asked for: `queue normal, 2 nodes, 4 ranks, 2 threads, at most 00:10:00`. */
export function resourceWords(request) {
  const { queue, nodes, ranks, threads, run_time: runTime } = request ?? {};
  const count = (number, noun) => number > 0 && `${number} ${noun}${number === 1 ? "" : "s"}`;
  const parts = [
    queue && `queue ${queue}`,
    count(nodes, "node"),
    count(ranks, "rank"),
    count(threads, "thread"),
    runTime && `at most ${runTime}`,
  ];
  return parts.filter(Boolean).join(", ");
}
