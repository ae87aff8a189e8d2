"""Every barrier that is left is needed: without it the checker sees a conflict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.unit.ipt.regions.region_conflicts import region_conflicts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.analysis.regions import RegionPart, RegionVerdict
    from tests.unit.ipt.regions.conftest import Reader

PROGRAMS = {
    "two_loops": """\
for (int i = 0; i < n; i++) a[i] = x;
for (int i = 0; i < n; i++) b[i] = a[n - 1 - i];""",
    "jacobi": """\
double err = x; int it = 0;
/*BEGIN*/
while (err > 1 && it < 100) {
  err = 0;
  for (int i = 1; i < n - 1; i++) {
    b[i] = a[i - 1] + a[i + 1];
    err = fmax(err, b[i]);
  }
  for (int i = 1; i < n - 1; i++)
    a[i] = b[i];
  it++;
}
/*END*/
x = err + it;""",
    "until": """\
double err = x;
/*BEGIN*/
do {
  err = 0;
  for (int i = 0; i < n; i++)
    err += a[i];
} while (err > 1);
/*END*/
x = err;""",
    "swap": """\
double *u = a, *v = b, *w; int t;
/*BEGIN*/
for (t = 0; t < 9; t++) {
  for (int i = 1; i < n; i++)
    v[i] = u[i - 1];
  w = u; u = v; v = w;
}
/*END*/
x = u[1];""",
    "printing": """\
for (int t = 0; t < 9; t++) {
  for (int i = 0; i < n; i++)
    a[i] += t;
  printf("%f", a[0]);
  for (int i = 0; i < n; i++)
    b[i] = a[n - 1 - i];
}""",
    "chain_over_steps": """\
for (int t = 0; t < 9; t++) {
  for (int i = 1; i < n - 1; i++)
    b[i] = a[i - 1] + a[i + 1];
  for (int i = 1; i < n - 1; i++)
    a[i] = b[i];
}""",
    "one_thread_for_all": """\
for (int i = 0; i < n; i++) a[i] = x;
outside();
for (int i = 0; i < n; i++) b[i] = a[n - 1 - i];
count++;
for (int i = 0; i < n; i++) c[i] = b[i] * count;""",
    "leaving_early": """\
double err = x;
/*BEGIN*/
for (int t = 0; ; t++) {
  err = 0;
  for (int i = 0; i < n; i++)
    err += a[i];
  if (err < 1)
    break;
  if (t > 3)
    continue;
  for (int i = 0; i < n; i++)
    a[i] /= err;
}
/*END*/
x = err;""",
}


def without_each_barrier(
    parts: tuple[RegionPart, ...],
) -> Iterator[tuple[RegionPart, ...]]:
    """Yield the parts with one barrier less, for each barrier."""
    for number, part in enumerate(parts):
        before, behind = parts[:number], parts[number + 1 :]
        if part.barrier:
            yield (*before, replace(part, barrier=False), *behind)
        if part.kind != "every" and not part.nowait:
            yield (*before, replace(part, nowait=True), *behind)
        for inner in without_each_barrier(part.parts):
            yield (*before, replace(part, parts=inner), *behind)


def mutants(verdict: RegionVerdict) -> list[RegionVerdict]:
    """Return the verdict with one barrier less, in all ways."""
    return [
        replace(verdict, parts=parts) for parts in without_each_barrier(verdict.parts)
    ]


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_region_as_it_is_has_no_conflict(read: Reader, name: str) -> None:
    """The barriers that were placed are enough."""
    snippet = read(PROGRAMS[name])
    verdict = snippet.region()

    assert verdict.refusals == ()
    assert region_conflicts(snippet.analyzer, verdict) == []


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_each_barrier_is_needed(read: Reader, name: str) -> None:
    """With any one of the barriers removed, threads may meet."""
    snippet = read(PROGRAMS[name])
    changed = mutants(snippet.region())

    assert changed
    for each in changed:
        assert region_conflicts(snippet.analyzer, each), [
            (part.kind, part.nowait, part.barrier) for part in each.walk()
        ]


def test_conflict_without_a_barrier_is_told(read: Reader) -> None:
    """The finding names who resets, and who still reads."""
    snippet = read(PROGRAMS["until"])
    (time_loop,) = snippet.region().parts
    early = replace(time_loop.parts[0], barrier=False)
    parts = (replace(time_loop, parts=(early, *time_loop.parts[1:])),)

    findings = region_conflicts(
        snippet.analyzer, replace(snippet.region(), parts=parts)
    )

    assert "IPT327" in [each.code for each in findings]
    assert "line 18 writes err and line 21 reads err" in findings[0].message


def test_branch_is_checked_too(read: Reader) -> None:
    """Both branches are looked at, each for itself."""
    snippet = read("""\
for (int i = 0; i < n; i++)
  a[i] = x;
if (n > 5)
  for (int i = 0; i < n; i++)
    b[i] = a[n - 1 - i];
else {
  for (int i = 0; i < n; i++)
    c[i] = a[n - 1 - i];
}""")
    verdict = snippet.region()
    first = replace(verdict.parts[0], nowait=True)

    changed = replace(verdict, parts=(first, *verdict.parts[1:]))

    assert region_conflicts(snippet.analyzer, verdict) == []
    assert len(region_conflicts(snippet.analyzer, changed)) == 2
