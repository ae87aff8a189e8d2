import assert from "node:assert/strict";
import { test } from "node:test";

import { Markup, escapeText, html, render } from "../../static_site/lib/html.js";

test("interpolated text is escaped for text and quoted attributes", () => {
  const hostile = `<img src=x onerror="alert(1)">&'`;

  const markup = html`<p title="${hostile}">${hostile}</p>`;

  const escaped = "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#39;";
  assert.equal(markup.toString(), `<p title="${escaped}">${escaped}</p>`);
});

test("every character that means something in HTML is escaped", () => {
  assert.equal(escapeText("a<b>&\"'`"), "a&lt;b&gt;&amp;&quot;&#39;`");
});

test("markup nests unescaped, and lists are joined", () => {
  const items = ["<a>", "b"].map((item) => html`<li>${item}</li>`);

  assert.equal(html`<ul>${items}</ul>`.toString(), "<ul><li>&lt;a&gt;</li><li>b</li></ul>");
});

test("nothing is written for null, undefined and false, but zero is", () => {
  assert.equal(html`[${null}${undefined}${false}${0}${""}${true}]`.toString(), "[0true]");
});

test("an object that only looks like markup is escaped", () => {
  const fake = { toString: () => "<script>" };

  assert.equal(html`${fake}`.toString(), "&lt;script&gt;");
});

test("render refuses plain text", () => {
  assert.throws(() => render({}, "<b>"), TypeError);
});

test("render writes the markup and keeps the focus on the element of the same id", () => {
  const focused = { id: "again" };
  let isFocused = false;
  const page = {
    activeElement: focused,
    getElementById: (id) => ({ focus: () => (isFocused = id === "again") }),
  };
  const element = { ownerDocument: page, contains: (other) => other === focused, innerHTML: "" };

  render(element, new Markup("<b>x</b>"));

  assert.equal(element.innerHTML, "<b>x</b>");
  assert.ok(isFocused);
});

test("render leaves the focus alone when it is elsewhere", () => {
  const page = { activeElement: { id: "other" }, getElementById: () => assert.fail("must not be asked") };
  const element = { ownerDocument: page, contains: () => false, innerHTML: "" };

  render(element, html`x`);

  assert.equal(element.innerHTML, "x");
});
