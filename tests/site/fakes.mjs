// What the tests of lib/ put in place of the browser.

/** A storage as the browser has one. */
export class FakeStorage {
  #items = new Map();

  getItem(key) {
    return this.#items.has(key) ? this.#items.get(key) : null;
  }

  setItem(key, value) {
    this.#items.set(key, String(value));
  }

  removeItem(key) {
    this.#items.delete(key);
  }
}

/** A clock that goes on when it is told to. */
export class FakeClock {
  time = 1_000_000;
  #timers = new Map();
  #last = 0;

  now = () => this.time;

  setTimeout = (task, delay) => {
    this.#last += 1;
    this.#timers.set(this.#last, { task, at: this.time + delay });
    return this.#last;
  };

  /** The clock goes on, and no timer runs. */
  sleep(milliseconds) {
    this.time += milliseconds;
  }

  clearTimeout = (timer) => {
    this.#timers.delete(timer);
  };

  get pending() {
    return this.#timers.size;
  }

  /** Let time pass, run what is due in its order, and let promises settle. */
  async pass(milliseconds) {
    const end = this.time + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) {
        break;
      }
      const [timer, { task, at }] = due;
      this.#timers.delete(timer);
      // A sleep moves the clock and runs nothing: what was due in it is late.
      this.time = Math.max(this.time, at);
      task();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Let everything that waits for a promise go on. */
export async function settle() {
  for (let turn = 0; turn < 20; turn += 1) {
    await Promise.resolve();
  }
}

/** The answer of a fetch. */
export function response(status, body) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { ok: status >= 200 && status < 300, status, text: async () => text, blob: async () => body };
}

/** The answer of a function: a frame in an answer of 200. */
export function frame(status, body) {
  return response(200, { status, headers: {}, body });
}
