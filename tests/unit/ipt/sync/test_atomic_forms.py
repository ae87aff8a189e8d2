"""Which statements `atomic` can protect, and how."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.sync.forms import atomic_forms, atomic_kind
from ipt.source import apply_edits
from ipt.testing import program_of
from ipt.transform.protection import protection_edits

if TYPE_CHECKING:
    from pathlib import Path

    from ipt.model import Program, Statement

PROGRAM = """
struct s {{ int n; unsigned few : 3; double *d; }};
int side(void);
void f(int n, int i, int x, int y, double d, double e, int *p, int *q, int a[9],
       struct s *r, struct s t, _Bool flag, const int fixed) {{
  {statement}
}}
"""
UPDATES = [
    "x++;",
    "--x;",
    "x += i;",
    "d -= e * 2;",
    "d *= e + 1;",
    "d /= e;",
    "x &= i;",
    "x |= 1 << i;",
    "x ^= i;",
    "x <<= 1;",
    "x >>= i;",
    "flag |= i > 3;",
    "x = x + i;",
    "x = i + x;",
    "d = e - d;",
    "d = d + i;",
    "d = d * (e + 1);",
    "a[i]++;",
    "a[q[i]] += y;",
    "*p += i;",
    "p[i] = p[i] + 1;",
    "r->n++;",
    "t.n -= 2;",
    "r->d[i] += e;",
]
READS = ["y = x;", "d = e;", "y = a[i];", "y = r->n;", "p = q;"]
WRITES = ["x = 1;", "x = i + y;", "a[i] = y * 2;", "d = e / 2;", "p = 0;", "y = (x);"]
CAPTURES = [
    "y = x++;",
    "y = --x;",
    "y = x += i;",
    "y = x = x + i;",
    "d = x++;",
    "y = r->n++;",
    "{ y = x; x++; }",
    "{ x += i; y = x; }",
    "{ y = x; x = x * i; }",
    "{ y = x; x = i; }",
]
NONE = [
    "x %= i;",
    "x = x + i + y;",
    "x = (x + i);",
    "x = (int)(x + i);",
    "x += x;",
    "x = x * x;",
    "x += y++;",
    "x += side();",
    "a[a[i]]++;",
    "a[i] += a[i + 1];",
    "a[i++] += 1;",
    "t.few++;",
    "flag++;",
    "p++;",
    "y = y++;",
    "y = x += y;",
    "t = *r;",
    "side();",
    "x++, y++;",
    "if (x > i) x = i;",
    "x = x > i ? x : i;",
    "{ y = x; y++; x++; }",
    "{ x = i; y = x; }",
    "{ y = x; }",
    "{ if (x) y = x; x++; }",
    "(x ? y : i) + 1;",
]


def statement_of(text: str) -> tuple[Program, Statement]:
    """Return a program and the only statement of its last function."""
    program = program_of(PROGRAM.format(statement=text))
    return program, program.functions[-1].body.body[0]


def test_update_is_recognised() -> None:
    """All ways of writing an update are recognised, for each kind of place."""
    for text in UPDATES:
        assert atomic_kind(statement_of(text)[1]) is ProtectionKind.ATOMIC_UPDATE, text


def test_read_and_write_are_recognised() -> None:
    """A plain copy is a read; any other value that is assigned is a write."""
    for text in READS:
        assert atomic_kind(statement_of(text)[1]) is ProtectionKind.ATOMIC_READ, text
    for text in WRITES:
        assert atomic_kind(statement_of(text)[1]) is ProtectionKind.ATOMIC_WRITE, text


def test_copy_fits_read_and_write() -> None:
    """Of `y = x` either side may be the shared one."""
    forms = atomic_forms([statement_of("y = x;")[1]])

    assert [each.kind.value for each in forms] == ["atomic read", "atomic write"]


def test_capture_is_recognised() -> None:
    """An update whose old or new value is kept is a capture, in both notations."""
    for text in CAPTURES:
        assert atomic_kind(statement_of(text)[1]) is ProtectionKind.ATOMIC_CAPTURE, text


def test_other_statement_has_no_form() -> None:
    """Side effects, other operators and operands that touch the place have no form."""
    for text in NONE:
        assert atomic_kind(statement_of(text)[1]) is None, text


def test_two_statements_capture_together() -> None:
    """`v = x;` before `x++;` is a capture, and a third statement is too many."""
    program = program_of(PROGRAM.format(statement="y = x; x++; i = 2;"))
    body = program.functions[-1].body.body

    kinds = {each.kind for each in atomic_forms(body[:2])}

    assert {ProtectionKind.ATOMIC_CAPTURE} == kinds
    assert atomic_forms(body) == ()


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("compiler", ["gcc", "clang-19"])
def test_compilers_accept_every_form(compiler: str, tmp_path: Path) -> None:
    """What has a form compiles with its directive, with both compilers."""
    pieces = [
        PROGRAM.split("void f", maxsplit=1)[0].replace("{{", "{").replace("}}", "}")
    ]
    for number, text in enumerate([*UPDATES, *READS, *WRITES, *CAPTURES]):
        program, statement = statement_of(text)
        kind = atomic_kind(statement)
        assert kind is not None
        edits = protection_edits(Protection(kind, (statement,)))
        found = apply_edits(program.source, edits).decode()
        pieces.append("void f" + found.split("void f")[1].replace("(", f"{number}(", 1))
    file = tmp_path / "forms.c"
    file.write_text("\n".join(pieces))

    done = subprocess.run(
        [
            compiler,
            "-fopenmp",
            "-Werror=unknown-pragmas",
            "-w",
            "-c",
            file,
            "-o",
            tmp_path / "forms.o",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
