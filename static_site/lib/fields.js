// Forms as data: the questions of a form, and how typed text becomes a request.
//
// A field is `{name, label, type, required, …}`; types are text (the usual), number, select, radio and checkbox.
// `check(text)` returns what is wrong with it; `isList` and `isCounts` make lists of it in the request,
// `isOmitted` leaves it out of the request when it is empty, and `isLocal` is never sent.

/** Split a list that people type with commas or line ends. */
export function splitList(text) {
  return String(text ?? "")
    .split(/[,\n]/u)
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** Return the sentence that is wrong with a value, or "". */
export function faultOf(field, value) {
  const text = String(value ?? "").trim();
  if (text === "") {
    return field.required ? `${field.label} is needed.` : "";
  }
  if (field.type === "number") {
    return numberFault(field, text);
  }
  return field.check?.(text) ?? "";
}

function numberFault(field, text) {
  if (!/^\d+$/u.test(text)) {
    return `${field.label} must be a whole number.`;
  }
  const number = Number(text);
  if (field.min !== undefined && number < field.min) {
    return `${field.label} must be at least ${field.min}.`;
  }
  if (field.max !== undefined && number > field.max) {
    return `${field.label} must be at most ${field.max}.`;
  }
  return "";
}

/** Return every fault of a form: `{name: sentence}`, in the order of the fields. */
export function faultsOf(fields, values) {
  const faults = {};
  for (const field of fields) {
    const fault = faultOf(field, values[field.name]);
    if (fault) {
      faults[field.name] = fault;
    }
  }
  return faults;
}

function toValue(field, text) {
  if (field.type === "number") {
    return Number(text);
  }
  if (field.isCounts) {
    return text.split(/[\s,;]+/u).filter(Boolean).map(Number);
  }
  return field.isList ? splitList(text) : text;
}

/** Turn typed text into the values of a request: numbers as numbers, lists as lists. */
export function readValues(fields, values) {
  const request = {};
  for (const field of fields) {
    const text = String(values[field.name] ?? "").trim();
    if (!field.isLocal && !(field.isOmitted && text === "")) {
      request[field.name] = toValue(field, text);
    }
  }
  return request;
}

/** Return what is wrong with an address that is to be told of a job's end, or "". The service looks closer. */
export function webhookFault(text) {
  const url = URL.canParse(text) && !/\s/u.test(text) ? new URL(text) : null;
  if (url?.protocol === "http:" && !isLoopback(url)) {
    return "It must begin with https, not http: what is sent there is not for everybody.";
  }
  return ["https:", "http:"].includes(url?.protocol) ? "" : "Write a whole address; it begins with https.";
}

/** True for an address of the very machine that calls it. */
export function isLoopback({ hostname }) {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/u.test(hostname);
}
