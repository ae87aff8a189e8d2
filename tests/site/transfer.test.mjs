import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../static_site/lib/api-error.js";
import { downloadFile, sendForm, uploadFile } from "../../static_site/lib/transfer.js";
import { response } from "./fakes.mjs";

class FakeRequest {
  upload = {};
  headers = {};

  constructor(play) {
    this.play = play;
  }

  open(method, url) {
    this.target = `${method} ${url}`;
  }

  setRequestHeader(name, value) {
    this.headers[name] = value;
  }

  send() {
    this.play(this);
  }
}

function send(play) {
  const request = new FakeRequest(play);
  const progress = [];
  const done = sendForm({
    url: "https://t/x",
    method: "POST",
    form: {},
    token: "t1",
    onProgress: (...numbers) => progress.push(numbers),
    makeRequest: () => request,
  });
  return { request, progress, done };
}

const api = {
  call: async (name, { path, body, query }) => {
    assert.equal(name, "files");
    return path === "/uploads"
      ? { url: `/up/${body.path}`, method: "POST", field: "fileToUpload" }
      : { url: `/down/${query.path}`, name: "heat.c", size: 3 };
  },
  tenantUrl: (url) => `https://t${url}`,
  withToken: (task) => task("t1"),
};

test("an upload tells its progress and carries the token", async () => {
  const { request, progress, done } = send((sent) => {
    sent.upload.onprogress({ loaded: 5, total: 10, lengthComputable: true });
    sent.upload.onprogress({ loaded: 10, total: 0, lengthComputable: false });
    sent.status = 202;
    sent.onload();
  });

  await done;

  assert.equal(request.target, "POST https://t/x");
  assert.equal(request.headers.Authorization, "Bearer t1");
  assert.deepEqual(progress, [
    [5, 10],
    [10, 0],
  ]);
});

for (const [status, code] of [
  [401, "token_expired"],
  [413, "payload_too_large"],
  [500, "upstream_unavailable"],
  [403, "upstream_refused"],
]) {
  test(`an upload answered with ${status} is ${code}`, async () => {
    const { done } = send((sent) => {
      sent.status = status;
      sent.onload();
    });

    await assert.rejects(done, { code });
  });
}

test("an upload that is cut off can be tried again", async () => {
  const { done } = send((sent) => sent.onerror());

  const error = await done.catch((reason) => reason);

  assert.ok(error instanceof ApiError && error.isRetryable);
});

test("a file goes where the function says, in the field that it names", async () => {
  const file = new File(["abc"], "heat.c");
  const sent = [];

  await uploadFile({ api, base: "https://t/", folder: "src", file, onProgress: () => {}, send: async (call) => sent.push(call) });

  assert.equal(sent[0].url, "https://t/up/src");
  assert.equal(sent[0].form.get("fileToUpload").name, "heat.c");
});

test("a download is fetched with the token and keeps its name", async () => {
  const asked = [];
  const fetch = async (url, options) => {
    asked.push([url, options.headers.Authorization]);
    return response(200, "abc");
  };

  const { name, blob } = await downloadFile({ api, base: "https://t/", path: "heat.c", fetch });

  assert.deepEqual(asked, [["https://t/down/heat.c", "Bearer t1"]]);
  assert.deepEqual([name, blob], ["heat.c", "abc"]);
});

test("a download that is refused is an error", async () => {
  const fetch = async () => response(404, "");

  await assert.rejects(downloadFile({ api, base: "https://t/", path: "x", fetch }), { code: "upstream_refused" });
});
