// The markup of a whole form: groups of fields beside the preview and the button.

import { fieldMarkup } from "../../lib/field-markup.js";
import { html } from "../../lib/html.js";

function groupMarkup({ title, isAdvanced, fields, before, after }, values, isOpen) {
  const inside = html`${before ?? ""}
    <div class="fields">${fields.map((field) => fieldMarkup(field, values[field.name]))}</div>
    ${after ?? ""}`;
  if (isAdvanced) {
    return html`<details class="card group advanced"${isOpen ? html` open` : ""}>
      <summary><h2>${title}</h2></summary>
      ${inside}
    </details>`;
  }
  return html`<fieldset class="card group">
    <legend><h2>${title}</h2></legend>
    ${inside}
  </fieldset>`;
}

/** Return the groups of fields; they are drawn anew when a choice changes what the others offer. */
export function groupsMarkup(groups, values, { isOpen }) {
  return html`${groups.map((group) => groupMarkup(group, values, isOpen))}`;
}

/** Return the form without its groups. */
export function formMarkup() {
  return html`<form novalidate class="job-form">
    <div class="groups"></div>
    <div class="card preview" role="region" aria-label="Preview">
      <ipt-job-preview></ipt-job-preview>
      <ipt-notify-choice></ipt-notify-choice>
      <div class="actions">
        <button type="submit" class="button primary large"></button>
        <p class="hint" id="outlook"></p>
      </div>
    </div>
  </form>`;
}
