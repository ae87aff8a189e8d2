"""The lines that a region inserts."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Status
from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.regions import analyze_region
from ipt.errors import TransformRefused
from ipt.source import apply_edits
from ipt.transform import ParallelRegion

if TYPE_CHECKING:
    from tests.unit.ipt.regions.conftest import Reader, Snippet

LOOPS = """\
  for (int i = 0; i < n; i++)
    a[i] = x;
  for (int i = 0; i < n; i++)
    b[i] = a[i];
"""


def text(snippet: Snippet, transform: ParallelRegion) -> str:
    """Return the lines of the body with those of a transform."""
    after = apply_edits(snippet.program.source, transform.edits()).decode()
    return after[after.index("{\n", after.index("void g")) + 2 : after.rindex("\n}")]


def example(title: str) -> str:
    """Return the snippet below a title of the docstring."""
    pattern = rf"    {title}::\n\n(.*?)\n\n(?=    \S)"
    found = re.search(pattern, ParallelRegion.__doc__ or "", re.DOTALL)
    assert found is not None
    return textwrap.dedent(found[1])


def test_region_does_what_its_documentation_shows(read: Reader) -> None:
    """The example in the docstring is real."""
    snippet = read(example("Before"))

    assert example("After") == text(snippet, ParallelRegion(snippet.region()))


def test_other_schedule_brings_the_barrier_back(read: Reader) -> None:
    """Going on rests on the same schedule for both loops."""
    snippet = read(LOOPS)
    verdict = snippet.region()
    first, second = (each.statement for each in verdict.loops)

    same = ParallelRegion(verdict, {first: "static,4", second: "static,4"})  # type: ignore[dict-item]  # both are for
    other = ParallelRegion(verdict, {first: "static,4"})  # type: ignore[dict-item]  # a for
    dynamic = ParallelRegion(verdict, {first: "dynamic", second: "dynamic"})  # type: ignore[dict-item]  # both are for

    assert "#pragma omp for schedule(static,4) nowait" in text(snippet, same)
    assert "#pragma omp for schedule(static,4)\n" in text(snippet, other)
    assert "#pragma omp for schedule(dynamic)\n" in text(snippet, dynamic)


def test_lines_are_wrapped(read: Reader) -> None:
    """Long lists of variables go on in the next line."""
    names = [f"a_variable_with_a_long_name_{number}" for number in range(4)]
    declared = f"  double {', '.join(names)};\n/*BEGIN*/\n"
    sums = "".join(
        f"  for (int i = 0; i < n; i++)\n    {name} = x * i;\n" for name in names[:1]
    )
    reads = "".join(
        f"  for (int i = 0; i < n; i++)\n    a[i] = b[i] + {' + '.join(names)};\n"
        for _ in range(2)
    )
    snippet = read(declared + reads + "/*END*/" + sums)

    lines = text(snippet, ParallelRegion(snippet.region())).splitlines()

    start = next(n for n, each in enumerate(lines) if "omp parallel" in each)
    assert lines[start].endswith(" \\")
    assert lines[start + 1].startswith("      shared(")


def test_first_threads_lines_are_followed_by_a_barrier(read: Reader) -> None:
    """`master` does not make the others wait by itself."""
    snippet = read(LOOPS + "  outside();\n  count = 1;\n" + LOOPS)

    assert """\
  #pragma omp master
  {
  outside();
  count = 1;
  }
  #pragma omp barrier
""" in text(snippet, ParallelRegion(snippet.region()))


def test_one_statement_of_the_first_thread_needs_no_braces(read: Reader) -> None:
    """The directive stands in front of it."""
    snippet = read(LOOPS + "  outside();\n" + LOOPS)

    assert """\
  #pragma omp master
  outside();
  #pragma omp barrier
