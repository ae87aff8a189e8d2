// Why a job failed, and what to do about it: one table, in which the first cause that fits counts.
// The service's own word for it (`cause`) counts where there is one; what it can't tell apart is read from the rest.

const NOTHING_RAN = "Nothing ran, and nothing is wrong with your program.";
const AGAIN = "If it fails again, tell the operator of the system.";
const ENDED_OUTSIDE = `It was ended from outside; nothing is wrong with your program. Send it again. ${AGAIN}`;
const CHANGE = "with “Change and send again”";

const hasRun = (job) =>
  Number.isInteger(job.exit_code) || (job.history ?? []).some(({ status }) => status === "RUNNING");
const isCompiling = (job) => job.cause === "compile" || job.kind === "compile" || (job.kind === "build-run" && job.stage === "compile");
const code = (job) => (Number.isInteger(job.exit_code) ? job.exit_code : 0);
const isSignal = (job) => code(job) < 0 || (code(job) > 128 && code(job) < 193);
const is = (cause, pattern) => (job) => job.cause === cause || pattern.test(job.message ?? "");
const said = (pattern) => (job) => pattern.test(job.message ?? "");
const before = (pattern) => (job) => !hasRun(job) && said(pattern)(job);

// Each: a name, when it is the cause, and the way out.
const CAUSES = [
  ["time", is("time", /past its time|run time was over|scheduler's deadline/iu), `It needed longer than it may run: allow more time ${CHANGE}, or give it less to do.`],
  ["memory", is("memory", /used more memory/iu), `It needed more memory than it has: ask for more ${CHANGE}, or give it less to do.`],
  ["bytes", is("output", /wrote more than it may/iu), "Let it write less, and send it again."],
  ["processes", said(/more processes than it may/iu), "Let it start fewer processes or threads, and send it again."],
  [
    "fetch",
    said(/could not be fetched|archiving failed/iu),
    "The program has run, and is not to blame: only its files could not be brought to your home. Tell the operator if that happens again.",
  ],
  [
    "operator",
    before(/operator|administ|credential|account|let the tenant in|the key that|hostKey/iu),
    `${NOTHING_RAN} Only who administers the system can mend this: tell them what stands here, with the job's id.`,
  ],
  [
    "away",
    before(/does not answer|could not be reached|took too long|connection|for now|no room|make no sense|without end|busy|did not say/iu),
    `${NOTHING_RAN} Send it again later, or on another system. ${AGAIN}`,
  ],
  [
    "refused",
    before(/scheduler|queue|ask for less|at most/iu),
    `${NOTHING_RAN} The scheduler does not take what the job asks for: ask for something else ${CHANGE}.`,
  ],
  [
    "input",
    before(/\b(?:no (?:such )?file|does not exist|not found|inputs?)\b/iu),
    `Nothing ran: a file that it needs could not be had. Look whether it is in your home, and name another one ${CHANGE}.`,
  ],
  ["nothing", (job) => !hasRun(job), `${NOTHING_RAN} Send it again. ${AGAIN}`],
  [
    "lost",
    said(/supervisor is gone|was shut down|node .*(?:has failed|could not be started)|make room|could not be started|could not be reached|does not answer|connection/iu),
    ENDED_OUTSIDE,
  ],
  ["cancelled", said(/cancelled at the scheduler/iu), "Who has an account there did that, or the operator of the system: ask them, and send it again."],
  [
    "no compiler",
    (job) => isCompiling(job) && (code(job) === 127 || code(job) === 126),
    `The compiler was not found on the system: choose another one, or load its module, ${CHANGE}.`,
  ],
  ["compile", (job) => isCompiling(job) && code(job) !== 0, "Mend what the compiler complains about below, and send it again."],
  [
    "comparison",
    (job) => job.kind === "compare" && code(job) !== 0,
    "The standard error below says whether compiling or the serial program failed: mend that, and send it again.",
  ],
  ["form", (job) => code(job) === 64 && said(/value of|must lie between|may not be named/iu)(job), `Nothing was carried out: mend that value ${CHANGE}.`],
  [
    "not found",
    (job) => code(job) === 127,
    `The program or what starts it was not found on the system: look at “Started by” and the modules ${CHANGE}.`,
  ],
  ["not executable", (job) => code(job) === 126, "Compile the program on this system, and run what came of that."],
  [
    "killed",
    (job) => code(job) === 137 || code(job) === -9,
    `Programs are often killed because they take too much memory: ask for more ${CHANGE}, or give it less to do.`,
  ],
  [
    "signal",
    isSignal,
    "The program crashed. The standard error below may say where; a build with -g says more. Mend it, and send it again.",
  ],
  [
    "exit code",
    (job) => code(job) !== 0,
    "The program itself says that it failed. Read its standard error below, mend it or what it was given, and send it again.",
  ],
];
const UNKNOWN = `Read the standard error below; if it does not explain it, send the job again. ${AGAIN}`;

/** Return the name of the cause of a failed job, `unknown` when nothing tells. */
export function causeOf(job) {
  return CAUSES.find(([, isCause]) => isCause(job))?.[0] ?? "unknown";
}

/** Return what to do about a failed job. */
export function adviceFor(job) {
  return CAUSES.find(([, isCause]) => isCause(job))?.[2] ?? UNKNOWN;
}
