// What people press and paste, what programs say, and what is kept of a person's wishes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { KEYS, actionOf } from "../../static_site/lib/terminal-keys.js";
import { readFolder, readOffer, showUnusual } from "../../static_site/lib/terminal-messages.js";
import { Offers } from "../../static_site/lib/terminal-offers.js";
import { cleanPaste, pasteQuestion } from "../../static_site/lib/terminal-paste.js";
import { Preferences } from "../../static_site/lib/terminal-preferences.js";
import { readWarning, timeLeft, warningSentence } from "../../static_site/lib/terminal-warning.js";
import { conflictQuestion, findConflicts } from "../../static_site/lib/upload-conflicts.js";
import { ApiError } from "../../static_site/lib/api-error.js";
import { FakeClock, FakeStorage } from "./fakes.mjs";

const pressed = (code, key = "", more = {}) => ({ ctrlKey: true, shiftKey: true, code, key, ...more });

for (const [event, action] of [
  [pressed("KeyL", "L"), "leave"],
  [pressed("KeyF", "F"), "find"],
  [pressed("KeyC", "C"), "copy"],
  [pressed("KeyV", "V"), "paste"],
  [pressed("Equal", "+"), "larger"],
  [pressed("BracketRight", "+"), "larger"],
  [pressed("NumpadAdd", "+"), "larger"],
  [pressed("Minus", "_"), "smaller"],
  [pressed("Slash", "_"), "smaller"],
  [pressed("Digit0", ")"), "usual"],
  [pressed("KeyX", "X"), ""],
  [pressed("KeyC", "c", { shiftKey: false }), ""],
  [pressed("KeyF", "F", { altKey: true }), ""],
  [pressed("KeyF", "F", { metaKey: true }), ""],
  [pressed("KeyF", "F", { ctrlKey: false }), ""],
]) {
  test(`${JSON.stringify(event)} is ${action || "the shell's"}`, () => {
    assert.equal(actionOf(event), action);
  });
}

test("every key is documented with what it does", () => {
  assert.ok(KEYS.every(({ keys, text }) => keys.length > 0 && text));
});

test("a paste loses its control characters but tab and line ends", () => {
  assert.equal(cleanPaste("a\tb\r\nc\rd\x1b[201~\x03\x00\x7f\x9b31m\u0085é"), "a\tb\nc\nd[201~31mé");
});

for (const [text, isBracketed, asks] of [
  ["ls", false, false],
  ["ls\n", false, false],
  ["cd src\nmake\n", false, true],
  ["cd src\nmake\n", true, false],
  ["x".repeat(5120), true, false],
  ["x".repeat(5121), true, true],
  ["é".repeat(2561), false, true],
]) {
  test(`${text.length} characters, bracketed ${isBracketed}: ${asks ? "asks" : "does not ask"}`, () => {
    assert.equal(pasteQuestion(text, isBracketed) !== null, asks);
  });
}

