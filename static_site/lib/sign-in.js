// Sign-in by authorization code: the state that leaves with the person must come back with them.

import { ApiError } from "./api-error.js";

const KEY = "ipt.sign-in";
const HOME = "terminal.html";
const PAGE = /^[a-z]+\.html(#[^\s]*)?$/u;

/** Return `next` if it is a page of this site, else the first page after sign-in. */
export function safeNext(next) {
  return typeof next === "string" && PAGE.test(next) ? next : HOME;
}

/** Ask for the address of the sign-in page, remember its state, and return the address. */
export async function beginSignIn({ api, storage, next }) {
  const { url, state } = await api.callByNonce({ method: "GET", path: "/authorize" });
  if (!/^https?:\/\//u.test(url)) {
    throw new ApiError({ code: "upstream_refused", message: "The service named a sign-in page that is none." });
  }
  storage.setItem(KEY, JSON.stringify({ state, next: safeNext(next) }));
  return url;
}

function takeAttempt(storage) {
  try {
    return JSON.parse(storage.getItem(KEY)) ?? {};
  } catch {
    return {};
  } finally {
    // Read once: a second return with the same state is refused.
    storage.removeItem(KEY);
  }
}

/** Trade the code that came back for a session; return the page to go on to. */
export async function completeSignIn({ api, storage, session, query }) {
  const attempt = takeAttempt(storage);
  const parameters = new URLSearchParams(query);
  if (parameters.get("error") === "access_denied") {
    throw new ApiError({ code: "forbidden", message: "You did not allow the sign-in, so nothing was done." });
  }
  const code = parameters.get("code");
  const state = parameters.get("state");
  if (!code || !state || state !== attempt.state) {
    throw new ApiError({
      code: "bad_request",
      message: "This return from the sign-in page does not belong to a sign-in begun in this tab. Sign in again.",
    });
  }
  session.store(await api.callByNonce({ method: "POST", path: "/sessions", body: { code, state } }));
  return safeNext(attempt.next);
}

/** End the session here and, as far as the service can be reached, there. */
export async function signOut({ api, session }) {
  const current = session.read();
  session.clear();
  if (current?.session) {
    await api.callByNonce({ method: "DELETE", path: "/sessions", body: { session: current.session } });
  }
}
