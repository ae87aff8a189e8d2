import assert from "node:assert/strict";
import { test } from "node:test";

import {
  formatBytes,
  formatDuration,
  formatSeconds,
  formatSpan,
  formatTime,
  isoTime,
  parseTime,
} from "../../static_site/lib/format.js";
import {
  folderOfJob,
  inputsOf,
  isDone,
  outputsOf,
  programOf,
  sentenceOf,
  timelineOf,
  titleOf,
  toneOf,
} from "../../static_site/lib/jobs.js";
import { crumbsOf, folderOf, isHidden, joinPath, nameFault, splitPath, withoutHome } from "../../static_site/lib/paths.js";

for (const [size, text] of [
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [150 * 1024, "150 KiB"],
  [1.5 * 1024 ** 3, "1.5 GiB"],
  [5 * 1024 ** 5, "5120 TiB"],
  [-1, ""],
  [undefined, ""],
  [null, ""],
  ["x", ""],
]) {
  test(`${size} bytes are ${text || "nothing"}`, () => {
    assert.equal(formatBytes(size), text);
  });
}

for (const [milliseconds, text] of [
  [-5, "0 s"],
  [59_999, "59 s"],
  [65_000, "1 min 05 s"],
  [3_720_000, "1 h 02 min"],
  [(2 * 24 + 3) * 3_600_000, "2 d 3 h"],
]) {
  test(`${milliseconds} ms are ${text}`, () => {
    assert.equal(formatDuration(milliseconds), text);
  });
}

