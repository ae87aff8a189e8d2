// Being told of the end of a job: by a flash in the page always, by the browser where the person allows it.

import { forget, watched } from "./job-watch.js";
import { isDone } from "./jobs.js";

const SENTENCES = {
  granted: "When the job ends, your browser tells you, as long as a page of this site is open.",
  default: "When the job ends, any open page of this site tells you.",
  denied: "When the job ends, any open page of this site tells you. Your browser does not allow it to do more.",
};

/** Ask whether the browser may tell, and return in words what will happen. Only ever after a click. */
export async function askPermission(isKept, notification = globalThis.Notification) {
  if (!isKept) {
    return "This browser keeps nothing for this site, so it cannot tell you. Leave the page open instead.";
  }
  const may = notification ? await notification.requestPermission() : "denied";
  return SENTENCES[may] ?? SENTENCES.default;
}

/** Return how a job ended, for a flash: `{text, tone}`. */
export function endWords(title, status) {
  const words = {
    FINISHED: { text: `${title} is done.`, tone: "good" },
    FAILED: { text: `${title} has failed.`, tone: "bad" },
  };
  return words[status] ?? { text: `${title} was cancelled.`, tone: "note" };
}

// One page of the list tells of nearly all; the detail of a job costs the platform much more.
const NEWEST = 100;

async function readStates({ api, entries }) {
  const { jobs } = await api.call("jobs", { path: "/jobs", query: { limit: NEWEST, offset: 0 } });
  const states = new Map(jobs.map(({ id, status }) => [id, status]));
  for (const { id } of entries) {
    if (!states.has(id)) {
      states.set(id, await readState(api, id));
    }
  }
  return states;
}

// A job that is not there any more, or is somebody else's, has no state.
async function readState(api, id) {
  try {
    return (await api.call("jobs", { path: `/jobs/${encodeURIComponent(id)}` })).status;
  } catch (error) {
    if (error.code === "not_found" || error.code === "forbidden") {
      return "";
    }
    throw error;
  }
}

/** Ask for the watched jobs once; `onEnd({id, title, status})` for each that has ended. */
export async function lookForEnds({ api, options = {}, onEnd }) {
  const entries = watched(options);
  const states = await readStates({ api, entries });
  // Another tab may have told some of them in the meantime.
  for (const { id, title } of watched(options)) {
    const status = states.get(id);
    if (status === "") {
      forget(id, options);
    } else if (isDone(status)) {
      forget(id, options);
      onEnd({ id, title, status });
    }
  }
}
