// <ipt-zip-download></ipt-zip-download>, then element.show(job)
// All outputs of a job as one zip, made while it is saved; with progress, and a way to stop.

import { ApiError } from "../../lib/api-error.js";
import { listFolder } from "../../lib/folders.js";
import { formatBytes } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { fetchableOutputsOf, folderOfJob, isDone, outputsOf, titleOf } from "../../lib/jobs.js";
import { api } from "../../lib/site.js";
import { listFiles, safeName, ZipJob } from "../../lib/zip.js";
import { makeZip } from "../../vendor/client-zip.js";
import { clearAlerts, tell, tellError } from "../alerts/alerts.js";
import { saveBlob } from "../file-browser/download.js";

const DRAW_MS = 200;
// Without a file to write to, all of it lies in memory until it is whole.
const MUCH = 1 << 29;

/** Ask where to save, before anything else: browsers allow that only right after the click. */
async function chooseFile(name) {
  if (!window.showSaveFilePicker) {
    return null;
  }
  const types = [{ description: "Zip archive", accept: { "application/zip": [".zip"] } }];
  return window.showSaveFilePicker({ suggestedName: name, types });
}

async function save(stream, { handle, name, signal }) {
  if (handle) {
    // An abort leaves the file as it was before.
    await stream.pipeTo(await handle.createWritable(), { signal });
    return;
  }
  const headers = { "Content-Type": "application/zip" };
  const blob = await new Response(stream, { headers }).blob();
  signal.throwIfAborted();
  saveBlob(name, blob);
}

class ZipDownload extends HTMLElement {
  #job = null;
  #controller = null;
  #drawn = 0;

  connectedCallback() {
    render(
      this,
      html`<div class="button-row zip" hidden>
          <button type="button" class="button" id="zip-start">Download all as a zip</button>
          <button type="button" class="button" id="zip-stop" hidden>Stop</button>
          <p class="hint" id="zip-state" role="status"></p>
        </div>
        <progress hidden aria-label="The zip so far"></progress>`,
    );
    this.querySelector("#zip-start").addEventListener("click", () => this.#start());
    this.querySelector("#zip-stop").addEventListener("click", () => this.#controller?.abort());
  }

  disconnectedCallback() {
    this.#controller?.abort();
  }

  /** Offer the outputs of this job, once it is over: from the home, or from beside it. */
  show(job) {
    this.#job = job;
    this.querySelector(".zip").hidden = !isDone(job.status) || this.#entries.length === 0;
  }

  get #entries() {
    return fetchableOutputsOf(this.#job);
  }

  // The service tells of the first outputs only, where there are many.
  async #allEntries(signal) {
    if (!this.#job.outputs_truncated || !folderOfJob(this.#job)) {
      return this.#entries;
    }
    const outputs = await listFolder({ api, path: this.#job.archive_path, signal });
    return outputsOf({ outputs });
  }

  get #name() {
    const { title, id } = titleOf(this.#job);
    return `${safeName([title, id].filter(Boolean).join(" ").replaceAll("/", "_").toLowerCase().replaceAll(" ", "-"))}.zip`;
  }

  async #start() {
    const name = this.#name;
    clearAlerts();
    try {
      const handle = await chooseFile(name);
      this.#controller = new AbortController();
      this.#setBusy(true);
      await this.#make({ handle, name });
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#controller = null;
      this.#setBusy(false);
    }
  }

  async #make({ handle, name }) {
    const { signal } = this.#controller;
    this.#say("Looking which files there are …");
    const files = await listFiles({ api, entries: await this.#allEntries(signal), signal });
    const total = files.reduce((sum, { size }) => sum + (size || 0), 0);
    const much = !handle && total > MUCH ? " It is much for this browser, which keeps it in memory first." : "";
    this.#say(`${files.length} files, ${formatBytes(total)}.${much}`);
    const job = new ZipJob({
      api,
      base: window.location.href,
      fetch: window.fetch.bind(window),
      makeZip,
      signal,
      onProgress: (done) => this.#drawProgress(done, total),
    });
    await save(job.stream(files), { handle, name, signal });
    this.#tellEnd(job, name);
  }

  #tellEnd({ files, done, notes }, name) {
    this.#say("");
    tell(`${name} is saved: ${files} ${files === 1 ? "file" : "files"}, ${formatBytes(done)}.`, "good");
    if (notes.length > 0) {
      const more = notes.length > 3 ? ` And ${notes.length - 3} more, all told in the zip.` : "";
      tell(`Not everything is as it was. ${notes.slice(0, 3).join(" ")}${more}`, "bad");
    }
  }

  #failed(error) {
    if (error.name === "AbortError") {
      // Stopped here, or no place was chosen.
      this.#say(this.#controller ? "Stopped. There is no zip." : "");
      return;
    }
    this.#say("There is no zip.");
    if (error instanceof RangeError) {
      tell(error.message, "bad");
    } else if (error instanceof ApiError) {
      tellError(error);
    } else {
      tell("The zip could not be written. Is there enough space, and may this page write there?", "bad");
    }
  }

  #setBusy(isBusy) {
    this.querySelector("#zip-start").disabled = isBusy;
    this.querySelector("#zip-stop").hidden = !isBusy;
    const progress = this.querySelector("progress");
    progress.hidden = !isBusy;
    progress.removeAttribute("value");
    if (isBusy) {
      this.querySelector("#zip-stop").focus();
    } else if (this.contains(document.activeElement) || document.activeElement === document.body) {
      this.querySelector("#zip-start").focus();
    }
  }

  #drawProgress(done, total) {
    const now = performance.now();
    if (now - this.#drawn > DRAW_MS && total > 0) {
      this.#drawn = now;
      this.querySelector("progress").value = Math.min(1, done / total);
    }
  }

  #say(text) {
    this.querySelector("#zip-state").textContent = text;
  }
}

customElements.define("ipt-zip-download", ZipDownload);
