import assert from "node:assert/strict";
import { test } from "node:test";

import { Draft, newRequestId } from "../../static_site/lib/draft.js";
import { fieldMarkup, toOptions } from "../../static_site/lib/field-markup.js";
import { faultOf, faultsOf, readValues, splitList } from "../../static_site/lib/fields.js";
import { FakeStorage } from "./fakes.mjs";

const FIELDS = [
  { name: "source", label: "Source file", required: true },
  { name: "threads", label: "Threads", type: "number", required: true, min: 1, max: 8 },
  { name: "files", label: "Files", isList: true },
  { name: "time", label: "Time", pattern: "\\d+:\\d\\d", patternHint: "Write m:ss." },
  { name: "preset", label: "Preset", isLocal: true },
];

function makeDraft(storage = new FakeStorage()) {
  let last = 0;
  return new Draft({ storage, name: "compile", newId: () => `id-${(last += 1)}` });
}

test("a request id is 12 hexadecimal digits and not the same again", () => {
  assert.match(newRequestId(), /^[0-9a-f]{12}$/u);
  assert.notEqual(newRequestId(), newRequestId());
});

test("the same form keeps its request id, a changed form gets another", () => {
  const draft = makeDraft();

  assert.equal(draft.keep({ a: "1" }), "id-1");
  assert.equal(draft.keep({ a: "1" }), "id-1");
  assert.equal(draft.keep({ a: "2" }), "id-2");
});

test("values and request id survive a reload", () => {
  const storage = new FakeStorage();
  const id = makeDraft(storage).keep({ source: "heat.c" });

  const again = makeDraft(storage);

  assert.deepEqual(again.values, { source: "heat.c" });
  assert.equal(again.keep({ source: "heat.c" }), id);
});

test("after a job was accepted the same form is another request", () => {
  const draft = makeDraft();
  const first = draft.keep({ a: "1" });

  draft.accepted();

  assert.notEqual(draft.keep({ a: "1" }), first);
  assert.deepEqual(draft.values, { a: "1" });
});

for (const text of ["{", "null", '{"values": null}', "5"]) {
  test(`a damaged draft (${text}) is an empty one`, () => {
    const storage = new FakeStorage();
    storage.setItem("ipt.draft.compile", text);

    assert.deepEqual(makeDraft(storage).values, {});
  });
}

for (const [name, value, fault] of [
  ["source", "  ", "Source file is needed."],
  ["source", undefined, "Source file is needed."],
  ["source", "a.c", ""],
  ["threads", "", "Threads is needed."],
  ["threads", "1.5", "Threads is a whole number."],
  ["threads", "-1", "Threads is a whole number."],
  ["threads", "0", "Threads is at least 1."],
  ["threads", "9", "Threads is at most 8."],
  ["threads", "8", ""],
  ["files", "", ""],
  ["time", "", ""],
  ["time", "1:5", "Write m:ss."],
  ["time", "x1:55", "Write m:ss."],
  ["time", "1:55", ""],
]) {
  test(`${name} with ${JSON.stringify(value)}: ${fault || "fine"}`, () => {
    assert.equal(faultOf(FIELDS.find((field) => field.name === name), value), fault);
  });
}

test("a pattern without a hint has a sentence all the same", () => {
  assert.equal(faultOf({ label: "X", pattern: "a" }, "b"), "X is not of the expected form.");
});

test("all faults are found at once, in the order of the fields", () => {
  assert.deepEqual(Object.keys(faultsOf(FIELDS, { time: "x" })), ["source", "threads", "time"]);
});

test("a request has numbers as numbers, lists as lists, and nothing of the page's own", () => {
  const request = readValues(FIELDS, { source: " a.c ", threads: "4", files: "a.h, b/ ,\n,c", time: "", preset: "x" });

  assert.deepEqual(request, { source: "a.c", threads: 4, files: ["a.h", "b/", "c"], time: "" });
});

test("no list is an empty one", () => {
  assert.deepEqual(splitList(undefined), []);
});

test("a field has a label, and its hint and error describe it", () => {
  const text = fieldMarkup({ name: "source", label: "Source", required: true, hint: "A file.", list: true }, '"x').toString();

  assert.match(text, /<label for="source">Source<\/label>/u);
  assert.match(text, /aria-describedby="hint-source fault-source" aria-required="true" list="list-source"/u);
  assert.match(text, /value="&quot;x"/u);
  assert.doesNotMatch(text, /optional/u);
});

test("a select has its value chosen", () => {
  const field = { name: "system", label: "System", type: "select", options: toOptions([["a", "A"], ["b", "B"]]), value: "b" };

  assert.match(fieldMarkup(field).toString(), /<option value="b" selected>B<\/option>/u);
  assert.match(fieldMarkup(field, "a").toString(), /<option value="a" selected>A<\/option>/u);
});

test("a number asks for the digits' keyboard", () => {
  assert.match(fieldMarkup({ name: "n", label: "N", type: "number" }).toString(), /inputmode="numeric"/u);
});
