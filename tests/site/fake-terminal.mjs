// A terminal server and an emulator, as far as a connection knows them.

import { TerminalConnection } from "../../static_site/lib/terminal-connection.js";
import { FakeClock, settle } from "./fakes.mjs";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A terminal server's end of one connection. */
export class FakeSocket {
  sent = [];
  isClosed = false;

  send(data) {
    this.sent.push(typeof data === "string" ? JSON.parse(data) : decoder.decode(data));
  }

  close() {
    this.isClosed = true;
  }

  say(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  welcome({ from = 0, end = from, skipped = 0, writer = true, viewers = 1, ...more } = {}) {
    this.onopen();
    this.say({ type: "welcome", version: 1, launch: "l1", from, end, skipped, writer, viewers, ...more });
  }

  output(first, text) {
    const bytes = encoder.encode(text);
    const buffer = new ArrayBuffer(8 + bytes.length);
    new DataView(buffer).setBigUint64(0, BigInt(first));
    new Uint8Array(buffer, 8).set(bytes);
    this.onmessage({ data: buffer });
  }

  ofType(type) {
    return this.sent.filter((message) => message.type === type);
  }
}

/** A screen that keeps the text, and whether it is old. */
export class FakeScreen {
  text = "";
  isOld = false;
  clears = 0;
  isSlow = false;
  waiting = [];

  write(bytes, done) {
    this.text += decoder.decode(bytes);
    if (this.isSlow) {
      this.waiting.push(done);
    } else {
      done();
    }
  }

  clear() {
    this.text = "";
    this.clears += 1;
  }

  replay() {
    this.isOld = true;
  }

  live() {
    this.isOld = false;
  }

  size() {
    return { rows: 24, columns: 80 };
  }
}

/** A connection with doubles for everything around it. */
export function makeConnection({ grants } = {}) {
  const clock = new FakeClock();
  const sockets = [];
  const screen = new FakeScreen();
  const told = { states: [], seats: [], gaps: [], mends: [], warnings: [], terms: [], unheard: 0 };
  let asked = 0;
  const requestTicket = async ({ mend }) => {
    told.mends.push(mend);
    const grant = grants?.[Math.min(asked, grants.length - 1)] ?? {};
    asked += 1;
    if (grant instanceof Error) {
      throw grant;
    }
    return { url: "ws://t/", ticket: `ticket-${asked}`, launch: "l1", status: "READY", ...grant };
  };
  const connection = new TerminalConnection({
    openSocket: (url, subprotocol) => {
      const socket = new FakeSocket();
      Object.assign(socket, { url, subprotocol });
      sockets.push(socket);
      return socket;
    },
    requestTicket,
    screen,
    events: {
      state: (state) => told.states.push(state.phase),
      writer: (seats) => told.seats.push(seats),
      gap: (bytes) => told.gaps.push(bytes),
      warning: (warning) => told.warnings.push(warning),
      terms: (terms) => told.terms.push(terms),
      unheard: () => (told.unheard += 1),
    },
    clock,
    random: () => 1,
  });
  return { clock, sockets, screen, told, connection, asked: () => asked };
}

/** The same, let in by the server. */
export async function connected(options) {
  const world = makeConnection(options);
  world.connection.connect();
  await settle();
  world.sockets[0].welcome();
  return world;
}

/** Events that nobody listens to. */
export const silentEvents = {
  state: () => {},
  writer: () => {},
  gap: () => {},
  warning: () => {},
  terms: () => {},
  unheard: () => {},
};
