// What goes over a connection to a terminal, and what is shown and told of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../static_site/lib/api-error.js";
import { settle } from "./fakes.mjs";
import { connected, makeConnection } from "./fake-terminal.mjs";

test("a connection asks for a ticket, says hello with it, and shows what comes", async () => {
  const { sockets, screen, told, connection } = await connected();
  sockets[0].output(0, "$ ");

  const [socket] = sockets;
  assert.deepEqual([socket.url, socket.subprotocol, socket.binaryType], ["ws://t/", "ipt.terminal.v1", "arraybuffer"]);
  const hello = { type: "hello", version: 1, ticket: "ticket-1", seen: 0, rows: 24, columns: 80, window: 65_536 };
  assert.deepEqual(socket.sent[0], hello);
  assert.equal(screen.text, "$ ");
  assert.deepEqual(told.states, ["asking", "connecting", "open"]);
  assert.deepEqual(told.seats, [{ writer: true, viewers: 1 }]);
  assert.equal(connection.state.phase, "open");
});

test("what is typed is sent as bytes, and a resize and a take as messages", async () => {
  const { sockets, connection } = await connected();

  assert.ok(connection.send("ls é\r"));
  connection.resize(30, 100);
  connection.take();

  assert.deepEqual(sockets[0].sent.slice(1), ["ls é\r", { type: "resize", rows: 30, columns: 100 }, { type: "take" }]);
});

test("nothing is sent while nobody is connected", () => {
  const { connection, sockets } = makeConnection();

  assert.equal(connection.send("x"), false);
  assert.equal(connection.resize(1, 1), false);
  assert.equal(connection.take(), false);
  assert.equal(sockets.length, 0);
});

test("bytes that were seen are not shown twice, whole frames or parts of them", async () => {
  const { sockets, screen } = await connected();
  sockets[0].output(0, "abcd");

  sockets[0].output(0, "abcd");
  sockets[0].output(2, "cdef");
  sockets[0].output(6, "");

  assert.equal(screen.text, "abcdef");
});

test("bytes that are missing are told, from the welcome, a notice, or the numbers", async () => {
  const { clock, sockets, screen, told } = await connected();
  sockets[0].output(0, "ab");
  sockets[0].onclose({ code: 1006 });
  await clock.pass(500);
  sockets[1].welcome({ from: 10, skipped: 8 });
  sockets[1].output(10, "cd");
  sockets[1].say({ type: "skipped", from: 20, skipped: 8 });
  sockets[1].output(20, "ef");
  sockets[1].output(30, "gh");

  assert.equal(screen.text, "abcdefgh");
  assert.deepEqual(told.gaps, [8, 8, 8]);
});

test("a terminal that was started anew begins on an empty screen at zero", async () => {
  const { clock, sockets, screen } = await connected({ grants: [{}, { launch: "l2" }] });
  sockets[0].output(0, "old");

  sockets[0].onclose({ code: 1006 });
  await clock.pass(500);
  sockets[1].welcome();
  sockets[1].output(0, "new");

  assert.equal(sockets[1].sent[0].seen, 0);
  assert.equal(screen.text, "new");
});

test("a server that knows less than was seen starts the screen again", async () => {
  const { clock, sockets, screen } = await connected();
  sockets[0].output(0, "old old");
  sockets[0].onclose({ code: 1006 });
  await clock.pass(500);

  sockets[1].welcome({ from: 2 });
  sockets[1].output(2, "new");
  await clock.pass(200);

  assert.equal(screen.text, "new");
  assert.deepEqual(sockets[1].ofType("ack"), [{ type: "ack", seen: 5 }]);
});

test("what is on the screen is acknowledged a little later, once", async () => {
  const { clock, sockets } = await connected();
  sockets[0].output(0, "abc");
  sockets[0].output(3, "def");
  assert.deepEqual(sockets[0].ofType("ack"), []);

  await clock.pass(200);

  assert.deepEqual(sockets[0].ofType("ack"), [{ type: "ack", seen: 6 }]);
});

test("much output is acknowledged at once, but only when it is shown", async () => {
  const { sockets, screen } = await connected();
  screen.isSlow = true;

  sockets[0].output(0, "x".repeat(17_000));
  assert.deepEqual(sockets[0].ofType("ack"), []);
  screen.waiting.forEach((done) => done());

  assert.deepEqual(sockets[0].ofType("ack"), [{ type: "ack", seen: 17_000 }]);
});

