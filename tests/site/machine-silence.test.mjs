import assert from "node:assert/strict";
import { test } from "node:test";

import { MachineSilence, silentSince } from "../../static_site/lib/machine-silence.js";

const NOW = Date.UTC(2026, 10, 20, 12, 0, 0);
const GOOD = { status: "RUNNING", system_label: "Cluster", outputs: [{ name: "a" }], stage: "run", diagnostics_available: true, run_seconds: null, exit_code: null };
const AWAY = { ...GOOD, outputs: [], stage: "", diagnostics_available: false, outputs_unavailable: "It is away." };
const say = (silence) => silence.sentence("en-GB", "UTC");

test("a machine that answers is not spoken of", () => {
  const silence = new MachineSilence(() => NOW);

  assert.equal(silence.take(GOOD), GOOD);
  assert.equal(say(silence), "");
});

test("what was known stays, with its age, until the machine answers again", () => {
  let now = NOW;
  const silence = new MachineSilence(() => now);
  silence.take(GOOD);
  now += 60_000;

  const shown = silence.take(AWAY);
  now += 60_000;
  silence.take(AWAY);

  assert.deepEqual([shown.outputs, shown.stage, shown.diagnostics_available], [[{ name: "a" }], "run", true]);
  assert.equal(
    say(silence),
    "Cluster does not answer since 20 Nov 2026, 12:01:00; what is shown of its files and of what it printed is as of 20 Nov 2026, 12:00:00. This page asks again by itself.",
  );
  silence.take(GOOD);
  assert.equal(say(silence), "");
});

test("a page that is opened meanwhile says what is missing", () => {
  const silence = new MachineSilence(() => NOW);

  assert.deepEqual(silence.take(AWAY).outputs, []);
  assert.match(say(silence), /^Cluster does not answer since .*; its files and what it printed are shown when it answers again\./u);
});

test("the history knows better since when, through all tries", () => {
  const events = ["", "Job started running: It is slow. Trying again", "It does not answer. Trying again"];
  const history = events.map((description, index) => ({ status: "RUNNING", description, created: `2026-11-20T11:0${index}:00Z` }));
  const silence = new MachineSilence(() => NOW);
  silence.take({ ...AWAY, history });

  assert.equal(silentSince({ status: "RUNNING", history }), "2026-11-20T11:01:00Z");
  assert.match(say(silence), /since 20 Nov 2026, 11:01:00/u);
  assert.equal(silentSince({ status: "RUNNING", history: [...history, { status: "RUNNING", description: "Its machine answers again" }] }), "");
  assert.equal(silentSince({ status: "FINISHED" }), "");
});

test("a waiting job that says itself why it waits needs no second notice", () => {
  const silence = new MachineSilence(() => NOW);
  silence.take({ ...AWAY, status: "QUEUED", queue: { reason: "The machine does not answer. It is tried again." } });

  assert.equal(say(silence), "");
});
