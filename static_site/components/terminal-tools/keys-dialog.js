// showKeys() opens the list of keys in a dialog.

import { html } from "../../lib/html.js";
import { KEYS } from "../../lib/terminal-keys.js";
import { showText } from "../dialog/dialog.js";

function keyMarkup({ keys, text }) {
  return html`<div>
    <dt>${keys.map((key, index) => html`${index > 0 && "+"}<kbd>${key}</kbd>`)}</dt>
    <dd>${text}</dd>
  </div>`;
}

/** Show which keys the page keeps, and which belong to the shell. */
export function showKeys() {
  showText({ title: "Keys of the terminal", markup: html`<dl class="keys">${KEYS.map(keyMarkup)}</dl>` });
}
