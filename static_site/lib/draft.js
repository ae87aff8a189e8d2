// What has been typed into a form, and the name of the request that it would make.
//
// The draft lives in the tab's storage, so that a sign-in in between loses nothing.
// The request id changes only when the request changes: sending the same form twice is one job.

/** Make a request id: 12 hexadecimal digits, enough among the jobs of one person, and part of the job's name. */
export function newRequestId(crypto = globalThis.crypto) {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The draft of one form; owns one entry of the storage. */
export class Draft {
  #storage;
  #key;
  #newId;

  constructor({ storage, name, newId = newRequestId }) {
    this.#storage = storage;
    this.#key = `ipt.draft.${name}`;
    this.#newId = newId;
  }

  #read() {
    try {
      const draft = JSON.parse(this.#storage.getItem(this.#key));
      return draft && typeof draft.values === "object" && draft.values !== null ? draft : { values: {} };
    } catch {
      return { values: {} };
    }
  }

  #write(draft) {
    this.#storage.setItem(this.#key, JSON.stringify(draft));
  }

  get values() {
    return this.#read().values;
  }

  /** The names of the fields that the person filled in, rather than a preset. */
  get typed() {
    const { typed } = this.#read();
    return new Set(Array.isArray(typed) ? typed : []);
  }

  /**
   * Keep the values; a change makes a new request of it. Returns the request id.
   *
   * `request` is what would be sent, where that is less than the values.
   */
  keep(values, { typed = this.typed, request = values } = {}) {
    const draft = this.#read();
    const identity = JSON.stringify(request);
    const isSame = draft.identity === identity && draft.requestId;
    const requestId = isSame ? draft.requestId : this.#newId();
    this.#write({ values, typed: [...typed], identity, requestId });
    return requestId;
  }

  /** The request was accepted: the next one is another, even with the same values. */
  accepted() {
    this.#write({ ...this.#read(), requestId: this.#newId() });
  }
}
