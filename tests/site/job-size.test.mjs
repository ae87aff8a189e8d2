import assert from "node:assert/strict";
import { test } from "node:test";

import { limitsOf, memoryFault, queueOf, sizeFaults, sizeOf, sizeText, toMegabytes } from "../../static_site/lib/job-size.js";
import { quickTimes, runTimeFault, toRunTime, toSeconds } from "../../static_site/lib/run-time.js";

const QUEUE = { name: "normal", max_nodes: 2, max_processors: 4, max_run_time: "02:00:00", max_memory: "8GB" };
const FINE = { ranks: "4", threads: "1", nodes: "2", run_time: "00:10:00", launcher: "mpirun", memory: "" };

for (const [text, seconds] of [
  ["00:10:00", 600],
  [" 48:00:05 ", 172_805],
  ["1:00:00", 3600],
  ["10", null],
  ["00:60:00", null],
  ["-1:00:00", null],
  [undefined, null],
]) {
  test(`${text} is ${seconds} seconds`, () => {
    assert.equal(toSeconds(text), seconds);
  });
}

test("seconds become a run time again", () => {
  assert.equal(toRunTime(172_805), "48:00:05");
  assert.equal(toRunTime(59), "00:00:59");
});

test("a run time has its form and is more than nothing", () => {
  assert.equal(runTimeFault("00:10:00"), "");
  assert.match(runTimeFault("10"), /hours:minutes:seconds/u);
  assert.match(runTimeFault("00:00:00"), /more than no time/u);
});

test("easy choices end with the queue's longest time", () => {
  const labels = (longest) => quickTimes(longest).map(({ label, value }) => `${label} ${value}`);

  assert.deepEqual(labels("00:20:00"), ["5 min 00:05:00", "10 min 00:10:00", "Longest 00:20:00"]);
  assert.equal(labels(undefined).at(-1), "24 h 24:00:00");
});

test("a queue is found by its name, else the default one, else the first, else none", () => {
  const queues = [{ name: "a" }, { name: "b", default: true }];

  assert.equal(queueOf({ queues }, "a").name, "a");
  assert.equal(queueOf({ queues }, "gone").name, "b");
  assert.equal(queueOf({ queues: [{ name: "c" }] }, "").name, "c");
  assert.equal(queueOf({}, "a"), undefined);
});

test("the limits of a queue are shown as far as there are any", () => {
  assert.deepEqual(limitsOf({ max_nodes: 2, max_memory: "8GB" }), [
    ["Nodes", "at most 2"],
    ["Memory on a node", "at most 8GB"],
  ]);
  assert.deepEqual(limitsOf(undefined), []);
});

for (const [values, text] of [
  [{ ranks: "1", threads: "1", nodes: "1" }, "One process with one thread: 1 node × 1 processor."],
  [{ ranks: "1", threads: "4", nodes: "1" }, "4 threads: 1 node × 4 processors."],
  [{ ranks: "8", threads: "1", nodes: "2" }, "8 ranks: 2 nodes × 4 processors."],
  [{ ranks: "4", threads: "2", nodes: "2" }, "4 ranks × 2 threads each: 2 nodes × 4 processors."],
  [{ ranks: "3", threads: "2", nodes: "2" }, "3 ranks × 2 threads each: 2 nodes × 4 processors."],
  [{ ranks: "many", threads: "2", nodes: "2" }, ""],
  [{ ranks: "0", threads: "2", nodes: "2" }, ""],
]) {
  test(`${JSON.stringify(values)} in words: ${text || "nothing"}`, () => {
    assert.equal(sizeText(values), text);
  });
}

test("ranks are spread evenly, and a node holds the larger part", () => {
  assert.deepEqual(sizeOf({ ranks: "5", threads: "2", nodes: "2" }).processors, 6);
});

for (const [change, field, sentence] of [
  [{}, "", ""],
  [{ nodes: "3", ranks: "6" }, "nodes", /gives a job at most 2 nodes/u],
  [{ ranks: "9" }, "ranks", /5 ranks on a node need 5 processors; queue normal has 4 processors on a node/u],
  [{ ranks: "4", threads: "4" }, "ranks", /2 ranks on a node with 4 threads each need 8/u],
  [{ ranks: "2", threads: "5" }, "threads", /5 threads need as many processors on one node/u],
  [{ ranks: "1", threads: "5", nodes: "1" }, "threads", /queue normal has 4/u],
  [{ ranks: "1" }, "ranks", /2 nodes need at least 2 ranks, one on each/u],
  [{ launcher: "" }, "ranks", /Nothing would start 4 ranks/u],
  [{ run_time: "02:00:01" }, "run_time", /ends jobs after 02:00:00/u],
  [{ memory: "9GB" }, "memory", /has 8GB on a node/u],
  [{ memory: "8192MB" }, "", ""],
  [{ ranks: "many" }, "", ""],
]) {
  test(`${JSON.stringify(change)} breaks ${field || "no limit"}`, () => {
    const faults = sizeFaults({ ...FINE, ...change }, QUEUE);

    assert.deepEqual(Object.keys(faults), field ? [field] : []);
    assert.match(faults[field] ?? "", sentence || /^$/u);
  });
}

test("without a queue, or with one that tells no limits, nothing is too large", () => {
  const large = { ...FINE, ranks: "4000", nodes: "400", run_time: "900:00:00", memory: "9TB" };

  assert.deepEqual(sizeFaults(large, undefined), {});
  assert.deepEqual(sizeFaults(large, { name: "free" }), {});
});

test("memory is an amount with its unit", () => {
  assert.equal(toMegabytes("1.5 gb"), 1536);
  assert.equal(toMegabytes("2T"), 2_097_152);
  assert.equal(toMegabytes("0GB"), null);
  assert.equal(memoryFault("4GB"), "");
  assert.match(memoryFault("much"), /4GB or 512MB/u);
});
