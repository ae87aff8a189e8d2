"""Directives in the text: on lines of their own, all else as it was."""

from __future__ import annotations

import pytest

from ipt.analysis.protection import Protection, ProtectionKind
from ipt.errors import TransformRefused
from ipt.model import Evaluate, walk
from ipt.source import apply_edits
from ipt.testing import program_of
from ipt.transform import protection_edits

ATOMIC = ProtectionKind.ATOMIC_UPDATE
CRITICAL = ProtectionKind.CRITICAL


def edited(body: str, kind: ProtectionKind, count: int = 1, name: str = "") -> str:
    """Return a body with its first `x` statements protected."""
    program = program_of(f"void f(int n, int x, int y) {{\n{body}\n}}")
    found = [
        each
        for each in walk(program.functions[0].body)
        if isinstance(each, Evaluate) and each.span.text.startswith(("x", "y", "BOTH"))
    ]
    edits = protection_edits(Protection(kind, tuple(found[:count]), name))
    text = apply_edits(program.source, edits).decode()
    return text.removeprefix("void f(int n, int x, int y) {\n").removesuffix("\n}")


CASES = {
    "a line of its own": ("  x++;", 1, "  #pragma omp critical\n  x++;"),
    "the body of an if": (
        "  if (n) x++;",
        1,
        "  if (n)\n    #pragma omp critical\n    x++;",
    ),
    "the body in the next line": (
        "  if (n)\n    x++;",
        1,
        "  if (n)\n    #pragma omp critical\n    x++;",
    ),
    "both branches": (
        "  if (n) x++; else y++;",
        1,
        "  if (n)\n    #pragma omp critical\n    x++; else y++;",
    ),
    "behind another statement": (
        "\tn = 1; x++;",
        1,
        "\tn = 1;\n\t\t#pragma omp critical\n\t\tx++;",
    ),
    "two statements": (
        "  x++;\n  y++; /* why */\n  n = 1;",
        2,
        "  #pragma omp critical\n  {\n  x++;\n  y++; /* why */\n  }\n  n = 1;",
    ),
    "two statements in a line": (
        "  x++; y++;",
        2,
        "  #pragma omp critical\n  {\n  x++; y++;\n  }",
    ),
    "something behind in the line": (
        "  x++; y++; n = 1;",
        2,
        "  #pragma omp critical\n  {\n  x++; y++;\n  }\n   n = 1;",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_directive_gets_a_line_of_its_own(case: str) -> None:
    """The line is broken where the statement does not begin one."""
    body, count, expected = CASES[case]

    assert edited(body, CRITICAL, count) == expected


def test_name_and_kind_are_in_the_directive() -> None:
    """A critical piece may have a name, an atomic one has its clause."""
    assert "#pragma omp critical (sums)\n" in edited("  x++;", CRITICAL, name="sums")
    assert "#pragma omp atomic update\n" in edited("  x++;", ATOMIC)


@pytest.mark.parametrize(
    "body",
    [
        "#define BOTH x++; y++\n  BOTH;",
        "  n = 1; \\\n  x++;",
        "  x++;\n#if 1\n  y++;\n#endif",
    ],
)
def test_text_that_cannot_be_edited_is_refused(body: str) -> None:
    """Nothing goes into a macro, a continued line or around conditional lines."""
    with pytest.raises(TransformRefused) as caught:
        edited(body, CRITICAL, 2)

    assert {"IPT335"} == {each.code for each in caught.value.findings}
    assert all(each.way_out for each in caught.value.findings)


def test_windows_line_ends_stay() -> None:
    """New lines end as those of the file do."""
    program = program_of("void f(int x) {\r\n  if (x) x++;\r\n}\r\n")
    (found,) = [n for n in walk(program.functions[0].body) if isinstance(n, Evaluate)]

    text = apply_edits(program.source, protection_edits(Protection(ATOMIC, (found,))))

    assert b"  if (x)\r\n    #pragma omp atomic update\r\n    x++;\r\n" in text
