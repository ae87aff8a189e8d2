// Text into the page, always escaped.
//
//   render(element, html`<p title="${title}">${text}</p>`)
//
// Interpolated values are escaped for text and for quoted attributes.
// Markup made by `html` nests unescaped; arrays are joined; null, undefined and false vanish.
// Attribute values must be quoted in the template.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Markup that came out of `html`: the only thing that `render` accepts. */
export class Markup {
  #text;

  constructor(text) {
    this.#text = text;
  }

  toString() {
    return this.#text;
  }
}

/** Return `value` as text that is safe between tags and in quoted attributes. */
export function escapeText(value) {
  return String(value).replace(/[&<>"']/gu, (character) => ESCAPES[character]);
}

function toText(value) {
  if (value === null || value === undefined || value === false) {
    return "";
  }
  if (value instanceof Markup) {
    return value.toString();
  }
  if (Array.isArray(value)) {
    return value.map(toText).join("");
  }
  return escapeText(value);
}

/** Build markup from a template, escaping every interpolated value. */
export function html(strings, ...values) {
  const parts = strings.map((text, index) => (index === 0 ? text : toText(values[index - 1]) + text));
  return new Markup(parts.join(""));
}

// The pages demand trusted types; this is the one policy they allow.
const policy = globalThis.trustedTypes?.createPolicy("ipt-html", { createHTML: (text) => text });

/**
 * Replace the content of `element`.
 *
 * The focus stays where it was when the new content has an element with the same id.
 */
export function render(element, markup) {
  if (!(markup instanceof Markup)) {
    throw new TypeError("render takes what the html tag made");
  }
  const focused = element.ownerDocument?.activeElement;
  const focusId = focused?.id && element.contains(focused) ? focused.id : "";
  const text = markup.toString();
  element.innerHTML = policy ? policy.createHTML(text) : text;
  if (focusId) {
    element.ownerDocument.getElementById(focusId)?.focus({ preventScroll: true });
  }
}
