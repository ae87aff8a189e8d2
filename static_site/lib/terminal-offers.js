// The files that the terminal offers for download and nobody has answered yet.

const MOST = 3;
const PAUSE_MS = 5000;

/** A short list without doubles; what is dismissed does not come back at once. */
export class Offers {
  #now;
  #dismissed = new Map();
  paths = [];
  /** How many were left out since the list was last empty. */
  left = 0;

  constructor(now = Date.now) {
    this.#now = now;
  }

  /** Returns true when the offer is a new one in the list. */
  add(path) {
    if (this.paths.includes(path) || this.#now() - (this.#dismissed.get(path) ?? -Infinity) < PAUSE_MS) {
      return false;
    }
    if (this.paths.length >= MOST) {
      this.left += 1;
      return false;
    }
    this.paths = [...this.paths, path];
    return true;
  }

  /** An offer was answered, one way or the other. */
  remove(path) {
    this.paths = this.paths.filter((other) => other !== path);
    this.#dismissed = new Map([...this.#dismissed].filter(([, at]) => this.#now() - at < PAUSE_MS));
    this.#dismissed.set(path, this.#now());
    if (this.paths.length === 0) {
      this.left = 0;
    }
  }

  clear() {
    this.paths = [];
    this.left = 0;
  }
}
