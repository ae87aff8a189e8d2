// Forms as data: the questions of a form, and how typed text becomes a request.

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
  if (field.pattern && !new RegExp(`^(?:${field.pattern})$`, "u").test(text)) {
    return field.patternHint ?? `${field.label} is not of the expected form.`;
  }
  return "";
}

function numberFault(field, text) {
  if (!/^\d+$/u.test(text)) {
    return `${field.label} is a whole number.`;
  }
  const number = Number(text);
  if (field.min !== undefined && number < field.min) {
    return `${field.label} is at least ${field.min}.`;
  }
  if (field.max !== undefined && number > field.max) {
    return `${field.label} is at most ${field.max}.`;
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

/** Turn typed text into the values of a request: numbers as numbers, lists as lists. */
export function readValues(fields, values) {
  const request = {};
  for (const field of fields) {
    const text = String(values[field.name] ?? "").trim();
    if (field.isLocal) {
      continue;
    }
    if (field.type === "number") {
      request[field.name] = Number(text);
    } else {
      request[field.name] = field.isList ? splitList(text) : text;
    }
  }
  return request;
}
