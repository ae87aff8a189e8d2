import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError, fromPlatform, readFrame } from "../../static_site/lib/api-error.js";
import { Api } from "../../static_site/lib/api.js";
import { Session } from "../../static_site/lib/session.js";
import { FakeStorage, frame, response, settle } from "./fakes.mjs";

const CONFIG = {
  tenant: "https://tenant.example.org",
  authNonce: "DEV_1&x",
  functions: { auth_callback: "dev-auth-callback", jobs: "dev-jobs", webterm: "dev-webterm" },
};
const EXPIRED = response(401, { fault: { code: 900904, message: "Access Token Expired" } });

function makeApi(answer, { token = "old", sessionId = "s1" } = {}) {
  const session = new Session(new FakeStorage());
  if (token) {
    session.store({ access_token: token, expires_in: 60, username: "ada", session: sessionId });
  }
  const requests = [];
  const state = { ended: 0 };
  const fetch = async (url, options) => {
    const request = { url, ...options, message: JSON.parse(options.body) };
    requests.push(request);
    return answer(request, requests.length);
  };
  const api = new Api({ config: CONFIG, session, fetch, onSessionEnd: () => (state.ended += 1) });
  return { api, session, requests, state };
}

const isRefresh = (request) => request.message.path === "/sessions/refresh";
const renewed = (token) => frame(200, { access_token: token, expires_in: 60, username: "ada" });

test("a call is one message to the alias, and its answer is the frame's body", async () => {
  const { api, requests } = makeApi(() => frame(200, { jobs: [] }));

  const answer = await api.call("jobs", { path: "/jobs", query: { limit: 20 } });

  assert.deepEqual(answer, { jobs: [] });
  const [request] = requests;
  assert.equal(request.url, "https://tenant.example.org/actors/v2/dev-jobs/messages?_abaco_synchronous=true");
  assert.equal(request.headers.Authorization, "Bearer old");
  assert.equal(request.credentials, "omit");
  assert.deepEqual(request.message, {
    method: "GET",
    path: "/jobs",
    query: { limit: 20 },
    body: {},
    authorization: "Bearer old",
  });
});

test("a function that needs no rights of the caller gets no token in its message", async () => {
  const { api, requests } = makeApi(() => frame(200, {}));

  await api.call("webterm", { path: "/webterm" });

  assert.equal("authorization" in requests[0].message, false);
});

test("a call by nonce carries the nonce, escaped, and no token", async () => {
  const { api, requests } = makeApi(() => frame(200, { url: "u" }), { token: "" });

  await api.callByNonce({ method: "GET", path: "/authorize" });

  assert.ok(requests[0].url.endsWith("?_abaco_synchronous=true&x-nonce=DEV_1%26x"));
  assert.equal("Authorization" in requests[0].headers, false);
});

test("an expired token is renewed and the call repeated", async () => {
  const { api, session, requests } = makeApi((request) => {
    if (isRefresh(request)) {
      return renewed("new");
    }
    return request.headers.Authorization === "Bearer new" ? frame(200, { ok: true }) : EXPIRED;
  });

  assert.deepEqual(await api.call("jobs", { path: "/jobs" }), { ok: true });
  assert.equal(session.token, "new");
  assert.equal(session.read().session, "s1");
  assert.deepEqual(requests[1].message.body, { session: "s1" });
  assert.equal(requests[2].message.authorization, "Bearer new");
});

test("a function that finds the token expired has it renewed too", async () => {
  const expired = frame(401, { error: { code: "token_expired", message: "over" } });
  const { api } = makeApi((request) => {
    if (isRefresh(request)) {
      return renewed("new");
    }
    return request.headers.Authorization === "Bearer new" ? frame(200, 7) : expired;
  });

  assert.equal(await api.call("jobs", { path: "/jobs" }), 7);
});

test("calls that expire together share one renewal", async () => {
  let finish;
  const gate = new Promise((resolve) => (finish = resolve));
  const { api, requests } = makeApi(async (request) => {
    if (isRefresh(request)) {
      await gate;
      return renewed("new");
    }
    return request.headers.Authorization === "Bearer new" ? frame(200, "ok") : EXPIRED;
  });

  const calls = [1, 2, 3, 4].map(() => api.call("jobs", { path: "/jobs" }));
  await settle();
  finish();

  assert.deepEqual(await Promise.all(calls), ["ok", "ok", "ok", "ok"]);
  assert.equal(requests.filter(isRefresh).length, 1);
});

test("a call that expired while another renewed uses the new token without asking again", async () => {
  const waiting = [];
  const { api, requests } = makeApi((request, number) => {
    if (isRefresh(request)) {
      return renewed("new");
    }
    if (request.headers.Authorization === "Bearer new") {
      return frame(200, "ok");
    }
    return number === 1 ? new Promise((resolve) => waiting.push(() => resolve(EXPIRED))) : EXPIRED;
  });

  const slow = api.call("jobs", { path: "/jobs" });
  await api.call("jobs", { path: "/jobs" });
  waiting[0]();

  assert.equal(await slow, "ok");
  assert.equal(requests.filter(isRefresh).length, 1);
});

