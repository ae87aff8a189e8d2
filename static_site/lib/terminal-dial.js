// One WebSocket to a terminal, from its hello to its close.

import { SUBPROTOCOL, helloFrame, readMessage, readOutput } from "./terminal-frames.js";

const WELCOME_MS = 15_000;

/**
 * Open a socket; returns `{send, close}`, after whose `close` nothing is told any more.
 *
 * `hello()` gives the first frame's content; then come `onOutput({first, bytes})`, `onMessage(message)`
 * and, once, either `onClose(code)` or `onSilence()` when there was no welcome in time.
 * Throws when the browser may not go there.
 */
export function dial({ url, hello, onOutput, onMessage, onClose, onSilence, openSocket, clock }) {
  const socket = openSocket(url, SUBPROTOCOL);
  let isOver = false;
  const timer = clock.setTimeout(() => {
    close();
    onSilence();
  }, WELCOME_MS);

  function close() {
    isOver = true;
    clock.clearTimeout(timer);
    socket.close();
  }

  function receive(data) {
    if (typeof data !== "string") {
      onOutput(readOutput(data));
      return;
    }
    const message = readMessage(data);
    if (message?.type === "welcome") {
      clock.clearTimeout(timer);
    }
    if (message !== null) {
      onMessage(message);
    }
  }

  socket.binaryType = "arraybuffer";
  socket.onopen = () => socket.send(helloFrame(hello()));
  socket.onmessage = (event) => isOver || receive(event.data);
  socket.onclose = (event) => {
    if (!isOver) {
      close();
      onClose(event.code);
    }
  };
  return { send: (frame) => socket.send(frame), close };
}
