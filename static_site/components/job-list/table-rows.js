// Rows of a table that are asked for again and again: only what has changed is drawn,
// so that the focus, a selection and a screen reader's place stay where they are.

import { render } from "../../lib/html.js";

const drawn = new WeakMap();

function fill(row, markup) {
  const text = markup.toString();
  if (drawn.get(row) !== text) {
    drawn.set(row, text);
    render(row, markup);
  }
}

function makeRow(body, key) {
  const row = body.ownerDocument.createElement("tr");
  row.setAttribute("role", "row");
  row.dataset.key = key;
  return row;
}

/** Make the rows of `body` those of `rows`: `[{key, markup}]`, where the markup is that of the cells. */
export function drawRows(body, rows) {
  const wanted = new Set(rows.map(({ key }) => key));
  const there = new Map();
  for (const row of [...body.children]) {
    if (wanted.has(row.dataset.key)) {
      there.set(row.dataset.key, row);
    } else {
      row.remove();
    }
  }
  let place = body.firstElementChild;
  for (const { key, markup } of rows) {
    const row = there.get(key) ?? makeRow(body, key);
    if (row === place) {
      place = place.nextElementSibling;
    } else {
      body.insertBefore(row, place);
    }
    fill(row, markup);
  }
}
