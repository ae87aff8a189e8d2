// <ipt-history-page></ipt-history-page>
// The list of jobs or, when the address names one after the #, that job.

import { html, render } from "../../lib/html.js";
import { hashParameters, isSignedIn } from "../../lib/site.js";
import { clearAlerts } from "../alerts/alerts.js";
import "../job-detail/job-detail.js";
import "../job-list/job-list.js";

class HistoryPage extends HTMLElement {
  #job = "";

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
    const job = hashParameters().get("job") ?? "";
    const list = this.querySelector("ipt-job-list");
    if (!job && list) {
      list.readAddress();
      return;
    }
    document.title = "History · IPT on the Web";
    render(this, job ? html`<ipt-job-detail job="${job}"></ipt-job-detail>` : html`<ipt-job-list></ipt-job-list>`);
    if (job) {
      window.scrollTo(0, 0);
    } else {
      this.querySelector("ipt-job-list").comesFrom = this.#job;
    }
    this.#job = job;
  }
}

customElements.define("ipt-history-page", HistoryPage);
