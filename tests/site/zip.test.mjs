import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../static_site/lib/api-error.js";
import { listFiles, Names, NOTES_NAME, safeName, ZipJob } from "../../static_site/lib/zip.js";

/** A home whose files are texts; folders are told page by page. */
function makeHome(files, { page = 2, opened = [] } = {}) {
  const entriesOf = (folder) => {
    const names = new Map();
    for (const path of Object.keys(files).filter((each) => each.startsWith(`${folder}/`))) {
      const [name, ...rest] = path.slice(folder.length + 1).split("/");
      names.set(name, { name, path: `${folder}/${name}`, type: rest.length > 0 ? "dir" : "file", size: files[path]?.length });
    }
    return [...names.values()];
  };
  return {
    async call(_name, { path, query }) {
      if (path === "/downloads") {
        opened.push(query.path);
        return { url: query.path, name: query.path };
      }
      const entries = entriesOf(query.path);
      return { entries: entries.slice(query.offset, query.offset + page), more: query.offset + page < entries.length };
    },
    tenantUrl: (url) => url,
    withToken: (task) => task("token"),
  };
}

function makeJob(files, changes = {}) {
  const fetch = async (url) => {
    const content = files[url];
    if (content instanceof Error) {
      throw content;
    }
    return content === undefined ? new Response("", { status: 404 }) : new Response(content);
  };
  // Stands in for the library: the names and texts of what would be zipped.
  const makeZip = async (entries) => {
    const made = [];
    for await (const { name, input } of entries) {
      const text = typeof input === "string" ? input : Buffer.concat(await Array.fromAsync(input)).toString();
      made.push([name, text]);
    }
    return made;
  };
  return new ZipJob({ api: makeHome(files), base: "", fetch, makeZip, now: () => new Date(0), ...changes });
}

if (!Array.fromAsync) {
  Array.fromAsync = async (items) => {
    const all = [];
    for await (const item of items) {
      all.push(item);
    }
    return all;
  };
}

for (const [name, safe] of [
  ["heat.c", "heat.c"],
  ["größe 1.txt", "größe 1.txt"],
  ["a/b.c", "a/b.c"],
  ["a\\b", "a_b"],
  ["C:x", "C_x"],
  ["..", "_"],
  ["a/../b", "a/_/b"],
  ["/etc/passwd", "etc/passwd"],
  ["a\u0000\nb", "a__b"],
  ["exe\u202Etxt", "exe_txt"],
  ["dot.", "dot_"],
  ["space ", "space_"],
  ["", "_"],
  ["///", "_"],
]) {
  test(`${JSON.stringify(name)} is ${safe} in a zip`, () => {
    assert.equal(safeName(name), safe);
  });
}

test("names are given once, for systems that do not tell large letters from small", () => {
  const names = new Names();

  assert.deepEqual(
    ["a.txt", "A.txt", "a.txt", "b", "B", "d/a.txt", "e\u0301", "\u00e9", ".x", ".X"].map((name) => names.take(name)),
    ["a.txt", "A (2).txt", "a (3).txt", "b", "B (2)", "d/a.txt", "e\u0301", "\u00e9 (2)", ".x", ".X (2)"],
  );
});

test("folders are listed to their ends", async () => {
  const api = makeHome({ "j/d/1": "1", "j/d/2": "22", "j/d/3": "333", "j/d/e/4": "" });
  const entries = [{ name: "top", path: "j/top", type: "file", size: 5 }, { name: "d", path: "j/d", type: "dir" }];

  const files = await listFiles({ api, entries });

  assert.deepEqual(files.map(({ name, size }) => [name, size]), [
    ["top", 5],
    ["d/1", 1],
    ["d/2", 2],
    ["d/3", 3],
    ["d/e/4", 0],
  ]);
});

test("far too many files are refused before anything is read", async () => {
  const entries = Array.from({ length: 10_001 }, (_, number) => ({ name: `${number}`, path: "", type: "file" }));

  await assert.rejects(listFiles({ api: null, entries }), /more than 10000 files/u);
});

test("a stopped listing asks for no more", async () => {
  const entries = [{ name: "d", path: "j/d", type: "dir" }];

  await assert.rejects(listFiles({ api: null, entries, signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("files are zipped as they are, and the bytes counted", async () => {
  const seen = [];
  const job = makeJob({ a: "one", b: "two" }, { onProgress: (done) => seen.push(done) });

  const made = await job.stream([{ path: "a", name: "a", modified: "2026-11-20T10:00:00Z" }, { path: "b", name: "b" }]);

  assert.deepEqual(made, [
    ["a", "one"],
    ["b", "two"],
  ]);
  assert.deepEqual([job.files, job.done, job.notes], [2, 6, []]);
  assert.deepEqual(seen, [3, 6]);
});

test("a file that is gone is left out, and the zip says so", async () => {
  const job = makeJob({ a: "one", b: new TypeError("network") });

  const made = await job.stream([{ path: "gone", name: "gone" }, { path: "b", name: "b" }, { path: "a", name: "a" }]);

  assert.deepEqual(made.map(([name]) => name), ["a", NOTES_NAME]);
  assert.match(made[1][1], /^gone is missing: .*\nb is missing: The service could not be reached\.\n$/u);
});

test("another name is told", async () => {
  const job = makeJob({ a: "1", A: "2" });

  await job.stream([{ path: "a", name: "a" }, { path: "A", name: "A" }]);

  assert.equal(job.notes.length, 1);
  assert.match(job.notes[0], /^A is called A \(2\) in the zip/u);
});

test("a file that breaks off fails the zip and is named", async () => {
  const body = new ReadableStream({
    pull(controller) {
      controller.error(new TypeError("network error"));
    },
  });
  const job = makeJob({ half: body });

  await assert.rejects(job.stream([{ path: "half", name: "half" }]), (error) => {
    return error instanceof ApiError && /half broke off/u.test(error.message);
  });
});

test("the end of the session fails the zip", async () => {
  const over = new ApiError({ code: "session_ended", message: "over" });
  const job = makeJob({ a: over });

  await assert.rejects(job.stream([{ path: "a", name: "a" }]), over);
});

test("a stop fails the zip as a stop", async () => {
  const controller = new AbortController();
  const stopped = new DOMException("stopped", "AbortError");
  const body = new ReadableStream({
    pull(stream) {
      controller.abort();
      stream.error(stopped);
    },
  });
  const job = makeJob({ a: body, b: stopped }, { signal: controller.signal });

  await assert.rejects(job.stream([{ path: "a", name: "a" }]), { name: "AbortError" });
  await assert.rejects(job.stream([{ path: "b", name: "b" }]), { name: "AbortError" });
});
