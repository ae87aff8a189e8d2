// <ipt-output stream="out" label="Standard output"></ipt-output>, then element.follow(jobId)
// What a job printed: read piece by piece while it is written, kept at the end unless the reader scrolled up.

import { formatBytes } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { startPolling } from "../../lib/poll.js";
import { api } from "../../lib/site.js";

const EVERY_MS = 2000;
const AT_ONCE_MS = 0;
const KEPT_CHARACTERS = 400_000;

class OutputText extends HTMLElement {
  #polling = null;
  #offset = 0;
  #job = "";

  connectedCallback() {
    const id = `output-${this.getAttribute("stream")}`;
    render(
      this,
      html`<div class="output-title">
          <h2 id="${id}">${this.getAttribute("label")}</h2>
          <p class="hint"></p>
        </div>
        <pre class="output" role="region" tabindex="0" aria-labelledby="${id}"></pre>`,
    );
  }

  disconnectedCallback() {
    this.#polling?.stop();
  }

  /** Show what this job prints, from the first byte on. */
  follow(job) {
    this.#polling?.stop();
    this.#job = job;
    this.#offset = 0;
    this.#place.textContent = "";
    this.#polling = startPolling(() => this.#read(), {
      every: EVERY_MS,
      onError: (error) => {
        this.#say(error.code === "not_found" ? "Nothing yet." : error.message);
        return !error.endsSession;
      },
    });
  }

  /** Read what is left now: the job has come to its end. */
  hurry() {
    this.#polling?.now();
  }

  get #place() {
    return this.querySelector("pre");
  }

  #say(text) {
    this.querySelector(".hint").textContent = text;
  }

  async #read() {
    const query = { stream: this.getAttribute("stream"), offset: this.#offset };
    const piece = await api.call("jobs", { path: `/jobs/${encodeURIComponent(this.#job)}/text`, query });
    this.#append(piece.text);
    const isFresh = piece.next_offset > this.#offset;
    this.#offset = piece.next_offset;
    if (piece.done) {
      this.#say(piece.size > 0 ? formatBytes(piece.size) : "Nothing was printed.");
      return false;
    }
    this.#say(piece.size > 0 ? `${formatBytes(piece.size)} so far` : "Nothing yet.");
    return isFresh && piece.next_offset < piece.size ? AT_ONCE_MS : EVERY_MS;
  }

  #append(text) {
    if (text === "") {
      return;
    }
    const place = this.#place;
    const isAtEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 8;
    const whole = place.textContent + text;
    place.textContent =
      whole.length > KEPT_CHARACTERS
        ? `[The beginning is left out here; the file in the job's folder has all of it.]\n${whole.slice(-KEPT_CHARACTERS)}`
        : whole;
    if (isAtEnd) {
      place.scrollTop = place.scrollHeight;
    }
  }
}

customElements.define("ipt-output", OutputText);
