import assert from "node:assert/strict";
import { test } from "node:test";

import { chartOf, groupRuns, runName, sameWord, speedUps, ticksOf, toleranceFault } from "../../static_site/lib/comparison.js";
import { countSentence, editorAddress, placeOf, sortDiagnostics } from "../../static_site/lib/diagnostics.js";
import { watch, watched } from "../../static_site/lib/job-watch.js";
import { LogWindow, PIECE } from "../../static_site/lib/log-window.js";
import { askPermission, endWords, lookForEnds } from "../../static_site/lib/notices.js";
import { resubmit } from "../../static_site/lib/resubmission.js";
import { FakeStorage } from "./fakes.mjs";

function makeRun(count, seconds, changes = {}) {
  const label = count ? String(count) : "serial";
  return { label, count, repeat: 1, exit_code: 0, seconds, speed_up: 8 / seconds, ...changes };
}

/** The text of a job as the service gives it, piece by piece. */
function textOf(whole) {
  const bytes = Buffer.from(whole);
  return (offset) => {
    const next = Math.min(bytes.length, offset + PIECE);
    const text = bytes.subarray(offset, next).toString("utf8");
    return { text, offset, next_offset: next, size: bytes.length };
  };
}

test("runs are called by their number of threads or ranks", () => {
  assert.equal(runName(makeRun(0, 1), "threads"), "Serial");
  assert.equal(runName(makeRun(1, 1), "threads"), "1 thread");
  assert.equal(runName(makeRun(4, 1), "ranks"), "4 ranks");
  assert.equal(runName(makeRun(4, 1), "odd"), "4 processes");
});

test("whether outputs are the same is said of parallel runs only", () => {
  assert.deepEqual(
    [{ count: 0 }, { count: 1, same: true }, { count: 1, same: false }, { count: 1, same: null }].map(sameWord),
    ["–", "yes", "no", "not compared"],
  );
});

for (const [text, isGood] of [["1e-6", true], ["0", true], [" 0,001 ", true], ["1", true], ["2", false], ["-1", false], ["", false], ["x", false], ["NaN", false]]) {
  test(`a tolerance of "${text}" is ${isGood ? "fine" : "refused"}`, () => {
    assert.equal(toleranceFault(text) === "", isGood);
  });
}

test("repeats are one row with the time in the middle; failed ones do not count", () => {
  const runs = [makeRun(2, 4), makeRun(2, 9, { exit_code: 139 }), makeRun(2, 5), makeRun(2, 3), makeRun(4, 2), makeRun(4, 3)];
  const [two, four] = groupRuns(runs);

  assert.deepEqual([two.seconds, two.least, two.most, two.repeats, two.exit_code], [4, 3, 5, 4, 139]);
  assert.equal(four.seconds, 2.5);
  assert.equal(groupRuns([makeRun(2, 9, { exit_code: 1 })])[0].seconds, null);
});

test("speed-ups rise with the count, whatever the order of the runs", () => {
  const groups = groupRuns([makeRun(0, 8), makeRun(4, 2), makeRun(1, 8), makeRun(8, 1, { speed_up: null })]);

  assert.deepEqual(speedUps(groups), [
    { count: 1, speedUp: 1 },
    { count: 4, speedUp: 4 },
  ]);
});

test("ticks are round and reach over the largest value", () => {
  assert.deepEqual(ticksOf(8), [0, 2, 4, 6, 8]);
  assert.deepEqual(ticksOf(2), [0, 0.5, 1, 1.5, 2]);
  assert.deepEqual(ticksOf(7.3), [0, 2, 4, 6, 8]);
  for (const most of [1, 3, 12, 48, 64, 100, 1024]) {
    const ticks = ticksOf(most);
    assert.ok(ticks.at(-1) >= most && ticks.length <= 7, `${most}: ${ticks}`);
  }
});

test("the chart has its points inside, the ideal line through equal values", () => {
  const chart = chartOf([
    { count: 1, speedUp: 1 },
    { count: 8, speedUp: 5 },
  ]);

  const [one, eight] = chart.points;
  assert.equal(one.x, chart.ideal.x1);
  assert.equal(one.y, chart.ideal.y1);
  assert.ok(eight.y > chart.ideal.y2);
  assert.ok(chart.points.every(({ x, y }) => x >= chart.left && x <= chart.right && y >= chart.top && y <= chart.bottom));
  assert.ok(chart.xTicks.every(({ value }) => Number.isInteger(value)));
  assert.equal(chartOf([]), null);
});

test("errors come first, and otherwise what the compiler said first", () => {
  const given = ["note", "warning", "error", "odd", "error"].map((severity, line) => ({ severity, line }));

  assert.deepEqual(sortDiagnostics(given).map(({ line }) => line), [2, 4, 1, 0, 3]);
  assert.equal(countSentence(given), "2 errors, 1 warning, 2 notes");
  assert.equal(countSentence([]), "");
});

test("a place is written as compilers do, as far as it is known", () => {
  assert.equal(placeOf({ file: "a.c", line: 3, column: 7 }), "a.c:3:7");
  assert.equal(placeOf({ file: "a.c", line: 3, column: null }), "a.c:3");
  assert.equal(placeOf({ file: "a.c", line: null, column: null }), "a.c");
  assert.equal(placeOf({ file: "", line: null, column: null }), "");
});

test("only a file of the home opens in the editor", () => {
  assert.equal(editorAddress({ path: "a b.c", line: 3, column: 7 }), "edit.html#path=a+b.c&line=3&column=7");
  assert.equal(editorAddress({ path: "a.c", line: null, column: null }), "edit.html#path=a.c");
  assert.equal(editorAddress({ path: "", line: 3 }), "");
});

