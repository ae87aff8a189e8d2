import assert from "node:assert/strict";
import { test } from "node:test";

import { forAll, listNames } from "../../static_site/lib/bulk.js";
import { isFiltered, readFilters, toQuery, writeFilters } from "../../static_site/lib/job-filters.js";
import {
  cancelAllSentence,
  cancelSentence,
  endSentence,
  exitSentence,
  queueWords,
  resourceWords,
  stageSentence,
  stateSentence,
  stuckSentence,
} from "../../static_site/lib/job-words.js";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 20, 12, 0, 0);
const ago = (minutes) => new Date(NOW - minutes * MINUTE).toISOString();
const read = (text) => readFilters(new URLSearchParams(text));

for (const [code, words] of [
  [0, "0: the program ended well."],
  [1, "1: the program says that it failed."],
  [126, /^126: .*could not be executed/u],
  [127, /^127: .*not found.*\?$/u],
  [128, "128: the program says that it failed."],
  [139, /^139: .*segmentation fault/u],
  [137, /^137: .*killed/u],
  [-11, /^-11: .*segmentation fault/u],
  [128 + 40, "168: signal 40 ended it."],
  [255, "255: the program says that it failed."],
  [null, ""],
  [undefined, ""],
  ["0", ""],
]) {
  test(`exit code ${code}: ${words}`, () => {
    if (words instanceof RegExp) {
      assert.match(exitSentence(code), words);
    } else {
      assert.equal(exitSentence(code), words);
    }
  });
}

test("of a job that compiles it is the compiler that ended", () => {
  assert.equal(endSentence({ kind: "compile", exit_code: 1 }), "1: the compiler says that it failed.");
  assert.equal(endSentence({ kind: "build-run", stage: "compile", exit_code: 1 }), "1: the compiler says that it failed.");
  assert.equal(endSentence({ kind: "build-run", stage: "run", exit_code: 0 }), "0: the program ended well.");
  assert.equal(endSentence({ kind: "compile", exit_code: null }), "");
});

test("a job that is being prepared for long is stuck, whatever its history knows", () => {
  const job = { status: "STAGING_INPUTS", created: ago(16) };

  assert.match(stuckSentence(job, NOW), /^No progress for 16 min 00 s\. .*tell the operator/u);
  assert.equal(stuckSentence({ ...job, created: ago(14) }, NOW), "");
  const history = [{ status: "STAGING_INPUTS", created: ago(3) }];
  assert.equal(stuckSentence({ ...job, history }, NOW), "");
});

test("a queue may take half a day", () => {
  const job = { status: "QUEUED", created: ago(11 * 60) };

  assert.equal(stuckSentence(job, NOW), "");
  assert.match(stuckSentence({ ...job, created: ago(13 * 60) }, NOW), /^Waiting for 13 h 00 min\./u);
});

test("a running job is stuck when it is past its own limit", () => {
  const job = { status: "RUNNING", created: ago(99), started: ago(20), request: { run_time: "00:10:00" } };

  assert.match(stuckSentence(job, NOW), /^Running for 20 min 00 s, longer than its time limit/u);
  assert.equal(stuckSentence({ ...job, started: ago(12) }, NOW), "");
  assert.equal(stuckSentence({ ...job, request: null }, NOW), "");
  assert.equal(stuckSentence({ ...job, started: "" }, NOW), "");
});

test("what is over is not stuck", () => {
  assert.equal(stuckSentence({ status: "FAILED", created: ago(9999) }, NOW), "");
});

test("a place in the queue is told with its age", () => {
  const queue = { ahead: 1, expected_start: ago(-5), reason: "Priority", as_of: ago(1) };
  const words = queueWords({ queue }, { now: NOW, locale: "en-GB", timeZone: "UTC" });

  assert.equal(
    words.text,
    "1 job is ahead of it. Expected to start in 5 min 00 s (20 Nov 2026, 12:05:00). The scheduler says: Priority.",
  );
  assert.equal(words.asOf, ago(1));
});

test("what is a sentence already is told as it is", () => {
  const queue = { ahead: null, expected_start: null, reason: "The queue is closed for now.", as_of: "" };

  assert.equal(queueWords({ queue }, { now: NOW }).text, "The queue is closed for now.");
});

test("the next in the queue may start any moment", () => {
  const queue = { ahead: 0, expected_start: ago(1), reason: "" };
  const { text, asOf } = queueWords({ queue }, { now: NOW, locale: "en-GB", timeZone: "UTC" });

  assert.match(text, /^It is the next in the queue\. Expected to start any moment now/u);
  assert.equal(asOf, "");
});

test("a scheduler that says nothing is not quoted", () => {
  assert.equal(queueWords({ queue: null }), null);
  assert.equal(queueWords({ queue: { ahead: null, expected_start: null, reason: "", as_of: ago(1) } }), null);
});

test("cancelling several tells of what waits and of what runs", () => {
  assert.equal(cancelAllSentence(["QUEUED", "PENDING"]), "What waits is taken out of the queue and never runs.");
  assert.match(cancelAllSentence(["RUNNING"]), /^What runs is ended where it stands; [^.]*\.$/u);
  assert.match(cancelAllSentence(["RUNNING", "QUEUED"]), /What runs is ended .* What waits is taken out/u);
});

