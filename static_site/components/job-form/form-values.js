// Reading and writing the controls of a form by their names.

/** Return the control of a name; of radio buttons the chosen one. */
export function controlOf(form, name) {
  const named = `[name="${CSS.escape(name)}"]`;
  return form.querySelector(`${named}:checked`) ?? form.querySelector(named);
}

/** Return the values of all fields, as text. */
export function readControls(form, fields) {
  return Object.fromEntries(fields.map(({ name }) => [name, controlOf(form, name)?.value ?? ""]));
}

/** True for a control that holds what somebody wrote, and not a choice among others. */
export function isTyped(control) {
  return control.tagName === "INPUT" && control.type === "text" && control.value.trim() !== "";
}

/** Write values into the controls that there are. A list keeps its choice where it has no such option. */
export function writeControls(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const control = controlOf(form, name);
    const isOffered = control?.tagName !== "SELECT" || [...control.options].some((option) => option.value === value);
    if (control && isOffered) {
      control.value = value;
    }
  }
}

/** Return the labels of lists that cannot have the value that they should. */
export function notOffered(fields, values) {
  return fields.filter(
    ({ type, name, options, isLocal }) =>
      type === "select" && !isLocal && values[name] && !options.some((option) => option.value === values[name]),
  );
}

/** Show which chips say what stands in their field. */
export function pressChips(form) {
  for (const chip of form.querySelectorAll("[data-chip]")) {
    const text = controlOf(form, chip.dataset.chip)?.value ?? "";
    const words = text.split(/[\s,;]+/u);
    chip.setAttribute("aria-pressed", String(text === chip.dataset.value || words.includes(chip.dataset.value)));
  }
}

/** Put the value of a chip into its field, or take it out again, as if it were typed. */
export function useChip(form, chip, fields) {
  const control = controlOf(form, chip.dataset.chip);
  const toggle = fields.find(({ name }) => name === chip.dataset.chip)?.chips?.toggle;
  control.value = toggle ? toggle(control.value, chip.dataset.value) : chip.dataset.value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
}
