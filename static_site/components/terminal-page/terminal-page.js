// <ipt-terminal-page></ipt-terminal-page>
// The caller's terminal: its state, what can be done with it, and the screen while it runs.

import { html, render } from "../../lib/html.js";
import { startPolling } from "../../lib/poll.js";
import { api, isSignedIn } from "../../lib/site.js";
import { TerminalConnection } from "../../lib/terminal-connection.js";
import { viewOf } from "../../lib/terminal-view.js";
import { clearAlerts, tell, tellError } from "../alerts/alerts.js";
import "../elapsed-time/elapsed-time.js";
import { renderChanged } from "../status-chip/status-chip.js";
import "../terminal-screen/terminal-screen.js";
import { pageMarkup, stepsMarkup, writerMarkup } from "./terminal-markup.js";

const SLOW_MS = 15_000;
const FAST_MS = 1500;
const START_MS = 180_000;

class TerminalPage extends HTMLElement {
  #record = null;
  #asked = "";
  #since = "";
  #connection;
  #polling;
  #screen;

  connectedCallback() {
    if (!isSignedIn()) {
      return;
    }
    document.body.classList.toggle("alone", window.location.hash === "#alone");
    render(this, pageMarkup());
    this.#screen = this.querySelector("ipt-terminal-screen");
    this.#connection = new TerminalConnection({
      openSocket: (url, subprotocol) => new WebSocket(url, subprotocol),
      requestTicket: (attempt) => this.#requestTicket(attempt),
      screen: this.#screen,
      events: {
        state: () => this.#draw(),
        writer: (seats) => this.#drawSeats(seats),
        gap: (bytes) => this.#screen.note(`${bytes} bytes of output are missing here: they are no longer kept`),
      },
    });
    this.#listen();
    this.#draw();
    this.#polling = startPolling(() => this.#look(), { every: SLOW_MS, onError: (error) => this.#onPollError(error) });
  }

  #listen() {
    const on = (id, task) => this.querySelector(`#${id}`).addEventListener("click", task);
    on("start", () => this.#command("START"));
    on("stop", () => this.#command("STOP"));
    on("restart", () => this.#command("RESTART"));
    on("reconnect", () => this.#connection.connect());
    this.querySelector("#seats").addEventListener("click", (event) => {
      if (event.target.closest("button")) {
        this.#connection.take();
        this.#screen.focus();
      }
    });
    const reader = this.querySelector("#reader-mode");
    reader.checked = this.#screen.isReaderMode;
    reader.addEventListener("change", () => {
      this.#screen.isReaderMode = reader.checked;
    });
    this.#screen.onData = (data) => this.#connection.send(data);
    this.#screen.onSize = ({ rows, columns }) => this.#connection.resize(rows, columns);
    this.#screen.onLeave = () => this.querySelector("#own-tab").focus();
    window.addEventListener("online", () => this.#connection.hurry());
    document.addEventListener("visibilitychange", () => !document.hidden && this.#connection.hurry());
  }

  async #requestTicket(attempt = 0) {
    if (attempt === 1) {
      // The record may speak of a terminal that is no more, as after a restart of its machine.
      await api.call("terminal", { method: "POST", path: "/terminals", body: { command: "SYNC" } });
    }
    const record = await api.call("webterm", { path: "/webterm", query: { origin: window.location.origin } });
    this.#meet(record);
    return record;
  }

  #meet(record) {
    if (record.status !== this.#record?.status) {
      this.#since = record.since || new Date().toISOString();
    }
    this.#record = record;
    this.#draw();
  }

  /** One look at the record; a terminal that turns out to be ready is connected to. */
  async #look() {
    const isBusy = this.#asked !== "" || this.#record?.status === "SUBMITTED";
    if (this.#record?.status !== "READY" || this.#connection.state.phase === "gone") {
      try {
        await this.#requestTicket();
      } catch (error) {
        if (error.code !== "not_found") {
          throw error;
        }
        this.#meet({ status: "NONE" });
      }
      if (this.#record.status === "READY" && !this.#asked) {
        this.#connection.connect();
      }
    }
    return isBusy || this.#record.status === "SUBMITTED" ? FAST_MS : SLOW_MS;
  }

  #onPollError(error) {
    if (this.#record === null) {
      tellError(error);
    }
    return !error.endsSession;
  }

  async #command(command) {
    clearAlerts();
    this.#asked = command;
    this.#since = new Date().toISOString();
    this.#connection.close();
    this.#draw();
    try {
      const call = { method: "POST", path: "/terminals", body: { command }, timeoutMs: START_MS };
      const record = await api.call("terminal", call);
      this.#asked = "";
      this.#meet(record);
      if (command === "STOP") {
        tell("Your terminal is stopped. Your files are kept.", "good");
      }
    } catch (error) {
      this.#asked = "";
      this.#record = this.#record && { ...this.#record, status: "PENDING", message: "" };
      tellError(error);
    }
    if (this.#record?.status === "READY") {
      this.#connection.connect();
      this.#screen.focus();
    } else {
      this.#polling.now();
    }
    this.#draw();
  }

  #draw() {
    const view = viewOf({ record: this.#record, asked: this.#asked, connection: this.#connection.state });
    this.querySelector("ipt-status").show(view.chip, view.tone);
    renderChanged(this.querySelector("#sentence"), html`${view.sentence}`);
    renderChanged(this.querySelector("#steps"), stepsMarkup(view, this.#since));
    const line = this.querySelector("#connection");
    line.dataset.tone = view.connection.tone;
    renderChanged(line, html`${view.connection.text}`);
    const buttons = { start: "canStart", stop: "canStop", restart: "canRestart", reconnect: "canReconnect" };
    for (const [id, key] of Object.entries(buttons)) {
      this.querySelector(`#${id}`).disabled = !view[key];
    }
    this.querySelector("#start").classList.toggle("primary", view.canStart);
    this.querySelector("#screen-box").hidden = !view.hasScreen;
    this.querySelector("#welcome").hidden = view.hasScreen || view.isBusy || this.#record === null;
    if (this.#connection.state.phase !== "open") {
      renderChanged(this.querySelector("#seats"), html``);
    }
  }

  #drawSeats(seats) {
    renderChanged(this.querySelector("#seats"), writerMarkup(seats));
  }
}

customElements.define("ipt-terminal-page", TerminalPage);