""" in text(snippet, ParallelRegion(snippet.region()))


def test_first_threads_lines_without_a_wait(read: Reader) -> None:
    """Where nobody depends on them, the others go on."""
    snippet = read(LOOPS + "  outside();\n")

    found = text(snippet, ParallelRegion(snippet.region()))

    assert "  #pragma omp master\n  outside();\n  }" in found


def test_single_without_a_wait(read: Reader) -> None:
    """The others go on while one thread prints."""
    snippet = read(LOOPS + '  printf("%d", n);\n')

    assert '  #pragma omp single nowait\n  printf("%d", n);\n  }' in text(
        snippet, ParallelRegion(snippet.region())
    )


def test_number_of_threads_can_be_given(read: Reader) -> None:
    """It becomes a clause of the region."""
    transform = ParallelRegion(read(LOOPS).region(), threads=4)

    assert transform.directive.endswith("num_threads(4)")


def test_assumptions_stand_in_front_of_the_region(read: Reader) -> None:
    """What a person vouched for is told above the directive."""
    snippet = read(
        LOOPS.replace("a[", "p[").replace("b[", "q["),
        "int n, double x, double *p, double *q",
    )
    transform = ParallelRegion(snippet.region())

    expected = "the memory of p, q does not overlap"
    assert (expected,) == transform.assumptions
    assert text(snippet, transform).startswith(
        f"  /* ipt: taken as true, not proved: {expected}. */\n  #pragma omp parallel"
    )


def test_open_decision_is_refused(read: Reader) -> None:
    """Nothing is written before somebody has vouched for it."""
    snippet = read(
        LOOPS.replace("a[", "p[").replace("b[", "q["),
        "int n, double x, double *p, double *q",
    )
    verdict = analyze_region(snippet.analyzer, snippet.function, snippet.statements)

    assert Status.NEEDS_DECISION is verdict.status
    with pytest.raises(TransformRefused) as caught:
        ParallelRegion(verdict).validate()
    assert {"IPT201"} == {each.code for each in caught.value.findings}


def test_protected_statements_get_their_directive(read: Reader) -> None:
    """A critical section inside a loop comes along."""
    snippet = read("""\
  for (int i = 0; i < n; i++) {
    a[i] = x;
    if (a[i] > b[0])
      b[0] = a[i];
  }
""")
    inner = snippet.statements[0].body.body[1]  # type: ignore[union-attr, index]  # a for with a block
    critical = Protection(ProtectionKind.CRITICAL, (inner,))

    found = text(snippet, ParallelRegion(snippet.region([critical])))

    assert "    #pragma omp critical\n    if (a[i] > b[0])" in found


def test_reduction_stands_at_the_loop(read: Reader) -> None:
    """The region shares the variable; lists are as the loops need them."""
    snippet = read("""\
  double s = 0, h;
/*BEGIN*/
  for (int i = 0; i < n; i++) { h = a[i]; a[i] = h * h; }
  h = a[0];
  for (int i = 0; i < n; i++)
    s += a[i] * h;
/*END*/
  b[0] = s;""")

    found = text(snippet, ParallelRegion(snippet.region()))

    assert "#pragma omp for private(h)" in found
    assert "#pragma omp for reduction(+: s)" in found
    assert "shared(n, h, a, s)" in found


def test_transform_says_what_it_is_about(read: Reader) -> None:
    """Function, place and findings are those of the verdict."""
    verdict = read(LOOPS).region()
    transform = ParallelRegion(verdict)

    assert transform.function.name == "g"
    assert verdict.statements[0].span.start == transform.span.start
    assert verdict.statements[-1].span.end == transform.span.end
    assert verdict.findings == transform.findings
    assert frozenset() == transform.headers


def test_only_lines_are_inserted(read: Reader) -> None:
    """Without the new lines the text is the old one."""
    snippet = read(LOOPS + "  count = 1; x = 2;  // both\n" + LOOPS)

    before = snippet.program.source.data.decode().splitlines()
    after = apply_edits(
        snippet.program.source, ParallelRegion(snippet.region()).edits()
    ).decode()

    rest = iter(after.splitlines())
    assert all(line in rest for line in before)
