// The bytes of files: up and down, straight between the browser and the files service.

import { ApiError } from "./api-error.js";

function transferError(status) {
  if (status === 401) {
    return new ApiError({ code: "token_expired", message: "Your session has ended.", status });
  }
  if (status === 413) {
    return new ApiError({ code: "payload_too_large", message: "The file is too large for the service.", status });
  }
  const message = "The files service did not take the request. Try again; if it fails again, reload the page.";
  return new ApiError({ code: status >= 500 ? "upstream_unavailable" : "upstream_refused", message, status });
}

/** Send a form with progress: `onProgress(sent, total)`. An XMLHttpRequest, as fetch tells no progress. */
export function sendForm({ url, method, form, token, onProgress, makeRequest = () => new XMLHttpRequest() }) {
  return new Promise((resolve, reject) => {
    const request = makeRequest();
    request.open(method, url);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = (event) => onProgress(event.loaded, event.lengthComputable ? event.total : 0);
    request.onload = () =>
      request.status >= 200 && request.status < 300 ? resolve() : reject(transferError(request.status));
    request.onerror = () =>
      reject(new ApiError({ code: "offline", message: "The upload was cut off. Try it again." }));
    request.send(form);
  });
}

/** Upload one file into a folder of the home. */
export async function uploadFile({ api, base, folder, file, onProgress, send = sendForm }) {
  const target = await api.call("files", {
    method: "POST",
    path: "/uploads",
    body: { path: folder, name: file.name, size: file.size },
  });
  const url = api.tenantUrl(target.url, base);
  await api.withToken((token) => {
    const form = new FormData();
    form.append(target.field, file, file.name);
    return send({ url, method: target.method, form, token, onProgress });
  });
}

/** Return where the platform gives a file that a job has left, as long as it is not in the home. */
function outputSource({ job, path }) {
  const way = path.split("/").map(encodeURIComponent).join("/");
  return { url: `/jobs/v2/${encodeURIComponent(job)}/outputs/media/${way}`, name: path.split("/").at(-1) };
}

/**
 * Begin to fetch one file of the home or, with a `job`, one that lies beside that; returns `{name, response}`,
 * whose body is still to come.
 */
export async function openDownload({ api, base, job, path, fetch, signal }) {
  const source = job ? outputSource({ job, path }) : await api.call("files", { path: "/downloads", query: { path } });
  const url = api.tenantUrl(source.url, base);
  return api.withToken(async (token) => {
    const options = { headers: { Authorization: `Bearer ${token}` }, credentials: "omit", signal };
    const response = await fetch(url, options);
    if (!response.ok) {
      throw transferError(response.status);
    }
    return { name: source.name, response };
  });
}

/** Fetch one file of the home; returns `{name, blob}`. */
export async function downloadFile(options) {
  const { name, response } = await openDownload(options);
  return { name, blob: await response.blob() };
}
