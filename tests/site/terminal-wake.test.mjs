// A lid that is closed and opened, a network that comes and goes, a server that falls silent.

import assert from "node:assert/strict";
import { test } from "node:test";

import { watchWake } from "../../static_site/lib/terminal-wake.js";
import { connected, makeConnection } from "./fake-terminal.mjs";
import { FakeClock, settle } from "./fakes.mjs";

/** A window or a document, as far as events go. */
class FakeTarget {
  hidden = false;
  #listeners = new Map();

  addEventListener(name, task) {
    this.#listeners.set(name, task);
  }

  removeEventListener(name) {
    this.#listeners.delete(name);
  }

  fire(type) {
    this.#listeners.get(type)?.({ type });
  }

  get count() {
    return this.#listeners.size;
  }
}

function watch() {
  const clock = new FakeClock();
  const [page, view] = [new FakeTarget(), new FakeTarget()];
  const woken = [];
  const stop = watchWake((how) => woken.push(how), { page, view, clock });
  return { clock, page, view, woken, stop };
}

test("a clock that jumped is a sleep, noticed by the next tick without any event", async () => {
  const { clock, woken } = watch();
  await clock.pass(60_000);
  assert.deepEqual(woken, []);

  clock.sleep(600_000);
  await clock.pass(0);

  assert.deepEqual(woken, [{ slept: true, online: false }]);
  await clock.pass(60_000);
  assert.equal(woken.length, 1);
});

for (const [name, target] of [
  ["visibilitychange", "page"],
  ["focus", "view"],
  ["pageshow", "view"],
]) {
  test(`${name} after ten minutes of sleep tells of them at once, before any timer runs`, () => {
    const { clock, woken, ...targets } = watch();
    clock.sleep(600_000);

    targets[target].fire(name);

    assert.deepEqual(woken, [{ slept: true, online: false }]);
  });
}

test("the network's return is told as such", () => {
  const { view, woken } = watch();

  view.fire("online");

  assert.deepEqual(woken, [{ slept: false, online: true }]);
});

test("a hidden tab is left alone until it is shown, and its slow timers are no sleep", async () => {
  const { clock, page, view, woken } = watch();
  page.hidden = true;
  page.fire("visibilitychange");
  for (let minute = 0; minute < 10; minute += 1) {
    clock.sleep(60_000);
    await clock.pass(0);
  }
  view.fire("online");
  assert.deepEqual(woken, []);

  page.hidden = false;
  page.fire("visibilitychange");

  assert.deepEqual(woken, [{ slept: false, online: false }]);
});

test("a sleep in a hidden tab is told when the tab is shown", async () => {
  const { clock, page, woken } = watch();
  page.hidden = true;
  page.fire("visibilitychange");
  clock.sleep(600_000);
  await clock.pass(10_000);

  page.hidden = false;
  page.fire("visibilitychange");

  assert.deepEqual(woken, [{ slept: true, online: false }]);
});

test("whoever stops watching is not told any more", async () => {
  const { clock, page, view, woken, stop } = watch();

  stop();
  clock.sleep(600_000);
  await clock.pass(10_000);

  assert.deepEqual([woken, clock.pending, page.count, view.count], [[], 0, 0, 0]);
});

test("after a sleep the connection is made anew at once, though its socket looks open", async () => {
  const { sockets, screen, connection } = await connected();
  sockets[0].output(0, "abc");

  connection.wake({ slept: true });
  await settle();
  sockets[1].welcome({ from: 3, end: 6 });
  sockets[1].output(3, "def");
  sockets[0].output(3, "XYZ");

  assert.ok(sockets[0].isClosed);
  assert.equal(sockets[1].sent[0].seen, 3);
  assert.equal(screen.text, "abcdef");
});

test("a page that typed before takes the keyboard back from its own dead connection", async () => {
  const { sockets, told, connection } = await connected();

  connection.wake({ online: true });
  await settle();
  sockets[1].welcome({ writer: false, viewers: 2 });
  connection.send("ls\r");

  assert.deepEqual(sockets[1].sent.slice(1), [{ type: "take" }, "ls\r"]);
  assert.deepEqual(told.seats.at(-1), { writer: true, viewers: 2 });
});

test("a page that only watched, or was taken over, takes nothing", async () => {
  const { sockets, connection } = await connected();
  sockets[0].say({ type: "writer", writer: false, viewers: 2 });

  connection.wake({ slept: true });
  await settle();
  sockets[1].welcome({ writer: false, viewers: 2 });

  assert.deepEqual(sockets[1].ofType("take"), []);
});

test("somebody's return ends a wait", async () => {
  const { sockets, connection } = await connected();
  sockets[0].onclose({ code: 1006 });

  connection.wake();
  await settle();

  assert.equal(sockets.length, 2);
});

test("a try that hangs since before the sleep is given up for a new one, a young one is not", async () => {
  const { clock, sockets, connection } = makeConnection();
  connection.connect();
  await settle();
  connection.wake({ slept: true });
  await settle();
  assert.equal(sockets.length, 1);

  clock.sleep(5000);
  connection.wake({ slept: true });
  await settle();

  assert.equal(sockets.length, 2);
});

test("without a sleep a living connection is asked for a sign of life and stays", async () => {
  const { clock, sockets, connection } = await connected();

  connection.wake();
  assert.deepEqual(sockets[0].ofType("take"), [{ type: "take" }]);
  await clock.pass(500);
  sockets[0].say({ type: "writer", writer: true, viewers: 1 });
  await clock.pass(60_000);

  assert.equal(sockets.length, 1);
});

test("without a sign of life it is made anew within a second", async () => {
  const { clock, sockets, connection } = await connected();

  connection.wake();
  await clock.pass(1000);

  assert.equal(sockets.length, 2);
});

test("output that was on its way before is no sign of life", async () => {
  const { clock, sockets, connection } = await connected();

  connection.wake();
  await clock.pass(500);
  sockets[0].output(0, "late");
  await clock.pass(800);
  assert.equal(sockets.length, 1);
  await clock.pass(200);

  assert.equal(sockets.length, 2);
});

test("typing that nothing answers finds out a dead connection", async () => {
  const { clock, sockets, connection } = await connected();
  connection.send("l");
  await clock.pass(1000);
  sockets[0].output(0, "l");
  await clock.pass(60_000);
  assert.equal(sockets.length, 1);

  connection.send("s");
  await clock.pass(7000);

  assert.equal(sockets.length, 2);
});

test("who only watches asks nothing, and connects anew after a long silence", async () => {
  const { clock, sockets, connection } = await connected();
  sockets[0].say({ type: "writer", writer: false, viewers: 2 });
  connection.wake();
  await clock.pass(10_000);
  assert.deepEqual([sockets[0].ofType("take"), sockets.length], [[], 1]);

  clock.sleep(301_000);
  connection.wake();
  await settle();

  assert.equal(sockets.length, 2);
});

test("typing of one who only watches is not sent but told, the emulator's own answers are not", async () => {
  const { sockets, told, connection } = await connected();
  sockets[0].say({ type: "writer", writer: false, viewers: 2 });

  assert.equal(connection.send("ls"), false);
  assert.equal(connection.send("\x1b[1;1R"), false);

  assert.equal(told.unheard, 1);
  assert.deepEqual(sockets[0].sent.slice(1), []);
});

test("a refusal to type is no reason of a later loss", async () => {
  const { sockets, connection } = await connected();
  sockets[0].say({ type: "error", code: "not_writer", message: "Somebody else is typing." });

  sockets[0].onclose({ code: 1006 });

  assert.equal(connection.state.message, "The connection was lost.");
});
