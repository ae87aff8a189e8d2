// The row of buttons above the editor, and the keys of the whole page.

import { html, render } from "../../lib/html.js";
import { formAddress } from "../../lib/job-forms.js";
import { isOfC } from "../../lib/text-file.js";
import { askText } from "../dialog/dialog.js";

const WRAP_KEY = "ipt.edit-wrap";
const NARROW = "(max-width: 40rem)";

function bindWrapping(page) {
  const box = page.querySelector("#wrap");
  const kept = window.localStorage.getItem(WRAP_KEY);
  box.checked = kept === null ? window.matchMedia(NARROW).matches : kept === "on";
  page.editor.isWrapped = box.checked;
  box.addEventListener("change", () => {
    window.localStorage.setItem(WRAP_KEY, box.checked ? "on" : "off");
    page.editor.isWrapped = box.checked;
  });
}

async function goToLine(editor) {
  // The focus comes back to where it was before the question.
  editor.focus();
  const typed = await askText({
    title: "Go to line",
    label: "Line",
    value: String(editor.line),
    action: "Go",
    faultOf: (text) => (/^\s*[1-9]\d{0,8}\s*$/u.test(text) ? "" : "Give the number of a line."),
  });
  if (typed) {
    editor.jump(Number(typed));
  }
}

/** Have the buttons and Ctrl+S do what they say. */
export function bindTools(page) {
  const { editor } = page;
  const actions = {
    save: () => page.saver.save(),
    "save-as": () => page.saver.saveAs(),
    undo: () => editor.undo(),
    redo: () => editor.redo(),
    find: () => editor.find(),
    line: () => goToLine(editor),
    again: () => page.open(),
    "drop-draft": () => page.unsaved.giveUp(),
    "save-draft": () => page.unsaved.download(),
  };
  page.addEventListener("click", (event) => {
    actions[event.target.closest("button")?.id]?.();
    leaveForForm(page, event);
  });
  window.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) {
        page.saver.save();
      }
    }
  });
  bindWrapping(page);
}

/** What is compiled is what lies in the home, so unsaved text goes there first. */
async function leaveForForm(page, event) {
  const link = event.target.closest("#compile a");
  if (link && page.unsaved.isThere) {
    event.preventDefault();
    if (await page.saver.save()) {
      window.location.assign(link.href);
    }
  }
}

/** Draw the way to the compile form: of the job that the page is about, else of the file. */
export function drawCompile(page, jobForm) {
  const isDirty = page.unsaved.isThere;
  const own = isOfC(page.file.name) ? formAddress({ kind: "compile", source: page.file.path }) : "";
  const address = jobForm || own;
  const label = jobForm ? "compile again" : "compile";
  const text = isDirty ? `Save and ${label}` : label[0].toUpperCase() + label.slice(1);
  const markup = address ? html`<a class="button" id="compile-link" href="${address}">${text}</a>` : html``;
  render(page.querySelector("#compile"), markup);
}
