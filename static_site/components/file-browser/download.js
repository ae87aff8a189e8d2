// Buttons with data-download="<path>" save that file of the home; with data-job="<id>" one that lies beside that job.

import { html, render } from "../../lib/html.js";
import { api } from "../../lib/site.js";
import { downloadFile } from "../../lib/transfer.js";
import { tell, tellError } from "../alerts/alerts.js";

const REVOKE_MS = 60_000;

/** Have the browser keep a file that the page holds. */
export function saveBlob(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the address a moment after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), REVOKE_MS);
}

/** Fetch a file of the home, or one beside a `job`, and have the browser keep it; failures are told. */
export async function saveFile(path, job = "") {
  try {
    const options = { api, base: window.location.href, job, path, fetch: window.fetch.bind(window) };
    const { name, blob } = await downloadFile(options);
    saveBlob(name, blob);
    tell(`${name} is downloaded.`, "good");
  } catch (error) {
    tellError(error);
  }
}

async function download(button) {
  button.disabled = true;
  render(button, html`Fetching …`);
  await saveFile(button.dataset.download, button.dataset.job);
  button.disabled = false;
  render(button, html`Download`);
}

/** Make the download buttons in `element` work, also those that are drawn later. */
export function bindDownloads(element) {
  element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-download]");
    if (button) {
      download(button);
    }
  });
}
