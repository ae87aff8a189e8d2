import assert from "node:assert/strict";
import { test } from "node:test";

import {
  countsFault,
  countsLimit,
  offeredCounts,
  textOfPlan,
  readCounts,
  toggleCount,
  usualCounts,
} from "../../static_site/lib/compare-plan.js";

const QUEUE = { name: "normal", max_processors: 4 };
const PLAN = { counts: "1 2 4", repeats: "1", launcher: "", serial_compile: "", parallel_compile: "", run_time: "00:10:00" };

test("counts are read in order, each once", () => {
  assert.deepEqual(readCounts("4, 2 1;2"), [1, 2, 4]);
  assert.deepEqual(readCounts("many 0 -1 2.5 99999999"), []);
  assert.deepEqual(readCounts(undefined), []);
});

for (const [text, fault] of [
  ["1 2 4", /^$/u],
  ["1,2", /^$/u],
  ["1 two", /whole numbers from 1/u],
  ["0", /whole numbers from 1/u],
  ["9999", /^$/u],
  ["10000", /whole numbers from 1/u],
  ["1 2 3 4 5 6 7 8 9", /At most 8/u],
]) {
  test(`counts may ${fault.source === "^$" ? "" : "not "}be ${text}`, () => {
    assert.match(countsFault(text), fault);
  });
}

test("a chip puts its count in and takes it out again", () => {
  assert.equal(toggleCount("1 4", 2), "1 2 4");
  assert.equal(toggleCount("1 2 4", 2), "1 4");
  assert.equal(toggleCount("", 2), "2");
});

test("powers of two are offered up to what the queue has", () => {
  assert.deepEqual(offeredCounts({ max_processors: 6 }), [1, 2, 4, 6]);
  assert.deepEqual(offeredCounts(QUEUE, 2), [1, 2, 4, 8]);
  assert.deepEqual(offeredCounts({ max_processors: 68 }, 256).at(-1), 64);
  assert.deepEqual(offeredCounts(undefined), [1, 2, 4, 8, 16]);
});

test("the counts to begin with fit a node of the queue", () => {
  assert.equal(usualCounts(undefined), "1 2 4");
  assert.equal(usualCounts({ max_processors: 2 }), "1 2");
  assert.equal(usualCounts({ max_processors: 1 }), "1");
});

test("counts are held against one node for threads, against all for ranks", () => {
  assert.equal(countsLimit("1 4", QUEUE), "");
  assert.match(countsLimit("1 5", QUEUE), /5 threads are more than queue normal has on a node: 4 processors/u);
  assert.equal(countsLimit("8", QUEUE, { nodes: 2, isRanks: true }), "");
  assert.match(countsLimit("9", QUEUE, { nodes: 2, isRanks: true }), /9 ranks .* on 2 nodes: 8 processors/u);
  assert.equal(countsLimit("900", undefined), "");
  assert.equal(countsLimit("", QUEUE), "");
});

test("the plan says what will be run, how often, and by when", () => {
  assert.match(textOfPlan(PLAN), /^Runs the serial program, then the parallel one with 1, 2 and 4 threads: 4 runs\./u);
  assert.match(textOfPlan(PLAN), /within 00:10:00\.$/u);
  assert.match(textOfPlan({ ...PLAN, counts: "1" }), /with 1 thread: 2 runs/u);
  assert.match(textOfPlan({ ...PLAN, counts: "2", launcher: "mpirun", repeats: "3" }), /with 2 ranks, each 3 times: 6 runs/u);
  assert.match(textOfPlan({ ...PLAN, repeats: "2" }), /threads, each twice: 8 runs/u);
  assert.match(textOfPlan({ ...PLAN, repeats: "x" }), /4 runs/u);
  assert.equal(textOfPlan({ ...PLAN, counts: "" }), "Choose at least one count.");
});

test("the plan says what is compiled first", () => {
  assert.match(textOfPlan({ ...PLAN, serial_compile: "gcc" }), /^Compiles the serial program\. Runs/u);
  const both = { ...PLAN, serial_compile: "gcc", parallel_compile: "gcc -fopenmp" };
  assert.match(textOfPlan(both), /^Compiles both programs\. Runs/u);
});
