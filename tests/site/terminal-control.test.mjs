// The record and the connection in step: queue, ends, other tabs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../static_site/lib/api-error.js";
import { TerminalControl } from "../../static_site/lib/terminal-control.js";
import { FakeClock, settle } from "./fakes.mjs";

const READY = { status: "READY", launch: "l1", url: "ws://t/", ticket: "t" };
const STOPPED = { status: "STOPPED" };
const inLine = (position) => ({ status: "PENDING", position, queued: "2026-11-20T10:00:00Z" });

class FakePage {
  hidden = false;

  addEventListener(_name, task) {
    this.task = task;
  }

  removeEventListener() {}

  show(isShown) {
    this.hidden = !isShown;
    this.task();
  }
}

/** A connection that only remembers what it was told. */
class FakeConnection {
  state = { phase: "idle" };
  launch = null;
  grants = [];

  connect(grant = null) {
    this.grants.push(grant);
    this.enter({ phase: "connecting" });
  }

  close() {
    this.enter({ phase: "idle" });
  }

  enter(state) {
    this.state = state;
    this.onState(state);
  }
}

/** A control over a service that answers from lists; the last answer of a list stays. */
function makeControl(answers) {
  const clock = new FakeClock();
  const page = new FakePage();
  const connection = new FakeConnection();
  const told = { changes: 0, texts: [], errors: [], calls: [], bodies: [] };
  const call = async (name, { path, body }) => {
    const key = body?.command ?? "GET";
    told.calls.push(key);
    told.bodies.push(body);
    assert.equal(path, key === "GET" ? "/webterm" : "/terminals");
    const list = answers[key] ?? [STOPPED];
    const answer = list.length > 1 ? list.shift() : list[0];
    if (answer instanceof Error) {
      throw answer;
    }
    return answer instanceof Promise ? await answer : answer;
  };
  let requestTicket;
  const control = new TerminalControl({
    call,
    origin: "https://site",
    makeConnection: (parts) => {
      requestTicket = parts.requestTicket;
      connection.onState = parts.onState;
      return connection;
    },
    changed: () => (told.changes += 1),
    told: (text) => told.texts.push(text),
    failed: (error) => told.errors.push(error),
    clock,
  });
  const stop = control.start(page);
  const count = (key) => told.calls.filter((each) => each === key).length;
  return { clock, page, connection, told, control, stop, count, requestTicket: (how) => requestTicket(how) };
}

test("a terminal that is ready is connected to, with the ticket that came with the news", async () => {
  const { connection, count } = makeControl({ GET: [READY] });
  await settle();

  assert.deepEqual(connection.grants, [READY]);
  assert.equal(count("GET"), 1);
});

test("nobody's terminal yet is a state, not a failure", async () => {
  const { control, told } = makeControl({ GET: [new ApiError({ code: "not_found", message: "None." })] });
  await settle();

  assert.equal(control.record.status, "NONE");
  assert.deepEqual(told.errors, []);
});

test("START leads to the terminal", async () => {
  const { control, connection } = makeControl({ GET: [STOPPED], START: [READY] });
  await settle();

  await control.command("START");

  assert.equal(control.asked, "");
  assert.deepEqual(connection.grants, [null]);
});

test("RESTART names the terminal that it replaces, so that a message that comes twice restarts once", async () => {
  const { control, told } = makeControl({ GET: [READY], RESTART: [READY] });
  await settle();

  await control.command("RESTART");

  assert.deepEqual(told.bodies.at(-1), { command: "RESTART", launch: "l1" });
});

test("a START that fails is told, and the record is read anew", async () => {
  const error = new ApiError({ code: "terminal_failed", message: "No room." });
  const { control, told } = makeControl({ GET: [STOPPED, { status: "ERROR" }], START: [error] });
  await settle();

  await control.command("START");
  await settle();

  assert.deepEqual(told.errors, [error]);
  assert.equal(control.record.status, "ERROR");
});

test("who waits in line asks every four seconds and is connected when there is room", async () => {
  const { clock, control, connection, count } = makeControl({
    GET: [STOPPED],
    START: [inLine(3), inLine(2), inLine(1), READY],
  });
  await settle();
  await control.command("START");
  await settle();
  assert.equal(control.record.position, 2);

  await clock.pass(4000);
  assert.equal(control.record.position, 1);
  assert.equal(control.since, "2026-11-20T10:00:00Z");
  await clock.pass(4000);

  assert.equal(count("START"), 4);
  assert.deepEqual(connection.grants, [null]);
});

test("in a hidden tab the place in line is kept by asking every half minute", async () => {
  const { clock, page, count } = makeControl({ GET: [inLine(2)], START: [inLine(2)] });
  await settle();
  page.show(false);
  await settle();
  const before = count("START");

  await clock.pass(120_000);

  assert.ok(count("START") - before >= 3 && count("START") - before <= 5);
});