test("a text that grows is appended without a gap and without repetition", () => {
  const log = new LogWindow();

  assert.equal(log.append({ text: "ab", offset: 0, next_offset: 2 }), "ab");
  assert.equal(log.append({ text: "", offset: 2, next_offset: 2 }), null);
  assert.equal(log.append({ text: "ab", offset: 0, next_offset: 2 }), null);
  assert.equal(log.append({ text: "c", offset: 2, next_offset: 3 }), "c");
  assert.deepEqual([log.start, log.end, log.isWhole], [0, 3, true]);
});

test("what was before the end is loaded whole, characters of several bytes too", async () => {
  const whole = "größe €uro 𝄞 ".repeat(20_000) + "x".repeat(PIECE);
  const read = textOf(whole);
  const log = new LogWindow();
  log.jump(Buffer.byteLength(whole) - PIECE);
  let shown = log.append(read(log.end));

  while (!log.isWhole) {
    shown = (await log.prepend(async (offset) => read(offset))) + shown;
  }

  assert.equal(shown, whole);
});

test("the beginning that has become another one in the meantime is left alone", async () => {
  const read = textOf("x".repeat(3 * PIECE));
  const log = new LogWindow();
  log.jump(2 * PIECE);
  log.append(read(log.end));

  const text = await log.prepend(async (offset) => {
    log.jump(0);
    return read(offset);
  });

  assert.equal(text, null);
});

test("a text that ends while its beginning is read does not hang", async () => {
  const log = new LogWindow();
  log.jump(PIECE);
  log.append({ text: "x", offset: PIECE, next_offset: PIECE + 1 });

  const text = await log.prepend(async (offset) => ({ text: "", offset, next_offset: offset }));

  assert.equal(text, "");
});

test("too much is let go of at its beginning", () => {
  const read = textOf("x".repeat(12 * PIECE));
  const log = new LogWindow();
  while (log.end < 12 * PIECE) {
    log.append(read(log.end));
  }

  assert.equal(log.isFull, true);
  assert.equal(log.trim(), 4);
  assert.equal(log.start, 4 * PIECE);
  assert.equal(log.isWhole, false);
});

test("a job is sent again under one request id until the service has answered", async () => {
  const storage = new FakeStorage();
  const sent = [];
  const api = {
    async call(_name, { path, body }) {
      sent.push([path, body.request_id]);
      if (sent.length === 1) {
        throw new Error("away");
      }
      return { id: "new" };
    },
  };
  let last = 0;
  const again = () => resubmit({ api, storage, jobId: "a/b", newId: () => `id-${(last += 1)}` });

  await assert.rejects(again);
  assert.deepEqual(await again(), { id: "new" });
  await again();

  assert.deepEqual(sent, [
    ["/jobs/a%2Fb/resubmit", "id-1"],
    ["/jobs/a%2Fb/resubmit", "id-1"],
    ["/jobs/a%2Fb/resubmit", "id-2"],
  ]);
});

test("permission is asked for, and what will happen is said", async () => {
  const asking = (answer) => ({ requestPermission: async () => answer });

  assert.match(await askPermission(true, asking("granted")), /your browser tells you/u);
  assert.match(await askPermission(true, asking("default")), /any open page/u);
  assert.match(await askPermission(true, asking("denied")), /does not allow/u);
  assert.match(await askPermission(true, null), /does not allow/u);
  assert.match(await askPermission(false, asking("granted")), /keeps nothing/u);
});

test("the end of a job has a sentence and a tone", () => {
  assert.deepEqual(endWords("Run heat", "FINISHED"), { text: "Run heat is done.", tone: "good" });
  assert.equal(endWords("Run heat", "FAILED").tone, "bad");
  assert.match(endWords("Run heat", "STOPPED").text, /cancelled/u);
});

test("watched jobs that have ended are told once; those that are gone are forgotten", async () => {
  const options = { storage: new FakeStorage(), now: () => 1000 };
  for (const id of ["done", "going", "old", "gone", "foreign"]) {
    watch(id, `Job ${id}`, options);
  }
  const refuse = (code) => {
    throw Object.assign(new Error(code), { code });
  };
  const answers = {
    "/jobs": () => ({ jobs: [{ id: "done", status: "FINISHED" }, { id: "going", status: "RUNNING" }] }),
    "/jobs/old": () => ({ status: "FAILED" }),
    "/jobs/gone": () => refuse("not_found"),
    "/jobs/foreign": () => refuse("forbidden"),
  };
  const api = { call: async (_name, { path }) => answers[path]() };
  const ends = [];
  const onEnd = (job) => ends.push(job);

  await lookForEnds({ api, options, onEnd });
  await lookForEnds({ api, options, onEnd });

  assert.deepEqual(ends, [
    { id: "done", title: "Job done", status: "FINISHED" },
    { id: "old", title: "Job old", status: "FAILED" },
  ]);
  assert.deepEqual(watched(options).map(({ id }) => id), ["going"]);
});

test("a service that is away forgets nothing", async () => {
  const options = { storage: new FakeStorage(), now: () => 1000 };
  watch("a", "A", options);
  const api = {
    call: async (_name, { path }) => {
      if (path === "/jobs") {
        return { jobs: [] };
      }
      throw Object.assign(new Error("away"), { code: "offline" });
    },
  };

  await assert.rejects(lookForEnds({ api, options, onEnd: () => {} }));

  assert.equal(watched(options).length, 1);
});
