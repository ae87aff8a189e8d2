// Lets the terminal emulator work under `style-src 'self'`.
//
// xterm.js writes its rules into <style> elements and the colours of some cells into style attributes.
// Both are inline styles, which the policy refuses. The same rules are allowed as constructed
// style sheets, and the same declarations through the CSS object model; so these two kinds of
// elements are made here in that way. Nothing else in the site makes <style> elements.

class ConstructedStyle extends HTMLElement {
  #sheet = new CSSStyleSheet();

  set textContent(text) {
    this.#sheet.replaceSync(text);
  }

  get textContent() {
    return Array.from(this.#sheet.cssRules, (rule) => rule.cssText).join("\n");
  }

  connectedCallback() {
    this.hidden = true;
    this.ownerDocument.adoptedStyleSheets.push(this.#sheet);
  }

  disconnectedCallback() {
    const sheets = this.ownerDocument.adoptedStyleSheets;
    this.ownerDocument.adoptedStyleSheets = sheets.filter((sheet) => sheet !== this.#sheet);
  }
}

function setAttribute(name, value) {
  if (name === "style") {
    this.style.cssText = value;
  } else {
    Element.prototype.setAttribute.call(this, name, value);
  }
}

/** Make the style elements and spans of `page` fit the policy; returns the disposer. */
export function constructStyles(page) {
  if (!customElements.get("ipt-style")) {
    customElements.define("ipt-style", ConstructedStyle);
  }
  const createElement = page.createElement.bind(page);
  page.createElement = (name, options) => {
    if (name === "style") {
      return createElement("ipt-style");
    }
    const element = createElement(name, options);
    if (name === "span") {
      element.setAttribute = setAttribute;
    }
    return element;
  };
  return () => {
    delete page.createElement;
  };
}
