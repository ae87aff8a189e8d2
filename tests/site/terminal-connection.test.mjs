import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../static_site/lib/api-error.js";
import { TerminalConnection } from "../../static_site/lib/terminal-connection.js";
import { inputFrames, readMessage, readOutput } from "../../static_site/lib/terminal-frames.js";
import { settle } from "./fakes.mjs";
import { FakeScreen, connected, makeConnection, silentEvents } from "./fake-terminal.mjs";

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

test("a lost connection comes back by itself with a new ticket and says what it has seen", async () => {
  const { clock, sockets, screen, told } = await connected();
  sockets[0].output(0, "abc");

  sockets[0].onclose({ code: 1006 });
  assert.equal(told.states.at(-1), "waiting");
  await clock.pass(500);
  sockets[1].welcome({ from: 3 });
  sockets[1].output(3, "def");

  assert.equal(sockets[1].sent[0].seen, 3);
  assert.equal(sockets[1].sent[0].ticket, "ticket-2");
  assert.equal(screen.text, "abcdef");
  assert.deepEqual(told.gaps, []);
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

test("it waits longer from try to try, fifteen seconds at most", async () => {
  const { clock, connection } = makeConnection({
    grants: [new ApiError({ code: "offline", message: "Away." })],
  });
  connection.connect();
  await settle();
  const waits = [];
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const wait = connection.state.retryAt - clock.time;
    waits.push(wait);
    assert.equal(connection.state.phase, "waiting");
    assert.equal(connection.state.message, "Away.");
    await clock.pass(wait);
  }

  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

test("a terminal that does not answer has its record mended at once, and then every half minute only", async () => {
  const { clock, sockets, told, connection } = makeConnection();
  connection.connect();
  await settle();

  sockets[0].onclose({ code: 1006 });
  await settle();
  assert.deepEqual(told.mends, [false, true]);
  sockets[1].onclose({ code: 1006 });
  assert.equal(connection.state.phase, "waiting");
  for (let at = 1; at < 40; at += 1) {
    await clock.pass(1000);
    const socket = sockets.at(-1);
    if (!socket.isClosed) {
      socket.onclose({ code: 1006 });
    }
    await settle();
  }

  assert.equal(told.mends.filter((mend) => mend).length, 2);
});

test("a connection that was good and broke asks for a ticket only", async () => {
  const { clock, sockets, told } = await connected();

  sockets[0].onclose({ code: 1006 });
  await clock.pass(500);

  assert.deepEqual(told.mends, [false, false]);
});

test("after a steady connection the first wait is short again; after a brief one it is not", async () => {
  const { clock, sockets, connection } = await connected();
  sockets[0].onclose({ code: 1006 });
  await clock.pass(500);
  sockets[1].welcome();
  sockets[1].onclose({ code: 1006 });
  assert.equal(connection.state.retryAt - clock.time, 1000);

  await clock.pass(1000);
  sockets[2].welcome();
  await clock.pass(10_000);
  sockets[2].onclose({ code: 1006 });

  assert.equal(connection.state.retryAt - clock.time, 500);
});


test("a refused ticket is followed by a new one at once, and a second refusal is final", async () => {
  const { clock, sockets, connection } = makeConnection();
  connection.connect();
  await settle();
  const refuse = (socket) => {
    socket.onopen();
    socket.say({ type: "error", code: "ticket_used", message: "The ticket was used already." });
    socket.onclose({ code: 4401 });
  };

  refuse(sockets[0]);
  await settle();
  assert.equal(sockets[1].url, "ws://t/");
  refuse(sockets[1]);
  await clock.pass(60_000);

  assert.equal(connection.state.phase, "refused");
  assert.match(connection.state.message, /Reload the page/u);
  assert.equal(sockets.length, 2);
});

for (const code of [1009, 4400, 4403]) {
  test(`close code ${code} is final: trying again is of no use`, async () => {
    const { clock, sockets, connection } = await connected();

    sockets[0].onclose({ code });
    await clock.pass(60_000);

    assert.equal(connection.state.phase, "refused");
    assert.equal(sockets.length, 1);
  });
}

for (const [code, words] of [
  [1013, /Too many tabs/u],
  [4408, /too long/u],
  [4429, /Too much/u],
  [1006, /lost/u],
]) {
  test(`close code ${code} is told and tried again`, async () => {
    const { sockets, connection } = await connected();

    sockets[0].onclose({ code });

    assert.match(connection.state.message, words);
    assert.equal(connection.state.phase, "waiting");
  });
}

test("the end of the shell is the end of the connection", async () => {
  const { clock, sockets, connection, asked } = await connected();
  sockets[0].say({ type: "exit", status: 3 });

  sockets[0].onclose({ code: 1000 });
  await clock.pass(60_000);

  assert.deepEqual(connection.state, { phase: "ended", exitStatus: 3, reason: "exit" });
  assert.equal(asked(), 1);
});

test("a terminal that is gone is not tried again, but can be connected to later", async () => {
  const gone = { ticket: "", status: "STOPPED", message: "Stopped." };
  const { clock, sockets, connection } = makeConnection({ grants: [gone, {}] });
  connection.connect();
  await clock.pass(60_000);
  assert.deepEqual(connection.state, { phase: "gone", message: "Stopped." });

  connection.connect();
  await settle();

  assert.equal(sockets.length, 1);
});

test("an error that will not pass ends the tries", async () => {
  const { clock, connection, asked } = makeConnection({
    grants: [new ApiError({ code: "session_ended", message: "Over." })],
  });
  connection.connect();
  await clock.pass(60_000);

  assert.deepEqual(connection.state, { phase: "refused", message: "Over." });
  assert.equal(asked(), 1);
});

test("an address that the policy forbids is told instead of retried", async () => {
  const { clock, connection } = makeConnection();
  const blocked = new TerminalConnection({
    openSocket: () => {
      throw new Error("blocked");
    },
    requestTicket: async () => ({ url: "ws://x/", ticket: "t", launch: "l" }),
    screen: new FakeScreen(),
    events: silentEvents,
    clock,
  });

  await blocked.connect();

  assert.equal(blocked.state.phase, "refused");
  assert.equal(connection.state.phase, "idle");
});

test("a server that never answers is given up and tried again", async () => {
  const { clock, sockets, connection } = makeConnection();
  connection.connect();
  await settle();

  await clock.pass(15_000);

  assert.ok(sockets[0].isClosed);
  assert.equal(connection.state.phase, "waiting");
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

test("a large paste is cut into frames of bytes, none lost", () => {
  const text = "é".repeat(20_000);

  const frames = inputFrames(text);

  assert.ok(frames.every((frame) => frame.length <= 16_384));
  assert.equal(Buffer.concat(frames).toString(), text);
  assert.deepEqual(inputFrames(Uint8Array.of(255)), [Uint8Array.of(255)]);
});

test("an output frame has the number of its first byte, beyond 32 bits too", () => {
  const buffer = new ArrayBuffer(9);
  new DataView(buffer).setBigUint64(0, 2n ** 40n);

  assert.equal(readOutput(buffer).first, 2 ** 40);
  assert.equal(readOutput(new ArrayBuffer(7)), null);
});

for (const text of ["{", "null", "5", "[]", '{"type": 3}']) {
  test(`${text} is no message`, () => {
    assert.equal(readMessage(text), null);
  });
}

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
