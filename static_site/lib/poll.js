// Asks again and again, gently: slower after failures, not at all while nobody looks.

import { CLOCK } from "./clock.js";

const MAX_FAILURE_FACTOR = 8;

/**
 * Run `task` now and then every `every` milliseconds, one at a time.
 *
 * The task may return `false` to end the polling, or a number: the next delay.
 * A task that throws is told to `onError` and tried again later; `onError` may return false to end.
 * While the page is hidden nothing is asked, unless `hiddenDelay()` gives a pause for that time.
 * Returns `{stop, now}`.
 */
export function startPolling(
  task,
  { every, onError = () => true, hiddenDelay = () => null, page = globalThis.document, clock = CLOCK },
) {
  let timer = null;
  let failures = 0;
  let isRunning = false;
  let isAgain = false;
  let isStopped = false;

  const schedule = (delay) => {
    if (!isStopped) {
      const pause = page?.hidden ? Math.max(delay, hiddenDelay() ?? delay) : delay;
      timer = clock.setTimeout(run, pause);
    }
  };
  const nextDelay = (answer) => (typeof answer === "number" ? answer : every);

  async function attempt() {
    try {
      const answer = await task();
      failures = 0;
      return answer === false ? null : nextDelay(answer);
    } catch (error) {
      failures += 1;
      return onError(error) === false ? null : every * Math.min(2 ** failures, MAX_FAILURE_FACTOR);
    }
  }

  async function run() {
    clock.clearTimeout(timer);
    if (isStopped || (page?.hidden && hiddenDelay() === null)) {
      return;
    }
    if (isRunning) {
      isAgain = true;
      return;
    }
    isRunning = true;
    const delay = await attempt();
    isRunning = false;
    if (isAgain) {
      isAgain = false;
      schedule(0);
    } else if (delay === null) {
      stop();
    } else {
      schedule(delay);
    }
  }

  function stop() {
    isStopped = true;
    clock.clearTimeout(timer);
    page?.removeEventListener?.("visibilitychange", run);
  }

  page?.addEventListener?.("visibilitychange", run);
  run();
  return { stop, now: run };
}
