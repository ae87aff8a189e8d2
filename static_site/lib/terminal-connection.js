// Keeps one screen connected to one terminal: ticket, hello, replay, reconnection.
//
//   idle → asking (for a ticket) → connecting → open → waiting (to try again) → asking …
//   and the ends: ended (the shell is over), refused (trying again is of no use), gone (no terminal is ready)

import { CLOCK } from "./clock.js";
import { readClose } from "./terminal-closes.js";
import { dial } from "./terminal-dial.js";
import { ackFrame, inputFrames, keepFrame, resizeFrame, takeFrame } from "./terminal-frames.js";
import { Pulse } from "./terminal-pulse.js";
import { Retries } from "./terminal-retries.js";
import { TerminalStream } from "./terminal-stream.js";

const STUCK_MS = 3000;
// A browser shows about 3 MB/s of short lines: what is on its way has to be shown before what Ctrl+C stops.
const WINDOW_BYTES = 65_536;

/**
 * A connection that comes back by itself and shows no byte twice.
 *
 * Collaborators: `openSocket(url, subprotocol)` makes a WebSocket; `requestTicket({mend})` answers
 * `{url, ticket, launch, status, message}`, with `mend` after asking whether the record is true;
 * `screen` has `write(bytes, done)`, `clear()`, `replay()` (old output follows), `live()`, `size()`;
 * `events` has `state(state)`, `writer({writer, viewers})`, `gap(bytes)`, `warning({reason, seconds})`,
 * `terms({idleSeconds, mostSeconds})`, `unheard()` (typed by one who only watches).
 */
export class TerminalConnection {
  #openSocket;
  #requestTicket;
  #screen;
  #events;
  #clock;
  #stream;
  #pulse;
  #retries;

  #run = 0;
  #socket = null;
  #enteredAt = 0;
  #wasRenewed = false;
  #isWriter = false;
  #wantsToType = false;
  #timer = null;
  #end = null;
  #said = "";
  state = { phase: "idle" };

  constructor({ openSocket, requestTicket, screen, events, clock = CLOCK, random = Math.random }) {
    this.#openSocket = openSocket;
    this.#requestTicket = requestTicket;
    this.#screen = screen;
    this.#events = events;
    this.#clock = clock;
    this.#retries = new Retries({ clock, random });
    const acknowledge = (number) => this.#whenOpen((socket) => socket.send(ackFrame(number)));
    this.#stream = new TerminalStream({ screen, onGap: (bytes) => events.gap(bytes), acknowledge, clock });
    this.#pulse = new Pulse({ probe: () => this.#isWriter && this.take(), dead: () => this.connect(), clock });
  }

  /** The launch that is or was connected to, or null. */
  get launch() {
    return this.#stream.launch;
  }

  /** Connect now, whatever was under way before; `grant` is a fresh answer of `requestTicket`, where there is one. */
  connect(grant = null) {
    this.#drop();
    this.#retries.restart();
    this.#wasRenewed = false;
    return this.#begin(grant);
  }

  /** Somebody is back: make sure that what looks connected is connected. */
  wake({ slept = false, online = false } = {}) {
    const { phase } = this.state;
    const isStuck = this.#clock.now() - this.#enteredAt > STUCK_MS;
    if (phase === "waiting" || ((phase === "asking" || phase === "connecting") && isStuck)) {
      this.connect();
    } else if (phase === "open" && (slept || online)) {
      this.connect();
    } else if (phase === "open") {
      this.#pulse.hurry();
    }
  }

  /** Let go of the terminal; the shell in it goes on. */
  close() {
    this.#drop();
    this.#wantsToType = false;
    this.#enter({ phase: "idle" });
  }

