// Puts the site together for the page that is open: configuration, session, functions.

import { config } from "../config.js";
import { Api } from "./api.js";
import { isLoopback } from "./fields.js";
import { keepFlash } from "./flash.js";
import { Session } from "./session.js";

const SIGN_IN_PAGE = "index.html";
export const storage = window.sessionStorage;
export const session = new Session(storage);
export const api = new Api({ config, session, fetch: window.fetch.bind(window), onSessionEnd });

/** File name of the open page, `index.html` for a folder. */
export function pageName() {
  return window.location.pathname.split("/").at(-1) || SIGN_IN_PAGE;
}

function onSessionEnd() {
  keepFlash(storage, "note", "Your session has ended. Sign in again; what you typed is kept.");
  goToSignIn();
}

function goToSignIn() {
  const next = pageName() + window.location.hash;
  window.location.replace(`${SIGN_IN_PAGE}#next=${encodeURIComponent(next)}`);
}

/** True when somebody is signed in; else the sign-in page is on its way and the page need do nothing. */
export function isSignedIn() {
  if (session.read()) {
    return true;
  }
  goToSignIn();
  return false;
}

/** True when the platform is on the reader's own machine alone. */
export const isTenantLocal = isLoopback(new URL(config.tenant || "/", window.location.href));

/** Parameters after the `#` of the address. */
export function hashParameters() {
  return new URLSearchParams(window.location.hash.slice(1));
}
