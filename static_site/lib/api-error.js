// What can go wrong with a call, in one class and one table of sentences.

/** A call that failed: `code` for programs, `message` for people, `field` when one is to blame. */
export class ApiError extends Error {
  constructor({ code, message, status = 0, field = "", requestId = "" }) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.field = field;
    this.requestId = requestId;
  }

  /** True when the same call may succeed a little later. */
  get isRetryable() {
    return RETRYABLE.has(this.code);
  }

  /** True when the person has to sign in again. */
  get endsSession() {
    return this.code === "session_ended";
  }
}

const RETRYABLE = new Set(["offline", "timeout", "busy", "upstream_unavailable", "too_many", "no_answer", "system_unreachable"]);

const SENTENCES = {
  offline: "The service could not be reached. Check your connection and try again.",
  timeout: "The service took too long to answer. It may still be at work: wait a moment, then try again.",
  busy: "The service is busy. Wait a few seconds and try again.",
  no_answer: "The function ended without an answer. Try again; if it happens again, tell the operator.",
  session_ended: "Your session has ended. Sign in again; what you typed is kept.",
  upstream_refused: "The platform refused the request.",
};

/** Make an error of our own with the usual sentence of its code. */
export function makeError(code, status = 0) {
  return new ApiError({ code, message: SENTENCES[code], status });
}

const PLATFORM_EXPIRED = new Set(["900901", "900903", "900904"]);

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isExpired(status, text) {
  const fault = readJson(text)?.fault;
  return (
    status === 401 || PLATFORM_EXPIRED.has(String(fault?.code ?? "")) || text.includes("No JWT or nonce provided")
  );
}

/** Translate an answer that did not come from a function but from the platform before it. */
export function fromPlatform(status, text) {
  if (isExpired(status, text)) {
    return new ApiError({ code: "token_expired", message: SENTENCES.session_ended, status });
  }
  if (status === 429 || text.includes("Cannot issue synchronous execution")) {
    return makeError("busy", status);
  }
  if (status >= 500) {
    return new ApiError({ code: "upstream_unavailable", message: SENTENCES.busy, status });
  }
  const said = readJson(text)?.message;
  const sentence = SENTENCES.upstream_refused;
  return new ApiError({
    code: "upstream_refused",
    message: typeof said === "string" && said ? `${sentence} It said: ${said.slice(0, 300)}` : sentence,
    status,
  });
}

/** Read a result frame: return its body, or throw the error that it holds. */
export function readFrame(text) {
  const frame = readJson(text);
  if (frame === null || typeof frame !== "object" || !Number.isInteger(frame.status)) {
    throw makeError("no_answer");
  }
  if (frame.status >= 200 && frame.status < 300) {
    return frame.body;
  }
  const error = frame.body?.error ?? {};
  throw new ApiError({
    code: String(error.code ?? "internal"),
    message: String(error.message ?? "The function failed. Try again; if it happens again, tell the operator."),
    status: frame.status,
    field: String(error.details?.field ?? ""),
    requestId: String(error.request_id ?? ""),
  });
}