test("the question shows how much it is and how it begins", () => {
  const many = pasteQuestion(Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n"), false);
  const long = pasteQuestion("x".repeat(6000), false);

  assert.equal(many.title, "Paste 20 lines?");
  assert.match(many.text, /as if you had pressed Enter/u);
  assert.match(many.preview, /^line 0\n[^]*line 7\n… and 12 more$/u);
  assert.equal(long.title, "Paste 6000 bytes?");
  assert.ok(long.preview.length < 110);
});

for (const [data, found] of [
  ["file://localhost/home/ipt", { folder: "", isInHome: true }],
  ["file:///home/ipt/", { folder: "", isInHome: true }],
  ["file://localhost/home/ipt/src%20x/%C3%A9", { folder: "src x/é", isInHome: true }],
  ["file://localhost/home/ipt/src/", { folder: "src", isInHome: true }],
  ["file://localhost/tmp", { folder: "", isInHome: false }],
  ["file://localhost/", { folder: "", isInHome: false }],
  ["file://localhost/home/ipt2/x", { folder: "", isInHome: false }],
  ["file://elsewhere/home/ipt/src", null],
  ["file://localhost/home/ipt/../etc", null],
  ["file://localhost/home/ipt//x", null],
  ["file://localhost/home/ipt/%0a", null],
  ["file://localhost/home/ipt/%zz", null],
  ["http://localhost/home/ipt", null],
  ["", null],
  [`file://localhost/${"x".repeat(5000)}`, null],
]) {
  test(`the folder ${data.slice(0, 50)} is ${JSON.stringify(found)}`, () => {
    assert.deepEqual(readFolder(data), found);
  });
}

const offer = (path) => `download=${Buffer.from(path).toString("base64url")}`;

for (const [data, path] of [
  [offer("heat_omp.c"), "heat_omp.c"],
  [offer("src/é x.c"), "src/é x.c"],
  [`${offer("ab.c")}==`, "ab.c"],
  [offer("/etc/passwd"), null],
  [offer("../x"), null],
  [offer("a/../../x"), null],
  [offer("a//b"), null],
  [offer("./a"), null],
  [offer("a\nb"), null],
  [offer("a\u009bb"), null],
  [offer(""), null],
  [`download=${Buffer.from([0xff, 0xfe]).toString("base64url")}`, null],
  ["download=A", null],
  ["download=!!!", null],
  ["upload=YQ", null],
  [offer("x".repeat(4000)), null],
]) {
  test(`the offer ${data.slice(0, 40)} is ${JSON.stringify(path)}`, () => {
    assert.equal(readOffer(data), path);
  });
}

test("signs that hide or turn a name around are spelled out", () => {
  assert.equal(showUnusual("report\u202efdp.exe"), "report\\u{202E}fdp.exe");
  assert.equal(showUnusual("a\u200bb\u00a0c"), "a\\u{200B}b\\u{A0}c");
  assert.equal(showUnusual("größe 漢字.c"), "größe 漢字.c");
});

test("three offers stand at a time, each once; a dismissed one does not come back at once", () => {
  const clock = new FakeClock();
  const offers = new Offers(clock.now);

  const added = ["a", "b", "a", "c", "d"].map((path) => offers.add(path));
  assert.deepEqual(added, [true, true, false, true, false]);
  assert.deepEqual([offers.paths, offers.left], [["a", "b", "c"], 1]);
  offers.remove("a");
  assert.equal(offers.add("a"), false);
  clock.sleep(5000);
  assert.equal(offers.add("a"), true);

  ["a", "b", "c"].forEach((path) => offers.remove(path));
  assert.deepEqual([offers.paths, offers.left], [[], 0]);
  offers.add("e");
  offers.clear();
  assert.deepEqual(offers.paths, []);
});

test("wishes are kept, nonsense is not", () => {
  const storage = new FakeStorage();
  const preferences = new Preferences(storage);

  preferences.change({ theme: "dark", scrollback: 100_000, isReaderMode: true, fontSize: 400, colour: "red" });
  assert.deepEqual(new Preferences(storage).read(), {
    fontSize: 14,
    theme: "dark",
    scrollback: 100_000,
    isReaderMode: true,
    isNotified: false,
  });
});

test("letters grow and shrink within limits, and have a usual size", () => {
  const preferences = new Preferences(new FakeStorage());

  for (let step = 0; step < 40; step += 1) {
    preferences.zoom(1);
  }
  assert.equal(preferences.read().fontSize, 32);
  for (let step = 0; step < 40; step += 1) {
    preferences.zoom(-1);
  }
  assert.equal(preferences.read().fontSize, 8);
  assert.equal(preferences.zoom(0).fontSize, 14);
});

test("a damaged or full storage does no harm", () => {
  const storage = new FakeStorage();
  storage.setItem("ipt.terminal", "{");
  storage.setItem = () => {
    throw new Error("full");
  };

  assert.equal(new Preferences(storage).change({ fontSize: 20 }).fontSize, 20);
});

test("a warning has an end, a sentence, and a time that runs", () => {
  const now = 1_000_000;
  const warning = readWarning({ reason: "idle", seconds: 900 }, now);

  assert.match(warningSentence(warning, now), /in 15 minutes, because nothing has happened/u);
  assert.match(warningSentence(readWarning({ reason: "age", seconds: 50 }, now), now), /within a minute, because it has reached/u);
  assert.match(warningSentence(readWarning({ reason: "weather", seconds: 120 }, now), now), /in 2 minutes\. Files/u);
  assert.equal(timeLeft(warning, now + 61_000), "13 min 59 s");
  assert.equal(timeLeft(warning, now + 1_000_000), "0 s");
});

test("a warning that is called off is none", () => {
  assert.equal(readWarning({ reason: "", seconds: 0 }, 0), null);
  assert.equal(readWarning({ reason: "idle", seconds: 0 }, 0), null);
});

/** The files function, with a folder of 300 files. */
function makeFolder() {
  const all = Array.from({ length: 300 }, (_, index) => ({ name: `f${index}.c`, type: "file" }));
  all[7].type = "dir";
  const asked = [];
  const call = async (_name, { query }) => {
    asked.push(query.offset);
    const end = query.offset + query.limit;
    return { entries: all.slice(query.offset, end), more: end < all.length };
  };
  return { api: { call }, asked };
}

test("files that are there already are found on every page of the folder", async () => {
  const { api, asked } = makeFolder();

  const found = await findConflicts({ api, folder: "src", names: ["f299.c", "new.c", "f7.c", "f0.c"] });

  assert.deepEqual(found, ["f299.c", "f0.c"]);
  assert.deepEqual(asked, [0, 250]);
});

test("a folder that cannot be listed has no conflicts, unless the session is over", async () => {
  const failing = (code) => ({
    call: async () => {
      throw new ApiError({ code, message: "No." });
    },
  });

  assert.deepEqual(await findConflicts({ api: failing("not_found"), folder: "x", names: ["a"] }), []);
  await assert.rejects(findConflicts({ api: failing("session_ended"), folder: "x", names: ["a"] }));
});

test("the question names the files and where they are", () => {
  assert.deepEqual(conflictQuestion(["a.c"], ""), {
    title: "Replace a.c?",
    text: "There is a file of that name in your home. Its content would be lost.",
    action: "Replace",
  });
  const several = conflictQuestion(["a.c", "b.c"], "src");
  assert.equal(several.title, "Replace 2 files?");
  assert.match(several.text, /~\/src already.*a\.c, b\.c/u);
});
