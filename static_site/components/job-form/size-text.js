// The group of fields that says how large a job is, with the same in words below.

import { html } from "../../lib/html.js";
import { sizeText } from "../../lib/job-size.js";

/** Return a group of fields with a place for its words. */
export function sizeGroup(title, fields) {
  return { title, fields, after: html`<p class="size-words" id="size-words" role="status"></p>` };
}

/** Write the words, only when they change: they are read aloud. */
export function showSize(form, values) {
  const place = form.querySelector("#size-words");
  const text = sizeText(values);
  if (place && place.textContent !== text) {
    place.textContent = text;
  }
}
