// Keeps one screen connected to one terminal: ticket, hello, replay, acknowledgement, reconnection.
//
//   idle → asking (for a ticket) → connecting → open → waiting (to try again) → asking …
//   and the ends: ended (the shell is over), refused (trying again is of no use), gone (no terminal is ready)

import {
  SUBPROTOCOL,
  ackFrame,
  helloFrame,
  inputFrames,
  readMessage,
  readOutput,
  resizeFrame,
  takeFrame,
} from "./terminal-frames.js";

const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 15_000;
const WELCOME_MS = 15_000;
const STEADY_MS = 10_000;
const ACK_BYTES = 65_536;
const ACK_MS = 200;

const FINAL_CLOSES = {
  4400: "The terminal did not understand this page. Reload the page.",
  4403: "The terminal does not accept connections from this site's address. Tell the operator.",
};
const CLOSE_REASONS = {
  1013: "Too many tabs have this terminal open. Close one of them.",
  4401: "The ticket was refused.",
  4408: "The connection took too long to open.",
  4429: "Too much was sent at once.",
};

const CLOCK = {
  now: () => Date.now(),
  setTimeout: (task, delay) => globalThis.setTimeout(task, delay),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
};

/**
 * A connection that comes back by itself and shows no byte twice.
 *
 * Collaborators: `openSocket(url, subprotocol)` makes a WebSocket; `requestTicket(attempt)` (0 at first) answers
 * `{url, ticket, launch, status, message}`; `screen` has `write(bytes, done)`, `clear()`, `replay()` (old output follows), `size()`;
 * `events` has `state(state)`, `writer({writer, viewers})`, `gap(bytes)`.
 */
export class TerminalConnection {
  #openSocket;
  #requestTicket;
  #screen;
  #events;
  #clock;
  #random;

  #run = 0;
  #socket = null;
  #launch = null;
  #seen = 0;
  #shown = 0;
  #acknowledged = 0;
  #attempt = 0;
  #openedAt = null;
  #timer = null;
  #ackTimer = null;
  #exitStatus = null;
  #refusal = "";
  state = { phase: "idle" };

  constructor({ openSocket, requestTicket, screen, events, clock = CLOCK, random = Math.random }) {
    this.#openSocket = openSocket;
    this.#requestTicket = requestTicket;
    this.#screen = screen;
    this.#events = events;
    this.#clock = clock;
    this.#random = random;
  }

  /** Connect now, whatever was under way before. */
  connect() {
    this.#drop();
    this.#attempt = 0;
    return this.#begin();
  }

  /** Connect now if the connection is only waiting to try again. */
  hurry() {
    if (this.state.phase === "waiting") {
      this.connect();
    }
  }

  /** Let go of the terminal; the shell in it goes on. */
  close() {
    this.#drop();
    this.#enter({ phase: "idle" });
  }

  /** Send typed text or bytes; returns false when nobody is listening. */
  send(data) {
    return this.#whenOpen((socket) => inputFrames(data).forEach((frame) => socket.send(frame)));
  }

  resize(rows, columns) {
    return this.#whenOpen((socket) => socket.send(resizeFrame(rows, columns)));
  }

  /** Become the one who types. */
  take() {
    return this.#whenOpen((socket) => socket.send(takeFrame()));
  }

  #whenOpen(task) {
    if (this.state.phase !== "open") {
      return false;
    }
    task(this.#socket);
    return true;
  }

