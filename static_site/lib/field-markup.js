// One field of a form as markup: label, control, hint and the place of its error.

import { html } from "./html.js";

function optionMarkup({ value, label }, chosen) {
  return value === chosen
    ? html`<option value="${value}" selected>${label}</option>`
    : html`<option value="${value}">${label}</option>`;
}

function controlMarkup(field, value) {
  const described = html`aria-describedby="hint-${field.name} fault-${field.name}"`;
  const required = field.required ? html` aria-required="true"` : "";
  if (field.type === "select") {
    return html`<select id="${field.name}" name="${field.name}" ${described}>
      ${field.options.map((option) => optionMarkup(option, value))}
    </select>`;
  }
  const list = field.list ? html` list="list-${field.name}"` : "";
  const mode = field.type === "number" ? html` inputmode="numeric"` : "";
  return html`<input id="${field.name}" name="${field.name}" value="${value}" autocomplete="off" autocapitalize="off"
      spellcheck="false" placeholder="${field.placeholder ?? ""}" ${described}${required}${list}${mode} />
    ${field.list ? html`<datalist id="list-${field.name}"></datalist>` : ""}`;
}

/** Return the markup of a field with its value. */
export function fieldMarkup(field, value) {
  const optional = field.required || field.type === "select" ? "" : html` <span class="optional">optional</span>`;
  return html`<div class="field ${field.size ?? ""}">
    <label for="${field.name}">${field.label}</label>${optional} ${controlMarkup(field, value ?? field.value ?? "")}
    <p class="hint" id="hint-${field.name}">${field.hint ?? ""}</p>
    <p class="fault" id="fault-${field.name}"></p>
  </div>`;
}

/** Return options for a select from `[value, label]` pairs. */
export function toOptions(pairs) {
  return pairs.map(([value, label]) => ({ value, label }));
}