test("output that is shown after the connection was lost is not acknowledged to the next", async () => {
  const { clock, sockets, screen } = await connected();
  screen.isSlow = true;
  sockets[0].output(0, "x".repeat(70_000));
  sockets[0].onclose({ code: 1006 });
  await clock.pass(500);
  sockets[1].welcome({ from: 70_000 });

  screen.waiting.forEach((done) => done());

  assert.deepEqual(sockets[1].ofType("ack"), []);
});

test("whoever connects last wins: an older attempt changes nothing any more", async () => {
  const { sockets, screen, connection } = makeConnection();
  connection.connect();
  connection.connect();
  await settle();
  assert.equal(sockets.length, 1);
  connection.connect();
  await settle();
  sockets[1].welcome();

  sockets[0].output(0, "old");
  sockets[0].onclose({ code: 4403 });

  assert.ok(sockets[0].isClosed);
  assert.equal(screen.text, "");
  assert.equal(connection.state.phase, "open");
});

test("close lets go: no more tries, no more output", async () => {
  const { clock, sockets, screen, connection } = await connected();

  connection.close();
  sockets[0].output(0, "late");
  sockets[0].onclose({ code: 1006 });
  await clock.pass(60_000);

  assert.equal(connection.state.phase, "idle");
  assert.equal(screen.text, "");
  assert.equal(sockets.length, 1);
});

test("a failure that arrives after close is not told", async () => {
  const { clock, connection } = makeConnection({ grants: [new ApiError({ code: "offline", message: "Away." })] });
  connection.connect();
  connection.close();

  await clock.pass(60_000);

  assert.equal(connection.state.phase, "idle");
});

test("changes of who types are told, and unknown messages are passed over", async () => {
  const { sockets, told, connection } = await connected();

  sockets[0].say({ type: "writer", writer: false, viewers: 2 });
  sockets[0].say({ type: "weather", wind: 3 });
  sockets[0].onmessage({ data: "not json" });
  sockets[0].onmessage({ data: new ArrayBuffer(3) });

  assert.deepEqual(told.seats.at(-1), { writer: false, viewers: 2 });
  assert.equal(connection.state.phase, "open");
});

test("output from before the connection is marked as old until its last byte is shown", async () => {
  const { sockets, screen, connection } = makeConnection();
  connection.connect();
  await settle();
  const [socket] = sockets;
  socket.welcome({ from: 0, end: 4 });
  const seen = [];
  screen.write = (bytes, done) => {
    seen.push([new TextDecoder().decode(bytes), screen.isOld]);
    done();
  };

  socket.output(0, "ab");
  socket.output(2, "cdef");

  assert.deepEqual(seen, [
    ["ab", true],
    ["cd", true],
    ["ef", false],
  ]);
});

test("warnings, terms and the reason of the end are told", async () => {
  const { sockets, told, connection } = makeConnection();
  connection.connect();
  await settle();
  sockets[0].welcome({ idle_s: 3600, max_age_s: 0 });

  sockets[0].say({ type: "warning", reason: "idle", seconds: 120 });
  sockets[0].say({ type: "warning" });
  connection.keep();
  sockets[0].say({ type: "exit", status: 129, reason: "idle" });
  sockets[0].onclose({ code: 1000 });

  assert.deepEqual(told.terms, [{ idleSeconds: 3600, mostSeconds: 0 }]);
  assert.deepEqual(told.warnings, [
    { reason: "idle", seconds: 120 },
    { reason: "", seconds: 0 },
  ]);
  assert.deepEqual(sockets[0].ofType("keep"), [{ type: "keep" }]);
  assert.deepEqual(connection.state, { phase: "ended", exitStatus: 129, reason: "idle" });
});

test("a ticket that is at hand is used before another is asked for", async () => {
  const { sockets, connection, asked } = makeConnection();

  connection.connect({ url: "ws://t/", ticket: "at-hand", launch: "l1" });
  await settle();
  sockets[0].welcome();

  assert.equal(sockets[0].sent[0].ticket, "at-hand");
  assert.equal(asked(), 0);
});
