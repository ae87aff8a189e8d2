import assert from "node:assert/strict";
import { test } from "node:test";

import { forget, watch, watched, WATCH_KEY } from "../../static_site/lib/job-watch.js";
import { FakeStorage } from "./fakes.mjs";

const DAY_MS = 24 * 3600 * 1000;

function makeOptions() {
  let time = 1_000_000;
  return { storage: new FakeStorage(), now: () => time, pass: (milliseconds) => (time += milliseconds) };
}

test("a job is watched until it is forgotten", () => {
  const options = makeOptions();

  assert.equal(watch("7", "Run heat", options), true);
  watch("8", "Compile heat", options);
  forget("7", options);

  assert.deepEqual(watched(options), [{ id: "8", title: "Compile heat", since: 1_000_000 }]);
});

test("watching a job twice is watching it once", () => {
  const options = makeOptions();
  watch("7", "Run heat", options);
  options.pass(5);
  watch("7", "Run heat again", options);

  assert.deepEqual(watched(options), [{ id: "7", title: "Run heat again", since: 1_000_005 }]);
});

test("only so many jobs are watched, the newest ones", () => {
  const options = makeOptions();
  for (let job = 0; job < 60; job += 1) {
    watch(String(job), "Run", options);
  }

  assert.equal(watched(options).length, 50);
  assert.equal(watched(options)[0].id, "10");
});

test("a job that was forgotten by everyone is dropped after two weeks", () => {
  const options = makeOptions();
  watch("7", "Run heat", options);

  options.pass(14 * DAY_MS - 1);
  assert.equal(watched(options).length, 1);
  options.pass(1);
  assert.deepEqual(watched(options), []);
});

for (const text of ["{", "null", "{}", '[null, 5, {"id": 7, "title": "x", "since": 1}, {"id": "", "title": "x", "since": 1}]']) {
  test(`a damaged entry (${text}) is as good as none`, () => {
    const options = makeOptions();
    options.storage.setItem(WATCH_KEY, text);

    assert.deepEqual(watched(options), []);
  });
}

test("a browser that keeps nothing watches nothing, and says so", () => {
  const storage = {
    getItem: () => null,
    setItem: () => {
      throw new Error("full");
    },
  };

  assert.equal(watch("7", "Run heat", { storage }), false);
});
