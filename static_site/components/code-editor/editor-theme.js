// How the editor looks: the site's own colours, which follow the scheme of the page by themselves.
//
// The editor's own rules show pictures from `data:` addresses, which the content policy refuses:
// marks are drawn with borders and backgrounds instead.

import { HighlightStyle, syntaxHighlighting } from "../../vendor/codemirror-language.js";
import { EditorView } from "../../vendor/codemirror-view.js";
import { tags } from "../../vendor/lezer-highlight.js";

const TONES = { error: "var(--bad)", warning: "var(--busy)", info: "var(--muted)" };

function underline(severity) {
  return {
    backgroundImage: "none",
    textDecoration: `underline wavy ${TONES[severity]}`,
    textDecorationSkipInk: "none",
    textUnderlineOffset: "0.2em",
  };
}

function marker(severity, clipPath) {
  return { content: "normal", background: TONES[severity], clipPath, forcedColorAdjust: "none" };
}

const field = {
  minHeight: "2rem",
  padding: "0.2rem 0.6rem",
  border: "1px solid var(--line-strong)",
  borderRadius: "var(--radius)",
  background: "var(--surface)",
  color: "var(--text)",
  fontFamily: "var(--font)",
  fontSize: "var(--size-small)",
};
const focused = { outline: "3px solid var(--focus)", outlineOffset: "1px" };

const frame = EditorView.theme({
  "&": { height: "100%", color: "var(--terminal-foreground)", background: "var(--terminal-background)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", fontSize: "0.9375rem", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--terminal-cursor)" },
  ".cm-content ::selection": { background: "var(--terminal-selection)" },
  ".cm-activeLine": { background: "color-mix(in srgb, var(--accent-soft) 55%, transparent)" },
  ".cm-gutters, .cm-gutters.cm-gutters-before": {
    border: "0",
    borderRight: "1px solid var(--line)",
    background: "var(--surface-2)",
    color: "var(--muted)",
  },
  ".cm-activeLineGutter": { background: "var(--accent-soft)", color: "var(--text)" },
  ".cm-specialChar": { color: "var(--bad)" },
  ".cm-selectionMatch": { background: "var(--accent-soft)" },
  "&.cm-focused .cm-matchingBracket": { background: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  ".cm-searchMatch": { background: "var(--terminal-match)", outline: "1px solid var(--terminal-match-line)" },
  ".cm-searchMatch-selected": { background: "var(--terminal-match-active)" },
});

const panels = EditorView.theme({
  ".cm-panels": { background: "var(--surface-2)", color: "var(--text)", fontFamily: "var(--font)" },
  ".cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search, .cm-dialog": { padding: "0.4rem 2.5rem 0.4rem 0.6rem" },
  ".cm-panel.cm-search label, .cm-dialog label": { fontSize: "var(--size-small)" },
  ".cm-textfield": field,
  ".cm-panel.cm-search .cm-textfield": { maxWidth: "100%" },
  ".cm-button": { ...field, backgroundImage: "none", cursor: "pointer" },
  ".cm-button:hover": { borderColor: "var(--accent)", background: "var(--accent-soft)" },
  ".cm-button:active": { backgroundImage: "none" },
  ".cm-textfield:focus-visible, .cm-button:focus-visible, [type=checkbox]:focus-visible, [name=close]:focus-visible": focused,
  ".cm-panel [name=close], .cm-dialog-close": {
    width: "2rem",
    height: "2rem",
    color: "inherit",
    fontSize: "1.25rem",
    cursor: "pointer",
  },
  ".cm-tooltip": {
    maxWidth: "min(40rem, 90vw)",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    background: "var(--surface)",
    color: "var(--text)",
    boxShadow: "var(--shadow)",
    fontFamily: "var(--font)",
    fontSize: "var(--size-small)",
    overflow: "hidden",
    overflowWrap: "anywhere",
  },
});

const marks = EditorView.theme({
  ".cm-lintRange-error": underline("error"),
  ".cm-lintRange-warning": underline("warning"),
  ".cm-lintRange-info, .cm-lintRange-hint": underline("info"),
  ".cm-lintPoint:after": { borderBottomColor: TONES.error },
  ".cm-lintPoint-warning:after": { borderBottomColor: TONES.warning },
  ".cm-lintPoint-info:after": { borderBottomColor: TONES.info },
  ".cm-lintRange-active": { background: "var(--terminal-match)" },
  ".cm-lint-marker": { width: "0.8em", height: "0.8em", margin: "0.2em auto 0" },
  ".cm-lint-marker-error": marker("error", "circle(50%)"),
  ".cm-lint-marker-warning": marker("warning", "polygon(50% 0, 100% 100%, 0 100%)"),
  ".cm-lint-marker-info": marker("info", "none"),
  ".cm-diagnostic": { margin: "0", padding: "0.4rem 0.6rem" },
  ".cm-diagnostic-error": { borderLeftColor: TONES.error },
  ".cm-diagnostic-warning": { borderLeftColor: TONES.warning },
  ".cm-diagnostic-info": { borderLeftColor: TONES.info },
});

const colours = HighlightStyle.define([
  { tag: [tags.comment, tags.quote], color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.modifier, tags.self, tags.null, tags.bool], color: "var(--terminal-magenta)" },
  { tag: [tags.typeName, tags.standard(tags.typeName), tags.className, tags.namespace], color: "var(--terminal-cyan)" },
  { tag: [tags.string, tags.special(tags.string), tags.character], color: "var(--terminal-green)" },
  { tag: [tags.number, tags.escape, tags.labelName], color: "var(--terminal-yellow)" },
  { tag: [tags.processingInstruction, tags.meta, tags.macroName], color: "var(--terminal-blue)", fontWeight: "600" },
  { tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName))], color: "var(--terminal-blue)" },
  { tag: tags.invalid, color: "var(--terminal-red)" },
]);

/** The look of the editor, as extensions of its state. */
export const look = [frame, panels, marks, syntaxHighlighting(colours)];
