// Asks the service, a moment after the last change, what a form would do.

const PAUSE_MS = 400;
// The service is away: it may be back by then.
const AGAIN_MS = 5000;

export class FormPreview {
  #api;
  #timer = null;
  #asked = 0;

  constructor(api) {
    this.#api = api;
  }

  /** Ask soon. `request()` gives the body, or null while the form is not ready. */
  schedule(request, handlers, pause = PAUSE_MS) {
    const { onAnswer, onRefusal } = handlers;
    clearTimeout(this.#timer);
    // What is under way speaks of a form that is no more.
    const number = ++this.#asked;
    this.#timer = setTimeout(async () => {
      const body = request();
      if (body === null) {
        return;
      }
      try {
        const answer = await this.#api.call("job_submit", { method: "POST", path: "/jobs/preview", body });
        if (number === this.#asked) {
          onAnswer(answer);
        }
      } catch (error) {
        if (number === this.#asked) {
          onRefusal(error);
          if (error.isRetryable) {
            this.schedule(request, handlers, AGAIN_MS);
          }
        }
      }
    }, pause);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#asked += 1;
  }
}
