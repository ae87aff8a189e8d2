// The record of the caller's terminal and the connection to it, kept in step:
// start, stop, wait in line, find it ended or started anew by another tab.

import { CLOCK } from "./clock.js";
import { startPolling } from "./poll.js";
import { isInLine } from "./terminal-view.js";

const SLOW_MS = 15_000;
const FAST_MS = 1500;
const LINE_MS = 4000;
const LINE_HIDDEN_MS = 30_000;
const AFTER_END_MS = 2000;
// How often to look closely after an end: another tab may be starting it anew.
const LOOKS_AFTER_END = 15;
const START_MS = 180_000;

/**
 * Owns the record and what was asked for.
 *
 * Collaborators: `call(name, request)` calls a function; `makeConnection({requestTicket, onState})` gives a
 * TerminalConnection; `changed()` is told of every change; `told(text)` and `failed(error)` speak to the person.
 */
export class TerminalControl {
  #call;
  #origin;
  #changed;
  #told;
  #failed;
  #clock;
  #polling = null;
  #run = 0;
  #looks = 0;
  #endedLaunch = null;
  connection;
  record = null;
  asked = "";
  since = "";

  constructor({ call, origin, makeConnection, changed, told, failed, clock = CLOCK }) {
    this.#call = call;
    this.#origin = origin;
    this.#changed = changed;
    this.#told = told;
    this.#failed = failed;
    this.#clock = clock;
    this.connection = makeConnection({
      requestTicket: (how) => this.#requestTicket(how),
      onState: (state) => this.#onState(state),
    });
  }

  /** Begin to look; returns the disposer. */
  start(page = globalThis.document) {
    this.#polling = startPolling(() => this.#look(), {
      every: SLOW_MS,
      onError: (error) => this.#onPollError(error),
      // Whoever stands in line keeps the place by asking.
      hiddenDelay: () => (isInLine(this.record) ? LINE_HIDDEN_MS : null),
      page,
      clock: this.#clock,
    });
    return () => {
      this.#polling.stop();
      this.connection.close();
    };
  }

  /** Carry out START, STOP or RESTART. */
  async command(command) {
    const run = ++this.#run;
    this.asked = command;
    this.since = this.#nowText();
    this.connection.close();
    this.#changed();
    try {
      const record = await this.#order(command);
      if (run !== this.#run) {
        return;
      }
      this.asked = "";
      this.#meet(record);
      if (command === "STOP") {
        this.#told("Your terminal is stopped. Your files are kept.");
      }
    } catch (error) {
      if (run !== this.#run) {
        return;
      }
      this.asked = "";
      this.record = this.record && { ...this.record, status: "PENDING", queued: "", position: 0, message: "" };
      this.#failed(error);
    }
    this.#follow();
    this.#polling?.now();
    this.#changed();
  }

  #nowText() {
    return new Date(this.#clock.now()).toISOString();
  }

  #order(command) {
    // A message may be delivered twice: the launch that is to be replaced is replaced once.
    const launch = command === "RESTART" ? this.record?.launch : "";
    const body = launch ? { command, launch } : { command };
    return this.#call("terminal", { method: "POST", path: "/terminals", body, timeoutMs: START_MS });
  }

  async #requestTicket({ mend = false } = {}) {
    const run = this.#run;
    if (mend) {
      await this.#sync();
    }
    const record = await this.#call("webterm", { path: "/webterm", query: { origin: this.#origin } });
    if (run === this.#run) {
      this.#meet(record);
    }
    return record;
  }

  /** Have the record brought in line with the host; that it cannot be done now is no reason to give up. */
  async #sync() {
    try {
      await this.#order("SYNC");
    } catch (error) {
      if (error.endsSession) {
        throw error;
      }
    }
  }

  #onState(state) {
    if (state.phase === "ended") {
      this.#endedLaunch = this.connection.launch;
      this.#looks = 0;
      this.#polling?.now();
    }
    this.#changed();
  }

  #meet(record) {
    if (record.status !== this.record?.status) {
      this.since = record.queued || record.since || this.#nowText();
    }
    this.record = record;
    this.#changed();
  }

  /** Connect to a terminal that is ready, unless it is the one that has just ended. */
  #follow(grant = null) {
    const { phase } = this.connection.state;
    const isSame = phase === "ended" && this.record?.launch === this.#endedLaunch;
    if (this.record?.status === "READY" && !this.asked && !isSame) {
      this.connection.connect(grant);
    }
  }

  /** One look at the record; returns when to look again. */
  async #look() {
    const { phase } = this.connection.state;
    if (this.asked) {
      return FAST_MS;
    }
    if (isInLine(this.record)) {
      await this.#askAgain();
      this.#follow();
    } else if (phase === "ended") {
      this.#follow(await this.#lookAfterEnd());
    } else if (this.record?.status !== "READY" || phase === "gone") {
      this.#follow(await this.#read());
    }
    return this.#delay();
  }

  #delay() {
    if (isInLine(this.record)) {
      return LINE_MS;
    }
    if (this.record?.status === "SUBMITTED") {
      return FAST_MS;
    }
    return this.connection.state.phase === "ended" && this.#looks < LOOKS_AFTER_END ? AFTER_END_MS : SLOW_MS;
  }

  async #askAgain() {
    const run = this.#run;
    const record = await this.#order("START");
    if (run === this.#run) {
      this.#meet(record);
    }
  }

  /** The record may not know yet that the shell has ended. */
  async #lookAfterEnd() {
    this.#looks += 1;
    const isBehind = this.record?.status === "READY" && this.record.launch === this.#endedLaunch;
    if (isBehind && this.#looks < LOOKS_AFTER_END) {
      await this.#sync();
    }
    return this.#read();
  }

  /** Read the record; returns it, as it may hold a ticket. */
  async #read() {
    try {
      return await this.#requestTicket();
    } catch (error) {
      if (error.code !== "not_found") {
        throw error;
      }
      this.#meet({ status: "NONE" });
      return null;
    }
  }

  #onPollError(error) {
    if (this.record === null || isInLine(this.record)) {
      this.#failed(error);
    }
    return !error.endsSession;
  }
}
