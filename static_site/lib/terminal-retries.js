// When to try a terminal again, and when to ask first whether it is still there.

const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 15_000;
const STEADY_MS = 10_000;
const MEND_EVERY_MS = 30_000;

/** Counts the tries of one connection. */
export class Retries {
  #clock;
  #random;
  #openedAt = null;
  #isDoubtful = false;
  #mendedAt = -Infinity;
  attempt = 0;

  constructor({ clock, random }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A person, or somebody's return, wants the connection now. */
  restart() {
    this.attempt = 0;
  }

  /** A socket is being opened. */
  opening() {
    this.#openedAt = null;
  }

  /** The terminal has let this page in. */
  opened() {
    this.#openedAt = this.#clock.now();
    this.#isDoubtful = false;
  }

  /** The socket is gone; a connection that was good for a while begins counting anew. */
  closed() {
    // A terminal that does not even answer may be no more, whatever its record says: as after a restart of its machine.
    this.#isDoubtful = this.#openedAt === null;
    if (!this.#isDoubtful && this.#clock.now() - this.#openedAt >= STEADY_MS) {
      this.attempt = 0;
    }
  }

  /** True when the record should be mended, which is asked for now and then only. */
  get mayMend() {
    return this.#isDoubtful && this.#clock.now() - this.#mendedAt >= MEND_EVERY_MS;
  }

  /** Return `mayMend`, and count it as done. */
  mend() {
    const isDue = this.mayMend;
    if (isDue) {
      this.#mendedAt = this.#clock.now();
    }
    return isDue;
  }

  /** Count a try; return how long to wait before the next. */
  delay() {
    const ceiling = Math.min(FIRST_DELAY_MS * 2 ** this.attempt, LAST_DELAY_MS);
    this.attempt += 1;
    // Spread over time, so that many pages do not come back in the same instant.
    return Math.round(ceiling * (0.5 + this.#random() / 2));
  }
}
