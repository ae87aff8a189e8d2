// What a link fills into a form: the part of the address after the `#`.

import { readFormValues } from "../../lib/job-forms.js";
import { hashParameters } from "../../lib/site.js";

/** Values that a link brings, once: a reload or a sign-in must not put them over what was typed since. */
export function takeLink() {
  const link = readFormValues(hashParameters());
  if (window.location.hash) {
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  }
  return link;
}
