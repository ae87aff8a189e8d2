import assert from "node:assert/strict";
import { test } from "node:test";

import { adviceFor, causeOf } from "../../static_site/lib/failure.js";

const RAN = [{ status: "QUEUED" }, { status: "RUNNING" }, { status: "FAILED" }];
const WAITED = [{ status: "QUEUED" }, { status: "FAILED" }];
const ran = (message, more = {}) => ({ kind: "run", message, history: RAN, exit_code: null, ...more });
const waited = (message) => ({ kind: "run", message, history: WAITED, exit_code: null });

for (const [cause, job] of [
  ["time", ran("The job ran past its time of 00:10:00.", { exit_code: 143 })],
  ["time", ran("Its run time was over.")],
  ["memory", ran("The job used more memory than it may and was ended.", { exit_code: 137 })],
  ["memory", ran("It used more memory than it had asked for.")],
  ["bytes", ran("The job wrote more than it may and was ended.")],
  ["processes", ran("The job started more processes than it may and was ended.")],
  ["fetch", ran("What the job has made could not be fetched: The system's machine does not answer.", { exit_code: 0 })],
  ["operator", waited("The system's machine does not let the tenant in. Who administers the system has to check its credential.")],
  ["operator", waited("The system's machine does not show the key that the system's description names (hostKey), so nothing was sent there.")],
  ["away", waited("The system's machine does not answer. It was tried for 3600 s.")],
  ["away", waited("The scheduler does not answer. It was tried for 3600 s.")],
  ["away", waited("The queue normal is closed for now. It was tried for 3600 s.")],
  ["refused", waited("The queue debug allows at most 5 minutes of run time.")],
  ["refused", waited("The scheduler has no queue x; choose another one.")],
  ["input", waited("There is no file src/heat.c in the home.")],
  ["nothing", waited("The local tenant failed; its log says why.")],
  ["nothing", waited("")],
  ["lost", ran("The job's supervisor is gone; the machine may have been restarted.")],
  ["lost", ran("A node on which it ran has failed.")],
  ["time", ran("", { exit_code: 152, cause: "time" })],
  ["memory", ran("", { exit_code: 137, cause: "memory" })],
  ["bytes", ran("", { exit_code: 153, cause: "output" })],
  ["compile", ran("", { kind: "compare", exit_code: 1, cause: "compile" })],
  ["cancelled", ran("It was cancelled at the scheduler.")],
  ["compile", ran("", { kind: "compile", exit_code: 1 })],
  ["compile", ran("", { kind: "build-run", stage: "compile", exit_code: 1 })],
  ["no compiler", ran("", { kind: "compile", exit_code: 127 })],
  ["comparison", ran("", { kind: "compare", exit_code: 1 })],
  ["form", ran("The value of 'args' holds a line break.", { exit_code: 64 })],
  ["not found", ran("", { exit_code: 127 })],
  ["not executable", ran("", { exit_code: 126 })],
  ["killed", ran("", { exit_code: 137 })],
  ["signal", ran("", { kind: "build-run", stage: "run", exit_code: 139 })],
  ["exit code", ran("", { exit_code: 3 })],
  ["unknown", ran("")],
]) {
  test(`"${job.message}" with exit code ${job.exit_code}: ${cause}`, () => {
    assert.equal(causeOf(job), cause);
  });
}

test("where nothing ran the program is not blamed, and who can help is named", () => {
  const advice = adviceFor(waited("The system's machine does not let the tenant in."));

  assert.match(advice, /^Nothing ran, and nothing is wrong with your program\./u);
  assert.match(advice, /who administers the system/u);
  assert.doesNotMatch(advice, /mend the program/u);
});

test("too little time is answered by more time, and what nobody knows by what can be read", () => {
  assert.match(adviceFor(ran("The job ran past its time of 00:10:00.")), /allow more time/u);
  assert.match(adviceFor({ kind: "other", history: RAN }), /standard error/u);
});

test("a job of which next to nothing is known has advice, too", () => {
  assert.equal(causeOf({}), "nothing");
});