  #enter(state) {
    this.state = state;
    this.#events.state(state);
  }

  #drop() {
    this.#run += 1;
    this.#clock.clearTimeout(this.#timer);
    this.#clock.clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  async #begin() {
    const run = this.#run;
    this.#enter({ phase: "asking", attempt: this.#attempt });
    let grant;
    try {
      grant = await this.#requestTicket(this.#attempt);
    } catch (error) {
      if (run === this.#run) {
        this.#afterFailure(error);
      }
      return;
    }
    if (run !== this.#run) {
      return;
    }
    if (!grant.ticket || !grant.url) {
      this.#enter({ phase: "gone", message: grant.message ?? "" });
      return;
    }
    this.#meet(grant.launch);
    this.#open(grant);
  }

  #afterFailure(error) {
    if (error.isRetryable === false) {
      this.#enter({ phase: "refused", message: error.message });
    } else {
      this.#wait(error.message);
    }
  }

  /** Another launch is another shell: its bytes are numbered from zero again. */
  #meet(launch) {
    if (this.#launch !== null && this.#launch !== launch) {
      this.#screen.clear();
      this.#seen = 0;
      this.#shown = 0;
    }
    this.#launch = launch;
    this.#acknowledged = this.#shown;
    this.#exitStatus = null;
    this.#refusal = "";
  }

  #open(grant) {
    const run = this.#run;
    this.#enter({ phase: "connecting", attempt: this.#attempt });
    let socket;
    try {
      socket = this.#openSocket(grant.url, SUBPROTOCOL);
    } catch {
      this.#enter({ phase: "refused", message: "This browser may not connect to the terminal's address." });
      return;
    }
    this.#socket = socket;
    this.#openedAt = null;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(helloFrame({ ticket: grant.ticket, seen: this.#seen, ...this.#screen.size() }));
    socket.onmessage = (event) => run === this.#run && this.#receive(event.data);
    socket.onclose = (event) => run === this.#run && this.#closed(event);
    this.#timer = this.#clock.setTimeout(() => {
      if (run === this.#run) {
        this.#drop();
        this.#wait("The terminal did not answer.");
      }
    }, WELCOME_MS);
  }

  #receive(data) {
    if (typeof data !== "string") {
      this.#show(readOutput(data));
      return;
    }
    const message = readMessage(data);
    switch (message?.type) {
      case "welcome":
        this.#welcome(message);
        break;
      case "writer":
        this.#events.writer({ writer: Boolean(message.writer), viewers: Number(message.viewers) });
        break;
      case "skipped":
        this.#skip(message);
        break;
      case "exit":
        this.#exitStatus = Number(message.status);
        break;
      case "error":
        this.#refusal = String(message.message ?? "");
        break;
      default: // A later version of the protocol may say more.
    }
  }

  #welcome(message) {
    this.#clock.clearTimeout(this.#timer);
    this.#openedAt = this.#clock.now();
    if (message.from < this.#seen) {
      // The server knows nothing of what this page has shown: its numbers are others.
      this.#screen.clear();
      this.#shown = message.from;
      this.#acknowledged = message.from;
    }
    this.#skip(message);
    this.#screen.replay();
    this.#enter({ phase: "open" });
    this.#events.writer({ writer: Boolean(message.writer), viewers: Number(message.viewers) });
  }

  /** Go on at another byte; what lies between is not kept any more. */
  #skip({ from, skipped }) {
    this.#seen = from;
    if (skipped > 0) {
      this.#events.gap(skipped);
    }
  }

  #show(output) {
    if (output === null || output.first + output.bytes.length <= this.#seen) {
      return;
    }
    if (output.first > this.#seen) {
      this.#skip({ from: output.first, skipped: output.first - this.#seen });
    }
    const fresh = output.bytes.subarray(this.#seen - output.first);
    this.#seen += fresh.length;
    const end = this.#seen;
    const run = this.#run;
    this.#screen.write(fresh, () => {
      this.#shown = Math.max(this.#shown, end);
      if (run === this.#run) {
        this.#acknowledge();
      }
    });
  }

  /** Tell the server what is on the screen: at once when it is much, else a little later. */
  #acknowledge() {
    if (this.#shown - this.#acknowledged >= ACK_BYTES) {
      this.#sendAck();
    } else {
      this.#ackTimer ??= this.#clock.setTimeout(() => this.#sendAck(), ACK_MS);
    }
  }

  #sendAck() {
    this.#clock.clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
    this.#acknowledged = this.#shown;
    this.#whenOpen((socket) => socket.send(ackFrame(this.#shown)));
  }

  #closed(event) {
    const wasSteady = this.#openedAt !== null && this.#clock.now() - this.#openedAt >= STEADY_MS;
    this.#drop();
    if (this.#exitStatus !== null || event.code === 1000) {
      this.#enter({ phase: "ended", exitStatus: this.#exitStatus });
      return;
    }
    if (event.code in FINAL_CLOSES) {
      this.#enter({ phase: "refused", message: FINAL_CLOSES[event.code] });
      return;
    }
    if (wasSteady) {
      this.#attempt = 0;
    }
    this.#wait(this.#refusal || CLOSE_REASONS[event.code] || "The connection was lost.");
  }

  #wait(message) {
    const ceiling = Math.min(FIRST_DELAY_MS * 2 ** this.#attempt, LAST_DELAY_MS);
    // Spread over time, so that many pages do not come back in the same instant.
    const delay = Math.round(ceiling * (0.5 + this.#random() / 2));
    this.#attempt += 1;
    const run = this.#run;
    this.#enter({ phase: "waiting", message, attempt: this.#attempt, retryAt: this.#clock.now() + delay });
    this.#timer = this.#clock.setTimeout(() => run === this.#run && this.#begin(), delay);
  }
}
