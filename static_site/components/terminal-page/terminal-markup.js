// The markup of the terminal page.

import { html } from "../../lib/html.js";

/** The page as it stands before anything is known. */
export function pageMarkup() {
  return html`<div class="page-title">
      <h1>Terminal</h1>
      <ipt-status></ipt-status>
      <p id="sentence" class="sentence" aria-live="polite"></p>
    </div>
    <div id="steps"></div>
    <div class="toolbar">
      <div class="button-row" role="group" aria-label="Terminal">
        <button type="button" class="button" id="start" disabled>Start</button>
        <button type="button" class="button" id="stop" disabled>Stop</button>
        <button type="button" class="button" id="restart" disabled>Restart</button>
        <button type="button" class="button" id="reconnect" disabled>Reconnect</button>
      </div>
      <a id="own-tab" href="terminal.html#alone" target="_blank" rel="opener">Open in its own tab</a>
    </div>
    <div class="card" id="welcome" hidden>
      <h2>What is in it</h2>
      <ul>
        <li><code>ipt</code>, the parallelizer: begin with <code>ipt parallelize heat.c</code></li>
        <li>bash with the compilers, make and editors of the host</li>
        <li>
          your home at <code>/home/ipt</code>: the same files as on <a href="files.html">Files</a>, with sample programs
        </li>
      </ul>
      <p class="hint">
        A terminal is yours alone and goes on when you close the tab. You can come back from any browser.
      </p>
    </div>
    <div id="screen-box" hidden>
      <ipt-terminal-tools></ipt-terminal-tools>
      <ipt-terminal-find></ipt-terminal-find>
      <ipt-terminal-files></ipt-terminal-files>
      <div class="screen-line">
        <p id="connection" class="connection" aria-live="polite"></p>
        <div id="seats" class="seats" aria-live="polite"></div>
      </div>
      <div class="screen-place">
        <ipt-terminal-warning></ipt-terminal-warning>
        <ipt-terminal-screen></ipt-terminal-screen>
      </div>
      <p class="hint keys-line">
        <kbd>Ctrl</kbd>+<kbd>Shift</kbd>+<kbd>L</kbd> leaves the terminal; Tab and Esc go to the shell. Drop files onto it
        to upload them; <code>ipt-download FILE</code> offers one for download. <a href="help.html#terminal">Help</a> has
        the rest.
      </p>
    </div>`;
}

function stepMarkup({ text, mark }) {
  const spoken = { done: "done: ", now: "under way: " }[mark] ?? "to come: ";
  return html`<li class="${mark}"><span class="visually-hidden">${spoken}</span>${text}</li>`;
}

/** The steps of a start, and how long it has been going on. */
export function stepsMarkup(view, since) {
  if (view.steps.length === 0) {
    return html``;
  }
  const hint = view.isInLine
    ? "Keep this page open, or come back within ten minutes; Stop gives the place up."
    : "A start takes a few seconds as a rule. If it fails, the reason is shown here and you can start again.";
  return html`<div class="card steps">
    <ol>${view.steps.map(stepMarkup)}</ol>
    <p class="hint">For <ipt-elapsed since="${since}"></ipt-elapsed> now. ${hint}</p>
  </div>`;
}

/** Who else has this terminal open, and who types; `isNews` when this page has just become the one. */
export function writerMarkup({ writer, viewers }, isNews) {
  if (writer) {
    const others = viewers > 1 ? html`<p>Open in ${viewers} tabs; this one types${isNews && " now"}.</p>` : "";
    return others || (isNews ? html`<p>This tab types now.</p>` : html``);
  }
  return html`<p>Another tab types; this one watches.</p>
    <button type="button" class="button small">Take over</button>`;
}
