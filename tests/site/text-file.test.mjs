import assert from "node:assert/strict";
import { test } from "node:test";

import { digestOf, isOfC, isTextName, readText, toBytes } from "../../static_site/lib/text-file.js";
import { differenceOf } from "../../static_site/lib/text-difference.js";

const bytes = (text) => new TextEncoder().encode(text);

test("what was not changed is written as it was read, whatever ends its lines", () => {
  for (const content of ["", "a\nb\n", "a\r\nb\r\n", "a\r\nb", "a\rb\n", "a\nb\r\n", "\ufeffint é;\r\n", "\ufeff", "no end"]) {
    const { text, shape } = readText(bytes(content));

    assert.deepEqual(toBytes(text, shape), bytes(content));
  }
});

test("lines of a Windows file end with a line feed while they are edited", () => {
  assert.equal(readText(bytes("a\r\nb\r\n")).text, "a\nb\n");
  assert.deepEqual(toBytes("a\nnew\nb\n", readText(bytes("a\r\nb\r\n")).shape), bytes("a\r\nnew\r\nb\r\n"));
});

test("mixed ends of lines stay what they are", () => {
  assert.equal(readText(bytes("a\r\nb\nc\r")).text, "a\r\nb\nc\r");
});

test("a byte order mark is no part of the text", () => {
  assert.equal(readText(bytes("\ufeffint a;")).text, "int a;");
});

test("a text that had no file has no shape", () => {
  assert.deepEqual(toBytes("a\n"), bytes("a\n"));
});

test("programs and other encodings are no text", () => {
  assert.equal(readText(new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1])), null);
  assert.equal(readText(new Uint8Array([0x63, 0x61, 0x66, 0xe9])), null);
});

test("contents that differ have digests that differ", () => {
  const contents = ["", "a", "b", "ab", "ba", "a\n", "\0", "\0\0", "heat = 1;", "heat = 2;"];
  const digests = new Set(contents.map((content) => digestOf(bytes(content))));

  assert.equal(digests.size, contents.length);
  assert.ok(!digests.has(""));
  assert.equal(digestOf(bytes("heat")), digestOf(bytes("heat")));
});

test("one change makes one text of another, and leaves alone what they have in common", () => {
  const texts = ["", "a", "aa", "aaa", "aba", "int a;\nint b;\n", "int a;\nint c;\nint b;\n", "b"];
  for (const before of texts) {
    for (const after of texts) {
      const { from, to, insert } = differenceOf(before, after);
      assert.equal(before.slice(0, from) + insert + before.slice(to), after);
    }
  }
  assert.deepEqual(differenceOf("int a;", "int ab;"), { from: 5, to: 5, insert: "b" });
  assert.deepEqual(differenceOf("same", "same"), { from: 4, to: 4, insert: "" });
});

test("names tell what is usually text", () => {
  for (const name of ["heat.c", "HEAT.F90", "grid.h", "Makefile", "README", "LICENSE", ".bashrc", "run.slurm", "a.tar.txt"]) {
    assert.ok(isTextName(name), name);
  }
  for (const name of ["heat", "a.out.bin", "data.h5", "libm.so.6", "photo.png", "grid.o", ""]) {
    assert.ok(!isTextName(name), name);
  }
});

test("C, C++ and CUDA are of one family", () => {
  assert.deepEqual(["a.c", "a.CPP", "a.cu", "a.hh", "a.py", "c", "a.c.txt"].filter(isOfC), ["a.c", "a.CPP", "a.cu", "a.hh"]);
});
