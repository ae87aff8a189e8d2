// Numbers and times as people read them.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Return a size in bytes as text: `1.5 KiB`. */
export function formatBytes(size) {
  let value = Number(size);
  if (size === null || !Number.isFinite(value) || value < 0) {
    return "";
  }
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Return a time as milliseconds since 1970, from ISO text, seconds or milliseconds; null when it is none. */
export function parseTime(value) {
  if (value === null || value === undefined || value === "") {
    return null;
  }
  const number = typeof value === "number" ? value : Number(value);
  if (Number.isFinite(number)) {
    // Ten digits are seconds until the year 2286.
    return number < 1e11 ? number * 1000 : number;
  }
  // Milliseconds at most: more digits than three are not understood everywhere.
  const parsed = Date.parse(String(value).replace(/(\.\d{3})\d+/u, "$1"));
  return Number.isNaN(parsed) ? null : parsed;
}

/** Return a span as text: `3 s`, `2 min 05 s`, `1 h 02 min`, `2 d 3 h`. */
export function formatDuration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  if (seconds < 60) {
    return `${seconds} s`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  }
  if (seconds < 86_400) {
    return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  }
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** Return a measured time as text: `0.004 s`, `0.34 s`, `12.5 s`, `2 min 05 s`; "" when it is none. */
export function formatSeconds(seconds) {
  if (!Number.isFinite(seconds) || seconds < 0) {
    return "";
  }
  if (seconds >= 59.95) {
    return formatDuration(Math.round(seconds) * 1000);
  }
  const digits = seconds < 0.095 ? 3 : seconds < 9.95 ? 2 : 1;
  return `${seconds.toFixed(digits)} s`;
}

function formatEnded(from, until) {
  const milliseconds = Math.max(0, until - from);
  if (from % 1000 === 0 && until % 1000 === 0) {
    // Times that know whole seconds only say nothing about tenths.
    return milliseconds === 0 ? "<1 s" : formatDuration(milliseconds);
  }
  if (milliseconds < 100) {
    return "<0.1 s";
  }
  return milliseconds < 9950 ? `${(milliseconds / 1000).toFixed(1)} s` : formatDuration(Math.round(milliseconds / 1000) * 1000);
}

/**
 * Return how long it took from `start` to `end`, or "" when it has not begun.
 *
 * What has ended is told by the tenth of a second; what goes on counts whole ones, until now.
 */
export function formatSpan(start, end, now = Date.now()) {
  const from = parseTime(start);
  if (from === null) {
    return "";
  }
  const until = parseTime(end);
  return until === null ? formatDuration(now - from) : formatEnded(from, until);
}

/** Return a point in time in the reader's own zone and language, or "" when there is none. */
export function formatTime(value, locale = undefined, timeZone = undefined) {
  const time = parseTime(value);
  if (time === null) {
    return "";
  }
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", timeZone }).format(time);
}

/** Return a machine-readable time for a `<time datetime>`, or "". */
export function isoTime(value) {
  const time = parseTime(value);
  return time === null ? "" : new Date(time).toISOString();
}
