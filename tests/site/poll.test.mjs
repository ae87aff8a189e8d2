import assert from "node:assert/strict";
import { test } from "node:test";

import { startPolling } from "../../static_site/lib/poll.js";
import { FakeClock, settle } from "./fakes.mjs";

class FakePage {
  hidden = false;
  #listeners = new Set();

  addEventListener(_name, listener) {
    this.#listeners.add(listener);
  }

  removeEventListener(_name, listener) {
    this.#listeners.delete(listener);
  }

  show(isShown) {
    this.hidden = !isShown;
    this.#listeners.forEach((listener) => listener());
  }
}

function poll(task, options = {}) {
  const clock = new FakeClock();
  const page = new FakePage();
  const polling = startPolling(task, { every: 1000, clock, page, ...options });
  return { clock, page, polling };
}

test("the task runs at once and then every so often, until it is stopped", async () => {
  let runs = 0;
  const { clock, polling } = poll(async () => void (runs += 1));
  await settle();
  assert.equal(runs, 1);

  await clock.pass(2500);
  assert.equal(runs, 3);
  polling.stop();
  await clock.pass(5000);

  assert.equal(runs, 3);
  assert.equal(clock.pending, 0);
});

test("the task may name the next delay, or end it", async () => {
  const answers = [100, 5000, false];
  let runs = 0;
  const { clock } = poll(async () => answers[runs++]);
  await settle();

  await clock.pass(100);
  assert.equal(runs, 2);
  await clock.pass(4999);
  assert.equal(runs, 2);
  await clock.pass(60_000);

  assert.equal(runs, 3);
});

test("failures slow it down, up to a limit, and success makes it quick again", async () => {
  let runs = 0;
  let isDown = true;
  const { clock } = poll(async () => {
    runs += 1;
    if (isDown) {
      throw new Error("away");
    }
  });
  await settle();

  for (const delay of [2000, 4000, 8000, 8000]) {
    const before = runs;
    await clock.pass(delay - 1);
    assert.equal(runs, before);
    await clock.pass(1);
    assert.equal(runs, before + 1);
  }
  isDown = false;
  await clock.pass(8000);
  await clock.pass(3000);

  assert.equal(runs, 9);
});

test("the reader of errors may end it", async () => {
  let runs = 0;
  const { clock } = poll(
    async () => {
      runs += 1;
      throw new Error("gone");
    },
    { onError: () => false },
  );
  await settle();

  await clock.pass(60_000);

  assert.equal(runs, 1);
});

test("nobody looks, nobody asks; on return it asks at once", async () => {
  let runs = 0;
  const { clock, page } = poll(async () => void (runs += 1));
  await settle();
  page.show(false);

  await clock.pass(60_000);
  assert.equal(runs, 1);
  page.show(true);
  await settle();

  assert.equal(runs, 2);
});

test("one run at a time: a wish in between is granted after it", async () => {
  let runs = 0;
  let finish;
  const { clock, polling } = poll(() => {
    runs += 1;
    return new Promise((resolve) => (finish = resolve));
  });
  polling.now();
  polling.now();
  assert.equal(runs, 1);

  finish();
  await settle();
  await clock.pass(0);

  assert.equal(runs, 2);
});

test("a run that ends after the stop starts no other", async () => {
  let finish;
  const { clock, polling } = poll(() => new Promise((resolve) => (finish = resolve)));
  polling.stop();

  finish();
  await settle();

  assert.equal(clock.pending, 0);
});

test("what has to go on while nobody looks goes on more slowly", async () => {
  let runs = 0;
  let isWaiting = true;
  const { clock, page } = poll(async () => void (runs += 1), { hiddenDelay: () => (isWaiting ? 30_000 : null) });
  await settle();
  page.show(false);
  await settle();
  assert.equal(runs, 2);

  await clock.pass(90_000);
  assert.equal(runs, 5);
  isWaiting = false;
  await clock.pass(90_000);

  assert.equal(runs, 5);
});
