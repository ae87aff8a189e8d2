// What the list of jobs is asked for: kept after the # of the address, so that reload, back and links find it again.

import { FILTER_KINDS, FILTER_STATES } from "./jobs.js";

export const PAGE = 20;
// The service goes no farther.
const FARTHEST = 1_000_000;
const KINDS = new Set([...FILTER_KINDS.map(([kind]) => kind), "other"]);
const MOST_CHARACTERS = 100;
const NONE = { search: "", kind: "", status: "", system: "", since: "", until: "", page: 1 };

function isDay(text) {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/u.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Read filters from the parameters of an address; whatever makes no sense there counts as not given. */
export function readFilters(parameters) {
  const text = (name) => (parameters.get(name) ?? "").slice(0, MOST_CHARACTERS);
  const only = (name, isGood) => (isGood(text(name)) ? text(name) : "");
  const page = /^\d{1,5}$/u.test(text("page")) ? Number(text("page")) : 1;
  return {
    search: text("search"),
    kind: only("kind", (kind) => KINDS.has(kind)),
    status: only("status", (status) => FILTER_STATES.includes(status)),
    system: only("system", (system) => /^[a-z][a-z0-9-]{1,30}$/u.test(system)),
    since: only("since", isDay),
    until: only("until", isDay),
    page: Math.min(Math.max(page, 1), FARTHEST / PAGE),
  };
}

/** Return filters as what stands after the # of the address; what is not filtered is left out. */
export function writeFilters(filters) {
  const given = Object.keys(NONE).filter((name) => filters[name] !== NONE[name]);
  return new URLSearchParams(given.map((name) => [name, filters[name]])).toString();
}

/** True when some jobs are left out. */
export function isFiltered(filters) {
  return Object.keys(NONE).some((name) => name !== "page" && filters[name] !== "");
}

/** Return the moment at which a day begins for the reader, or `days` later. */
function startOf(day, days = 0) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + days).toISOString();
}

/** Return what the service is asked for. Days are the reader's own, so they go out as moments. */
export function toQuery(filters) {
  const { search, kind, status, system, since, until, page } = filters;
  const query = { limit: PAGE, offset: (page - 1) * PAGE, search: search.trim(), kind, status, system };
  if (since) {
    query.since = startOf(since);
  }
  if (until) {
    query.until = startOf(until, 1);
  }
  return query;
}
