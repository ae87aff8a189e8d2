// Frames of the terminal protocol, version 1 (docs/terminal-protocol.md).

export const SUBPROTOCOL = "ipt.terminal.v1";
const VERSION = 1;
const HEADER_BYTES = 8;
const encoder = new TextEncoder();

/** The first frame of a client: `seen` bytes are known here, at most `window` may be on their way. */
export function helloFrame({ ticket, seen, rows, columns, window }) {
  return JSON.stringify({ type: "hello", version: VERSION, ticket, seen, rows, columns, window });
}

export function ackFrame(seen) {
  return JSON.stringify({ type: "ack", seen });
}

export function resizeFrame(rows, columns) {
  return JSON.stringify({ type: "resize", rows, columns });
}

export function takeFrame() {
  return JSON.stringify({ type: "take" });
}

/** A person wants the terminal to go on although nothing happens in it. */
export function keepFrame() {
  return JSON.stringify({ type: "keep" });
}

/** Split typed text into binary frames that no server finds too large. */
export function inputFrames(data, size = 16_384) {
  const bytes = typeof data === "string" ? encoder.encode(data) : data;
  const frames = [];
  for (let start = 0; start < bytes.length; start += size) {
    frames.push(bytes.slice(start, start + size));
  }
  return frames;
}

/** Read an output frame: the number of its first byte, and the bytes; null when it is too short. */
export function readOutput(buffer) {
  if (buffer.byteLength < HEADER_BYTES) {
    return null;
  }
  const first = Number(new DataView(buffer).getBigUint64(0));
  return { first, bytes: new Uint8Array(buffer, HEADER_BYTES) };
}

/** Read a text frame; null when it is none of the protocol's. */
export function readMessage(text) {
  try {
    const message = JSON.parse(text);
    return message !== null && typeof message === "object" && typeof message.type === "string" ? message : null;
  } catch {
    return null;
  }
}
