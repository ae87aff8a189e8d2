// await confirmAction({title, text, action, keep, preview}) → true or false
// await chooseAction({title, text, choices, keep}) → value of a choice or ""
// await askText({title, label, value, action, faultOf}) → text or null
// showText({title, markup})
// Questions in a modal dialog; Escape answers no, and the focus returns to where it was.

import { html, render } from "../../lib/html.js";

function openDialog(markup) {
  const before = document.activeElement;
  const dialog = document.createElement("dialog");
  render(dialog, markup);
  document.body.append(dialog);
  dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.();
  });
  dialog.showModal();
  return dialog;
}

/** Ask yes or no; the safe answer, `keep`, has the focus. */
export function confirmAction({ title, text, action, keep = "Keep", preview = "" }) {
  const dialog = openDialog(
    html`<h2 id="dialog-title">${title}</h2>
      <p>${text}</p>
      ${preview && html`<pre class="preview" tabindex="0" aria-label="Beginning of the text">${preview}</pre>`}
      <div class="actions">
        <button type="button" class="button" data-cancel autofocus>${keep}</button>
        <button type="button" class="button danger" data-yes>${action}</button>
      </div>`,
  );
  dialog.setAttribute("aria-labelledby", "dialog-title");
  return new Promise((resolve) => {
    dialog.querySelector("[data-yes]").addEventListener("click", () => {
      resolve(true);
      dialog.close();
    });
    dialog.addEventListener("close", () => resolve(false));
  });
}

/** Ask which way to go: `choices` are `{value, label, look}`; "" for none of them. */
export function chooseAction({ title, text, choices, keep = "Cancel" }) {
  const dialog = openDialog(
    html`<h2 id="dialog-title">${title}</h2>
      <p>${text}</p>
      <div class="actions">
        <button type="button" class="button" data-cancel autofocus>${keep}</button>
        ${choices.map(
          ({ value, label, look = "" }) =>
            html`<button type="button" class="button ${look}" data-choice="${value}">${label}</button>`,
        )}
      </div>`,
  );
  dialog.setAttribute("aria-labelledby", "dialog-title");
  return new Promise((resolve) => {
    dialog.addEventListener("click", ({ target }) => {
      if (target.dataset.choice) {
        resolve(target.dataset.choice);
        dialog.close();
      }
    });
    dialog.addEventListener("close", () => resolve(""));
  });
}

/** Show something to read; the focus is at its beginning, so that a long text is not scrolled to its end. */
export function showText({ title, markup }) {
  const dialog = openDialog(
    html`<h2 id="dialog-title" tabindex="-1" autofocus>${title}</h2>
      ${markup}
      <div class="actions"><button type="button" class="button" data-cancel>Close</button></div>`,
  );
  dialog.setAttribute("aria-labelledby", "dialog-title");
}

/** Ask for a text; `faultOf(text)` says what is wrong with it, or "". */
export function askText({ title, label, value = "", action, faultOf }) {
  const dialog = openDialog(
    html`<h2 id="dialog-title">${title}</h2>
      <form novalidate>
        <div class="field">
          <label for="dialog-text">${label}</label>
          <input id="dialog-text" autocomplete="off" spellcheck="false" value="${value}"
            aria-describedby="dialog-fault" />
          <p class="fault" id="dialog-fault" role="alert"></p>
        </div>
        <div class="actions">
          <button type="button" class="button" data-cancel>Cancel</button>
          <button type="submit" class="button primary">${action}</button>
        </div>
      </form>`,
  );
  dialog.setAttribute("aria-labelledby", "dialog-title");
  const input = dialog.querySelector("input");
  input.select();
  return new Promise((resolve) => {
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const fault = faultOf(input.value);
      dialog.querySelector(".fault").textContent = fault;
      input.setAttribute("aria-invalid", String(fault !== ""));
      if (fault === "") {
        resolve(input.value.trim());
        dialog.close();
      }
    });
    dialog.addEventListener("close", () => resolve(null));
  });
}
