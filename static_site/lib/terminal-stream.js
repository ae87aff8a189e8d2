// The numbered output of one terminal on its way to the screen: nothing twice, nothing lost unsaid.
//
//   received (seen) → written to the screen → shown → acknowledged

const ACK_BYTES = 16_384;
const ACK_MS = 200;
const NOTHING = new Uint8Array(0);

/**
 * What of a terminal's output has come, and what has been shown; owns these numbers.
 *
 * Collaborators: `screen` as in TerminalConnection; `onGap(bytes)` tells what is lost;
 * `acknowledge(number)` tells the server what is on the screen.
 */
export class TerminalStream {
  #screen;
  #onGap;
  #acknowledge;
  #clock;
  #launch = null;
  #shown = 0;
  #told = 0;
  #timer = null;
  // Counts connections, and beginnings of the numbers.
  #run = 0;
  #life = 0;
  #oldUntil = 0;
  /** Number of the next byte that this page needs. */
  seen = 0;

  constructor({ screen, onGap, acknowledge, clock }) {
    this.#screen = screen;
    this.#onGap = onGap;
    this.#acknowledge = acknowledge;
    this.#clock = clock;
  }

  get launch() {
    return this.#launch;
  }

  /** A connection to this launch follows. Another launch is another shell: its numbers begin at zero. */
  meet(launch) {
    const isOther = this.#launch !== null && this.#launch !== launch;
    if (isOther) {
      this.#begin(0);
    }
    this.#launch = launch;
    return isOther;
  }

  /** The server goes on at `from`; what comes before `end` was written before this connection was made. */
  welcome({ from, skipped, end }) {
    if (from < this.seen) {
      // The server knows nothing of what this page has shown: its numbers are others.
      this.#begin(from);
    }
    this.skip({ from, skipped });
    // The server counts from here by itself.
    this.#told = from;
    this.#oldUntil = Number.isSafeInteger(end) ? end : from;
    if (this.#oldUntil > from) {
      this.#screen.replay();
    } else {
      this.#liveAfter(NOTHING);
    }
  }

  /** Go on at another byte; what lies between is not kept any more. */
  skip({ from, skipped }) {
    this.seen = from;
    if (skipped > 0) {
      this.#onGap(skipped);
    }
  }

  /** Show one output frame, less what has come before. */
  show(output) {
    if (output === null || output.first + output.bytes.length <= this.seen) {
      return;
    }
    if (output.first > this.seen) {
      this.skip({ from: output.first, skipped: output.first - this.seen });
    }
    let fresh = output.bytes.subarray(this.seen - output.first);
    const old = this.#oldUntil - this.seen;
    if (old > 0 && old <= fresh.length) {
      this.#liveAfter(fresh.subarray(0, old));
      fresh = fresh.subarray(old);
    }
    if (fresh.length > 0) {
      this.#write(fresh);
    }
  }

  /** The connection is gone: what is shown later is not told to the next one. */
  pause() {
    this.#run += 1;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #begin(number) {
    this.#screen.clear();
    this.#life += 1;
    this.seen = number;
    this.#shown = number;
    this.#told = number;
  }

  /** What comes after these bytes is new: the screen may answer it. */
  #liveAfter(bytes) {
    this.#write(bytes, () => this.#screen.live());
  }

  #write(bytes, then = () => {}) {
    this.seen += bytes.length;
    const end = this.seen;
    const run = this.#run;
    const life = this.#life;
    this.#screen.write(bytes, () => {
      if (life === this.#life) {
        this.#shown = Math.max(this.#shown, end);
      }
      if (run === this.#run) {
        then();
        this.#afterShown();
      }
    });
  }

  /** Tell the server what is on the screen: at once when it is much, else a little later. */
  #afterShown() {
    if (this.#shown <= this.#told) {
      return;
    }
    if (this.#shown - this.#told >= ACK_BYTES) {
      this.#tell();
    } else {
      this.#timer ??= this.#clock.setTimeout(() => this.#tell(), ACK_MS);
    }
  }

  #tell() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#told = this.#shown;
    this.#acknowledge(this.#shown);
  }
}
