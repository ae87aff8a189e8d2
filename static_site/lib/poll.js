// Asks again and again, gently: slower after failures, not at all while nobody looks.

const MAX_FAILURE_FACTOR = 8;

const CLOCK = {
  setTimeout: (task, delay) => globalThis.setTimeout(task, delay),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
};

/**
 * Run `task` now and then every `every` milliseconds, one at a time.
 *
 * The task may return `false` to end the polling, or a number: the next delay.
 * A task that throws is told to `onError` and tried again later; `onError` may return false to end.
 * Returns `{stop, now}`.
 */
export function startPolling(task, { every, onError = () => true, page = globalThis.document, clock = CLOCK }) {
  let timer = null;
  let failures = 0;
  let isRunning = false;
  let isAgain = false;
  let isStopped = false;

  const schedule = (delay) => {
    if (!isStopped) {
      timer = clock.setTimeout(run, delay);
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
    if (isStopped || page?.hidden) {
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
