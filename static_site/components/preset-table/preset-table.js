// <ipt-presets>…</ipt-presets>
// The compilers of each system, once somebody is signed in; before that its own content stays.

import { html, render } from "../../lib/html.js";
import { api, session } from "../../lib/site.js";

function systemMarkup(system) {
  return html`<h3>${system.label || system.name}</h3>
    <div class="table-box">
      <table role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">For</th>
            <th role="columnheader" scope="col">Compiler command</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${system.compilers.map(
            ({ label, command }) =>
              html`<tr role="row">
                <td role="cell" data-label="For">${label}</td>
                <td role="cell" data-label="Command"><code>${command}</code></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

class PresetTable extends HTMLElement {
  async connectedCallback() {
    if (!session.read()) {
      return;
    }
    try {
      const { systems } = await api.call("job_submit", { path: "/systems" });
      render(this, html`${systems.map(systemMarkup)}`);
    } catch (error) {
      // Help stays readable whatever the service does; the table it came with is right in general.
      console.info(error.message);
    }
  }
}

customElements.define("ipt-presets", PresetTable);
