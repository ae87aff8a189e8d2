// <ipt-compile-form></ipt-compile-form>
// Compiles a program of the home as a job on a system.

import { toOptions } from "../../lib/field-markup.js";
import { JobForm } from "../job-form/job-form.js";
import { MODULES, systemOptions } from "../job-form/job-fields.js";

const OWN = "";

class CompileForm extends JobForm {
  kind = "compile";
  action = "Compile";
  outlook = "The result goes to a new folder below jobs in your home.";

  fieldsOf(system) {
    const compilers = system.compilers ?? [];
    const presets = compilers.map(({ label, command }) => [command, `${label}: ${command}`]);
    const fields = [
      { name: "system", label: "System", type: "select", options: systemOptions(this.systems), value: system.name },
      {
        name: "preset",
        label: "Preset",
        type: "select",
        isLocal: true,
        options: toOptions([...presets, [OWN, "Own command"]]),
        value: compilers[0]?.command ?? OWN,
        hint: "Fills in the compiler command.",
      },
      {
        name: "command",
        label: "Compiler command",
        required: true,
        value: compilers[0]?.command ?? "",
        placeholder: "gcc -fopenmp -O2",
        hint: "The compiler with its options, without file names.",
      },
      {
        name: "source",
        label: "Source file",
        required: true,
        list: true,
        placeholder: "heat.c",
        hint: "A file of your home. Suggestions come while you type.",
      },
      { name: "output", label: "Output file", required: true, value: "a.out", hint: "Name of the program to make." },
      {
        name: "files",
        label: "Additional files",
        isList: true,
        placeholder: "grid.h, input/",
        hint: "Headers and other sources, with commas between.",
      },
      { name: "args", label: "Arguments", placeholder: "-lm", hint: "Put at the end of the command." },
    ];
    return system.modules ? [...fields, MODULES] : fields;
  }

  drawn() {
    this.#choosePreset();
  }

  changed(name) {
    if (name === "preset" && this.control("preset").value !== OWN) {
      this.control("command").value = this.control("preset").value;
    }
    if (name === "command") {
      this.#choosePreset();
    }
  }

  #choosePreset() {
    const command = this.control("command").value.trim();
    const isKnown = [...this.control("preset").options].some((option) => option.value === command);
    this.control("preset").value = isKnown ? command : OWN;
  }
}

customElements.define("ipt-compile-form", CompileForm);
