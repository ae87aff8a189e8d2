"""What `ParallelFor` writes for a verdict."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Analyzer
from ipt.errors import TransformRefused
from ipt.source import apply_edits
from ipt.testing import program_of
from ipt.transform import ParallelFor

if TYPE_CHECKING:
    from pathlib import Path

    from ipt.analysis import LoopVerdict


def verdict_of(text: str) -> tuple[LoopVerdict, bytes]:
    """Return the verdict on the first loop, all decisions taken, and the text."""
    program = program_of(text)
    analyzer = Analyzer(program)
    function = program.functions[-1]
    loop = analyzer.loops(function)[0]
    decisions = analyzer.analyze(function, loop).decisions
    return analyzer.analyze(function, loop, decisions), program.source.data


def edited(text: str, **options: object) -> str:
    """Return the text with the first loop of the last function made parallel."""
    program = program_of(text)
    analyzer = Analyzer(program)
    function = program.functions[-1]
    loop = analyzer.loops(function)[0]
    decisions = analyzer.analyze(function, loop).decisions
    verdict = analyzer.analyze(function, loop, decisions)
    transform = ParallelFor(verdict, **options)  # type: ignore[arg-type]
    return apply_edits(program.source, transform.edits()).decode()


HISTOGRAM = """void f(int n, const int *restrict k) {
  int h[10] = {0};
  for (int i = 0; i < n; i++)
    h[k[i]]++;
}
"""


def test_small_histogram_is_a_reduction() -> None:
    """The array is then not shared any more."""
    text = edited(HISTOGRAM)

    assert "default(none) shared(n, k) reduction(+: h[:10])\n" in text
    assert "atomic" not in text


def test_histogram_is_atomic_if_wanted() -> None:
    """The array stays shared, and the update gets its line."""
    text = edited(HISTOGRAM, atomic=frozenset({"h"}))

    assert "default(none) shared(n, h, k)\n" in text
    assert "  for (int i = 0; i < n; i++)\n    #pragma omp atomic update\n    h" in text


def test_update_that_shares_its_line_gets_one_of_its_own() -> None:
    """The line is broken before it; all else stays."""
    text = edited(
        "void f(int n, const int *restrict k, int *restrict h) {\n"
        "for (int i = 0; i < n; i++) { if (k[i]) h[k[i]] += 2; }\n}\n"
    )

    assert "if (k[i])\n  #pragma omp atomic update\n  h[k[i]] += 2; }\n" in text


def test_reductions_of_one_operator_share_a_clause() -> None:
    """Scalars and arrays alike."""
    text = edited(
        """void f(int n, const int *restrict k, int *restrict out) {
  int h[10] = {0}, s = 0;
  for (int i = 0; i < n; i++) {
    h[k[i]]++; s += i; }
  *out = s + h[0];
}
"""
    )

    assert "reduction(+: s, h[:10])" in text


def test_update_without_an_atomic_form_stays_a_reduction() -> None:
    """Wanting it atomic is refused with the reason."""
    verdict, _ = verdict_of(
        """void f(int n, const int *restrict k, int *restrict out) {
  int h[10] = {0};
  for (int i = 0; i < n; i++)
    if (k[i] > h[i % 10]) h[i % 10] = k[i];
  *out = h[3];
}
"""
    )

    assert "reduction(max: h[:10])" in ParallelFor(verdict).directive
    with pytest.raises(TransformRefused) as caught:
        ParallelFor(verdict, atomic=frozenset({"h"})).validate()
    assert [each.code for each in caught.value.findings] == ["IPT315"]


NEST = """void f(int m, double a[4][8][100], const double *restrict b) {
  for (int i = 0; i < 4; i++)
    for (int k = 0; k < 8; k++)
      for (int j = 0; j < m; j++)
        a[i][k][j] = b[j] * k;
}
"""


def test_clauses_follow_the_choices() -> None:
    """All that can be chosen stands in the directive."""
    verdict, _ = verdict_of(NEST)
    transform = ParallelFor(
        verdict,
        schedule="guided",
        collapse=2,
        condition="m > 100",
        threads=3,
        binding="close",
    )

    assert transform.directive.endswith(
        "collapse(2) schedule(guided) if(m > 100) num_threads(3) proc_bind(close)"
    )


def test_more_loops_than_may_be_collapsed_are_refused() -> None:
    """With the number of those that may."""
    verdict, _ = verdict_of(NEST)

    with pytest.raises(TransformRefused, match="no more than 2 of the nested loops"):
        ParallelFor(verdict, collapse=3).validate()


def test_inner_loop_uses_vector_instructions() -> None:
    """Its directive stands in front of it, with its own indentation."""
    text = edited(NEST, simd=True)

    assert "\n      #pragma omp simd\n      for (int j = 0; j < m; j++)\n" in text


def test_inner_loop_in_a_place_without_lines_is_left_alone() -> None:
    """The vector instructions are only a wish."""
    text = edited(
        """#define FOR(i, n) for (int i = 0; i < n; i++)
