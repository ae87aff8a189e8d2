// What administrators look at and do: views, filters kept after the # of the address, and what each action says.

export const PAGE = 20;
// The service goes no farther.
const FARTHEST = 1_000_000;
const MOST_CHARACTERS = 100;

const STATES = ["READY", "SUBMITTED", "PENDING", "STOPPED", "ERROR"];
const KINDS = ["compile", "run", "build-run", "compare"];
const ACTIONS = ["start", "stop", "restart", "sync", "delete-record", "drain", "undrain"];
const ORDERS = [
  ["user", "User"],
  ["status", "State"],
  ["host", "Host"],
  ["-since", "Newest change first"],
  ["since", "Oldest change first"],
];

/** The views with their filters: `[name, label, choices]`, where a filter without choices is a text. */
export const VIEWS = {
  terminals: {
    title: "Terminals",
    filters: [["search", "Search"], ["status", "State", STATES], ["host", "Host"], ["sort", "Order", ORDERS]],
  },
  hosts: { title: "Hosts", filters: [] },
  jobs: { title: "Jobs", filters: [["search", "Search"], ["user", "User"], ["kind", "Kind", KINDS]] },
  audit: {
    title: "Audit",
    filters: [["by", "Administrator"], ["action", "Action", ACTIONS], ["target", "User or host"]],
  },
};
export const FIRST_VIEW = "terminals";

/** Return the choices of a filter as `[value, label]`. */
export function choicesOf(choices) {
  return choices.map((choice) => (Array.isArray(choice) ? choice : [choice, choice]));
}

const usual = (name) => (name === "sort" ? ORDERS[0][0] : "");

/** Read view, page and filters from the parameters of an address; whatever makes no sense counts as not given. */
export function readPlace(parameters) {
  const asked = parameters.get("view") ?? "";
  const view = Object.hasOwn(VIEWS, asked) ? asked : FIRST_VIEW;
  const page = /^[1-9]\d{0,4}$/u.test(parameters.get("page") ?? "") ? Number(parameters.get("page")) : 1;
  const filters = {};
  for (const [name, , choices] of VIEWS[view].filters) {
    const value = (parameters.get(name) ?? "").slice(0, MOST_CHARACTERS);
    const isKnown = !choices || choicesOf(choices).some(([known]) => known === value);
    filters[name] = isKnown && value ? value : usual(name);
  }
  return { view, page: Math.min(page, FARTHEST / PAGE), filters };
}

/** Return what stands after the # of the address; what is not given is left out. */
export function writePlace({ view, page = 1, filters = {} }) {
  const given = [["view", view], ...Object.entries(filters), ["page", page > 1 ? String(page) : ""]];
  return new URLSearchParams(given.filter(([name, value]) => value !== usual(name))).toString();
}

/** Return what the function `admin` is asked for. */
export function toQuery({ view, page, filters }) {
  const given = Object.entries(filters)
    .map(([name, value]) => [name, value.trim()])
    .filter(([, value]) => value);
  const pages = { limit: PAGE, offset: (page - 1) * PAGE };
  return { ...Object.fromEntries(given), ...(view === "hosts" ? {} : pages), ...(view === "terminals" ? { idle: "true" } : {}) };
}

/** True when some entries are left out. */
export function isNarrowed({ filters }) {
  return Object.entries(filters).some(([name, value]) => name !== "sort" && value !== "");
}

/** A new id of an action: the same one again would be the same action. */
export function makeRequestId(crypto = globalThis.crypto) {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const UP = new Set(["READY", "SUBMITTED"]);
const TONES = { READY: "good", SUBMITTED: "busy", PENDING: "busy", ERROR: "bad", done: "good", refused: "quiet", failed: "bad", unknown: "busy" };

/** Return the tone of a terminal's state or of an action's result. */
export function toneOf(word) {
  return Object.hasOwn(TONES, word) ? TONES[word] : "quiet";
}

/** Return which actions make sense for a terminal: `[action, label]`. */
export function actionsOf({ status, queued, can_delete: canDelete }) {
  const isUp = UP.has(status);
  return [
    !isUp && ["start", "Start"],
    (isUp || Boolean(queued)) && ["stop", "Stop"],
    status === "READY" && ["restart", "Restart"],
    ["sync", "Sync"],
    canDelete && ["delete-record", "Delete record"],
  ].filter(Boolean);
}

const QUESTIONS = {
  stop: {
    title: (name) => `Stop the terminal of ${name}?`,
    text: "Every program in it ends, and what was not saved is lost. The files stay.",
    action: "Stop",
  },
  restart: {
    title: (name) => `Restart the terminal of ${name}?`,
    text: "Every program in it ends, and what was not saved is lost. A new terminal starts, where a host has room.",
    action: "Restart",
  },
  "delete-record": {
    title: (name) => `Delete the record of ${name}?`,
    text: "The terminal does not run, and the files stay. The next Start makes a new record.",
    action: "Delete record",
  },
  drain: {
    title: (name) => `Drain ${name}?`,
    text: "It takes no new terminals until you end that; those that run on it go on. Where no other host has room, whoever presses Start waits in line.",
    action: "Drain",
  },
};

/** Return what to ask before an action: `{title, text, action, keep}`; null where nothing is lost. */
export function questionOf(action, name) {
  const question = Object.hasOwn(QUESTIONS, action) ? QUESTIONS[action] : null;
  return question ? { ...question, title: question.title(name), keep: "Cancel" } : null;
}

/** Return what to tell after an action. */
export function outcomeOf(action, name, answer) {
  switch (action) {
    case "delete-record":
      return answer.deleted ? `The record of ${name} is deleted.` : `${name} had no record any more.`;
    case "drain":
      return `${name} takes no new terminals.`;
    case "undrain":
      return `${name} takes terminals again.`;
    default:
      return `The terminal of ${name} is ${answer.status} now.`;
  }
}

/** Return how the function is asked for an action: `{method, path, body}`. */
export function callOf(action, name, { launch = "", requestId = makeRequestId() } = {}) {
  const target = encodeURIComponent(name);
  const body = { request_id: requestId };
  if (action === "drain" || action === "undrain") {
    return { method: "POST", path: `/hosts/${target}/${action}`, body };
  }
  if (action === "delete-record") {
    return { method: "DELETE", path: `/terminals/${target}/record`, body };
  }
  const isOfLaunch = (action === "stop" || action === "restart") && launch;
  return { method: "POST", path: `/terminals/${target}/${action}`, body: isOfLaunch ? { ...body, launch } : body };
}
