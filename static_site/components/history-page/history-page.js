// <ipt-history-page></ipt-history-page>
// The list of jobs or, when the address names one after the #, that job.

import { html, render } from "../../lib/html.js";
import { hashParameters, isSignedIn } from "../../lib/site.js";
import { clearAlerts } from "../alerts/alerts.js";
import "../job-detail/job-detail.js";
import "../job-list/job-list.js";

class HistoryPage extends HTMLElement {
  connectedCallback() {
    if (isSignedIn()) {
      this.#show();
      window.addEventListener("hashchange", () => {
        clearAlerts(["bad"]);
        this.#show();
      });
    }
  }

  #show() {
    const job = hashParameters().get("job");
    document.title = "History · IPT on the Web";
    render(this, job ? html`<ipt-job-detail job="${job}"></ipt-job-detail>` : html`<ipt-job-list></ipt-job-list>`);
    window.scrollTo(0, 0);
  }
}

customElements.define("ipt-history-page", HistoryPage);
