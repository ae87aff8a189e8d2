// startJobNews()
// On every page: when a job that is watched ends, a flash says so, and the browser does where it may.

import { watched } from "../../lib/job-watch.js";
import { endWords, lookForEnds } from "../../lib/notices.js";
import { startPolling } from "../../lib/poll.js";
import { api, hashParameters, pageName, session } from "../../lib/site.js";
import { tell } from "../alerts/alerts.js";

const EVERY_MS = 8000;
const NONE_MS = 20_000;

const addressOf = (id) => `history.html#job=${encodeURIComponent(id)}`;
const isShown = (id) => pageName() === "history.html" && hashParameters().get("job") === id && !document.hidden;
const mayNotify = () => globalThis.Notification?.permission === "granted";

function notify({ id, title, status }) {
  const { text } = endWords(title, status);
  try {
    const notice = new Notification("IPT on the Web", { body: text, tag: id });
    notice.onclick = () => {
      window.focus();
      window.location.assign(addressOf(id));
      notice.close();
    };
  } catch {
    // Some browsers of phones only have them for service workers: the flash is there.
  }
}

function onEnd(job) {
  // The job's own page says it by itself.
  if (!isShown(job.id)) {
    const { text, tone } = endWords(job.title, job.status);
    tell(text, tone, { href: addressOf(job.id), label: "Look at it" });
  }
  if (mayNotify()) {
    notify(job);
  }
}

async function look() {
  if (watched().length === 0 || !session.read()) {
    return NONE_MS;
  }
  await lookForEnds({ api, onEnd });
  return EVERY_MS;
}

/** Begin to look after the watched jobs; without one nothing is asked. */
export function startJobNews() {
  startPolling(look, {
    every: EVERY_MS,
    hiddenDelay: () => (mayNotify() ? EVERY_MS : null),
    // The page itself tells what is wrong with the service.
    onError: (error) => !error.endsSession,
  });
}
