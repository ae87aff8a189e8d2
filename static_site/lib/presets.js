// Presets: what a kind of program (serial, OpenMP, MPI, CUDA, hybrid) fills into a form.
//
// A preset fills what is empty or was filled in before; what a person typed is kept, and told.

const PARTS = {
  compile: { command: "compile" },
  run: { launcher: "launcher", ranks: "ranks", threads: "threads", nodes: "nodes" },
  "build-run": { compile: "compile", launcher: "launcher", ranks: "ranks", threads: "threads", nodes: "nodes" },
};
const USUAL = { launcher: "", ranks: 1, threads: 1, nodes: 1 };
const LANGUAGES = { c: "c", cc: "c++", cpp: "c++", cxx: "c++", "c++": "c++", C: "c++", cu: "cuda" };

/** Return the language of a source file by its name: `c`, `c++`, `cuda`, or "" when it is no source. */
export function languageOf(path) {
  const ending = /\.([^./]+)$/u.exec(String(path ?? "").trim())?.[1] ?? "";
  return LANGUAGES[ending] ?? LANGUAGES[ending.toLowerCase()] ?? "";
}

/** Return the launcher of a system that is meant: older links have `{processors}` where newer have `{ranks}`. */
export function launcherOf(system, launcher) {
  const plain = (template) => template.replaceAll("{processors}", "{ranks}");
  return (system.launchers ?? []).find((each) => plain(each) === plain(launcher)) ?? launcher;
}

/** Return the presets that make sense in a form. */
export function presetsFor(kind, system) {
  const presets = system.presets ?? [];
  const isFitting = {
    compile: (preset) => preset.compile,
    // A comparison counts threads or ranks, not both.
    compare: (preset) => preset.compile && preset.name !== "serial" && !(preset.launcher && preset.threads > 1),
  }[kind];
  return isFitting ? presets.filter(isFitting) : presets;
}

/** Return the compiler command of a preset for a source: the system's one for its language, if it has one. */
export function compilerFor(system, preset, source) {
  const language = languageOf(source);
  const compilers = (system.compilers ?? []).filter((compiler) => compiler.for === preset?.name);
  const isUsual = compilers.some((compiler) => compiler.command === preset?.compile && compiler.language === language);
  const fitting = compilers.find((compiler) => compiler.language === language);
  return language && !isUsual && fitting ? fitting.command : (preset?.compile ?? "");
}

/** Return the name of the preset that a compiler command belongs to, or "". */
export function presetOfCommand(system, command) {
  const text = String(command ?? "").trim();
  const name = (system.compilers ?? []).find((compiler) => compiler.command === text)?.for;
  const preset = (system.presets ?? []).find((each) => each.compile === text || each.name === name);
  return preset?.name ?? "";
}

/** Return what a preset would put into the fields of a form, as text. */
export function presetValues(kind, system, preset, source = "") {
  const values = {};
  for (const [field, part] of Object.entries(PARTS[kind] ?? {})) {
    const value = part === "compile" ? compilerFor(system, preset, source) : (preset[part] ?? USUAL[part]);
    values[field] = String(value);
  }
  return values;
}

/**
 * Return what a preset does to a form: `{values, kept}`.
 *
 * `values` are to be filled in; `kept` are the fields where a person typed something else.
 */
export function fillPreset(wanted, values, typed) {
  const filled = {};
  const kept = [];
  for (const [field, value] of Object.entries(wanted)) {
    const isTheirs = typed.has(field) && String(values[field] ?? "").trim() !== "";
    if (!isTheirs) {
      filled[field] = value;
    } else if (values[field].trim() !== value) {
      kept.push(field);
    }
  }
  return { values: filled, kept };
}

/** Return the name of the preset whose values stand in the form, or "" when none does; `wantedOf(preset)` gives them. */
export function presetInForm(presets, values, wantedOf) {
  const found = presets.find((preset) =>
    Object.entries(wantedOf(preset)).every(([field, value]) => String(values[field] ?? "").trim() === value),
  );
  return found?.name ?? "";
}
