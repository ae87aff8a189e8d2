import assert from "node:assert/strict";
import { test } from "node:test";

import { editorAddress } from "../../static_site/lib/diagnostics.js";
import { endOfWord, indexOf, readPlace } from "../../static_site/lib/edit-place.js";
import { indentOf } from "../../static_site/lib/indentation.js";
import { countsBytes, marksFor } from "../../static_site/lib/job-marks.js";

const readAddress = (address) => readPlace(new URLSearchParams(address.split("#")[1]));

test("a link is read as it was written", () => {
  const place = { path: "src/a b+&é.c", line: 12, column: 5, job: "7-242ac11" };

  assert.deepEqual(readAddress(editorAddress(place)), place);
});

test("what a link does not say is none", () => {
  assert.deepEqual(readPlace(new URLSearchParams("")), { path: "", line: null, column: null, job: "" });
});

test("a link may have the home in front, and nonsense for a line", () => {
  const read = (rest) => readPlace(new URLSearchParams(rest));

  assert.equal(read("path=/home/ipt/src//heat.c").path, "src/heat.c");
  assert.equal(read("path=~/heat.c").path, "heat.c");
  for (const line of ["0", "-1", "1.5", "x", "1e3", "9".repeat(30)]) {
    assert.equal(read(`path=a&line=${line}`).line, null);
  }
});

test("gcc counts what is seen, with tabs of eight", () => {
  assert.equal(indexOf("\tint x = y;", 9), 1);
  assert.equal(indexOf("a\tb", 9), 2);
  assert.equal(indexOf("int é = y;", 9), 8);
});

test("clang counts bytes", () => {
  assert.equal(indexOf("\tint x = y;", 2, { isBytes: true }), 1);
  assert.equal(indexOf("int é = y;", 10, { isBytes: true }), 8);
  assert.equal(indexOf("€ 𝄞 y", 10, { isBytes: true }), 5);
});

test("a column in the middle of a character was counted the other way", () => {
  assert.equal(indexOf("\tint x = y;", 2), 1);
  assert.equal(indexOf("é = y", 2, { isBytes: true }), 1);
});

test("a column past the end is the end", () => {
  assert.equal(indexOf("int", 4), 3);
  assert.equal(indexOf("int", 99), 3);
  assert.equal(indexOf("", 1), 0);
  assert.equal(indexOf("\t", 5), 1);
});

test("a word ends where its letters do", () => {
  assert.equal(endOfWord("grid_2[i]", 0), 6);
  assert.equal(endOfWord("grid[i]", 4), 5);
  assert.equal(endOfWord("x", 1), 1);
});

const LINES = ["", "\tint unused;", "    return 0"];
const lineText = (number) => LINES[number] ?? null;
const complaint = (changes) => ({
  path: "src/heat.c",
  file: "heat.c",
  line: 1,
  column: 13,
  severity: "warning",
  message: "unused variable 'unused'",
  option: "-Wunused-variable",
  ...changes,
});

test("a complaint marks the word that it is about", () => {
  const [mark] = marksFor({ diagnostics: [complaint()], path: "src/heat.c", lineText });

  assert.deepEqual([mark.line, mark.from, mark.to, mark.severity], [1, 5, 11, "warning"]);
  assert.equal(mark.message, "unused variable 'unused' [-Wunused-variable]");
});

test("without a column the whole line is marked", () => {
  const found = complaint({ line: 2, column: null, severity: "error", option: "" });
  const [mark] = marksFor({ diagnostics: [found], path: "src/heat.c", lineText });

  assert.deepEqual([mark.from, mark.to, mark.severity, mark.message], [4, 12, "error", found.message]);
});

test("other files, and lines that are gone, have no marks", () => {
  const diagnostics = [complaint({ path: "" }), complaint({ line: 9 }), complaint({ line: null }), complaint({ severity: "note" })];
  const marks = marksFor({ diagnostics, path: "src/heat.c", lineText });

  assert.deepEqual(marks.map(({ severity }) => severity), ["info"]);
});

test("the command of a job tells how its compiler counts", () => {
  assert.ok(countsBytes({ command: "clang -O2" }));
  assert.ok(countsBytes({ compile: "/opt/llvm/bin/clang++-19" }));
  assert.ok(!countsBytes({ command: "gcc -O2" }));
  assert.ok(!countsBytes(null));
});

test("Tab goes on as the file began", () => {
  assert.equal(indentOf("a\n  b\n    c\n  d\n"), "  ");
  assert.equal(indentOf("{\n    b;\n    {\n        c;\n"), "    ");
  assert.equal(indentOf("{\n\tb;\n\t{\n\t\tc;\n"), "\t");
  assert.equal(indentOf(""), "    ");
  assert.equal(indentOf("a:\n  b", "Makefile"), "\t");
  assert.equal(indentOf("", "rules.mk"), "\t");
});