test("a page that is loaded anew goes on waiting in its line", async () => {
  const { clock, count } = makeControl({ GET: [{ status: "PENDING", queued: "2026-11-20T10:00:00Z" }], START: [inLine(1)] });
  await settle();

  await clock.pass(4000);

  assert.equal(count("START"), 1);
});

test("Stop leaves the line, and an answer that comes late does not bring it back", async () => {
  let answer;
  const late = new Promise((resolve) => (answer = resolve));
  const { clock, control, count, told } = makeControl({ GET: [inLine(2), STOPPED], START: [late], STOP: [STOPPED] });
  await settle();
  await clock.pass(4000);
  assert.equal(count("START"), 1);

  await control.command("STOP");
  answer(inLine(1));
  await clock.pass(60_000);

  assert.equal(count("START"), 1);
  assert.equal(control.record.status, "STOPPED");
  assert.deepEqual(told.texts, ["Your terminal is stopped. Your files are kept."]);
});

test("a failure while waiting in line is told, and asked again later", async () => {
  const error = new ApiError({ code: "upstream_unavailable", message: "Busy." });
  const { clock, control, told } = makeControl({ GET: [inLine(2)], START: [error, inLine(1)] });
  await settle();
  await clock.pass(4000);
  assert.deepEqual(told.errors, [error]);

  await clock.pass(60_000);

  assert.equal(control.record.position, 1);
});

async function ended(answers) {
  const world = makeControl({ ...answers, GET: [READY, ...(answers.GET ?? [READY])] });
  await settle();
  world.connection.launch = "l1";
  world.connection.enter({ phase: "ended", exitStatus: 129, reason: "stopped" });
  await settle();
  return world;
}

test("after the end the record is mended, and the ended terminal is not connected to again", async () => {
  const { control, connection, count } = await ended({ SYNC: [STOPPED], GET: [STOPPED] });

  assert.equal(count("SYNC"), 1);
  assert.equal(control.record.status, "STOPPED");
  assert.equal(connection.grants.length, 1);
});

test("a terminal that another tab starts anew is connected to by itself", async () => {
  const anew = { ...READY, launch: "l2" };
  const { clock, connection } = await ended({ SYNC: [STOPPED], GET: [STOPPED, { status: "SUBMITTED" }, anew] });
  assert.equal(connection.grants.length, 1);

  await clock.pass(4000);

  assert.deepEqual(connection.grants.at(-1), anew);
});

test("a record that never learns of the end is not asked for ever", async () => {
  const { clock, connection, count } = await ended({ SYNC: [new ApiError({ code: "terminal_failed", message: "No." })] });

  await clock.pass(600_000);

  assert.ok(count("SYNC") < 16);
  assert.ok(count("GET") < 60);
  assert.equal(connection.grants.length, 1);
});

test("a doubtful record is mended before the ticket is asked for, and a failure of that is passed over", async () => {
  const { requestTicket, told } = makeControl({ GET: [READY], SYNC: [new ApiError({ code: "internal", message: "?" })] });
  await settle();

  assert.deepEqual(await requestTicket({ mend: true }), READY);

  assert.deepEqual(told.calls, ["GET", "SYNC", "GET"]);
});

test("the end of the session ends the mending, too", async () => {
  const { requestTicket } = makeControl({ GET: [READY], SYNC: [new ApiError({ code: "session_ended", message: "Over." })] });
  await settle();

  await assert.rejects(requestTicket({ mend: true }), { code: "session_ended" });
});

test("the first failure to read the record is told, later ones are not, and the session's end is the end", async () => {
  const offline = new ApiError({ code: "offline", message: "Away." });
  const over = new ApiError({ code: "session_ended", message: "Over." });
  const { clock, told } = makeControl({ GET: [offline, STOPPED, offline, over] });
  await settle();
  await clock.pass(120_000);

  assert.deepEqual(told.errors, [offline]);
  assert.equal(clock.pending, 0);
});

test("a second command outdates the first one's answer", async () => {
  let answer;
  const late = new Promise((resolve) => (answer = resolve));
  const { control } = makeControl({ GET: [STOPPED], START: [late], STOP: [STOPPED] });
  await settle();
  const first = control.command("START");
  await control.command("STOP");

  answer(READY);
  await first;

  assert.equal(control.record.status, "STOPPED");
});

test("a failure of an outdated command is not told", async () => {
  let fail;
  const late = new Promise((_resolve, reject) => (fail = reject));
  const { control, told } = makeControl({ GET: [STOPPED], START: [late], STOP: [STOPPED] });
  await settle();
  const first = control.command("START");
  await control.command("STOP");

  fail(new ApiError({ code: "timeout", message: "Late." }));
  await first;

  assert.deepEqual(told.errors, []);
});

test("whoever leaves the page lets go of the terminal and asks no more", async () => {
  const { clock, connection, stop } = makeControl({ GET: [READY] });
  await settle();

  stop();

  assert.equal(connection.state.phase, "idle");
  assert.equal(clock.pending, 0);
});
