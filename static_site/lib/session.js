// Who is signed in, kept in the tab's own session storage: it ends with the tab.

const KEY = "ipt.session";

/** The signed-in person of this tab; owns one entry of the storage. */
export class Session {
  #storage;
  #now;

  constructor(storage, now = Date.now) {
    this.#storage = storage;
    this.#now = now;
  }

  /** The stored session, or null. A damaged entry counts as none. */
  read() {
    try {
      const value = JSON.parse(this.#storage.getItem(KEY));
      return value && typeof value.accessToken === "string" && value.accessToken ? value : null;
    } catch {
      return null;
    }
  }

  get token() {
    return this.read()?.accessToken ?? "";
  }

  get username() {
    return this.read()?.username ?? "";
  }

  /** Keep what `POST /sessions` or `POST /sessions/refresh` answered. */
  store(answer) {
    const before = this.read() ?? {};
    this.#storage.setItem(
      KEY,
      JSON.stringify({
        accessToken: answer.access_token,
        expiresAt: this.#now() + Number(answer.expires_in ?? 0) * 1000,
        username: answer.username ?? before.username ?? "",
        fullName: answer.full_name ?? before.fullName ?? "",
        isAdmin: answer.is_admin ?? before.isAdmin ?? false,
        session: answer.session ?? before.session ?? "",
      }),
    );
  }

  clear() {
    this.#storage.removeItem(KEY);
  }
}
