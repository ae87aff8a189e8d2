// One field of a form as markup: label, control, hint, and the places of its error and of a warning.

import { html } from "./html.js";

function optionMarkup({ value, label }, chosen) {
  return value === chosen
    ? html`<option value="${value}" selected>${label}</option>`
    : html`<option value="${value}">${label}</option>`;
}

function suggestionMarkup({ value, label }) {
  return html`<option value="${value}">${label}</option>`;
}

function describedBy(name) {
  return html`aria-describedby="hint-${name} fault-${name} caution-${name}"`;
}

function controlMarkup(field, value) {
  const required = field.required ? html` aria-required="true"` : "";
  if (field.type === "select") {
    return html`<select id="${field.name}" name="${field.name}" ${describedBy(field.name)}>
      ${field.options.map((option) => optionMarkup(option, value))}
    </select>`;
  }
  const list = field.list || field.suggestions ? html` list="list-${field.name}"` : "";
  const mode = field.type === "number" ? html` inputmode="numeric"` : "";
  return html`<input id="${field.name}" name="${field.name}" value="${value}" autocomplete="off" autocapitalize="off"
      spellcheck="false" placeholder="${field.placeholder ?? ""}" ${describedBy(field.name)}${required}${list}${mode} />
    ${list ? html`<datalist id="list-${field.name}">${(field.suggestions ?? []).map(suggestionMarkup)}</datalist>` : ""}`;
}

/** Return buttons that put a value into a field, or take it out again; what they do is `chips.label`. */
export function chipsMarkup(name, { label, choices }) {
  return choices.length === 0
    ? ""
    : html`<div class="chips" role="group" aria-label="${label}">
        ${choices.map(
          (choice) =>
            html`<button type="button" class="chip-button" aria-pressed="false" data-chip="${name}" data-value="${choice.value}">
              ${choice.label}
            </button>`,
        )}
      </div>`;
}

function notesMarkup(field) {
  return html`<p class="hint" id="hint-${field.name}">${field.hint ?? ""}</p>
    <p class="fault" id="fault-${field.name}" aria-live="polite"></p>
    <p class="caution" id="caution-${field.name}"></p>`;
}

function radioMarkup(field, chosen) {
  return html`<fieldset class="field choice" ${describedBy(field.name)}>
    <legend>${field.label}</legend>
    ${field.options.map(({ value, label }) => {
      const id = `${field.name}-${value}`;
      const checked = value === chosen ? html` checked` : "";
      return html`<label class="switch" for="${id}">
        <input type="radio" id="${id}" name="${field.name}" value="${value}"${checked} /> ${label}
      </label>`;
    })}
    ${notesMarkup(field)}
  </fieldset>`;
}

/** Return the markup of a field with its value. */
export function fieldMarkup(field, value) {
  const shown = value ?? field.value ?? "";
  if (field.type === "radio") {
    return radioMarkup(field, shown);
  }
  const optional = field.required || field.type === "select" ? "" : html` <span class="optional">optional</span>`;
  return html`<div class="field ${field.size ?? ""}">
    <label for="${field.name}">${field.label}</label>${optional} ${controlMarkup(field, shown)}
    ${field.chips ? chipsMarkup(field.name, field.chips) : ""} ${field.after ?? ""} ${notesMarkup(field)}
  </div>`;
}

/** Return options for a select from `[value, label]` pairs. */
export function toOptions(pairs) {
  return pairs.map(([value, label]) => ({ value, label }));
}
