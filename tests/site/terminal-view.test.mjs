import assert from "node:assert/strict";
import { test } from "node:test";

import { muteQueries } from "../../static_site/lib/terminal-queries.js";
import { exitSentence, questionBefore, viewOf } from "../../static_site/lib/terminal-view.js";

test("questions are swallowed only while old output is shown", () => {
  const handlers = [];
  const register = (id, handler) => {
    handlers.push(handler);
    return { dispose: () => handlers.splice(handlers.indexOf(handler), 1) };
  };
  const parser = { registerCsiHandler: register, registerDcsHandler: register, registerOscHandler: register };
  let isMuted = true;
  const dispose = muteQueries(parser, () => isMuted);

  assert.ok(handlers.every((handler) => handler("?")));
  isMuted = false;
  assert.ok(handlers.every((handler) => !handler("?")));
  dispose();

  assert.equal(handlers.length, 0);
});

const IDLE = { phase: "idle" };

test("before anything is known nothing can be pressed", () => {
  const view = viewOf({ record: null, asked: "", connection: IDLE });

  assert.deepEqual(
    [view.canStart, view.canStop, view.canRestart, view.canReconnect, view.hasScreen],
    [false, false, false, false, false],
  );
});

for (const [status, phase, can, screen] of [
  ["NONE", "idle", "canStart", false],
  ["PENDING", "idle", "canStart", false],
  ["SUBMITTED", "idle", "canStop canRestart", false],
  ["READY", "open", "canStop canRestart canReconnect", true],
  ["READY", "connecting", "canStop canRestart", true],
  ["READY", "ended", "canStart", true],
  ["STOPPED", "ended", "canStart", true],
  ["STOPPED", "gone", "canStart", false],
  ["ERROR", "idle", "canStart canRestart", false],
]) {
  test(`${status} while ${phase}: ${can}`, () => {
    const view = viewOf({ record: { status }, asked: "", connection: { phase } });

    const pressable = Object.keys(view).filter((key) => key.startsWith("can") && view[key]);
    assert.deepEqual(pressable, can.split(" "));
    assert.equal(view.hasScreen, screen);
    assert.ok(view.sentence);
  });
}

test("the service's own sentence is the one that is shown", () => {
  const view = viewOf({ record: { status: "ERROR", message: "No host." }, asked: "", connection: IDLE });

  assert.deepEqual([view.chip, view.tone, view.sentence], ["ERROR", "bad", "No host."]);
});

for (const [record, asked, phase, step] of [
  [{ status: "STOPPED" }, "START", "idle", "Asked for a terminal"],
  [{ status: "SUBMITTED" }, "START", "idle", "Starting it on the host"],
  [{ status: "SUBMITTED" }, "", "idle", "Starting it on the host"],
  [{ status: "READY" }, "", "connecting", "Connecting to it"],
]) {
  test(`a start at ${record.status}, asked ${asked || "before"}, is at: ${step}`, () => {
    const view = viewOf({ record, asked, connection: { phase } });

    assert.equal(view.steps.find(({ mark }) => mark === "now").text, step);
    assert.ok(view.isBusy);
  });
}

test("a stop under way has no steps, and nothing else can be pressed meanwhile", () => {
  const view = viewOf({ record: { status: "READY" }, asked: "STOP", connection: IDLE });

  assert.deepEqual([view.chip, view.steps, view.canStart, view.canStop], ["STOPPING", [], false, false]);
});

test("every phase of the connection has its words", () => {
  const line = (connection) => viewOf({ record: { status: "READY" }, asked: "", connection }).connection.text;

  assert.equal(line({ phase: "open" }), "Connected");
  assert.match(line({ phase: "waiting", message: "Lost.", attempt: 2 }), /^Lost\. Trying again by itself \(attempt 2\)/u);
  assert.equal(line({ phase: "refused", message: "No." }), "No.");
  assert.match(line({ phase: "ended", exitStatus: 0, reason: "exit" }), /^The shell has ended\./u);
});

for (const [end, terms, words] of [
  [{ exitStatus: 2, reason: "exit" }, {}, /status 2\. Your files are kept\. Press Start/u],
  [{ exitStatus: null, reason: "exit" }, {}, /^The shell has ended\./u],
  [{ exitStatus: 129, reason: "idle" }, { idleSeconds: 28_800 }, /nothing happened in it for 8 h 00 min\./u],
  [{ exitStatus: 129, reason: "age" }, { mostSeconds: 604_800 }, /greatest age that is allowed here: 7 d 0 h\./u],
  [{ exitStatus: 129, reason: "idle" }, undefined, /nothing happened in it\. /u],
  [{ exitStatus: 129, reason: "stopped" }, {}, /^Your terminal was stopped\./u],
]) {
  test(`an end by ${end.reason} with ${end.exitStatus} says so: ${words}`, () => {
    assert.match(exitSentence(end, terms), words);
  });
}

for (const [command, status, title] of [
  ["RESTART", "READY", /^Restart/u],
  ["RESTART", "ERROR", /^Restart/u],
  ["STOP", "READY", /^Stop/u],
]) {
  test(`${command} of a terminal that is ${status} is asked about first`, () => {
    const question = questionBefore(command, { status });

    assert.match(question.title, title);
    assert.equal(question.text, "What runs in it ends. Your files are kept.");
  });
}

test("Start, and leaving the line, need no question", () => {
  assert.equal(questionBefore("STOP", { status: "PENDING", position: 2 }), null);
  assert.equal(questionBefore("STOP", { status: "SUBMITTED" }), null);
  assert.equal(questionBefore("START", null), null);
});

for (const [place, words] of [
  [{ position: 3, queued: "2026-11-20T10:00:00Z" }, /You are number 3 in line/u],
  [{ position: 1 }, /You are next in line/u],
  [{ queued: "2026-11-20T10:00:00Z" }, /You are in line/u],
]) {
  test(`a place in line is told: ${words}`, () => {
    const view = viewOf({ record: { status: "PENDING", ...place }, asked: "", connection: IDLE });

    assert.match(view.sentence, words);
    assert.deepEqual([view.chip, view.canStart, view.canStop, view.isInLine], ["IN LINE", false, true, true]);
    assert.equal(view.steps.find(({ mark }) => mark === "now").text, "Waiting in line");
  });
}

test("a record that still says READY after the end is not believed", () => {
  const view = viewOf({ record: { status: "READY", message: "Ready." }, asked: "", connection: { phase: "ended" } });

  assert.equal(view.chip, "STOPPED");
  assert.match(view.sentence, /stopped/u);
});

for (const status of ["NONE", "PENDING"]) {
  test(`who has no terminal yet (${status}) is not told that one is pending`, () => {
    const view = viewOf({ record: { status }, asked: "", connection: IDLE });

    assert.deepEqual([view.chip, view.tone], ["NOT STARTED", "quiet"]);
  });
}
