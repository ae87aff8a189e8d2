"""Transforms: what they insert, what they refuse."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Analyzer, Assumption, AssumptionKind
from ipt.errors import TransformRefused
from ipt.source import Insertion, SourceText, apply_edits
from ipt.testing import program_of
from ipt.transform import ParallelFor, Timing, include_edits

if TYPE_CHECKING:
    from ipt.model import Program

FRAME = "double g(int n, double *a) {{\n{}\nreturn a[0];\n}}\n"


def inserted(transform: ParallelFor) -> tuple[str, ...]:
    """Return the lines that a transform inserts."""
    (edit,) = transform.edits()
    assert isinstance(edit, Insertion)
    return edit.lines


def parallel_for(program: Program, *accepted: Assumption) -> ParallelFor:
    """Return the transform for the first loop of a program."""
    function = program.functions[0]
    analyzer = Analyzer(program)
    loop = analyzer.loops(function)[0]
    verdict = analyzer.analyze(function, loop, accepted)
    return ParallelFor(
        analyzer.analyze(function, loop, [*accepted, *verdict.decisions])
    )


def example(documentation: str | None, title: str) -> str:
    """Return the snippet below a title of a docstring."""
    pattern = rf"    {title}::\n\n(.*?)\n\n(?=    \S)"
    found = re.search(pattern, documentation or "", re.DOTALL)
    assert found is not None
    return textwrap.dedent(found[1])


def test_parallel_for_does_what_its_documentation_shows() -> None:
    """The example in the docstring is real."""
    before = example(ParallelFor.__doc__, "Before")
    program = program_of(FRAME.format(before))
    transform = parallel_for(program)

    result = apply_edits(program.source, transform.edits()).decode()

    assert FRAME.format(example(ParallelFor.__doc__, "After")) == result


def test_timing_does_what_its_documentation_shows() -> None:
    """The example in the docstring is real."""
    text = example(Timing.__doc__, "Before")
    program = program_of("double g(int n, double *a) {" + f"\n{text}\nreturn 0; }}\n")
    function = program.functions[0]
    timing = Timing(function, Analyzer(program).loops(function)[0])

    result = apply_edits(program.source, timing.edits()).decode()
    expected = example(Timing.__doc__, "After").replace("1 to 2", "2 to 3")

    assert expected in result


def test_refused_loop_is_not_edited() -> None:
    """The reasons come along."""
    program = program_of(FRAME.format("for (int i = 1; i < n; i++)\na[i] = a[i - 1];"))

    with pytest.raises(TransformRefused) as caught:
        parallel_for(program).edits()

    assert [each.code for each in caught.value.findings] == ["IPT301"]


def test_open_decision_is_refused() -> None:
    """Nothing is assumed that nobody said."""
    program = program_of(
        "void f(int n, int *a, int *b) {\nfor (int i = 0; i < n; i++)\na[i] = b[i]; }"
    )
    function = program.functions[0]
    analyzer = Analyzer(program)
    verdict = analyzer.analyze(function, analyzer.loops(function)[0])

    with pytest.raises(TransformRefused) as caught:
        ParallelFor(verdict).validate()

    assert [each.code for each in caught.value.findings] == ["IPT201"]


def test_assumption_stands_in_the_text() -> None:
    """What was vouched for is written in front of the directive."""
    program = program_of(
        "void f(int n, int *a, int *b) {\n\tfor (int i = 0; i < n; i++)\na[i] = b[i]; }"
    )
    assumption = Assumption(AssumptionKind.DISTINCT, ("a", "b"))
    transform = parallel_for(program, assumption)

    lines = inserted(transform)

    expected = "ipt: taken as true, not proved: the memory of a, b does not overlap."
    assert lines[0] == f"\t/* {expected} */"
    assert lines[1].startswith("\t#pragma omp parallel for default(none)")


def test_long_directives_are_continued() -> None:
    """No line of a directive is much longer than a screen."""
    names = [f"a_long_name_{n}" for n in range(6)]
    body = " ".join(f"{name}[i] = i;" for name in names)
    arrays = "".join(f"int {name}[9];" for name in names)
    program = program_of(
        f"{arrays} double s; void f(int n) {{\nfor (int i = 0; i < n; i++) {{\n"
        f"{body} s += i; }} }}"
    )

    lines = inserted(parallel_for(program))

    assert len(lines) >= 2
    assert all(line.endswith("\\") for line in lines[:-1])
    assert not lines[-1].endswith("\\")


def test_timing_needs_lines_of_its_own() -> None:
    """Nothing else may stand on the first and last line."""
    program = program_of(
        "void f(int n, int *a) {\nfor (int i = 0; i < n; i++)\na[i] = 0; n = 0;\n}"
    )
    function = program.functions[0]
    timing = Timing(function, Analyzer(program).loops(function)[0])

    with pytest.raises(TransformRefused) as caught:
        timing.edits()

    assert [each.code for each in caught.value.findings] == ["IPT313"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("int x;\n", 1),
        ("#define A\n#include <a.h>\n # include <b.h>\nint x;\n", 4),
        ("#ifdef A\n#include <a.h>\n#endif\nint x;\n", 1),
        ("#include <a.h>\n#if B\n#include <b.h>\n#endif\nint x;\n", 2),
    ],
)
def test_headers_go_behind_the_program_s_own(text: str, line: int) -> None:
    """Macros in front of the first header keep their effect; conditions are avoided."""
    source = SourceText("a.c", text.encode())

    (edit,) = include_edits(source, {"omp.h"})

    assert line == source.line_number(edit.offset)
