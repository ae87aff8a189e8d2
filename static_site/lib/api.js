// Calls functions: one message to an actor, one result frame back (docs/architecture.md §5).

import { ApiError, fromPlatform, makeError, readFrame } from "./api-error.js";

export { ApiError } from "./api-error.js";

const TIMEOUT_MS = 60_000;
const EXPIRED = new Set(["token_expired", "unauthorized"]);
// Functions whose routes act with the caller's own rights get the caller's token in the message.
const AS_USER = new Set(["job_submit", "jobs", "files"]);

/** The functions of one instance, called as the person of one session. */
export class Api {
  #config;
  #session;
  #fetch;
  #onSessionEnd;
  #refreshing = null;

  constructor({ config, session, fetch, onSessionEnd = () => {} }) {
    this.#config = config;
    this.#session = session;
    this.#fetch = fetch;
    this.#onSessionEnd = onSessionEnd;
  }

  /**
   * Call a route of a function as the signed-in person.
   *
   * An expired token is renewed once, together with all other calls that met it, and the call repeated.
   * Throws an ApiError; with code `session_ended` after the person has been sent to sign in.
   */
  async call(name, { method = "GET", path, query = {}, body = {}, timeoutMs = TIMEOUT_MS }) {
    return this.withToken((token) => {
      const message = { method, path, query, body };
      if (AS_USER.has(name)) {
        message.authorization = `Bearer ${token}`;
      }
      return this.#post(this.#address(name, {}), message, { Authorization: `Bearer ${token}` }, timeoutMs);
    });
  }

  /** Call the auth-callback function by its nonce: the calls that nobody is signed in for. */
  async callByNonce({ method, path, body = {} }) {
    const address = this.#address("auth_callback", { "x-nonce": this.#config.authNonce });
    return this.#post(address, { method, path, query: {}, body }, {}, TIMEOUT_MS);
  }

  /** Run `task(token)`; when it says that the token has expired, renew it and run the task again, once. */
  async withToken(task) {
    const token = this.#session.token;
    if (!token) {
      throw this.#endSession();
    }
    try {
      return await task(token);
    } catch (error) {
      if (!(error instanceof ApiError) || !EXPIRED.has(error.code)) {
        throw error;
      }
    }
    const renewed = await this.#renew(token);
    try {
      return await task(renewed);
    } catch (error) {
      if (error instanceof ApiError && EXPIRED.has(error.code)) {
        throw this.#endSession();
      }
      throw error;
    }
  }

  /** Return an address that the token may be sent to: one of the tenant, never of anyone else. */
  tenantUrl(address, base) {
    const tenant = new URL(this.#config.tenant || "/", base);
    const url = new URL(address, tenant);
    if (url.origin !== tenant.origin) {
      throw new ApiError({ code: "upstream_refused", message: "The service named an address outside the tenant." });
    }
    return url.href;
  }

  #address(name, query) {
    const parameters = new URLSearchParams({ _abaco_synchronous: "true", ...query });
    const alias = encodeURIComponent(this.#config.functions[name]);
    return `${this.#config.tenant}/actors/v2/${alias}/messages?${parameters}`;
  }

  async #post(address, message, headers, timeoutMs) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeoutMs);
    try {
      const response = await this.#fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: JSON.stringify(message),
        signal: controller.signal,
        // The token is the credential; cookies of the origin are none of ours.
        credentials: "omit",
        cache: "no-store",
      });
      const text = await response.text();
      if (!response.ok) {
        throw fromPlatform(response.status, text);
      }
      return readFrame(text);
    } catch (error) {
      if (error instanceof ApiError) {
        throw error;
      }
      throw makeError(controller.signal.aborted ? "timeout" : "offline");
    } finally {
      clearTimeout(timer);
    }
  }

  async #renew(used) {
    // Another call may have renewed it while this one was under way.
    if (this.#session.token && this.#session.token !== used) {
      return this.#session.token;
    }
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refresh() {
    const session = this.#session.read()?.session;
    if (!session) {
      throw this.#endSession();
    }
    try {
      this.#session.store(await this.callByNonce({ method: "POST", path: "/sessions/refresh", body: { session } }));
      return this.#session.token;
    } catch (error) {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && !error.isRetryable) {
        throw this.#endSession();
      }
      throw error;
    }
  }

  #endSession() {
    this.#session.clear();
    this.#onSessionEnd();
    return makeError("session_ended", 401);
  }
}
