"""Random functions as regions: same output, no race, whatever their parts are."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Analyzer
from ipt.analysis.regions import analyze_region, find_regions
from ipt.reading import read_program
from ipt.source import SourceText, apply_edits
from ipt.testing import build, run_program, same_output, watch_for_races
from ipt.transform import ParallelRegion

if TYPE_CHECKING:
    from pathlib import Path

    from ipt.analysis.regions import RegionVerdict
    from ipt.model import Function
    from ipt.source import Edit

FUNCTIONS = 14
ARRAYS = "abcd"
HEAD = """\
#include <math.h>
#include <stdio.h>
#define N 1200
static double a[N], b[N], c[N], d[N], sink;
static void trace(double s, int k) { printf("%.6g %d\\n", s, k); }
static void report(int f, double s, double m, const double *p) {
  double x = 0;
  for (int i = 0; i < N; i++) {
    x += a[i] + 2 * b[i] + 3 * c[i] + 5 * d[i];
    a[i] = i * 7 % 11; b[i] = i * 5 % 13; c[i] = i * 3 % 17; d[i] = i % 19;
  }
  printf("f%d %.9g %.9g %.9g %d %.9g\\n", f, s, m, x, p == a, sink);
}
"""
SIMPLE = (
    "s = 0;",
    "m = 0;",
    "k = k + 1;",
    "k++;",
    "s = m + k;",
    "m = a[7];",
    "b[9] = s;",
    "h = k * 2;",
    "trace(s, k);",
    "{ double *w = p; p = q; q = w; }",
    "p[3] = k;",
    "s = q[5];",
)


class Writer:
    """Writes random C; owns its random numbers."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - for programs, not secrets

    def program(self) -> str:
        """Return a program of several functions."""
        functions = "".join(self._function(number) for number in range(FUNCTIONS))
        calls = "".join(f"  f{n}(N - 3);\n  f{n}(N - 3);\n" for n in range(FUNCTIONS))
        main = f"int main(void) {{\n  report(-1, 0, 0, a);\n{calls}  return 0;\n}}\n"
        return HEAD + functions + main

    def _function(self, number: int) -> str:
        after = self._random.choice(["", "sink += k;", "sink += h;", "sink += t;"])
        return (
            f"static void f{number}(int n) {{\n"
            "  int i, t = 0, u = 0, k = 1;\n"
            "  double s = 0, m = 0, h = 0, *p = a, *q = b;\n"
            "  {\n" + "\n".join(self._block(0, self._random.randint(3, 6))) + "\n  }\n"
            f"  {after}\n  sink += n + u;\n  report({number}, s, m, p);\n"
            "  (void)h; (void)k; (void)q; (void)t; (void)i;\n}\n"
        )

    def _block(self, depth: int, number: int) -> list[str]:
        found: list[str] = []
        for _ in range(number):
            choice = self._random.random()
            if depth <= 1 and choice < 0.25:
                found += self._around("tu"[depth], depth + 1)
            elif choice < 0.75:
                found += self._loop()
            else:
                found.append(self._random.choice(SIMPLE))
        return found

    def _around(self, counter: str, depth: int) -> list[str]:
        body = self._block(depth, self._random.randint(2, 3))
        match self._random.randrange(4):
            case 0:
                leave = self._random.choice(
                    ["if (s > 1e6) break;", f"if (k == {counter}) continue;"]
                )
                rest = self._block(depth, 1)
                head = f"for ({counter} = 0; {counter} < 3; {counter}++) {{"
                return [head, *body, leave, *rest, "}"]
            case 1:
                head = f"while (s < 500 && {counter} < 3) {{"
                return [f"{counter} = 0;", head, *body, f"{counter}++;", "}"]
            case 2:
                tail = f"}} while (m > k && {counter} < 3);"
                return [f"{counter} = 0;", "do {", *body, f"{counter}++;", tail]
            case _:
                return ["if (k % 2 == 0) {", *body, "}"]

    def _loop(self) -> list[str]:
        bound = self._random.choice(["N - 1", "N - 1", "n"])
        array = self._random.choice(ARRAYS)
        body = self._random.choice(
            [
                f"s += {array}[i];",
                f"m = fmax(m, {array}[i]);",
                f"{{ h = {self._value()}; {array}[i] = h * 0.5; }}",
                f"{array}[i] = {self._value()};",
                f"{array}[i] = {self._value()};",
            ]
        )
        return [f"for (i = 1; i < {bound}; i++)", f"  {body}"]

    def _value(self) -> str:
        places = ["i", "i", "i", "i", "i + 1", "N - 1 - i"]
        reads = [
            f"{self._random.choice(ARRAYS)}[{self._random.choice(places)}]"
            for _ in range(2)
        ]
        return self._random.choice([reads[0], f"0.5 * ({reads[0]} + {reads[1]})", "k"])


def regions(analyzer: Analyzer, function: Function) -> list[RegionVerdict]:
    """Return the whole function as a region, or else those that are found."""
    block = function.body.body[2]
    statements = block.body  # type: ignore[union-attr]  # a block
    whole = analyze_region(analyzer, function, statements)  # type: ignore[arg-type]  # statements
    chosen = find_regions(analyzer, function) if whole.refusals else [whole]
    return [
        analyze_region(analyzer, function, each.statements, each.decisions)
        for each in chosen
    ]


@pytest.mark.needs("gcc")
@pytest.mark.needs("tsan")
@pytest.mark.parametrize("seed", [1, 2])
def test_random_regions_are_right(tmp_path: Path, seed: int) -> None:
    """The output is that of the serial program, and the race detector is silent."""
    serial, parallel = tmp_path / "serial.c", tmp_path / "parallel.c"
    serial.write_text(Writer(seed).program())
    source = SourceText(serial.name, serial.read_bytes())
    program = read_program(source)
    analyzer = Analyzer(program)
    edits: list[Edit] = []
    for function in program.functions:
        if function.name.removeprefix("f").isdigit():
            for verdict in regions(analyzer, function):
                edits += ParallelRegion(verdict).edits()
    parallel.write_bytes(apply_edits(source, edits))

    expected = run_program(build("gcc", [serial], tmp_path / "one"))
    many = build("gcc", [parallel], tmp_path / "many", ["-fopenmp"])

    assert len(edits) > FUNCTIONS
    for threads in (1, 2, 3, 4):
        found = run_program(many, threads=threads)
        assert same_output(expected, found, rounded=True)
    watch_for_races("clang-19", [parallel], tmp_path / "watched", ["-fopenmp"])
