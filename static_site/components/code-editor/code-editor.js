// <ipt-code-editor></ipt-code-editor>, then element.open(text, {name}); with `onEdited`
// CodeMirror in a shadow tree: there its rules are constructed style sheets, which `style-src 'self'` allows.

import { indentOf } from "../../lib/indentation.js";
import { TAB_WIDTH } from "../../lib/edit-place.js";
import { differenceOf } from "../../lib/text-difference.js";
import { isOfC } from "../../lib/text-file.js";
import { history, isolateHistory, redo, undo } from "../../vendor/codemirror-commands.js";
import { cpp } from "../../vendor/codemirror-lang-cpp.js";
import { bracketMatching, indentOnInput, indentUnit } from "../../vendor/codemirror-language.js";
import { forEachDiagnostic, lintGutter, setDiagnostics } from "../../vendor/codemirror-lint.js";
import { highlightSelectionMatches, openSearchPanel, search } from "../../vendor/codemirror-search.js";
import { Compartment, EditorState } from "../../vendor/codemirror-state.js";
import {
  Decoration,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "../../vendor/codemirror-view.js";
import { keys, leaveAfterEscape } from "./editor-keys.js";
import { look } from "./editor-theme.js";

const HINT = "Ctrl+S (on a Mac ⌘S) saves. Tab indents; to leave the editor by keyboard press Escape, then Tab.";
const FRAME = `
:host { display: flex; flex-direction: column; min-height: 0; }
#box { flex: 1; min-height: 0; overflow: hidden; border: 1px solid var(--line-strong); border-radius: var(--radius); }
#box:has(.cm-editor.cm-focused) { outline: 3px solid var(--focus); outline-offset: 1px; }
#keys { margin: var(--space-1) 0 0; color: var(--muted); font-size: var(--size-small); }
`;

class CodeEditor extends HTMLElement {
  onEdited = () => {};
  #view = null;
  #language = new Compartment();
  #wrapping = new Compartment();
  #label = new Compartment();
  #isWrapped = false;

  connectedCallback() {
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(FRAME);
    root.adoptedStyleSheets = [sheet];
    const box = document.createElement("div");
    box.id = "box";
    const hint = document.createElement("p");
    hint.id = "keys";
    hint.textContent = HINT;
    root.append(box, hint);
    this.#view = new EditorView({ parent: box, root });
  }

  /** Show a text; what was there before, and its undo, is gone. */
  open(text, { name }) {
    const extensions = [
      lineNumbers(),
      lintGutter(),
      highlightSpecialChars(),
      history(),
      indentOnInput(),
      bracketMatching({ renderMatch: markPair }),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      highlightSelectionMatches(),
      search({ top: true }),
      keymap.of(keys),
      leaveAfterEscape,
      // Nothing but "\n" ends a line, so that other signs stay what they are; what is pasted has them mended.
      EditorState.lineSeparator.of("\n"),
      EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?/gu, "\n")),
      EditorState.tabSize.of(TAB_WIDTH),
      indentUnit.of(indentOf(text, name)),
      this.#language.of(isOfC(name) ? cpp() : []),
      this.#wrapping.of(this.#isWrapped ? EditorView.lineWrapping : []),
      this.#label.of(labelled(name)),
      EditorView.updateListener.of((update) => update.docChanged && this.onEdited()),
      look,
    ];
    this.#view.setState(EditorState.create({ doc: text, extensions }));
  }

  /** The file has another name. */
  rename(name) {
    const effects = [this.#language.reconfigure(isOfC(name) ? cpp() : []), this.#label.reconfigure(labelled(name))];
    this.#view.dispatch({ effects });
  }

  get text() {
    return this.#view.state.sliceDoc();
  }

  /** Put another text in place; undo brings the one before back. Marks in what both have stay. */
  replace(text) {
    // A step of its own: what was typed a moment before must not be undone with it.
    const annotations = isolateHistory.of("full");
    this.#view.dispatch({ changes: differenceOf(this.text, text), annotations, scrollIntoView: true });
  }

  set isWrapped(isWrapped) {
    this.#isWrapped = isWrapped;
    this.#view.dispatch({ effects: this.#wrapping.reconfigure(isWrapped ? EditorView.lineWrapping : []) });
  }

  /** Number of the line that the cursor is in. */
  get line() {
    const { doc, selection } = this.#view.state;
    return doc.lineAt(selection.main.head).number;
  }

  /** Return the text of a line, or null where there is no such line. */
  lineText(number) {
    const { doc } = this.#view.state;
    return number >= 1 && number <= doc.lines ? doc.line(number).text : null;
  }

  /** Select from one index of a line to another and go there; past the end, the last line. */
  jump(number, from = 0, to = from) {
    const { doc } = this.#view.state;
    const line = doc.line(Math.min(Math.max(1, number), doc.lines));
    const within = (index) => line.from + Math.min(index, line.length);
    this.#show(within(from), within(to));
  }

  /** Show marks `{line, from, to, severity, message}`; they stay with their text while it changes. */
  mark(marks) {
    const { state } = this.#view;
    const placed = marks.map((mark) => {
      const line = state.doc.line(mark.line);
      return { ...mark, mark, from: line.from + mark.from, to: line.from + mark.to };
    });
    this.#view.dispatch(setDiagnostics(state, placed));
  }

  /** Go to where the text of a mark is now; false when it is gone. */
  jumpToMark(mark) {
    let place = null;
    forEachDiagnostic(this.#view.state, (each, from, to) => {
      place = each.mark === mark ? { from, to } : place;
    });
    if (place) {
      this.#show(place.from, place.to);
    }
    return place !== null;
  }

  undo() {
    this.#run(undo);
  }

  redo() {
    this.#run(redo);
  }

  find() {
    openSearchPanel(this.#view);
  }

  focus() {
    this.#view.focus();
  }

  #run(command) {
    command(this.#view);
    this.#view.focus();
  }

  #show(anchor, head) {
    const effects = EditorView.scrollIntoView(anchor, { y: "center" });
    this.#view.dispatch({ selection: { anchor, head }, effects });
    this.#view.focus();
  }
}

const PAIR = Decoration.mark({ class: "cm-matchingBracket" });

/** Mark a bracket and its other half; one without is not blamed, as in a text with faults it often has one. */
function markPair({ matched, start, end }) {
  return matched ? [PAIR.range(start.from, start.to), PAIR.range(end.from, end.to)] : [];
}

function labelled(name) {
  // Said openly that Tab leads there: what scrolls must be within reach of the keyboard.
  const attributes = { "aria-label": `Text of ${name}`, "aria-describedby": "keys", tabindex: "0" };
  return EditorView.contentAttributes.of(attributes);
}

customElements.define("ipt-code-editor", CodeEditor);
