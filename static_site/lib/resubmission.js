// One click, one job: the request id of a resubmission is kept until the service has answered.

import { newRequestId } from "./draft.js";

const key = (jobId) => `ipt.resubmit.${jobId}`;

/** Send a job once more as it was; returns the new job. A repeated click after a failure is the same request. */
export async function resubmit({ api, storage, jobId, newId = newRequestId }) {
  const requestId = storage.getItem(key(jobId)) || newId();
  storage.setItem(key(jobId), requestId);
  const job = await api.call("jobs", {
    method: "POST",
    path: `/jobs/${encodeURIComponent(jobId)}/resubmit`,
    body: { request_id: requestId },
  });
  storage.removeItem(key(jobId));
  return job;
}
