// The end that a terminal warns of: how long it is away, and what is said about it.

import { formatDuration } from "./format.js";

const WHY = {
  idle: "nothing has happened in it for a while",
  age: "it has reached the greatest age that is allowed",
};

/** Return the warning that a frame tells: `{reason, endsAt}`, or null when it is called off. */
export function readWarning({ reason, seconds }, now) {
  return reason && seconds > 0 ? { reason, endsAt: now + seconds * 1000 } : null;
}

/** Return the sentence that is read aloud once. */
export function warningSentence({ reason, endsAt }, now) {
  const minutes = Math.max(1, Math.round((endsAt - now) / 60_000));
  const when = minutes === 1 ? "within a minute" : `in ${minutes} minutes`;
  const why = WHY[reason] ? `, because ${WHY[reason]}` : "";
  return `Your terminal will be ended ${when}${why}. Files are kept; what runs in it ends.`;
}

/** Return how much time is left, for people. */
export function timeLeft({ endsAt }, now) {
  return formatDuration(endsAt - now);
}
