// Finds out that a connection is dead although nobody has said so.
//
// A browser does not tell its page about pings, and a socket whose other end went away without
// a word stays "open" for minutes. Whoever types expects an answer, though: when none comes,
// the server is asked for a sign of life, and without one the connection is made anew.

const SILENCE_MS = 4000;
const ANSWER_MS = 3000;
const QUICK_ANSWER_MS = 900;
// Who may only watch has nothing to ask with.
const LONG_SILENCE_MS = 300_000;

/** Watches one connection; `probe()` asks for a sign of life (false where it cannot), `dead()` acts. */
export class Pulse {
  #probe;
  #dead;
  #clock;
  #timer = null;
  #isAsking = false;
  #patience = 0;
  #heardAt = 0;

  constructor({ probe, dead, clock }) {
    this.#probe = probe;
    this.#dead = dead;
    this.#clock = clock;
    this.#heardAt = clock.now();
  }

  /** Something came from the server; it may have been on its way for long, so it answers no question. */
  heard() {
    this.#heardAt = this.#clock.now();
    if (this.#isAsking) {
      this.#wait();
    } else {
      this.stop();
    }
  }

  /** The sign of life that was asked for. */
  answered() {
    this.#heardAt = this.#clock.now();
    this.stop();
  }

  /** Something was sent that a living shell echoes as a rule. */
  typed() {
    this.#timer ??= this.#clock.setTimeout(() => this.#ask(ANSWER_MS), SILENCE_MS);
  }

  /** Ask now, and wait a moment only: somebody is back and looks. */
  hurry() {
    this.#ask(QUICK_ANSWER_MS);
  }

  stop() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#isAsking = false;
  }

  #ask(patience) {
    this.stop();
    if (this.#probe()) {
      this.#isAsking = true;
      this.#patience = patience;
      this.#wait();
    } else if (this.#clock.now() - this.#heardAt > LONG_SILENCE_MS) {
      this.#dead();
    }
  }

  #wait() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => {
      this.stop();
      this.#dead();
    }, this.#patience);
  }
}
