// What a person does with one job: cancel, remove, send again, be told of its end.

import { cancelSentence } from "../../lib/job-words.js";
import { forget, watch, watched } from "../../lib/job-watch.js";
import { titleOf } from "../../lib/jobs.js";
import { askPermission } from "../../lib/notices.js";
import { resubmit } from "../../lib/resubmission.js";
import { api, storage } from "../../lib/site.js";
import { clearAlerts, tell, tellError } from "../alerts/alerts.js";
import { confirmAction } from "../dialog/dialog.js";
import { lastAddress } from "../job-list/job-list.js";

const pathOf = (job) => `/jobs/${encodeURIComponent(job.id)}`;

async function act(call, done) {
  clearAlerts();
  try {
    await api.call("jobs", call);
    tell(done, "good");
    return true;
  } catch (error) {
    tellError(error);
    return false;
  }
}

async function cancel(job) {
  const isSure = await confirmAction({
    title: "Cancel this job?",
    text: cancelSentence(job.status),
    action: "Cancel the job",
  });
  if (isSure) {
    await act({ method: "POST", path: `${pathOf(job)}/cancel` }, "The job is being cancelled.");
  }
}

async function remove(job) {
  const isSure = await confirmAction({
    title: "Remove this job from the history?",
    text: "Its folder with the outputs stays in your home.",
    action: "Remove",
  });
  if (isSure && (await act({ method: "DELETE", path: pathOf(job) }, "The job is removed from the history."))) {
    forget(job.id);
    window.location.hash = lastAddress();
  }
}

async function sendAgain(job, button) {
  clearAlerts();
  button.disabled = true;
  try {
    const again = await resubmit({ api, storage, jobId: job.id });
    tell("The job is sent again, as it was. This is the new one.", "good");
    window.location.hash = `job=${encodeURIComponent(again.id)}`;
  } catch (error) {
    tellError(error);
  }
  button.disabled = false;
}

async function toggleWatch(job) {
  if (isWatched(job)) {
    forget(job.id);
    return;
  }
  const { title, id } = titleOf(job);
  const isKept = watch(job.id, [title, id].filter(Boolean).join(" "));
  tell(await askPermission(isKept));
}

/** True when the end of a job will be told. */
export function isWatched(job) {
  return watched().some(({ id }) => id === job.id);
}

/** Do what a button of the detail page says. */
export async function carryOut(action, job, button) {
  const actions = { cancel, delete: remove, resubmit: sendAgain, watch: toggleWatch };
  await actions[action]?.(job, button);
}
