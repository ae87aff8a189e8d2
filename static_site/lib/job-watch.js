// Jobs whose end is to be told in this browser: forms put them here, the history tells and takes them out.
//
// They outlive the tab, hence local storage, under one key: a list of `{id, title, since}`, the oldest first.
// Whatever is found there may have been written by anyone on this origin, so it is read with care.

export const WATCH_KEY = "ipt.watched-jobs";
const MOST_JOBS = 50;
const LONGEST_MS = 14 * 24 * 3600 * 1000;

function isWatch(entry, now) {
  return (
    typeof entry?.id === "string" &&
    entry.id !== "" &&
    typeof entry.title === "string" &&
    Number.isFinite(entry.since) &&
    now - entry.since < LONGEST_MS
  );
}

function write(storage, entries) {
  try {
    storage.setItem(WATCH_KEY, JSON.stringify(entries));
    return true;
  } catch {
    // A full or forbidden storage: the job runs all the same, only nobody is told.
    return false;
  }
}

/** Return the jobs to tell of, the oldest first: `[{id, title, since}]`. */
export function watched({ storage = globalThis.localStorage, now = Date.now } = {}) {
  try {
    const entries = JSON.parse(storage.getItem(WATCH_KEY));
    return Array.isArray(entries) ? entries.filter((entry) => isWatch(entry, now())) : [];
  } catch {
    return [];
  }
}

/** Tell the end of a job in this browser. Returns false where the browser keeps nothing. */
export function watch(jobId, title, { storage = globalThis.localStorage, now = Date.now } = {}) {
  const others = watched({ storage, now }).filter(({ id }) => id !== jobId);
  return write(storage, [...others, { id: jobId, title, since: now() }].slice(-MOST_JOBS));
}

/** Tell nothing more of a job: it has been told, or is not wanted. */
export function forget(jobId, { storage = globalThis.localStorage, now = Date.now } = {}) {
  const others = watched({ storage, now }).filter(({ id }) => id !== jobId);
  write(storage, others);
}
