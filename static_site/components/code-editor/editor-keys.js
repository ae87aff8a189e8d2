// What keys do in the editor. Tab indents; who has no mouse leaves by Escape and then Tab.

import { defaultKeymap, historyKeymap, indentLess, indentMore } from "../../vendor/codemirror-commands.js";
import { indentUnit } from "../../vendor/codemirror-language.js";
import { nextDiagnostic, previousDiagnostic } from "../../vendor/codemirror-lint.js";
import { searchKeymap } from "../../vendor/codemirror-search.js";
import { countColumn } from "../../vendor/codemirror-state.js";
import { EditorView } from "../../vendor/codemirror-view.js";

const LEAVE_MS = 20_000;

function blanksAt(state, position) {
  const unit = state.facet(indentUnit);
  if (unit.includes("\t")) {
    return "\t";
  }
  const line = state.doc.lineAt(position);
  const column = countColumn(line.text.slice(0, position - line.from), state.tabSize);
  return " ".repeat(unit.length - (column % unit.length));
}

/** Go to the next step of indentation; what is selected is moved as a whole. */
function indent(view) {
  const { state } = view;
  if (state.selection.ranges.some((range) => !range.empty)) {
    return indentMore(view);
  }
  const changes = state.selection.ranges.map(({ head }) => ({ from: head, insert: blanksAt(state, head) }));
  const change = state.changes(changes);
  view.dispatch({ changes: change, selection: state.selection.map(change, 1), scrollIntoView: true, userEvent: "input.indent" });
  return true;
}

/** After Escape the next Tab leaves, whatever Escape itself did: closed a panel, let go of a selection. */
export const leaveAfterEscape = EditorView.domEventObservers({
  keydown(event, view) {
    if (event.key === "Escape") {
      // The editor's own handler gives two seconds, which is too little for some.
      queueMicrotask(() => view.setTabFocusMode(LEAVE_MS));
    }
  },
});

/** The keys of the editor; F8 goes to the next thing that a compiler complained about. */
export const keys = [
  { key: "Tab", run: indent, shift: indentLess },
  { key: "F8", run: nextDiagnostic, shift: previousDiagnostic, preventDefault: true },
  ...searchKeymap,
  ...historyKeymap,
  ...defaultKeymap,
];
