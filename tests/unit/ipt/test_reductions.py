"""Reductions, and what only looks like one."""

from __future__ import annotations

import re

import pytest

from ipt.analysis import Assumption, AssumptionKind, Reduction, Status
from ipt.testing import first_verdict

REDUCTIONS = {
    "sum": ("+", "s += a[i];"),
    "sum written out": ("+", "s = s + a[i];"),
    "sum turned round": ("+", "s = a[i] + s;"),
    "sum of three": ("+", "s = s + a[i] - a[i + 1];"),
    "difference": ("+", "s -= a[i];"),
    "product": ("*", "s *= a[i];"),
    "product of three": ("*", "s = a[i] * s * 2;"),
    "maximum by if": ("max", "if (a[i] > s) s = a[i];"),
    "maximum by if, turned round": ("max", "if (s <= a[i]) { s = a[i]; }"),
    "minimum by if": ("min", "if (a[i] < s) s = a[i];"),
    "minimum by if, turned round": ("min", "if (s > a[i]) s = a[i];"),
    "maximum by ?:": ("max", "s = a[i] > s ? a[i] : s;"),
    "minimum by ?:": ("min", "s = s < a[i] ? s : a[i];"),
    "maximum by fmax": ("max", "s = fmax(s, a[i]);"),
    "minimum by fmin": ("min", "s = fmin(fabs(a[i]), s);"),
    "maximum of a function": ("max", "if (fabs(a[i]) > s) s = fabs(a[i]);"),
    "maximum of an expression": ("max", "if (-a[i] * 2 > s) s = -a[i] * 2;"),
    "minimum of a member": ("min", "if (b[i].x < s) s = b[i].x;"),
    "maximum of a choice": (
        "max",
        "if ((i > 3 ? a[i] : a[0]) > s) s = i > 3 ? a[i] : a[0];",
    ),
    "count": ("+", "if (a[i] > 0) k++;"),
    "count down": ("+", "--k;"),
    "all": ("&&", "k = k && a[i] > 0;"),
    "any": ("||", "k = a[i] > 0 || k;"),
    "bits or": ("|", "k |= i;"),
    "bits and": ("&", "k = k & i;"),
    "bits xor": ("^", "k ^= i;"),
    "within an inner loop": ("+", "for (int j = 0; j < 3; j++) s += a[j];"),
}


@pytest.mark.parametrize("case", REDUCTIONS)
def test_reduction_is_found(case: str) -> None:
    """Accumulations are recognised in the ways that people write them."""
    operator, statement = REDUCTIONS[case]
    verdict = first_verdict(
        f"""
        double fmax(double, double); double fmin(double, double); double fabs(double);
        struct p {{ double x, y; }};
        double f(int n, const double *a, const struct p *b) {{
          double s = 1;
          int k = 1;
          _Bool flag = 0;
          for (int i = 0; i < n; i++)
            {statement}
          return s + k + flag;
        }}"""
    )

    name = "k" if re.search(r"\bk\b", statement) else "s"

    assert (Reduction(operator, name),) == verdict.reductions, verdict.findings
    assert verdict.status == Status.REDUCTION


NO_REDUCTIONS = [
    "s = a[i] - s;",
    "s /= a[i];",
    "s = s * 2 + a[i];",
    "s = (int)(s + a[i]);",
    "if (a[i] > s) s = a[i + 1];",
    "if (a[i] > s) s = a[i]; else s = 0;",
    "if (a[i] == s) s = a[i];",
    "k = k + 0.5;",
    "k = k * 1.5;",
    "if (a[i] > k) k = a[i];",
    "k = k << 1;",
    "s = fmax(s, s + a[i]);",
    "s += s;",
    "s = a[i] > 0 ? s : 0;",
    "if (b[i].x > s) s = b[i].y;",
    "if (a[i] > s) s = b[i].x;",
    "if (0.5 > s) s = 0.25;",
    "if (a[i] > s) s = k++;",
    "if (i != s) s = i;",
    "s = k && s;",
    "k = a[i] > 3 ? k | i : k;",
    "k = (char)(k + i);",
    "s = (float)(s + a[i]);",
    "s = fmax(a[i], b[i].x) + s * 0;",
    "flag += i;",
    "s = a[i] > s ? s + 1 : s;",
]


@pytest.mark.parametrize("statement", NO_REDUCTIONS)
def test_other_updates_are_no_reduction(statement: str) -> None:
    """What depends on the order is not taken for a reduction."""
    verdict = first_verdict(
        f"""
        double fmax(double, double);
        struct p {{ double x, y; }};
        double f(int n, const double *a, const struct p *b) {{
          double s = 1;
          int k = 1;
          _Bool flag = 0;
          for (int i = 0; i < n; i++)
            {statement}
          return s + k + flag;
        }}"""
    )

    assert verdict.status == Status.REFUSED
    assert verdict.reductions == ()


def test_floating_point_sum_asks_about_rounding() -> None:
    """A sum of floating-point numbers is proved, but its digits may change."""
    verdict = first_verdict("""double f(int n, double *a) {
          double s = 0;
          for (int i = 0; i < n; i++)
            s += a[i];
          return s;
        }""")

    assert (Assumption(AssumptionKind.ROUNDING, ("s",)),) == verdict.decisions
    assert verdict.status == Status.REDUCTION
