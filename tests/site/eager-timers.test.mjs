import assert from "node:assert/strict";
import { test } from "node:test";

import { runTimersEagerly } from "../../static_site/lib/eager-timers.js";

/** A window whose timers never run by themselves, as in a tab that was hidden for long. */
function makeView() {
  const timers = new Map();
  let last = 0;
  const view = {
    setTimeout: (task, delay) => {
      last += 1;
      timers.set(last, { task, delay });
      return last;
    },
    clearTimeout: (number) => timers.delete(number),
    MessageChannel,
  };
  return { view, timers };
}

const delivered = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("in a hidden tab a timer without a delay runs at once, with its values, and once", async () => {
  const { view, timers } = makeView();
  const stop = runTimersEagerly(view, { hidden: true });
  const runs = [];

  view.setTimeout((value) => runs.push(value), 0, "a");
  view.setTimeout(() => runs.push("b"));
  await delivered();

  assert.deepEqual(runs, ["a", "b"]);
  assert.equal(timers.size, 0);
  stop();
});

test("where the timer is quicker than the message it runs once, too", async () => {
  const { view, timers } = makeView();
  const stop = runTimersEagerly(view, { hidden: true });
  let runs = 0;

  view.setTimeout(() => (runs += 1));
  [...timers.values()].forEach(({ task }) => task());
  await delivered();

  assert.equal(runs, 1);
  stop();
});

test("a timer that was cleared does not run", async () => {
  const { view, timers } = makeView();
  const stop = runTimersEagerly(view, { hidden: true });
  let runs = 0;

  view.clearTimeout(view.setTimeout(() => (runs += 1)));
  await delivered();

  assert.deepEqual([runs, timers.size], [0, 0]);
  stop();
});

test("other timers, and those of a tab that is looked at, are left alone", async () => {
  const { view, timers } = makeView();
  const page = { hidden: true };
  const usual = view.setTimeout;
  const stop = runTimersEagerly(view, page);
  let runs = 0;

  view.setTimeout(() => (runs += 1), 5);
  page.hidden = false;
  view.setTimeout(() => (runs += 1), 0);
  await delivered();
  stop();

  assert.equal(runs, 0);
  assert.deepEqual([...timers.values()].map(({ delay }) => delay), [5, 0]);
  assert.equal(view.setTimeout, usual);
});