test("a session that cannot be renewed ends, once for all calls", async () => {
  const dead = frame(401, { error: { code: "unauthorized", message: "no such session" } });
  const { api, session, state } = makeApi((request) => (isRefresh(request) ? dead : EXPIRED));

  const calls = await Promise.allSettled([1, 2].map(() => api.call("jobs", { path: "/jobs" })));

  assert.deepEqual(calls.map(({ reason }) => reason.code), ["session_ended", "session_ended"]);
  assert.ok(calls[0].reason.endsSession);
  assert.equal(session.read(), null);
  assert.equal(state.ended, 1);
});

test("a token that is refused right after renewal ends the session instead of looping", async () => {
  const { api, requests, state } = makeApi((request) => (isRefresh(request) ? renewed("new") : EXPIRED));

  await assert.rejects(api.call("jobs", { path: "/jobs" }), { code: "session_ended" });
  assert.equal(requests.length, 3);
  assert.equal(state.ended, 1);
});

test("a renewal that cannot reach the service ends nothing", async () => {
  const { api, session, state } = makeApi((request) => {
    if (isRefresh(request)) {
      throw new TypeError("failed to fetch");
    }
    return EXPIRED;
  });

  await assert.rejects(api.call("jobs", { path: "/jobs" }), { code: "offline" });
  assert.equal(session.token, "old");
  assert.equal(state.ended, 0);
});

test("without a session nothing is sent", async () => {
  const { api, requests, state } = makeApi(() => assert.fail("must not be called"), { token: "" });

  await assert.rejects(api.call("jobs", { path: "/jobs" }), { code: "session_ended" });
  assert.equal(requests.length, 0);
  assert.equal(state.ended, 1);
});

test("a session without a refresh handle ends when its token does", async () => {
  const { api } = makeApi(() => EXPIRED, { sessionId: "" });

  await assert.rejects(api.call("jobs", { path: "/jobs" }), { code: "session_ended" });
});

test("an error frame becomes an error with code, field, request and sentence", async () => {
  const { api } = makeApi(() =>
    frame(400, {
      error: { code: "bad_request", message: "source is missing.", details: { field: "source" }, request_id: "e1" },
    }),
  );

  const error = await api.call("jobs", { path: "/jobs" }).catch((reason) => reason);

  assert.ok(error instanceof ApiError);
  assert.deepEqual(
    [error.code, error.message, error.field, error.requestId, error.status, error.isRetryable],
    ["bad_request", "source is missing.", "source", "e1", 400, false],
  );
});

test("no answer in time is a timeout that may be repeated", async () => {
  const { api } = makeApi(
    ({ signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))),
  );

  const error = await api.call("jobs", { path: "/jobs", timeoutMs: 5 }).catch((reason) => reason);

  assert.equal(error.code, "timeout");
  assert.ok(error.isRetryable);
});

for (const [text, what] of [
  ["<html>log</html>", "a log instead of a frame"],
  ["", "nothing"],
  ["[]", "a list"],
  ["null", "null"],
  ['{"status": "200"}', "a status that is text"],
]) {
  test(`${what} is not taken for an answer`, () => {
    assert.throws(() => readFrame(text), { code: "no_answer" });
  });
}

test("an error frame without an error still says something", () => {
  assert.throws(() => readFrame('{"status": 500}'), { code: "internal", status: 500 });
});

for (const [status, text, code] of [
  [400, '{"message": "No JWT or nonce provided."}', "token_expired"],
  [403, '{"fault": {"code": "900901"}}', "token_expired"],
  [400, '{"message": "Cannot issue synchronous execution when actor message queue > 0."}', "busy"],
  [429, "", "busy"],
  [502, "<html>", "upstream_unavailable"],
  [404, '{"message": "Actor with identifier x not found"}', "upstream_refused"],
  [400, "plain", "upstream_refused"],
]) {
  test(`a platform's ${status} with ${text || "nothing"} is ${code}`, () => {
    assert.equal(fromPlatform(status, text).code, code);
  });
}

test("what the platform says is passed on, but not without end", () => {
  const error = fromPlatform(404, JSON.stringify({ message: "x".repeat(5000) }));

  assert.ok(error.message.length < 400);
});

test("a token goes to no address outside the tenant", () => {
  const { api } = makeApi(() => {});

  assert.equal(api.tenantUrl("/files/v2/media/x", "https://site.example.org/a"), "https://tenant.example.org/files/v2/media/x");
  for (const address of ["https://evil.example.org/x", "//evil.example.org/x", "http://tenant.example.org/x"]) {
    assert.throws(() => api.tenantUrl(address, "https://site.example.org/a"), { code: "upstream_refused" });
  }
});

test("an empty tenant is the origin of the page", () => {
  const session = new Session(new FakeStorage());
  const api = new Api({ config: { ...CONFIG, tenant: "" }, session, fetch: () => {} });

  assert.equal(api.tenantUrl("/files/x", "http://127.0.0.1:8080/files/v2/site/a.html"), "http://127.0.0.1:8080/files/x");
});
