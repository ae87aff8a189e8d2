// The markup of the editor's page.

import { formatBytes, formatTime, isoTime } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { MOST_BYTES } from "../../lib/text-file.js";

/** The page as it stands before anything is known. */
export function pageMarkup() {
  return html`<div class="page-title">
      <h1 tabindex="-1">Edit</h1>
      <span class="hint" id="folder"></span>
      <p class="sentence" id="state" role="status">Reading the file …</p>
    </div>
    <div id="note"></div>
    <div id="instead" aria-live="polite"></div>
    <div id="workplace" hidden>
      <div class="button-row edit-tools" role="group" aria-label="Editor">
        <button type="button" class="button primary" id="save" aria-keyshortcuts="Control+S Meta+S">Save</button>
        <button type="button" class="button" id="save-as">Save as …</button>
        <span id="compile"></span>
        <button type="button" class="button quiet" id="undo">Undo</button>
        <button type="button" class="button quiet" id="redo">Redo</button>
        <button type="button" class="button quiet" id="find">Find</button>
        <button type="button" class="button quiet" id="line">Go to line</button>
        <label class="switch"><input type="checkbox" id="wrap" /> Wrap long lines</label>
      </div>
      <ipt-code-editor></ipt-code-editor>
    </div>
    <section class="card" id="complaints" aria-labelledby="complaints-title" hidden></section>`;
}

/** Where the file is, as a way back to its folder. */
export function folderMarkup(folder) {
  return html`in <a href="files.html#path=${encodeURIComponent(folder)}">${folder ? `~/${folder}` : "Home"}</a>`;
}

/** That unsaved text is there again, and the way back to the file. */
export function draftMarkup({ at, isOutdated, isNew }) {
  const back = isNew ? "Throw it away" : "Show the saved file instead";
  return html`<div class="alert note">
    <p>
      Your unsaved text of <time datetime="${isoTime(at)}">${formatTime(at)}</time> is here again; it is not saved yet.
      ${isOutdated && "The file was changed elsewhere in the meantime: Save will ask which text to keep."}
    </p>
    <button type="button" class="button small" id="drop-draft">${back}</button>
  </div>`;
}

const REASONS = {
  large: (name) =>
    `${name} is too large to be edited here: the editor takes ${formatBytes(MOST_BYTES)}. Download it, or use an editor in the terminal.`,
  binary: (name) => `${name} is not text, or not text in UTF-8, so it can't be edited here. Download it instead.`,
};

/** Why there is no editor, and what can be done instead. */
export function insteadMarkup({ state, name, path, hasDraft }) {
  return html`<p>${REASONS[state](name)}</p>
    <div class="button-row">
      <button type="button" class="button primary" data-download="${path}">Download</button>
      ${hasDraft && html`<button type="button" class="button" id="save-draft">Download your unsaved text</button>`}
    </div>`;
}

/** That the file could not be read, and the way out. */
export function failedMarkup() {
  return html`<div class="button-row">
    <button type="button" class="button primary" id="again">Try again</button>
    <a class="button" href="files.html">Go to Files</a>
  </div>`;
}

/** The question for a file, where the address names none. */
export function askMarkup() {
  return html`<form class="ask-file" novalidate>
    <div class="field">
      <label for="path">File</label>
      <input id="path" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="src/heat.c"
        aria-describedby="path-hint path-fault" />
      <p class="hint" id="path-hint">A path in your home; a file that is not there yet is made when you save.</p>
      <p class="fault" id="path-fault" aria-live="polite"></p>
    </div>
    <div class="button-row">
      <button type="submit" class="button primary">Open</button>
      <a class="button" href="files.html">Choose in Files</a>
    </div>
  </form>`;
}
