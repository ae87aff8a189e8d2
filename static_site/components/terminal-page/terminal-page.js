// <ipt-terminal-page></ipt-terminal-page>
// The caller's terminal: its state, what can be done with it, and the screen while it runs.

import { html, render } from "../../lib/html.js";
import { api, isSignedIn } from "../../lib/site.js";
import { TerminalConnection } from "../../lib/terminal-connection.js";
import { TerminalControl } from "../../lib/terminal-control.js";
import { questionBefore, viewOf } from "../../lib/terminal-view.js";
import { watchWake } from "../../lib/terminal-wake.js";
import { clearAlerts, tell, tellError } from "../alerts/alerts.js";
import { confirmAction } from "../dialog/dialog.js";
import "../elapsed-time/elapsed-time.js";
import { renderChanged } from "../status-chip/status-chip.js";
import "../terminal-files/terminal-files.js";
import "../terminal-find/terminal-find.js";
import "../terminal-screen/terminal-screen.js";
import { showKeys } from "../terminal-tools/keys-dialog.js";
import "../terminal-tools/terminal-tools.js";
import "../terminal-warning/terminal-warning.js";
import { copyMarked, pasteClipboard, pasteText } from "./clipboard.js";
import { makeFocusKeeper } from "./focus-keeper.js";
import { makeFullScreen } from "./full-screen.js";
import { pageMarkup, stepsMarkup, writerMarkup } from "./terminal-markup.js";

const BUTTONS = { start: "canStart", stop: "canStop", restart: "canRestart", reconnect: "canReconnect" };

class TerminalPage extends HTMLElement {
  #control;
  #terms = {};
  #seats = null;
  #full;
  #focus;

