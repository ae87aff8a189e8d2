"""Whether two runs of statements may be done at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Analyzer, Assumption, AssumptionKind
from ipt.analysis.concurrency import Run, conflicts, conflicts_of
from ipt.analysis.presburger import Solver
from ipt.testing import program_of

if TYPE_CHECKING:
    from ipt.findings import Finding

HEAD = """\
struct cell { int *next; int value; };
int printf(const char *, ...);
int scanf(const char *, ...);
int rand(void);
void srand(unsigned);
void *malloc(unsigned long);
void free(void *);
double sin(double);
unsigned long strlen(const char *);
int outside(void);
int global;
static const double table[4] = {1, 2, 3, 4};
static void fill(double *p, int m) { for (int i = 0; i < m; i++) p[i] = m; }
static int sum(int m) { return m < 1 ? 0 : m + sum(m - 1); }
static int hits(int m) { global++; return m < 1 ? 0 : hits(m - 1); }
static int state(void) { static int s; return s++; }
"""
FRAME = """\
void g(int n, int m, double *restrict a, double *restrict b, double *p, double *q,
       int *k, char *text, struct cell *cell, int (*f)(void), volatile int *port) {
  int i, j, t; double s;
"""

APART = [
    ("for (i = 0; i < n; i++) a[i] = 0;", "for (j = 0; j < n; j++) b[j] = 1;"),
    ("for (i = 0; i < n; i++) a[i] = 0;", "for (j = n; j < m; j++) a[j] = 1;"),
    ("a[2 * n] = 0;", "a[2 * n + 1] = 1;"),
    ("for (i = 0; i < n; i++) a[2 * i] = 0;", "t = a[2 * m + 1];"),
    ("s = a[1];", "t = a[1];"),
    ("fill(a, n);", "fill(b, n);"),
    ("fill(a, n);", "fill(a + n, n);"),
    ('printf("%d", n);', "fill(a, n);"),
    ('printf("one");', "t = rand();"),
    ("double *w = malloc(8);", "double *v = malloc(8);"),
    ("i = sum(n);", "j = sum(m);"),
    ("{ int h = n; a[h] = 1; }", "{ int h = m; b[h] = 1; }"),
    ("s = table[1];", "t = table[2];"),
    ("s = sin(n);", "t = strlen(text);"),
    ("for (i = 0; i < n; i++) if (i < 5) a[i] = 0;", "a[5] = 1;"),
]
TOGETHER = [
    ("for (i = 0; i < n; i++) a[i] = 0;", "s = a[m];", "IPT327"),
    (
        "for (i = 0; i < n; i++) a[i] = 0;",
        "for (j = 0; j < n; j++) a[j] = 1;",
        "IPT327",
    ),
    ("n = 3;", "for (j = 0; j < n; j++) b[j] = 1;", "IPT327"),
    (
        "for (i = 0; i < n; i++) a[i] = 0;",
        "for (i = 0; i < n; i++) b[i] = 1;",
        "IPT327",
    ),
    ("t = n; a[t] = 1;", "m = 2; a[m] = 1;", "IPT327"),
    ("t = n; t = m; a[t] = 1;", "a[4] = 1;", "IPT327"),
    ("fill(a, n);", "fill(a + n - 1, n);", "IPT327"),
    ('printf("one");', 'printf("two");', "IPT327"),
    ("i = rand();", "srand(1);", "IPT327"),
    ("i = state();", "j = state();", "IPT327"),
    ("hits(1);", "hits(2);", "IPT317"),
    ("free(p);", "s = q[1];", "IPT309"),
    ("i = outside();", "t = 1;", "IPT309"),
    ("i = f();", "t = 1;", "IPT309"),
    ('scanf("%d", &i);', "t = 1;", "IPT309"),
    ('printf("%s", text);', "t = 1;", "IPT309"),
    ("p[0] = 1;", "s = q[n];", "IPT327"),
    ("a[k[0]] = 1;", "a[3] = 2;", "IPT327"),
    ("p = q; p[0] = 1;", "s = q[n];", "IPT327"),
    ("global = 1;", "t = global;", "IPT327"),
    ("cell->next = k; cell->next[1] = 0;", "t = 1;", "IPT314"),
    ("*port = 1;", "t = 1;", "IPT321"),
    ("global = 1;", "k[1] = 1;", "IPT327"),
]


def found(left: str, right: str, *accepted: Assumption) -> list[Finding]:
    """Return the conflicts of two lines of a function."""
    program = program_of(f"{HEAD}{FRAME}{left}\n{right}\n}}\n")
    function = program.functions[-1]
    middle = program.source.data.index(right.encode(), function.span.start)
    if left == right:
        middle = program.source.data.index(right.encode(), middle + 1)
    body = function.body.body[2:]
    return conflicts(
        Analyzer(program),
        function,
        [each for each in body if each.span.start < middle],
        [each for each in body if each.span.start >= middle],
        accepted,
    )


@pytest.mark.parametrize(("left", "right"), APART)
def test_statements_apart_may_run_at_the_same_time(left: str, right: str) -> None:
    """Nothing that one writes is touched by the other."""
    assert found(left, right) == []


@pytest.mark.parametrize(("left", "right", "code"), TOGETHER)
def test_statements_that_meet_are_refused(left: str, right: str, code: str) -> None:
    """A shared write, a shared stream and what is not known are conflicts."""
    assert code in [each.code for each in found(left, right)]
    assert code in [each.code for each in found(right, left)]


def test_conflict_names_both_lines() -> None:
    """The message tells who writes and who reads."""
    (finding,) = found("a[1] = 0;", "s = a[1];")

    line = HEAD.count("\n") + FRAME.count("\n") + 1
    expected = f"line {line} writes a[1] and line {line + 1} reads a[1], which meet."
    assert expected == finding.message
    assert line == finding.place.line
    assert finding.variables == ("a[1]",)
    assert finding.way_out


def test_pointers_a_person_vouches_for_are_apart() -> None:
    """An accepted assumption is used."""
    distinct = Assumption(AssumptionKind.DISTINCT, ("p", "q"))

    assert found("p[0] = 1;", "s = q[0];", distinct) == []


def test_rows_a_person_vouches_for_are_apart() -> None:
    """A subscript that stays in its row cannot reach the next one."""
    lines = (
        "for (i = 0; i < m; i++) for (j = 0; j < t; j++) a[i * n + j] = 0;",
        "s = a[m * n];",
    )
    rows = Assumption(AssumptionKind.ROWS, ("a",), "n")

    assert found(*lines)
    assert found(*lines, rows) == []


def test_what_takes_too_long_is_a_conflict() -> None:
    """A question that isl does not answer in time counts as a conflict."""
    program = program_of(f"{HEAD}{FRAME}a[n + m] = 0;\na[n + m + 1] = 0;\n}}\n")
    analyzer = Analyzer(program)
    analyzer.solver = Solver(operations=1)
    first, second = program.functions[-1].body.body[2:]

    findings = conflicts(analyzer, program.functions[-1], [first], [second])

    assert [each.code for each in findings] == ["IPT318"]


def test_private_variables_do_not_meet() -> None:
    """A variable of which each thread has its own is no conflict."""
    program = program_of(f"{HEAD}{FRAME}t = n; a[t] = 0;\nt = m; b[t] = 0;\n}}\n")
    function = program.functions[-1]
    body = function.body.body[2:]
    declared = function.body.body[0]
    keys = frozenset(each.variable.key for each in declared.declarators)  # type: ignore[union-attr]  # a declaration
    runs = (Run(tuple(body[:2]), keys), Run(tuple(body[2:]), keys))

    assert conflicts_of(Analyzer(program), function, runs) == []
