import assert from "node:assert/strict";
import { test } from "node:test";

import {
  actionsOf,
  callOf,
  choicesOf,
  isNarrowed,
  makeRequestId,
  outcomeOf,
  questionOf,
  readPlace,
  toneOf,
  toQuery,
  VIEWS,
  writePlace,
} from "../../static_site/lib/admin.js";

const read = (text) => readPlace(new URLSearchParams(text));

test("an address without anything is the first page of all terminals", () => {
  const place = read("");

  assert.deepEqual(place, { view: "terminals", page: 1, filters: { search: "", status: "", host: "", sort: "user" } });
  assert.equal(writePlace(place), "view=terminals");
  assert.equal(isNarrowed(place), false);
});

test("filters and page come back from the address that they made", () => {
  for (const text of [
    "view=terminals&search=ada&status=READY&host=a+b&sort=-since&page=3",
    "view=jobs&search=heat&user=ada&kind=run",
    "view=audit&by=grace&action=drain&target=cluster-1&page=2",
    "view=hosts",
  ]) {
    assert.equal(writePlace(read(text)), text);
  }
});

for (const [text, words] of [
  ["view=nowhere", "an unknown view"],
  ["view=__proto__", "a name that every object has"],
  ["status=ready&sort=age&page=-1", "unknown values"],
  ["page=0", "a page before the first"],
  ["page=1e9", "a page that is no number"],
]) {
  test(`${words} in the address counts as not given`, () => {
    assert.deepEqual(read(text), read(""));
  });
}

test("a long text is cut to what the service takes", () => {
  assert.equal(read(`search=${"x".repeat(500)}`).filters.search.length, 100);
});

test("only what is given goes out, with the page", () => {
  const page = { limit: 20, offset: 40 };

  assert.deepEqual(toQuery(read("search=+a+&page=3")), { search: "a", sort: "user", ...page, idle: "true" });
  assert.deepEqual(toQuery(read("view=audit&page=3")), page);
  assert.deepEqual(toQuery(read("view=hosts")), {});
});

test("an order is no narrowing, a filter is one", () => {
  assert.equal(isNarrowed(read("sort=host")), false);
  assert.equal(isNarrowed(read("host=a")), true);
});

test("every choice has a value and a label", () => {
  for (const { filters } of Object.values(VIEWS)) {
    for (const [, label, choices] of filters) {
      assert.ok(label);
      for (const pair of choicesOf(choices ?? [])) {
        assert.equal(pair.length, 2);
      }
    }
  }
});

for (const [terminal, expected] of [
  [{ status: "READY", can_delete: false }, ["stop", "restart", "sync"]],
  [{ status: "SUBMITTED", can_delete: false }, ["stop", "sync"]],
  [{ status: "STOPPED", can_delete: true }, ["start", "sync", "delete-record"]],
  [{ status: "ERROR", can_delete: false }, ["start", "sync"]],
  [{ status: "PENDING", queued: "2026", can_delete: true }, ["start", "stop", "sync", "delete-record"]],
]) {
  test(`a terminal that is ${terminal.status} is offered ${expected.join(", ")}`, () => {
    assert.deepEqual(
      actionsOf(terminal).map(([action]) => action),
      expected,
    );
  });
}

test("what loses something is asked about, the rest is not", () => {
  for (const action of ["stop", "restart", "delete-record", "drain"]) {
    const question = questionOf(action, "ada");
    assert.match(question.title, /ada\?$/u);
    assert.equal(question.keep, "Cancel");
  }
  for (const action of ["start", "sync", "undrain"]) {
    assert.equal(questionOf(action, "ada"), null);
  }
});

test("an action has an id of its own, and names the terminal that is meant", () => {
  const options = { launch: "launch-1", requestId: "request-1" };
  const body = { request_id: "request-1" };

  assert.deepEqual(callOf("stop", "ada", options), {
    method: "POST",
    path: "/terminals/ada/stop",
    body: { ...body, launch: "launch-1" },
  });
  assert.deepEqual(callOf("start", "ada", options), { method: "POST", path: "/terminals/ada/start", body });
  assert.deepEqual(callOf("stop", "ada", { requestId: "request-1" }).body, body);
  assert.deepEqual(callOf("delete-record", "ada", options), { method: "DELETE", path: "/terminals/ada/record", body });
  assert.equal(callOf("drain", "a/b").path, "/hosts/a%2Fb/drain");
  assert.notEqual(callOf("sync", "ada").body.request_id, callOf("sync", "ada").body.request_id);
});

test("an id is made of what the service takes", () => {
  assert.match(makeRequestId(), /^[0-9a-f]{24}$/u);
});

test("what came of an action is told in a sentence", () => {
  assert.equal(outcomeOf("stop", "ada", { status: "STOPPED" }), "The terminal of ada is STOPPED now.");
  assert.equal(outcomeOf("delete-record", "ada", { deleted: true }), "The record of ada is deleted.");
  assert.equal(outcomeOf("delete-record", "ada", { deleted: false }), "ada had no record any more.");
  assert.match(outcomeOf("drain", "a", {}), /takes no new/u);
  assert.match(outcomeOf("undrain", "a", {}), /again/u);
});

test("a state has a tone, an unknown one a quiet one", () => {
  assert.deepEqual(["READY", "PENDING", "ERROR", "STOPPED", "toString"].map(toneOf), ["good", "busy", "bad", "quiet", "quiet"]);
});
