import assert from "node:assert/strict";
import { test } from "node:test";

import {
  formAddress,
  hasForm,
  readFormValues,
  runAddress,
  systemsFor,
  translateValues,
} from "../../static_site/lib/job-forms.js";

const REQUESTS = [
  { kind: "compile", system: "local", source: "a b/ö&=#.c", command: "gcc -O2", files: ["a.h", "b.h"], args: "" },
  { kind: "build-run", system: "local", source: "a.c", compile: "mpicc", launcher: "mpirun -np {ranks}", ranks: 4 },
  { kind: "run", system: "local", binary: "a", ranks: 2, nodes: 1 },
  { kind: "compare", system: "local", serial: "a", parallel: "b", counts: [1, 2, 4], repeats: 3 },
];

function follow(address) {
  const [page, hash] = address.split("#");
  return { page, ...readFormValues(new URLSearchParams(hash)) };
}

for (const request of REQUESTS) {
  test(`a link fills in the form of a ${request.kind} job as the request says`, () => {
    const { kind, ...fields } = request;
    const pages = { compile: "compile.html", "build-run": "compile.html", run: "run.html", compare: "compare.html" };

    const link = follow(formAddress(request));

    assert.equal(link.page, pages[kind]);
    assert.equal(link.kind, kind === "build-run" ? "build-run" : "");
    const text = Object.entries(fields).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(name === "counts" ? " " : ", ") : String(value),
    ]);
    assert.deepEqual(link.values, Object.fromEntries(text));
  });
}

test("a link leaves the request's id behind, so that the form makes a new job", () => {
  assert.doesNotMatch(formAddress({ ...REQUESTS[0], request_id: "abc", modules: null }), /request_id|modules/u);
});

test("what has no form has no link", () => {
  assert.equal(formAddress(null), "");
  assert.equal(formAddress({ kind: "other" }), "");
  assert.equal(hasForm("constructor"), false);
});

test("older links say the ranks on each node", () => {
  const values = (text) => readFormValues(new URLSearchParams(text)).values;

  assert.equal(values("launcher=ibrun&processors=4&nodes=2").ranks, "8");
  assert.equal(values("launcher=ibrun&processors=4").ranks, "4");
  assert.equal(values("launcher=ibrun&processors=x").ranks, "1");
  assert.deepEqual(values("processors=4"), { ranks: "1" });
  assert.deepEqual(values("processors=4&ranks=2"), { ranks: "2" });
});

test("a link with a kind that is none is a link without a kind", () => {
  assert.equal(readFormValues(new URLSearchParams("kind=evil&source=a.c")).kind, "");
});

test("the run form is told what a program was built with", () => {
  assert.equal(runAddress({ binary: "jobs/a b", system: "local" }), "run.html#binary=jobs%2Fa+b&system=local");
  assert.match(runAddress({ binary: "a", built: "mpicc -O2" }), /&built=mpicc\+-O2$/u);
});

test("a kind of job is offered on the systems that have its app", () => {
  const systems = [{ name: "a", run_app: "x" }, { name: "b", run_app: "y", compare_app: "z" }, { name: "c", compare_app: "" }];

  assert.deepEqual(systemsFor("run", systems).map(({ name }) => name), ["a", "b"]);
  assert.deepEqual(systemsFor("compare", systems).map(({ name }) => name), ["b"]);
});

test("compiling, and compiling and running, ask for the same under other names", () => {
  const compile = { mode: "compile", system: "s", source: "a.c", command: "gcc", args: "-lm", output: "a", files: "x.h" };
  const both = translateValues(compile, "compile", "build-run");

  assert.deepEqual(both, { system: "s", source: "a.c", compile: "gcc", compile_args: "-lm", output: "a", files: "x.h" });
  const { mode, ...same } = compile;
  assert.deepEqual(translateValues({ ...both, args: "100", ranks: "4" }, "build-run", "compile"), same);
});
