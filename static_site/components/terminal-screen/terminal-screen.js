// <ipt-terminal-screen></ipt-terminal-screen>
// The emulator: shows bytes, reports what is typed (`onData`), its size (`onSize`), the page's keys (`onAction`),
// and what programs tell the page (`onFolder`, `onOffer`).
// `element.terminal` is the xterm.js terminal; tests read its buffer.

import { constructStyles } from "../../lib/constructed-styles.js";
import { runTimersEagerly } from "../../lib/eager-timers.js";
import { actionOf } from "../../lib/terminal-keys.js";
import { FOLDER_CODE, OFFER_CODE, readFolder, readOffer } from "../../lib/terminal-messages.js";
import { muteQueries } from "../../lib/terminal-queries.js";
import { FitAddon } from "../../vendor/addon-fit.js";
import { WebLinksAddon } from "../../vendor/addon-web-links.js";
import { Terminal } from "../../vendor/xterm.js";
import { readTheme } from "./screen-theme.js";

// Below this the rows of some fonts cut off what hangs lowest, the underscore.
const LINE_HEIGHT = 1.2;
const AT_HOME = { folder: "", isInHome: true };

function openLink(_event, address) {
  if (/^https?:\/\//u.test(address)) {
    window.open(address, "_blank", "noopener,noreferrer");
  }
}

class TerminalScreen extends HTMLElement {
  terminal = null;
  onData = () => {};
  onSize = () => {};
  onAction = () => {};
  onPaste = () => {};
  onFolder = () => {};
  onOffer = () => {};
  #frame = document.createElement("div");
  #fit = new FitAddon();
  #disposers = [];
  #isReplaying = false;

  connectedCallback() {
    this.#disposers.push(constructStyles(document), runTimersEagerly(window, document));
    this.#frame.className = "frame";
    this.replaceChildren(this.#frame);
    this.terminal = new Terminal({
      // Decorations of what is found count as proposed.
      allowProposedApi: true,
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      fontFamily: getComputedStyle(this).getPropertyValue("--font-mono"),
      lineHeight: LINE_HEIGHT,
      linkHandler: { activate: openLink },
      minimumContrastRatio: 4.5,
      theme: readTheme(this),
    });
    this.terminal.loadAddon(this.#fit);
    this.terminal.loadAddon(new WebLinksAddon(openLink));
    this.#listenToPrograms(this.terminal.parser);
    this.terminal.open(this.#frame);
    this.terminal.onData((data) => this.onData(data));
    this.terminal.onBinary((data) => this.onData(Uint8Array.from(data, (character) => character.charCodeAt(0))));
    this.terminal.onResize(() => this.onSize(this.size()));
    this.terminal.attachCustomKeyEventHandler((event) => this.#onKey(event));
    // Before the emulator's own: what is pasted is looked at first.
    this.#frame.addEventListener("paste", (event) => this.#takePaste(event), { capture: true });
    this.#followSize();
    this.#followTheme();
    this.fit();
  }

  disconnectedCallback() {
    this.#disposers.splice(0).forEach((dispose) => dispose());
    this.terminal.dispose();
  }

  write(bytes, done) {
    this.terminal.write(bytes, done);
  }

  /** Forget what was shown: another shell begins. */
  clear() {
    this.terminal.reset();
    this.onFolder(AT_HOME);
  }

  /** Old output follows: its questions to the terminal are not answered again, its offers not made again. */
  replay() {
    this.#isReplaying = true;
  }

  /** What follows is new. */
  live() {
    this.#isReplaying = false;
  }

  /** Write a line of the page's own, such as a mark where output is missing. */
  note(text) {
    this.terminal.write(`\r\n\x1b[7m ${text} \x1b[0m\r\n`);
  }

  size() {
    return { rows: this.terminal.rows, columns: this.terminal.cols };
  }

  /** Whether the cursor is in the upper half of the screen. */
  get isCursorHigh() {
    return this.terminal.buffer.active.cursorY < this.terminal.rows / 2;
  }

  /** Take as many whole rows as there is room for; the frame ends with the last of them. */
  fit() {
    if (this.offsetWidth > 0) {
      this.#frame.style.height = "100%";
      this.#fit.fit();
      this.#frame.style.height = "auto";
    }
  }

  focus() {
    this.terminal.focus();
  }

  /** Look as a person likes it. */
  apply({ fontSize, theme, scrollback, isReaderMode }) {
    this.dataset.theme = theme;
    Object.assign(this.terminal.options, {
      fontSize,
      scrollback,
      screenReaderMode: isReaderMode,
      theme: readTheme(this),
    });
    this.fit();
  }

  #listenToPrograms(parser) {
    const onFolder = (data) => {
      const found = readFolder(data);
      if (found) {
        this.onFolder(found);
      }
      return true;
    };
    const onOffer = (data) => {
      const path = this.#isReplaying ? null : readOffer(data);
      if (path) {
        this.onOffer(path);
      }
      return true;
    };
    const handlers = [parser.registerOscHandler(FOLDER_CODE, onFolder), parser.registerOscHandler(OFFER_CODE, onOffer)];
    this.#disposers.push(
      muteQueries(parser, () => this.#isReplaying),
      ...handlers.map((handler) => () => handler.dispose()),
    );
  }

  #onKey(event) {
    const action = actionOf(event);
    if (!action) {
      return true;
    }
    if (action !== "paste") {
      event.preventDefault();
      event.stopPropagation();
      if (event.type === "keydown") {
        this.onAction(action);
      }
    }
    // The browser itself pastes, and tells by an event of its own.
    return false;
  }

  #takePaste(event) {
    event.preventDefault();
    event.stopPropagation();
    this.onPaste(event.clipboardData?.getData("text/plain") ?? "");
  }

  #followSize() {
    let frame = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => this.fit());
    });
    observer.observe(this);
    this.#disposers.push(() => observer.disconnect());
  }

  #followTheme() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => {
      this.terminal.options.theme = readTheme(this);
    };
    dark.addEventListener("change", follow);
    this.#disposers.push(() => dark.removeEventListener("change", follow));
  }
}

customElements.define("ipt-terminal-screen", TerminalScreen);
