import assert from "node:assert/strict";
import { test } from "node:test";

import { keepFlash, takeFlash } from "../../static_site/lib/flash.js";
import { Session } from "../../static_site/lib/session.js";
import { beginSignIn, completeSignIn, safeNext, signOut } from "../../static_site/lib/sign-in.js";
import { FakeStorage } from "./fakes.mjs";

const GRANT = { access_token: "t1", expires_in: 100, username: "ada", full_name: "Ada", is_admin: true, session: "s1" };

function makeSite(answer) {
  const storage = new FakeStorage();
  const calls = [];
  const api = {
    callByNonce: async (call) => {
      calls.push(call);
      return answer(call);
    },
  };
  return { storage, api, calls, session: new Session(storage, () => 1000) };
}

test("a session is what was answered, with the time of its end", () => {
  const session = new Session(new FakeStorage(), () => 1000);
  assert.equal(session.read(), null);
  assert.equal(session.token, "");

  session.store(GRANT);

  assert.deepEqual(session.read(), {
    accessToken: "t1",
    expiresAt: 101_000,
    username: "ada",
    fullName: "Ada",
    isAdmin: true,
    session: "s1",
  });
  assert.equal(session.username, "ada");
});

test("a renewal keeps what it does not answer", () => {
  const session = new Session(new FakeStorage(), () => 1000);
  session.store(GRANT);

  session.store({ access_token: "t2" });

  assert.equal(session.token, "t2");
  assert.equal(session.read().session, "s1");
  assert.equal(session.read().fullName, "Ada");
});

for (const text of ["{", "null", '"text"', "{}", '{"accessToken": 5}', '{"accessToken": ""}']) {
  test(`a damaged session (${text}) is none`, () => {
    const storage = new FakeStorage();
    storage.setItem("ipt.session", text);

    assert.equal(new Session(storage).read(), null);
  });
}

test("sign-in goes there with a state and comes back with it to the page that was wanted", async () => {
  const site = makeSite(({ path }) =>
    path === "/authorize" ? { url: "https://tenant.example.org/authorize?x", state: "abc" } : GRANT,
  );

  const url = await beginSignIn({ ...site, next: "run.html#binary=a.out" });
  const next = await completeSignIn({ ...site, query: "?code=c1&state=abc" });

  assert.equal(url, "https://tenant.example.org/authorize?x");
  assert.equal(next, "run.html#binary=a.out");
  assert.deepEqual(site.calls[1].body, { code: "c1", state: "abc" });
  assert.equal(site.session.token, "t1");
});

for (const [query, what] of [
  ["?code=c1&state=other", "another state"],
  ["?code=c1", "no state"],
  ["?state=abc", "no code"],
]) {
  test(`a return with ${what} is refused and the attempt is used up`, async () => {
    const site = makeSite(() => ({ url: "https://t/", state: "abc" }));
    await beginSignIn({ ...site, next: "" });

    await assert.rejects(completeSignIn({ ...site, query }), { code: "bad_request" });
    await assert.rejects(completeSignIn({ ...site, query: "?code=c1&state=abc" }), { code: "bad_request" });
    assert.equal(site.session.read(), null);
  });
}

test("a return without any attempt is refused", async () => {
  const site = makeSite(() => assert.fail("must not be called"));

  await assert.rejects(completeSignIn({ ...site, query: "?code=c&state=undefined" }), { code: "bad_request" });
});

test("a person who said no is told that nothing was done", async () => {
  const site = makeSite(() => assert.fail("must not be called"));

  await assert.rejects(completeSignIn({ ...site, query: "?error=access_denied&state=abc" }), { code: "forbidden" });
});

test("an address that is no web page is not gone to", async () => {
  const site = makeSite(() => ({ url: "javascript:alert(1)", state: "abc" }));

  await assert.rejects(beginSignIn({ ...site, next: "" }), { code: "upstream_refused" });
});

for (const next of ["https://evil.example.org", "//evil", "javascript:alert(1)", "../x.html", "a.html?x", "", null, undefined]) {
  test(`${next} is no page to go on to`, () => {
    assert.equal(safeNext(next), "terminal.html");
  });
}

test("a page of the site is one", () => {
  assert.equal(safeNext("history.html#job=1-2"), "history.html#job=1-2");
});

test("sign-out forgets the session even when the service is away", async () => {
  const site = makeSite(() => {
    throw new Error("away");
  });
  site.session.store(GRANT);

  await assert.rejects(signOut(site));

  assert.equal(site.session.read(), null);
  assert.deepEqual(site.calls[0], { method: "DELETE", path: "/sessions", body: { session: "s1" } });
});

test("sign-out without a session asks nobody", async () => {
  const site = makeSite(() => assert.fail("must not be called"));

  await signOut(site);
});

test("a flash is taken once", () => {
  const storage = new FakeStorage();
  keepFlash(storage, "good", "Done.");

  assert.deepEqual(takeFlash(storage), { tone: "good", text: "Done." });
  assert.equal(takeFlash(storage), null);
});

test("a damaged flash is none", () => {
  const storage = new FakeStorage();
  storage.setItem("ipt.flash", "{");

  assert.equal(takeFlash(storage), null);
});
