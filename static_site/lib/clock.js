// The time of the browser, as a collaborator that tests put another in place of.

export const CLOCK = {
  now: () => Date.now(),
  setTimeout: (task, delay) => globalThis.setTimeout(task, delay),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
};