for (const [milliseconds, text] of [
  [-5, "<0.1 s"],
  [99, "<0.1 s"],
  [100, "0.1 s"],
  [440, "0.4 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [10_400, "10 s"],
  [59_700, "1 min 00 s"],
  [65_400, "1 min 05 s"],
]) {
  test(`what has ended after ${milliseconds} ms took ${text}`, () => {
    assert.equal(formatSpan(1_800_000_000_123, 1_800_000_000_123 + milliseconds), text);
  });
}

test("times without tenths are not told with tenths", () => {
  assert.equal(formatSpan("2026-11-20T10:00:00Z", "2026-11-20T10:00:03Z"), "3 s");
  assert.equal(formatSpan("2026-11-20T10:00:00Z", "2026-11-20T10:00:00.000Z"), "<1 s");
});

test("what goes on counts whole seconds", () => {
  assert.equal(formatSpan(1_800_000_000_123, null, 1_800_000_000_500), "0 s");
  assert.equal(formatSpan(1_800_000_000_123, "", 1_800_000_004_000), "3 s");
});

for (const [seconds, text] of [
  [0, "0.000 s"],
  [0.0042, "0.004 s"],
  [0.34, "0.34 s"],
  [9.96, "10.0 s"],
  [59.94, "59.9 s"],
  [59.96, "1 min 00 s"],
  [61, "1 min 01 s"],
  [-1, ""],
  [NaN, ""],
  [null, ""],
  [undefined, ""],
]) {
  test(`a measured ${seconds} is ${text || "nothing"}`, () => {
    assert.equal(formatSeconds(seconds), text);
  });
}

for (const [name, kind, title, id] of [
  ["ipt-compile-heat-0123456789ab", "compile", "Compile heat", "01234567"],
  ["ipt-run-rose-heat-openmp-0123456789ab", "run", "Run rose-heat-openmp", "01234567"],
  ["ipt-run-0123456789ab", "run", "Run", "01234567"],
  ["ipt-build-run-heat-0123456789ab", "build-run", "Compile and run heat", "01234567"],
  ["ipt-compare-heat-0123456789ab", "compare", "Compare heat", "01234567"],
  ["ipt-run-heat-0123456789ab", "other", "ipt-run-heat-0123456789ab", ""],
  ["ipt-run-heat-0123456789ab", "compile", "ipt-run-heat-0123456789ab", ""],
  ["ipt-run-heat-my-own-request", "run", "ipt-run-heat-my-own-request", ""],
  ["ipt-run-Heat-0123456789ab", "run", "ipt-run-Heat-0123456789ab", ""],
  ["<b>job</b>", "run", "<b>job</b>", ""],
  [undefined, "constructor", "", ""],
]) {
  test(`the ${kind} job ${name} is called ${title || "nothing"}`, () => {
    assert.deepEqual(titleOf({ name, kind }), { title, id });
  });
}

test("the wrapper's notes and the app's files are no outputs", () => {
  const names = ["IPT_EXIT_CODE", "IPT_TIME", "IPT_COMPARE", "heat", "x.out", "x.err", "ipt-lib.sh", "wrapper.sh"];
  const more = ["manifest.sha256.json", "ipt-run-x.ipcexe", "x.ipcexe"];
  const outputs = [...names, ...more].map((name) => ({ name, type: "file", path: "" }));
  assert.deepEqual(outputsOf({ outputs }).map(({ name }) => name), ["heat", "x.out", "x.err", "x.ipcexe"]);
  assert.deepEqual(outputsOf({ outputs: [{ name: "test", type: "dir", path: "" }] }), []);
  assert.deepEqual(outputsOf({}), []);
});

test("inputs that lie beside the program are no outputs before the end", () => {
  const outputs = ["heat.c", "grid.h", "heat"].map((name) => ({ name, path: "" }));
  const job = { request: { kind: "build-run", source: "src/heat.c", files: ["grid.h"] }, outputs };

  assert.deepEqual(outputsOf(job), [outputs[2]]);
  const archived = outputs.map(({ name }) => ({ name, path: `jobs/x/${name}` }));
  assert.deepEqual(outputsOf({ ...job, outputs: archived }), archived);
});

test("outputs that were copied to the home have their paths, also of a job that failed", () => {
  const job = { archive_path: "jobs/x/", outputs: [{ name: "a", path: "" }], history: [{ status: "ARCHIVING" }, { status: "ARCHIVING_FINISHED" }] };

  assert.equal(outputsOf(job)[0].path, "jobs/x/a");
  assert.equal(outputsOf({ ...job, history: [{ status: "RUNNING" }] })[0].path, "");
  assert.equal(outputsOf({ ...job, archive_path: "" })[0].path, "");
  assert.equal(outputsOf({ ...job, outputs: [{ name: "a", path: "b" }] })[0].path, "b");
});

test("a job has a folder once its files were being copied", () => {
  const job = { status: "STOPPED", archive_path: "jobs/x/", history: [{ status: "ARCHIVING" }] };

  assert.equal(folderOfJob(job), "jobs/x");
  assert.equal(folderOfJob({ ...job, history: [{ status: "RUNNING" }] }), "");
  assert.equal(folderOfJob({ status: "FINISHED", archive_path: "jobs/x" }), "jobs/x");
  assert.equal(folderOfJob({ status: "FINISHED" }), "");
});

test("inputs are the files of the request; a foreign job's are told as they are", () => {
  const request = { kind: "compare", serial: "a.c", parallel: "b.c", source: "", files: ["a.h", "b.h"] };

  assert.deepEqual(inputsOf({ request }).map(({ label, path }) => `${label} ${path}`), [
    "Serial a.c",
    "Parallel b.c",
    "Additional a.h",
    "Additional b.h",
  ]);
  assert.deepEqual(inputsOf({ request: null, inputs: { mesh: "agave://x/y", more: ["1", ""] } }), [
    { label: "mesh", path: "agave://x/y", isInHome: false },
    { label: "more", path: "1", isInHome: false },
  ]);
  assert.deepEqual(inputsOf({}), []);
});

test("names with a dot in front are hidden", () => {
  assert.deepEqual([".bashrc", "a.c", "."].map(isHidden), [true, false, true]);
});

test("times are read from ISO text, seconds and milliseconds", () => {
  const time = Date.UTC(2026, 10, 20, 10, 0, 0);

  for (const value of ["2026-11-20T10:00:00Z", "2026-11-20T04:00:00.000000-06:00", time, time / 1000, String(time / 1000)]) {
    assert.equal(parseTime(value), time);
  }
});

test("what is no time is none", () => {
  for (const value of [null, undefined, "", "soon"]) {
    assert.equal(parseTime(value), null);
    assert.equal(formatTime(value), "");
    assert.equal(isoTime(value), "");
    assert.equal(formatSpan(value, null), "");
  }
});

test("a time is shown in the reader's zone", () => {
  assert.equal(formatTime("2026-11-20T10:00:00Z", "en-GB", "UTC"), "20 Nov 2026, 10:00:00");
  assert.equal(isoTime(1_000_000_000), "2001-09-09T01:46:40.000Z");
});

test("a span without an end lasts until now", () => {
  assert.equal(formatSpan("2026-11-20T10:00:00Z", "2026-11-20T10:01:05Z"), "1 min 05 s");
  assert.equal(formatSpan(1000, null, 4_000), formatDuration(0));
});

test("only four states are the end of a job", () => {
  const done = ["FINISHED", "FAILED", "STOPPED", "KILLED", "RUNNING", "ARCHIVING", "?"].filter(isDone);

  assert.deepEqual(done, ["FINISHED", "FAILED", "STOPPED", "KILLED"]);
});

test("every state has a tone and a sentence, known or not", () => {
  assert.equal(toneOf("RUNNING"), "busy");
  assert.equal(toneOf("NEW_ONE"), "quiet");
  assert.match(sentenceOf("QUEUED"), /queue/u);
  assert.match(sentenceOf("NEW_ONE"), /not known/u);
});

test("a finished compile job names its program", () => {
  const job = { kind: "compile", status: "FINISHED", archive_path: "jobs/x/", parameters: { output: "heat" } };

  assert.equal(programOf(job), "jobs/x/heat");
  for (const change of [{ kind: "run" }, { status: "FAILED" }, { archive_path: "" }, { parameters: {} }, { parameters: undefined }]) {
    assert.equal(programOf({ ...job, ...change }), "");
  }
});

test("the timeline has each state once, with its end", () => {
  const steps = timelineOf([
    { status: "PENDING", description: "one", created: 1 },
    { status: "PENDING", description: "", created: 2 },
    { status: "PENDING", description: "two", created: 3 },
    { status: "PENDING", description: "two", created: 3.5 },
    { status: "PENDING", description: "one: and why", created: 3.7 },
    { status: "RUNNING", created: 4 },
  ]);

  assert.deepEqual(steps, [
    { status: "PENDING", reasons: ["one", "two", "And why"], created: 1, until: 4 },
    { status: "RUNNING", reasons: [], created: 4, until: null },
  ]);
  assert.deepEqual(timelineOf(undefined), []);
});

test("paths are joined and split without empty names", () => {
  assert.equal(joinPath("a//b/", "/c"), "a/b/c");
  assert.equal(joinPath("", "c"), "c");
  assert.deepEqual(splitPath(undefined), []);
  assert.deepEqual(splitPath("./a/./b"), ["a", "b"]);
});

test("the folder of what is being typed is the part before the last slash", () => {
  assert.deepEqual(["he", "src/he", "src/", "a/b/c"].map(folderOf), ["", "src", "src", "a/b"]);
});

test("crumbs lead from home to the folder", () => {
  assert.deepEqual(crumbsOf("a/b"), [
    { name: "Home", path: "" },
    { name: "a", path: "a" },
    { name: "b", path: "a/b" },
  ]);
});

test("a home in front of a path is taken off", () => {
  const paths = ["~/a.c", " /home/ipt/a.c ", "a.c", "~", "/home/ipt", "~x/a", "/home/iptx"];

  assert.deepEqual(paths.map(withoutHome), ["a.c", "a.c", "a.c", "", "", "~x/a", "/home/iptx"]);
});

test("names that cannot be are refused with the reason", () => {
  for (const name of ["", " ", ".", "..", "a/b", "a\nb", "a\u0000"]) {
    assert.notEqual(nameFault(name), "");
  }
  assert.equal(nameFault("heat (2).c"), "");
});

test("what is said twice about a state in nearly the same words is told once", () => {
  const texts = ["Job placed into queue", "Job placed into queue.", "Job placed into queue: its number there is 7"];
  const [step] = timelineOf(texts.map((description) => ({ status: "QUEUED", description, created: "2026-11-20T10:00:00Z" })));

  assert.deepEqual(step.reasons, ["Job placed into queue", "Its number there is 7"]);
});