test("cancelling is explained for every state", () => {
  assert.match(cancelSentence("ARCHIVING"), /stays there/u);
  assert.match(cancelSentence("PENDING"), /not started/u);
});

test("a failed compile-and-run says how far it came", () => {
  const job = { kind: "build-run", status: "FAILED", stage: "compile" };

  assert.match(stageSentence(job), /nothing was run/u);
  assert.match(stageSentence({ ...job, stage: "run" }), /run failed/u);
  assert.equal(stageSentence({ ...job, stage: "" }), "");
  assert.equal(stageSentence({ ...job, status: "FINISHED" }), "");
  assert.equal(stageSentence({ ...job, kind: "run" }), "");
});

for (const [what, job, words] of [
  [
    "a program that failed is to be read about",
    { kind: "run", exit_code: 3, message: "The job's program ended with exit code 3." },
    "The job's program ended with exit code 3. The program itself says that it failed. Read its standard error below, mend it or what it was given, and send it again.",
  ],
  [
    "a compiler that failed has complained",
    { kind: "compile", exit_code: 1, message: "The job's program ended with exit code 1." },
    "The job's program ended with exit code 1. Mend what the compiler complains about below, and send it again.",
  ],
  [
    "how far a job came is told first",
    { kind: "build-run", stage: "run", exit_code: 139, message: "The job's program was ended." },
    "It compiled; the run failed. The job's program was ended. The program crashed. The standard error below may say where; a build with -g says more. Mend it, and send it again.",
  ],
  [
    "a program is not to be mended that never ended by itself",
    { kind: "run", exit_code: null, message: "The host could not be reached." },
    "The host could not be reached. Nothing ran, and nothing is wrong with your program. Send it again later, or on another system. If it fails again, tell the operator of the system.",
  ],
  ["a failure without a reason is told all the same", { kind: "run", exit_code: null }, "The job failed. Nothing ran, and nothing is wrong with your program. Send it again. If it fails again, tell the operator of the system."],
]) {
  test(`${what}`, () => {
    assert.equal(stateSentence({ status: "FAILED", ...job }), words);
  });
}

test("a job that did not fail is where it is, with what is said about it", () => {
  assert.equal(stateSentence({ status: "RUNNING", message: "" }), "The job is running.");
  assert.equal(stateSentence({ status: "QUEUED", message: "Sent twice." }), "Sent twice. The job waits in the queue.");
});

test("what a job asked for is one line", () => {
  const request = { queue: "normal", nodes: 2, ranks: 4, threads: 1, run_time: "00:10:00" };

  assert.equal(resourceWords(request), "queue normal, 2 nodes, 4 ranks, 1 thread, at most 00:10:00");
  assert.equal(resourceWords({ kind: "compile" }), "");
  assert.equal(resourceWords(null), "");
});

test("filters survive the way through the address", () => {
  const filters = { search: "heat & co", kind: "build-run", status: "FAILED", system: "local-slurm", since: "2026-11-01", until: "", page: 3 };

  assert.deepEqual(read(writeFilters(filters)), filters);
  assert.equal(writeFilters(read("")), "");
  assert.equal(isFiltered(filters), true);
  assert.equal(isFiltered(read("page=7")), false);
});

for (const text of [
  "kind=everything",
  "status=%3Cb%3E",
  "system=../x",
  "since=2026-02-30",
  "since=soon",
  "until=2026-1-1",
  "page=0",
  "page=-1",
  "page=1e9",
  "page=x",
]) {
  test(`${text} in an address counts as not given`, () => {
    assert.deepEqual(read(text), read(""));
  });
}

test("a page farther than the service goes is its last", () => {
  assert.equal(read("page=99999").page, 50_000);
});

test("the service is asked for a page and for the reader's own days", () => {
  const query = toQuery(read("search=+heat+&page=3&since=2026-11-20&until=2026-11-20"));

  assert.equal(query.search, "heat");
  assert.deepEqual([query.limit, query.offset], [20, 40]);
  assert.equal(new Date(query.since).getTime(), new Date(2026, 10, 20).getTime());
  assert.equal(new Date(query.until).getTime(), new Date(2026, 10, 21).getTime());
  assert.equal("since" in toQuery(read("")), false);
});

test("a few at a time are done, and every failure is told", async () => {
  let busy = 0;
  let most = 0;
  const { done, failed } = await forAll([1, 2, 3, 4, 5, 6], async (item) => {
    busy += 1;
    most = Math.max(most, busy);
    await null;
    busy -= 1;
    if (item % 3 === 0) {
      throw new Error(`no ${item}`);
    }
  });

  assert.deepEqual(done.sort(), [1, 2, 4, 5]);
  assert.deepEqual(failed.map(({ item, error }) => `${item} ${error.message}`).sort(), ["3 no 3", "6 no 6"]);
  assert.equal(most, 4);
});

test("after the end of the session nothing more is tried", async () => {
  let calls = 0;
  const over = Object.assign(new Error("over"), { endsSession: true });
  const { failed } = await forAll([1, 2, 3], async () => {
    calls += 1;
    throw over;
  }, 1);

  assert.equal(calls, 1);
  assert.equal(failed.length, 1);
});

test("names are listed as people do", () => {
  assert.deepEqual(
    [[], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d", "e"]].map((names) => listNames(names)),
    ["", "a", "a and b", "a, b and c", "a, b, c and 2 more"],
  );
});
