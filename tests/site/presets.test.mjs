import assert from "node:assert/strict";
import { test } from "node:test";

import {
  compilerFor,
  fillPreset,
  languageOf,
  launcherOf,
  presetInForm,
  presetOfCommand,
  presetsFor,
  presetValues,
} from "../../static_site/lib/presets.js";

const MPIRUN = "mpirun -np {ranks}";
const SYSTEM = {
  launchers: ["", "srun {processors}"],
  compilers: [
    { command: "gcc -O2", for: "serial", language: "c" },
    { command: "g++ -O2", for: "serial", language: "c++" },
    { command: "gcc -fopenmp", for: "openmp", language: "c" },
    { command: "mpicc -g", for: "mpi", language: "c" },
  ],
  presets: [
    { name: "serial", label: "Serial", compile: "gcc -O2" },
    { name: "openmp", label: "OpenMP", compile: "gcc -fopenmp", threads: 4 },
    { name: "mpi", label: "MPI", compile: "mpicc", launcher: MPIRUN, ranks: 4, nodes: 2 },
  ],
};
const [SERIAL, OPENMP, MPI] = SYSTEM.presets;

for (const [path, language] of [
  ["src/heat.c", "c"],
  ["heat.C", "c++"],
  ["heat.CPP", "c++"],
  ["heat.cu", "cuda"],
  ["heat", ""],
  ["a.d/heat", ""],
  ["heat.h", ""],
  [undefined, ""],
]) {
  test(`${path} is ${language || "no source"}`, () => {
    assert.equal(languageOf(path), language);
  });
}

test("a preset has the compiler of the source's language, if the system has one", () => {
  assert.equal(compilerFor(SYSTEM, SERIAL, "heat.cpp"), "g++ -O2");
  assert.equal(compilerFor(SYSTEM, SERIAL, "heat.c"), "gcc -O2");
  assert.equal(compilerFor(SYSTEM, OPENMP, "heat.cpp"), "gcc -fopenmp");
  assert.equal(compilerFor(SYSTEM, SERIAL, ""), "gcc -O2");
  assert.equal(compilerFor({}, undefined, "heat.c"), "");
});

test("the preset of a command is found by the command, or by what its compiler is for", () => {
  assert.equal(presetOfCommand(SYSTEM, " mpicc "), "mpi");
  assert.equal(presetOfCommand(SYSTEM, "g++ -O2"), "serial");
  assert.equal(presetOfCommand(SYSTEM, "clang"), "");
  assert.equal(presetOfCommand({}, undefined), "");
});

test("a form is offered the presets that make sense in it", () => {
  const names = (kind, system = SYSTEM) => presetsFor(kind, system).map(({ name }) => name);

  assert.deepEqual(names("run"), ["serial", "openmp", "mpi"]);
  const hybrid = { name: "hybrid", compile: "mpicc -fopenmp", launcher: MPIRUN, ranks: 2, threads: 2 };
  assert.deepEqual(names("compare", { presets: [...SYSTEM.presets, hybrid] }), ["openmp", "mpi"]);
  assert.deepEqual(names("compile", { presets: [{ name: "x", compile: "" }, SERIAL] }), ["serial"]);
  assert.deepEqual(names("run", {}), []);
});

test("a preset fills in everything of its form: what it does not say is the usual", () => {
  assert.deepEqual(presetValues("compile", SYSTEM, SERIAL, "heat.cc"), { command: "g++ -O2" });
  assert.deepEqual(presetValues("run", SYSTEM, OPENMP), { launcher: "", ranks: "1", threads: "4", nodes: "1" });
  assert.deepEqual(presetValues("build-run", SYSTEM, MPI, "heat.c"), {
    compile: "mpicc -g",
    launcher: MPIRUN,
    ranks: "4",
    threads: "1",
    nodes: "2",
  });
  assert.deepEqual(presetValues("other", SYSTEM, MPI), {});
});

test("what a person typed is kept and told, the rest is filled in", () => {
  const wanted = { ranks: "4", threads: "1", launcher: MPIRUN };
  const values = { ranks: "16", threads: " ", launcher: "" };

  const { values: filled, kept } = fillPreset(wanted, values, new Set(["ranks", "threads"]));

  assert.deepEqual(filled, { threads: "1", launcher: MPIRUN });
  assert.deepEqual(kept, ["ranks"]);
});

test("what a person typed is not told when the preset says the same", () => {
  assert.deepEqual(fillPreset({ ranks: "4" }, { ranks: " 4 " }, new Set(["ranks"])), { values: {}, kept: [] });
});

test("the preset that stands in a form is known by its values", () => {
  const values = { launcher: "", ranks: "1", threads: "4", nodes: "1" };

  const wantedOf = (preset) => presetValues("run", SYSTEM, preset);

  assert.equal(presetInForm(SYSTEM.presets, values, wantedOf), "openmp");
  assert.equal(presetInForm(SYSTEM.presets, { ...values, threads: "5" }, wantedOf), "");
  assert.equal(presetInForm([], values, wantedOf), "");
});

test("a launcher is known by its older name for the number as well", () => {
  assert.equal(launcherOf(SYSTEM, "srun {ranks}"), "srun {processors}");
  assert.equal(launcherOf(SYSTEM, "gone"), "gone");
  assert.equal(launcherOf({}, ""), "");
});