  /** Send typed text or bytes; returns false when nobody is listening to it. */
  send(data) {
    if (this.state.phase === "open" && !this.#isWriter) {
      // The emulator's own answers to programs begin so, too; the writer's emulator gives them.
      if (!String(data).startsWith("\x1b")) {
        this.#events.unheard();
      }
      return false;
    }
    return this.#whenOpen((socket) => {
      inputFrames(data).forEach((frame) => socket.send(frame));
      this.#pulse.typed();
    });
  }

  resize(rows, columns) {
    return this.#whenOpen((socket) => socket.send(resizeFrame(rows, columns)));
  }

  /** Become the one who types. */
  take() {
    return this.#whenOpen((socket) => {
      socket.send(takeFrame());
      // Frames keep their order: what is typed from now on comes after it.
      this.#isWriter = true;
      this.#wantsToType = true;
    });
  }

  /** Ask for more time. */
  keep() {
    return this.#whenOpen((socket) => socket.send(keepFrame()));
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
    this.#enteredAt = this.#clock.now();
    this.#events.state(state);
  }

  #drop() {
    this.#run += 1;
    this.#clock.clearTimeout(this.#timer);
    this.#pulse.stop();
    this.#stream.pause();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  async #begin(given = null) {
    const run = this.#run;
    this.#enter({ phase: "asking", attempt: this.#retries.attempt });
    let grant = given;
    try {
      grant ??= await this.#requestTicket({ mend: this.#retries.mend() });
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
    this.#wantsToType = !this.#stream.meet(grant.launch) && this.#wantsToType;
    this.#end = null;
    this.#said = "";
    this.#open(grant);
  }

  #afterFailure(error) {
    if (error.isRetryable === false) {
      this.#enter({ phase: "refused", message: error.message });
    } else {
      this.#wait(error.message);
    }
  }

  #open(grant) {
    this.#enter({ phase: "connecting", attempt: this.#retries.attempt });
    this.#retries.opening();
    try {
      this.#socket = dial({
        url: grant.url,
        hello: () => ({ ticket: grant.ticket, seen: this.#stream.seen, window: WINDOW_BYTES, ...this.#screen.size() }),
        onOutput: (output) => {
          this.#pulse.heard();
          this.#stream.show(output);
        },
        onMessage: (message) => this.#receive(message),
        onClose: (code) => this.#closed(code),
        onSilence: () => this.#silent(),
        openSocket: this.#openSocket,
        clock: this.#clock,
      });
    } catch {
      this.#enter({ phase: "refused", message: "This browser may not connect to the terminal's address." });
    }
  }

  #receive(message) {
    this.#pulse.heard();
    switch (message.type) {
      case "welcome":
        this.#welcome(message);
        break;
      case "writer":
        this.#pulse.answered();
        this.#wantsToType = Boolean(message.writer);
        this.#seat(message);
        break;
      case "skipped":
        this.#stream.skip(message);
        break;
      case "warning":
        this.#events.warning({ reason: String(message.reason ?? ""), seconds: Number(message.seconds) || 0 });
        break;
      case "exit":
        this.#end = { exitStatus: Number(message.status), reason: String(message.reason ?? "exit") };
        break;
      case "error":
        this.#said = message.code === "not_writer" ? "" : String(message.message ?? "");
        break;
      default: // A later version of the protocol may say more.
    }
  }

  #welcome(message) {
    this.#retries.opened();
    this.#wasRenewed = false;
    this.#stream.welcome(message);
    this.#events.terms({ idleSeconds: Number(message.idle_s) || 0, mostSeconds: Number(message.max_age_s) || 0 });
    this.#enter({ phase: "open" });
    // The server may not have noticed yet that this page's last connection is dead, and lets that one type.
    const isTaken = !message.writer && this.#wantsToType && this.take();
    this.#wantsToType = Boolean(message.writer) || isTaken;
    this.#seat({ ...message, writer: this.#wantsToType });
  }

  #seat({ writer, viewers }) {
    this.#isWriter = Boolean(writer);
    this.#events.writer({ writer: this.#isWriter, viewers: Number(viewers) });
  }

  #silent() {
    this.#drop();
    this.#retries.closed();
    this.#wait("The terminal did not answer.");
  }

  #closed(code) {
    this.#drop();
    this.#retries.closed();
    const close = { code, said: this.#said, isEnded: this.#end !== null, wasRenewed: this.#wasRenewed };
    const { kind, message } = readClose(close);
    switch (kind) {
      case "ended":
        this.#wantsToType = false;
        this.#enter({ phase: "ended", ...(this.#end ?? { exitStatus: null, reason: "exit" }) });
        break;
      case "refused":
        this.#enter({ phase: "refused", message });
        break;
      case "renew":
        this.#wasRenewed = true;
        this.#begin();
        break;
      default:
        this.#retries.mayMend ? this.#begin() : this.#wait(message);
    }
  }

  #wait(message) {
    const delay = this.#retries.delay();
    const run = this.#run;
    const retryAt = this.#clock.now() + delay;
    this.#enter({ phase: "waiting", message, attempt: this.#retries.attempt, retryAt });
    this.#timer = this.#clock.setTimeout(() => run === this.#run && this.#begin(), delay);
  }
}