void f(int m, double a[9][100]) {
  for (int i = 0; i < 9; i++) {
#if 1
    FOR(j, 100) a[i][j] = i;
#endif
  }
}
""",
        simd=True,
    )

    assert "simd" not in text


WALKS = """int f(int n, double *p) { int k = 0;
  for (int i = 0; i < n; i++) { *p++ = k; k += 2; }
  return k; }
"""
KEEPS = """int f(double *restrict p) { int k = 0;
  for (int i = 0; i < 9; i++) { k = i * 2; p[i] = k; }
  return k; }
"""


@pytest.mark.parametrize("text", [WALKS, KEEPS])
@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("dynamic,4", "schedule(monotonic:dynamic,4)"),
        ("guided", "schedule(monotonic:guided)"),
        ("runtime", "schedule(monotonic:runtime)"),
        ("static,1", "schedule(static,1)"),
    ],
)
def test_last_value_is_kept_by_increasing_order(
    text: str, schedule: str, expected: str
) -> None:
    """LLVM's runtime library loses it where threads take from each other."""
    assert expected in edited(text, schedule=schedule)
    assert "monotonic" not in edited(HISTOGRAM, schedule=schedule)


RUNNING = """#include <stdio.h>
#include <string.h>
enum { N = 1000 };
static double place[N + 9];
static double dist(const double *p, const double *q, double *r) {
  double d = 0;
  for (int k = 0; k < 3; k++) { r[k] = p[k] - q[k]; d += r[k] * r[k]; }
  return d;
}
int main(void) {
  int h[7] = {0}, most[5] = {0}, found = 0, all = 1, k = 3;
  double r[3] = {0}, kept[4] = {1, 2, 3, 4}, last[3];
  double force[N], *p = place;
LOOP
  for (int i = 0; i < 7; i++) printf("%d ", h[i]);
  for (int i = 0; i < 5; i++) printf("%d ", most[i]);
  for (int i = 0; i < N; i += 37) printf("%g %g ", force[i], place[i]);
  printf("%d %d %d %d %g %g\\n", found, all, k, (int)(p - place), h[1] / 2.0, last[1]);
  return 0;
}
"""
BODY = """  for (int i = 0; i < N; i++) {
    double d = dist(place + i % 9, place + i % 5, r);
    h[i * i % 7] += i;
    if (i * 7 % 101 > most[i % 5]) most[i % 5] = i * 7 % 101;
    if (i == 777) found = 1;
    if (i == 778) all = 0;
    kept[0] = i;
    memset(last, 0, sizeof last);
    last[1] += i;
    k += 2;
    force[i] = d + kept[0] * kept[3] + r[0] + k + last[1] + last[2];
  }
"""
WALK = """  memset(force, 0, sizeof force);
  memset(last, 0, sizeof last);
  for (int i = N - 1; i >= 0; i--) {
    *p++ = i;
    force[i] = k;
    k -= 3;
  }
"""


@pytest.mark.needs("gcc")
@pytest.mark.needs("gcc", "clang")
@pytest.mark.parametrize("compiler", ["gcc", "clang-19"])
@pytest.mark.parametrize("loop", [BODY, WALK], ids=["copies", "walk"])
def test_clauses_mean_the_same_to_both_compilers(
    compiler: str, loop: str, tmp_path: Path
) -> None:
    """What is printed is what the serial program prints, with 1 to 4 threads."""
    text = RUNNING.replace("LOOP\n", loop)
    program = program_of(text, toolchain=None)
    analyzer = Analyzer(program)
    main = program.functions[-1]
    verdict = analyzer.analyze(main, analyzer.loops(main)[0])
    serial = _run(compiler, text, tmp_path / "serial.c", 1)
    parallel = apply_edits(program.source, ParallelFor(verdict).edits()).decode()

    for threads in (1, 2, 3, 4):
        assert _run(compiler, parallel, tmp_path / "parallel.c", threads) == serial


def _run(compiler: str, text: str, source: Path, threads: int) -> str:
    target = source.with_suffix("")
    options = ["-fopenmp"] if "#pragma" in text else []
    if not target.exists():
        source.write_text(text)
        subprocess.run(
            [compiler, "-O1", "-w", *options, str(source), "-o", str(target)],
            check=True,
            timeout=60,
        )
    done = subprocess.run(
        [str(target)],
        env={"OMP_NUM_THREADS": str(threads)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout
