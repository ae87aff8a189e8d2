// <ipt-output stream="out" label="Standard output"></ipt-output>, then element.follow(jobId)
// What a job printed: its end, read piece by piece while it is written, and what stands before when it is asked for.

import { formatBytes } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { isDone } from "../../lib/jobs.js";
import { LogWindow, PIECE } from "../../lib/log-window.js";
import { startPolling } from "../../lib/poll.js";
import { api } from "../../lib/site.js";
import { tellError, Trouble } from "../alerts/alerts.js";

// With the time of a call this stays below two seconds behind the program.
const LIVE_MS = 1200;
const IDLE_MS = 6000;
const AT_ONCE_MS = 0;
// Of a long text so much of its end is shown, and nobody wants to be further behind than that.
const LAST = 4 * PIECE;

class OutputText extends HTMLElement {
  #status = "";
  #polling = null;
  #log = new LogWindow();
  #isAtStart = true;
  #job = "";
  #trouble = new Trouble();

  connectedCallback() {
    const id = `output-${this.getAttribute("stream")}`;
    render(
      this,
      html`<div class="output-title">
          <h2 id="${id}">${this.getAttribute("label")}</h2>
          <label class="switch follow" hidden><input type="checkbox" checked /> Follow</label>
          <p class="hint"></p>
        </div>
        <p class="earlier" hidden>
          <span class="hint">The beginning is not shown.</span>
          <button type="button" class="button small" aria-describedby="${id}">Load earlier</button>
        </p>
        <pre class="output" role="region" tabindex="0" aria-labelledby="${id}"></pre>`,
    );
    this.#place.addEventListener("scroll", () => {
      this.#follow.checked = this.#isAtEnd;
    });
    this.#follow.addEventListener("change", () => this.#follow.checked && this.#toEnd());
    this.querySelector("button").addEventListener("click", (event) => this.#loadEarlier(event.currentTarget));
  }

  disconnectedCallback() {
    this.#polling?.stop();
    this.#trouble.end();
  }

  /** Show what this job prints: all of it, or the end of a long text. */
  follow(job) {
    this.#polling?.stop();
    this.#job = job;
    this.#status = "";
    this.#isAtStart = true;
    this.#polling = startPolling(() => this.#read(), {
      every: LIVE_MS,
      onError: (error) => {
        this.#failed(error);
        return !error.endsSession;
      },
    });
  }

  /** While the program runs, it may print any moment; at every other turn of its job it is read once, at once. */
  set status(status) {
    const isNews = status !== this.#status && (this.#status !== "" || status === "RUNNING");
    this.#status = status;
    if (isNews) {
      if (isDone(status) && this.#log.end === 0) {
        this.#say("Reading …");
      }
      this.#polling?.now();
    }
  }

  // What is shown stays; of a machine that does not answer the job's page tells.
  #failed(error) {
    if (error.code === "not_found") {
      this.#say("Nothing yet.");
    } else if (error.code === "system_unreachable") {
      this.#trouble.end();
    } else {
      this.#trouble.tell(error);
    }
  }

  get #place() {
    return this.querySelector("pre");
  }

  get #follow() {
    return this.querySelector("input");
  }

  get #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#place;
    return scrollHeight - scrollTop - clientHeight < 8;
  }

  #toEnd() {
    this.#place.scrollTop = this.#place.scrollHeight;
  }

  #say(text) {
    this.querySelector(".hint").textContent = text;
  }

  #ask(place) {
    const query = { stream: this.getAttribute("stream"), ...place };
    return api.call("jobs", { path: `/jobs/${encodeURIComponent(this.#job)}/text`, query });
  }

  #jump(offset) {
    this.#log.jump(offset);
    this.#place.replaceChildren();
    this.#showEdges();
  }

  async #read() {
    const piece = await this.#ask(this.#isAtStart ? { from_end: LAST } : { offset: this.#log.end });
    this.#trouble.end();
    if (this.#isAtStart) {
      this.#isAtStart = false;
      this.#jump(piece.offset);
    }
    if (!this.#follow.checked && this.#log.isFull && !piece.done) {
      this.#say(`${formatBytes(piece.size)} so far; tick Follow to see the end`);
      return this.#pause;
    }
    if (piece.size - piece.next_offset > LAST) {
      this.#isAtStart = true;
      return AT_ONCE_MS;
    }
    const isFresh = piece.next_offset > piece.offset;
    this.#append(piece);
    this.querySelector(".follow").hidden = piece.done;
    if (piece.done) {
      this.#say(piece.size > 0 ? formatBytes(piece.size) : "Nothing was printed.");
      return false;
    }
    this.#say(piece.size > 0 ? `${formatBytes(piece.size)} so far` : "Nothing yet.");
    return isFresh && piece.next_offset < piece.size ? AT_ONCE_MS : this.#pause;
  }

  get #pause() {
    return this.#status === "RUNNING" ? LIVE_MS : IDLE_MS;
  }

  #append(piece) {
    const text = this.#log.append(piece);
    if (text !== null) {
      this.#place.append(text);
    }
    if (this.#follow.checked) {
      // Who reads something further up keeps it.
      for (let count = this.#log.trim(); count > 0; count -= 1) {
        this.#place.firstChild.remove();
      }
      this.#toEnd();
    }
    this.#showEdges();
  }

  #showEdges() {
    this.querySelector(".earlier").hidden = this.#log.isWhole;
  }

  async #loadEarlier(button) {
    const place = this.#place;
    button.disabled = true;
    this.#follow.checked = false;
    try {
      const text = await this.#log.prepend((offset) => this.#ask({ offset }));
      const before = place.scrollHeight;
      place.prepend(text ?? "");
      place.scrollTop += place.scrollHeight - before;
    } catch (error) {
      tellError(error);
    }
    button.disabled = false;
    this.#showEdges();
    if (this.#log.isWhole) {
      this.#place.focus({ preventScroll: true });
    }
  }
}

customElements.define("ipt-output", OutputText);
