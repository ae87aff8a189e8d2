// A connection that breaks, is refused or ends: when it is tried again.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../static_site/lib/api-error.js";
import { TerminalConnection } from "../../static_site/lib/terminal-connection.js";
import { settle } from "./fakes.mjs";
import { FakeScreen, connected, makeConnection, silentEvents } from "./fake-terminal.mjs";

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
