// Lets the emulator go on at its usual speed while its tab is hidden.
//
// It shows output in slices, each begun by `setTimeout(…, 0)`. Browsers run the timers of a hidden tab
// once a second, later once a minute; the server would wait for this page to have shown what it sent,
// and the program in the shell for the server: whoever looks at another tab would find a compilation
// that has stood still. Messages are delivered at once, in hidden tabs too.

/** Make timers without a delay run at once while `page` is hidden; returns the disposer. */
export function runTimersEagerly(view = globalThis, page = globalThis.document) {
  const { setTimeout, clearTimeout, MessageChannel } = view;
  const { port1, port2 } = new MessageChannel();
  const waiting = new Map();

  port1.onmessage = ({ data }) => {
    const task = waiting.get(data);
    clearTimeout.call(view, data);
    waiting.delete(data);
    task?.();
  };
  view.setTimeout = (task, delay = 0, ...values) => {
    if (!page.hidden || delay > 0 || typeof task !== "function") {
      return setTimeout.call(view, task, delay, ...values);
    }
    // The timer itself stays as the second way, and gives the number.
    const number = setTimeout.call(view, () => waiting.delete(number) && task(...values), delay);
    waiting.set(number, () => task(...values));
    port2.postMessage(number);
    return number;
  };
  view.clearTimeout = (number) => {
    waiting.delete(number);
    clearTimeout.call(view, number);
  };
  return () => {
    view.setTimeout = setTimeout;
    view.clearTimeout = clearTimeout;
    port1.close();
  };
}
