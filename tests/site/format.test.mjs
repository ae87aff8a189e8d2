import assert from "node:assert/strict";
import { test } from "node:test";

import {
  formatBytes,
  formatDuration,
  formatSpan,
  formatTime,
  isoTime,
  parseTime,
} from "../../static_site/lib/format.js";
import { isDone, programOf, sentenceOf, timelineOf, toneOf } from "../../static_site/lib/jobs.js";
import { crumbsOf, folderOf, joinPath, nameFault, splitPath, withoutHome } from "../../static_site/lib/paths.js";

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
    { status: "RUNNING", created: 4 },
  ]);

  assert.deepEqual(steps, [
    { status: "PENDING", description: "two", created: 1, until: 4 },
    { status: "RUNNING", description: "", created: 4, until: null },
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
