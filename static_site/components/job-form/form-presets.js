// Presets at work in a form: filling in, telling what was done, taking it back.

import { fillPreset, presetInForm, presetsFor } from "../../lib/presets.js";
import "../preset-buttons/preset-buttons.js";
import { writeControls } from "./form-values.js";


export class FormPresets {
  #form;
  #before = null;
  /** Name of the preset that stands in the form, or "". */
  current = "";

  constructor(form) {
    this.#form = form;
  }

  get #place() {
    return this.#form.querySelector("ipt-preset-buttons");
  }

  get #presets() {
    return presetsFor(this.#form.kind, this.#form.system);
  }

  /** The form was drawn anew. */
  offer() {
    this.#place?.offer(this.#presets);
    this.update();
  }

  /** Values changed: another preset may stand in the form now. */
  update() {
    this.current = presetInForm(this.#presets, this.#form.values, (preset) => this.#form.presetValues(preset));
    this.#place?.press(this.current);
  }

  /** Return a field with what stands in it, for people: `Threads: 4`. */
  wordFor(name) {
    const field = this.#form.fields.find((each) => each.name === name);
    const value = this.#form.control(name).value;
    const said = field.options?.find((option) => option.value === value)?.label ?? value;
    return `${field.label}: ${said === "" ? "nothing" : said}`;
  }

  #fill(preset, typed) {
    const before = { values: this.#form.values, typed: new Set(this.#form.typed) };
    const { values, kept } = fillPreset(this.#form.presetValues(preset), before.values, typed);
    writeControls(this.#form, values);
    const after = this.#form.values;
    return { before, kept, filled: Object.keys(values).filter((name) => after[name] !== before.values[name]) };
  }

  /** Fill a preset in, at a person's wish; `isAll` replaces what was typed as well. */
  choose(name, isAll) {
    const preset = this.#presets.find((each) => each.name === name);
    const { before, filled, kept } = this.#fill(preset, isAll ? new Set() : this.#form.typed);
    filled.forEach((each) => this.#form.typed.delete(each));
    this.#before = filled.length > 0 ? before : null;
    this.#form.changedByPreset();
    this.update();
    const label = preset.label || preset.name;
    const did = filled.map((each) => this.wordFor(each)).join("; ");
    this.#place.say({
      preset,
      text: did ? `${label} filled in ${did}.` : `${label} is what the form has already.`,
      kept: kept.map((each) => this.wordFor(each)),
      isUndoable: filled.length > 0,
    });
  }

  /** Fill the same preset in again, as the source or the system is another; says what changed, and why. */
  repeat(name, why, others = []) {
    const preset = this.#presets.find((each) => each.name === name);
    const filled = preset ? this.#fill(preset, this.#form.typed).filled.map((each) => this.wordFor(each)) : [];
    const did = [...new Set([...filled, ...others])];
    if (did.length > 0) {
      this.#place?.say({ text: `For ${why}: ${did.join("; ")}.` });
    }
    this.update();
  }

  /** Take the last choice back. */
  undo() {
    const { values, typed } = this.#before;
    this.#before = null;
    writeControls(this.#form, values);
    this.#form.typed = typed;
    this.#form.changedByPreset();
    this.update();
    this.#place.say({ text: "Everything is as it was before." });
  }
}
