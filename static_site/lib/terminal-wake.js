// Notices that the computer slept or that somebody is back: a lid was opened, a tab shown, a network found.
//
// Timers stand still in sleep and run slowly in a hidden tab, so a clock that has jumped between
// two ticks is the sign of a sleep.

import { CLOCK } from "./clock.js";

const TICK_MS = 5000;
const SLEPT_MS = 40_000;
// Browsers run the timers of a tab that was hidden for long once a minute.
const SLEPT_HIDDEN_MS = 90_000;
const EVENTS = ["focus", "pageshow", "online"];

/**
 * Call `wake({slept, online})` whenever the connection should be looked at; returns the disposer.
 *
 * `slept` is true when the clock has jumped since the last tick, `online` when the network came back.
 */
export function watchWake(wake, { page = globalThis.document, view = globalThis, clock = CLOCK } = {}) {
  let last = clock.now();
  let wasHidden = page.hidden;
  let hasSlept = false;
  let timer = null;

  const look = () => {
    const now = clock.now();
    hasSlept ||= now - last > (wasHidden ? SLEPT_HIDDEN_MS : SLEPT_MS);
    last = now;
    wasHidden = page.hidden;
  };
  const tell = (online) => {
    const slept = hasSlept;
    hasSlept = false;
    wake({ slept, online });
  };
  const tick = () => {
    look();
    if (hasSlept && !page.hidden) {
      tell(false);
    }
    timer = clock.setTimeout(tick, TICK_MS);
  };
  const onEvent = (event) => {
    look();
    if (!page.hidden) {
      tell(event.type === "online");
    }
  };

  timer = clock.setTimeout(tick, TICK_MS);
  page.addEventListener("visibilitychange", onEvent);
  EVENTS.forEach((name) => view.addEventListener(name, onEvent));
  return () => {
    clock.clearTimeout(timer);
    page.removeEventListener("visibilitychange", onEvent);
    EVENTS.forEach((name) => view.removeEventListener(name, onEvent));
  };
}
