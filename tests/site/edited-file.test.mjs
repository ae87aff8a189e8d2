import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../static_site/lib/api-error.js";
import { EditDraft, dropOldDrafts } from "../../static_site/lib/edit-draft.js";
import { EditedFile, readAtMost } from "../../static_site/lib/edited-file.js";
import { MOST_BYTES } from "../../static_site/lib/text-file.js";
import { pathFault } from "../../static_site/lib/paths.js";

/** A home whose files are asked for and written as the platform does it. */
class Home {
  files = new Map();
  asked = [];

  get options() {
    return {
      api: {
        call: async (_, { path, query, body }) => {
          if (path === "/downloads" && !this.files.has(query.path)) {
            throw new ApiError({ code: "not_found", message: "There is no such file.", status: 404 });
          }
          return path === "/downloads"
            ? { url: `/down/${query.path}`, name: "x", size: 1 }
            : { url: `/up/${body.path}`, method: "POST", field: "file" };
        },
        tenantUrl: (url) => url,
        withToken: (task) => task("t1"),
      },
      address: "https://site/edit.html",
      fetch: async (url, options) => {
        this.asked.push(options);
        return new Response(this.files.get(url.slice("/down/".length)));
      },
      send: async ({ url, form, onProgress }) => {
        const file = form.get("file");
        onProgress(file.size, file.size);
        const path = `${url.slice("/up/".length)}/${file.name}`.replace(/^\//u, "");
        this.files.set(path, new Uint8Array(await file.arrayBuffer()));
      },
    };
  }

  put(path, content) {
    this.files.set(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
  }

  read(path) {
    return new TextDecoder().decode(this.files.get(path));
  }
}

function homeWith(content) {
  const home = new Home();
  home.put("src/heat.c", content);
  return { home, file: new EditedFile({ ...home.options, path: "src/heat.c" }) };
}

test("a file is read, changed and written, and no kept copy is asked for", async () => {
  const { home, file } = homeWith("int a;\r\n");
  const progress = [];

  const found = await file.open();
  assert.deepEqual([found.state, found.text, file.name, file.folder], ["text", "int a;\n", "heat.c", "src"]);
  assert.equal(await file.look("int b;\n"), "same");
  await file.save("int b;\n", (...numbers) => progress.push(numbers));

  assert.equal(home.read("src/heat.c"), "int b;\r\n");
  assert.equal(await file.look("int c;\n"), "same");
  assert.deepEqual(progress, [[8, 8]]);
  assert.ok(home.asked.every(({ cache }) => cache === "no-store"));
});

test("what somebody else did since is seen", async () => {
  const { home, file } = homeWith("int a;\n");
  await file.open();

  home.put("src/heat.c", "int x;\n");
  assert.equal(await file.look("int b;\n"), "changed");
  home.files.delete("src/heat.c");
  assert.equal(await file.look("int b;\n"), "gone");
});

test("a text that arrived although its answer was lost is no change of somebody else's", async () => {
  const { home, file } = homeWith("int a;\n");
  await file.open();

  home.put("src/heat.c", "int b;\n");

  assert.equal(await file.look("int b;\n"), "same");
});

test("a file that is not there is new until somebody else makes it", async () => {
  const home = new Home();
  const file = new EditedFile({ ...home.options, path: "new.c" });

  assert.equal((await file.open()).state, "new");
  assert.equal(await file.look(""), "same");
  home.put("new.c", "theirs");
  assert.equal(await file.look("mine"), "made");
});

test("too large and not text are told apart, and leave what is known alone", async () => {
  const { home, file } = homeWith("int a;\n");
  await file.open();
  const { base } = file;

  home.put("src/heat.c", new Uint8Array(MOST_BYTES + 1));
  assert.equal((await file.open()).state, "large");
  home.put("src/heat.c", new Uint8Array([1, 0, 2]));
  assert.equal((await file.open()).state, "binary");

  assert.equal(file.base, base);
  assert.equal(await file.look("x"), "changed");
});

test("saved under another name, it is that file from then on", async () => {
  const { home, file } = homeWith("int a;\n");
  await file.open();

  await file.saveAs("/copy.c", "int b;\n");

  assert.deepEqual([file.path, file.folder, home.read("copy.c")], ["copy.c", "", "int b;\n"]);
  assert.equal(home.read("src/heat.c"), "int a;\n");
  assert.equal(await file.look("int b;\n"), "same");
});

test("a failure is not taken for a missing file", async () => {
  const { home } = homeWith("int a;\n");
  const { api } = home.options;
  api.call = async () => {
    throw new ApiError({ code: "busy", message: "Busy.", status: 429 });
  };
  const file = new EditedFile({ ...home.options, api, path: "src/heat.c" });

  await assert.rejects(file.open(), { code: "busy" });
});

test("an answer that says nothing of its size is read no further than it may be", async () => {
  let pulled = 0;
  const stream = new ReadableStream({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(10));
    },
  });

  assert.equal(await readAtMost(new Response(stream), 25), null);
  assert.ok(pulled < 6);
  assert.equal((await readAtMost(new Response("abc"), 3)).length, 3);
  assert.equal(await readAtMost(new Response("abcd", { headers: { "Content-Length": "4" } }), 3), null);
});

/** A storage whose entries are its own properties, as the browser's are. */
function makeStorage(room = Infinity) {
  const storage = Object.create({
    getItem: (key) => storage[key] ?? null,
    setItem: (key, value) => {
      if (value.length > room) {
        throw new Error("QuotaExceededError");
      }
      storage[key] = value;
    },
    removeItem: (key) => delete storage[key],
  });
  return storage;
}

test("a draft is one person's and one file's", () => {
  const storage = makeStorage();
  const draft = new EditDraft({ storage, owner: "ada", path: "a.c", now: () => 1000 });

  assert.equal(draft.read(), null);
  assert.ok(draft.keep("int b;", "base-1"));

  assert.deepEqual(draft.read(), { text: "int b;", base: "base-1", at: 1000 });
  assert.equal(new EditDraft({ storage, owner: "bob", path: "a.c" }).read(), null);
  assert.equal(new EditDraft({ storage, owner: "ada", path: "b.c" }).read(), null);
  draft.drop();
  assert.equal(draft.read(), null);
});

test("a browser without room says so, and damage counts as no draft", () => {
  const storage = makeStorage(100);
  const draft = new EditDraft({ storage, owner: "ada", path: "a.c" });

  assert.equal(draft.keep("x".repeat(200), ""), false);
  for (const damaged of ["{", "null", '{"text": 5}']) {
    storage.setItem(draft.key, damaged);
    assert.equal(draft.read(), null);
  }
});

test("drafts that nobody came back for are dropped after 30 days", () => {
  const storage = makeStorage();
  const day = 24 * 3600 * 1000;
  const draftOf = (path, at) => new EditDraft({ storage, owner: "ada", path, now: () => at });
  draftOf("old.c", 0).keep("old", "");
  draftOf("new.c", 10 * day).keep("new", "");
  storage.setItem("ipt.edit.damaged", "{");
  storage.setItem("ipt.other", "stays");

  dropOldDrafts(storage, 31 * day);

  assert.equal(draftOf("old.c", 0).read(), null);
  assert.equal(draftOf("new.c", 0).read().text, "new");
  assert.deepEqual(Object.keys(storage).filter((key) => !key.includes("new.c")), ["ipt.other"]);
});

test("a path needs a name for the file", () => {
  assert.equal(pathFault("src/heat.c"), "");
  for (const path of ["", "/", "src/", "../heat.c", "a/./b", "a\u0000"]) {
    assert.notEqual(pathFault(path), "", path);
  }
});