  connectedCallback() {
    if (!isSignedIn()) {
      return;
    }
    document.body.classList.toggle("alone", window.location.hash === "#alone");
    render(this, pageMarkup());
    this.#focus = makeFocusKeeper(this, this.#screen);
    this.#full = makeFullScreen((isFull) => this.#tools.showFull(isFull));
    this.#control = new TerminalControl({
      call: (name, request) => api.call(name, request),
      origin: window.location.origin,
      makeConnection: (parts) => this.#makeConnection(parts),
      changed: () => this.#draw(),
      told: (text) => tell(text, "good"),
      failed: tellError,
    });
    this.#listen();
    this.#join();
    this.#draw();
    this.#control.start();
    watchWake((how) => this.#connection.wake(how));
  }

  get #connection() {
    return this.#control.connection;
  }

  get #screen() {
    return this.querySelector("ipt-terminal-screen");
  }

  get #tools() {
    return this.querySelector("ipt-terminal-tools");
  }

  get #files() {
    return this.querySelector("ipt-terminal-files");
  }

  get #warning() {
    return this.querySelector("ipt-terminal-warning");
  }

  #makeConnection({ requestTicket, onState }) {
    return new TerminalConnection({
      openSocket: (url, subprotocol) => new WebSocket(url, subprotocol),
      requestTicket,
      screen: this.#screen,
      events: {
        state: (state) => {
          if (["ended", "idle", "gone"].includes(state.phase)) {
            this.#warning.clear();
          }
          onState(state);
        },
        writer: (seats) => this.#seat(seats),
        gap: (bytes) => this.#screen.note(`${bytes} bytes of output are missing here: they are no longer kept`),
        warning: (frame) => this.#warning.show(frame, this.#terms.idleSeconds > 0),
        terms: (terms) => {
          this.#terms = terms;
          this.#warning.clear();
        },
        unheard: () => tell("This tab only watches the terminal. Press Take over to type here."),
      },
    });
  }

  /** Buttons and keys. */
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
    this.#tools.onTool = (name) => this.#act(name);
    this.#screen.onAction = (name) => this.#act(name);
    // Outside the terminal, too, find looks into its output.
    window.addEventListener("keydown", (event) => {
      const isFind = event.ctrlKey && event.shiftKey && event.code === "KeyF";
      if (isFind && !this.querySelector("#screen-box").hidden) {
        event.preventDefault();
        this.#act("find");
      }
    });
  }

  /** Have the parts of the page know each other. */
  #join() {
    const [screen, tools, files] = [this.#screen, this.#tools, this.#files];
    const find = this.querySelector("ipt-terminal-find");
    find.screen = screen;
    files.screen = screen;
    files.watch(screen);
    screen.onData = (data) => this.#connection.send(data);
    screen.onSize = ({ rows, columns }) => this.#connection.resize(rows, columns);
    screen.onPaste = (text) => pasteText(screen, text);
    screen.onFolder = (place) => {
      files.place = place;
    };
    screen.onOffer = (path) => files.offer(path);
    tools.onChange = (preferences) => screen.apply(preferences);
    screen.apply(tools.preferences);
    this.#warning.onKeep = () => {
      this.#connection.keep();
      screen.focus();
    };
    this.#warning.onLeft = () => screen.focus();
    this.#warning.isCursorHigh = () => screen.isCursorHigh;
    this.#warning.onChange = (sentence) => this.#notify(sentence);
  }

  #act(name) {
    const screen = this.#screen;
    const acts = {
      leave: () => this.#leave(),
      find: () => this.querySelector("ipt-terminal-find").open(),
      copy: () => copyMarked(screen),
      paste: () => pasteClipboard(screen),
      upload: () => this.#files.choose(),
      full: () => this.#full.toggle(),
      keys: showKeys,
      larger: () => this.#tools.zoom(1),
      smaller: () => this.#tools.zoom(-1),
      usual: () => this.#tools.zoom(0),
    };
    acts[name]?.();
  }

  /** Move the focus out of the terminal, to what there is above it. */
  #leave() {
    const link = this.querySelector("#own-tab");
    (link.offsetParent ? link : this.#tools.querySelector("button")).focus();
  }

  async #command(command) {
    const question = questionBefore(command, this.#control.record);
    if (question === null || (await confirmAction(question))) {
      clearAlerts();
      await this.#control.command(command);
    }
  }

  /** Tell somebody who looks elsewhere, if that was wished for by a click. */
  #notify(sentence) {
    if (sentence && document.hidden && this.#tools.preferences.isNotified && Notification.permission === "granted") {
      new Notification("IPT on the Web", { body: sentence, tag: "ipt-terminal-end" });
    }
  }

  #showScreen(isShown) {
    const box = this.querySelector("#screen-box");
    if (box.hidden === isShown) {
      box.hidden = !isShown;
      document.body.classList.toggle("with-screen", isShown);
      // Now, so that the terminal is told the right size at once.
      this.#screen.fit();
    }
  }

  #seat(seats) {
    const isNews = seats.writer && this.#seats?.writer === false;
    this.#seats = seats;
    renderChanged(this.querySelector("#seats"), writerMarkup(seats, isNews));
  }

  #draw() {
    if (this.#control) {
      this.#focus.around(() => this.#show());
    }
  }

  #show() {
    const { record, asked, since } = this.#control;
    const view = viewOf({ record, asked, connection: this.#connection.state, terms: this.#terms });
    this.querySelector("ipt-status").show(view.chip, view.tone);
    renderChanged(this.querySelector("#sentence"), html`${view.sentence}`);
    // Beside a screen its own line says as much, and the screen does not change its size.
    renderChanged(this.querySelector("#steps"), view.hasScreen ? html`` : stepsMarkup(view, since));
    const line = this.querySelector("#connection");
    line.dataset.tone = view.connection.tone;
    renderChanged(line, html`${view.connection.text}`);
    for (const [id, key] of Object.entries(BUTTONS)) {
      this.querySelector(`#${id}`).disabled = !view[key];
    }
    this.querySelector("#start").classList.toggle("primary", view.canStart);
    this.#showScreen(view.hasScreen);
    this.querySelector("#welcome").hidden = view.hasScreen || view.isBusy || record === null;
    if (!view.isOpen) {
      this.#seats = null;
      renderChanged(this.querySelector("#seats"), html``);
    }
    if (!view.hasScreen) {
      this.#files.forget();
    }
  }
}

customElements.define("ipt-terminal-page", TerminalPage);
