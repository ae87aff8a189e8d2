// Fields that compile and run forms share.

import { toOptions } from "../../lib/field-markup.js";

/** The field of systems that have environment modules. */
export const MODULES = {
  name: "modules",
  label: "Modules",
  isList: true,
  placeholder: "gcc/9.1, openmpi",
  hint: "Environment modules to load, with commas between.",
};

/** Options of the system field. */
export function systemOptions(systems) {
  return toOptions(systems.map(({ name, label }) => [name, label || name]));
}
