// <ipt-terminal-screen></ipt-terminal-screen>
// The emulator: shows bytes, reports what is typed (`onData`) and its size (`onSize`).
// `element.terminal` is the xterm.js terminal; tests read its buffer.

import { constructStyles } from "../../lib/constructed-styles.js";
import { muteQueries } from "../../lib/terminal-queries.js";
import { FitAddon } from "../../vendor/addon-fit.js";
import { WebLinksAddon } from "../../vendor/addon-web-links.js";
import { Terminal } from "../../vendor/xterm.js";

const REPLAY_QUIET_MS = 250;
const REPLAY_LIMIT_MS = 3000;
// Below this the rows of some fonts cut off what hangs lowest, the underscore.
const LINE_HEIGHT = 1.2;
const READER_KEY = "ipt.screen-reader";
const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

function readTheme(element) {
  const style = getComputedStyle(element);
  const value = (name) => style.getPropertyValue(`--terminal-${name}`).trim();
  const theme = {
    background: value("background"),
    foreground: value("foreground"),
    cursor: value("cursor"),
    cursorAccent: value("background"),
    selectionBackground: value("selection"),
  };
  for (const name of COLOURS) {
    theme[name] = value(name);
    theme[`bright${name[0].toUpperCase()}${name.slice(1)}`] = value(`bright-${name}`);
  }
  return theme;
}

function openLink(_event, address) {
  if (/^https?:\/\//u.test(address)) {
    window.open(address, "_blank", "noopener,noreferrer");
  }
}

/** Ctrl+Shift+L leaves the terminal: every other key, Tab included, belongs to the shell. */
export function isLeaveKey(event) {
  return event.ctrlKey && event.shiftKey && !event.altKey && event.code === "KeyL";
}

function isCopyKey(event) {
  return event.ctrlKey && event.shiftKey && !event.altKey && event.code === "KeyC";
}

class TerminalScreen extends HTMLElement {
  terminal = null;
  onData = () => {};
  onSize = () => {};
  onLeave = () => {};
  #frame = document.createElement("div");
  #fit = new FitAddon();
  #disposers = [];
  #isReplaying = false;
  #quietTimer = null;
  #limitTimer = null;

  connectedCallback() {
    this.#disposers.push(constructStyles(document));
    this.#frame.className = "frame";
    this.replaceChildren(this.#frame);
    this.terminal = new Terminal({
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      fontFamily: getComputedStyle(this).getPropertyValue("--font-mono"),
      fontSize: 14,
      lineHeight: LINE_HEIGHT,
      linkHandler: { activate: openLink },
      minimumContrastRatio: 4.5,
      screenReaderMode: this.isReaderMode,
      scrollback: 10_000,
      theme: readTheme(this),
    });
    this.terminal.loadAddon(this.#fit);
    this.terminal.loadAddon(new WebLinksAddon(openLink));
    this.#disposers.push(muteQueries(this.terminal.parser, () => this.#isReplaying));
    this.terminal.open(this.#frame);
    this.terminal.onData((data) => this.onData(data));
    this.terminal.onBinary((data) => this.onData(Uint8Array.from(data, (character) => character.charCodeAt(0))));
    this.terminal.onResize(() => this.onSize(this.size()));
    this.terminal.attachCustomKeyEventHandler((event) => this.#onKey(event));
    this.#followSize();
    this.#followTheme();
    this.fit();
  }

  disconnectedCallback() {
    this.#disposers.splice(0).forEach((dispose) => dispose());
    this.terminal.dispose();
  }

  write(bytes, done) {
    if (this.#isReplaying) {
      clearTimeout(this.#quietTimer);
      this.#quietTimer = setTimeout(() => this.#endReplay(), REPLAY_QUIET_MS);
    }
    this.terminal.write(bytes, done);
  }

  clear() {
    this.terminal.reset();
  }

  /** Old output follows: its questions to the terminal are not answered again. */
  replay() {
    this.#endReplay();
    this.#isReplaying = true;
    this.#quietTimer = setTimeout(() => this.#endReplay(), REPLAY_QUIET_MS);
    this.#limitTimer = setTimeout(() => this.#endReplay(), REPLAY_LIMIT_MS);
  }

  /** Write a line of the page's own, such as a mark where output is missing. */
  note(text) {
    this.terminal.write(`\r\n\x1b[7m ${text} \x1b[0m\r\n`);
  }

  size() {
    return { rows: this.terminal.rows, columns: this.terminal.cols };
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

  get isReaderMode() {
    return window.localStorage.getItem(READER_KEY) === "on";
  }

  set isReaderMode(isOn) {
    window.localStorage.setItem(READER_KEY, isOn ? "on" : "off");
    this.terminal.options.screenReaderMode = isOn;
  }

  #endReplay() {
    clearTimeout(this.#quietTimer);
    clearTimeout(this.#limitTimer);
    this.#isReplaying = false;
  }

  #onKey(event) {
    if (isLeaveKey(event)) {
      event.preventDefault();
      if (event.type === "keydown") {
        this.onLeave();
      }
      return false;
    }
    if (isCopyKey(event) && this.terminal.hasSelection()) {
      event.preventDefault();
      if (event.type === "keydown") {
        navigator.clipboard?.writeText(this.terminal.getSelection()).catch(() => {});
      }
      return false;
    }
    return true;
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
