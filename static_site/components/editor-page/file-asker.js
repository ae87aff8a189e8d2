// Which file to edit, where the address names none.

import { editorAddress } from "../../lib/diagnostics.js";
import { render } from "../../lib/html.js";
import { pathFault, withoutHome } from "../../lib/paths.js";
import { askMarkup } from "./editor-markup.js";

/** Ask in `place`; the answer changes the address. */
export function askForFile(place) {
  render(place, askMarkup());
  const input = place.querySelector("input");
  place.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const path = withoutHome(input.value);
    const fault = pathFault(path);
    place.querySelector(".fault").textContent = fault;
    input.setAttribute("aria-invalid", String(fault !== ""));
    if (fault === "") {
      window.location.assign(editorAddress({ path }));
    }
  });
}
