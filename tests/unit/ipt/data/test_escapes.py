"""Whether a pointer to an array may be kept."""

from __future__ import annotations

import pytest

from ipt.analysis.arrays.escapes import escapes
from ipt.model import Declarator, Variable, walk
from ipt.testing import program_of

HEAD = """typedef unsigned long size_t; void *memset(void *, int, size_t);
size_t strlen(const char *); int printf(const char *, ...); void other(double *);
static double get(const double *p, int k) { return p[k] + *p; }
static double last(double *p) { return get(p + 1, 2); }
static double deep(double *p, int n) { return n ? deep(p, n - 1) : p[0]; }
static double rows(double (*p)[3]) { return p[1][2]; }
static double *kept; static void keep(double *p) { kept = p; }
static double *same(double *p) { return p; }
static double walk(double *p) { double s = 0; while (*p > 0) s += *p++; return s; }
"""


def leaks(statement: str) -> bool:
    """Tell whether a statement may keep a pointer to `t` or `m`."""
    program = program_of(
        HEAD
        + f"""double f(int i, double (*call)(double *)) {{
        double t[8], m[4][3], x = 0; double *q;
        {statement}
        return x; }}"""
    )
    body = program.functions[-1].body
    arrays: list[Variable] = [
        node.variable
        for node in walk(body)
        if isinstance(node, Declarator) and node.variable.name in ("t", "m")
    ]
    return any(escapes(body, each, program) for each in arrays)


@pytest.mark.parametrize(
    "statement",
    [
        "x = t[i];",
        "t[i] = x;",
        "x = *t + *(t + i) + (1 + t)[2];",
        "x = m[i][2];",
        "x = *m[1];",
        "x = (*(m + 1))[2];",
        "x = get(t, i);",
        "x = get(t + i, 2);",
        "x = get(&t[3], 2);",
        "x = last(t);",
        "x = get(m[i], 2);",
        "x = rows(m);",
        'printf("%g", t[2]);',
        "memset(t, 0, sizeof t);",
        "t[(int)t[0]] = x;",
        "x = get(t, (int)t[1]);",
    ],
)
def test_elements_may_be_used_in_all_ways(statement: str) -> None:
    """No pointer outlives the expression."""
    assert not leaks(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "q = t;",
        "q = &t[2];",
        "q = t + i;",
        "q = m[1];",
        "double (*r)[3] = m;",
        "other(t);",
        "x = call(t);",
        "keep(t);",
        "keep(&m[1][1]);",
        "q = same(t);",
        "x = walk(t);",
        "x = deep(t, 3);",
        "x = (i ? t : &x)[0];",
        "x = get(t, (q = t) != 0);",
        "x = (q = t)[i];",
        "x = t == q;",
    ],
)
def test_pointer_that_may_be_kept_is_seen(statement: str) -> None:
    """When in doubt, it is kept."""
    assert leaks(statement)
