import assert from "node:assert/strict";
import { test } from "node:test";

import { Draft, newRequestId } from "../../static_site/lib/draft.js";
import { chipsMarkup, fieldMarkup, toOptions } from "../../static_site/lib/field-markup.js";
import { faultOf, faultsOf, readValues, splitList, webhookFault } from "../../static_site/lib/fields.js";
import { FakeStorage } from "./fakes.mjs";

const FIELDS = [
  { name: "source", label: "Source file", required: true },
  { name: "threads", label: "Threads", type: "number", required: true, min: 1, max: 8 },
  { name: "files", label: "Files", isList: true },
  { name: "time", label: "Time", check: (text) => (/^\d+:\d\d$/u.test(text) ? "" : "Write m:ss.") },
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
  ["threads", "1.5", "Threads must be a whole number."],
  ["threads", "-1", "Threads must be a whole number."],
  ["threads", "0", "Threads must be at least 1."],
  ["threads", "9", "Threads must be at most 8."],
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

test("what is kept for the page alone does not make another request of a form", () => {
  const draft = makeDraft();
  const first = draft.keep({ source: "heat.c", preset: "a" }, { request: { source: "heat.c" } });

  assert.equal(draft.keep({ source: "heat.c", preset: "b" }, { request: { source: "heat.c" } }), first);
  assert.equal(draft.values.preset, "b");
});

test("a draft knows which fields were typed by the person", () => {
  const draft = makeDraft();
  draft.keep({ source: "heat.c", threads: "4" }, { typed: new Set(["source"]) });

  assert.deepEqual([...draft.typed], ["source"]);
  draft.keep({ source: "heat.c", threads: "8" });
  assert.deepEqual([...draft.typed], ["source"]);
});

test("a draft without that knowledge has nothing typed", () => {
  const storage = new FakeStorage();
  storage.setItem("ipt.draft.compile", '{"values": {}, "typed": "source"}');

  assert.deepEqual([...makeDraft(storage).typed], []);
});

test("counts become numbers, and what may be left out is left out when it is empty", () => {
  const fields = [
    { name: "counts", label: "Counts", isCounts: true },
    { name: "notify", label: "Notify", isOmitted: true },
  ];

  assert.deepEqual(readValues(fields, { counts: " 1, 2 4;8 ", notify: " " }), { counts: [1, 2, 4, 8] });
  assert.deepEqual(readValues(fields, { counts: "1", notify: "x" }), { counts: [1], notify: "x" });
});

for (const [text, isFine] of [
  ["https://example.org/done/${JOB_ID}?s=${JOB_STATUS}", true],
  ["http://localhost:8000/", true],
  ["http://127.0.0.1:8000/", true],
  ["http://example.org/", false],
  ["example.org", false],
  ["ftp://example.org/", false],
  ["https://example.org/a b", false],
  ["https:", false],
]) {
  test(`a webhook may ${isFine ? "" : "not "}be ${text}`, () => {
    assert.equal(webhookFault(text) === "", isFine);
  });
}

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
  assert.match(text, /aria-describedby="hint-source fault-source caution-source" aria-required="true" list="list-source"/u);
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

test("radio buttons are a group with a name, and one is chosen", () => {
  const options = toOptions([["a", "First"], ["b", "Second"]]);
  const text = fieldMarkup({ name: "mode", label: "What to do", type: "radio", options, value: "a" }, "b").toString();

  assert.match(text, /<legend>What to do<\/legend>/u);
  assert.match(text, /id="mode-a" name="mode" value="a" \/>/u);
  assert.match(text, /id="mode-b" name="mode" value="b" checked \/>/u);
  assert.match(text, /<label class="switch" for="mode-b">/u);
});

test("chips are buttons in a group with a name; without choices there is none", () => {
  const chips = { label: "Counts", choices: [{ value: "4", label: "<4>" }] };

  assert.match(chipsMarkup("counts", chips).toString(), /role="group" aria-label="Counts"/u);
  assert.match(chipsMarkup("counts", chips).toString(), /data-chip="counts" data-value="4">\s*&lt;4&gt;/u);
  assert.equal(chipsMarkup("counts", { label: "Counts", choices: [] }), "");
});

test("a field may suggest values that anything else may replace", () => {
  const suggestions = [{ value: "gcc -O2", label: "C" }];
  const text = fieldMarkup({ name: "command", label: "Command", suggestions }).toString();

  assert.match(text, /list="list-command"/u);
  assert.match(text, /<option value="gcc -O2">C<\/option>/u);
});
