"""Updates that only look like a reduction, because a conversion cuts values."""

from __future__ import annotations

import pytest

from ipt.analysis import Status
from ipt.testing import first_verdict

_HEAD = """
unsigned long strlen(const char *);
double fmax(double, double); float fmaxf(float, float);
#define UPDATE(m, x) if ((x) * 2.5 > (m)) (m) = (x) * 1.5
#define LARGEST(m, x) if ((x) * 2.5 > (m)) (m) = (x) * 2.5
static double fmin(double p, double q) { return p * 31 + q; }
static int max(int p, int q) { return (p * 31 + q) % 1000; }
"""

REFUSED = {
    "unsigned comparison": ("int m", "if (ub[i] > m) m = ub[i];"),
    "length": ("int m", "if (strlen(s[i]) > m) m = strlen(s[i]);"),
    "narrow maximum": ("unsigned char m", "if (ib[i] > m) m = ib[i];"),
    "short maximum": ("short m", "if (ib[i] * 100 > m) m = ib[i] * 100;"),
    "variable cut": ("double m", "if (b[i] > (int)m) m = b[i];"),
    "value cut": ("double m", "if ((int)b[i] >= m) m = b[i];"),
    "assignment cut": ("double m", "if (b[i] > m) m = (float)b[i];"),
    "sum of a cut variable": ("double m", "m = (int)m + b[i];"),
    "sum of low bits": ("unsigned m", "m = (unsigned char)m + ub[i];"),
    "or of low bits": ("int m", "m = (unsigned char)m | ib[i];"),
    "sum of a rounded variable": ("int m", "m = (int)(float)m + ib[i];"),
    "rounded maximum": ("double m", "m = fmaxf(m, b[i]);"),
    "maximum of a cut variable": ("double m", "m = fmax((int)m, b[i]);"),
    "function of the program": ("int m", "m = max(m, ib[i]);"),
    "own fmin": ("double m", "m = fmin(m, b[i]);"),
    "two literals of a macro": ("double m", "UPDATE(m, b[i]);"),
    "all, of any number": ("int m = 5; m", "m = m && ib[i];"),
    "any, of any number": ("int m = 7; m", "m = m || ib[i];"),
    "any, counted before": ("int m = 0; m++; m", "m = m || ib[i];"),
}

KEPT = {
    "byte": ("int m", "if (uc[i] > m) m = uc[i];"),
    "float": ("float m", "if (fmax(f[i], 0) > m) m = fmax(f[i], 0);"),
    "cut alike": ("int m", "if ((int)strlen(s[i]) > m) m = (int)strlen(s[i]);"),
    "size": ("unsigned long m", "if (strlen(s[i]) > m) m = strlen(s[i]);"),
    "int in a double": ("double m", "if (ib[i] > m) m = ib[i];"),
    "literal of a macro": ("double m", "LARGEST(m, b[i]);"),
    "wide sum": ("int m", "m = m + (long)ib[i];"),
    "unsigned or": ("int m", "m = m | ub[i];"),
    "fmax of float": ("float m", "m = fmax(m, f[i]);"),
    "choice": ("float m", "m = m > f[i] ? m : f[i];"),
    "flag": ("int m = 1; m = !m; m = ib[0] > 0; m", "m = m && ib[i];"),
    "boolean": ("_Bool m", "m = m || ib[i];"),
}


def _text(declared: str, statement: str) -> str:
    return f"""{_HEAD}
        double g(const double *b, const float *f, const int *ib, const unsigned *ub,
                 const unsigned char *uc, char s[9][8]) {{
          {declared} = 0;
          for (int i = 0; i < 9; i++) {{
            {statement}
          }}
          return m; }}"""


@pytest.mark.parametrize("case", REFUSED)
def test_update_is_no_reduction(case: str) -> None:
    """An update through a conversion that changes values carries a dependence."""
    verdict = first_verdict(_text(*REFUSED[case]))
    assert verdict.status is Status.REFUSED
    assert verdict.refusals
    assert {"IPT303", "IPT304"} & {each.code for each in verdict.refusals}


@pytest.mark.parametrize("case", KEPT)
def test_update_stays_a_reduction(case: str) -> None:
    """Conversions that keep every value do not hide a reduction."""
    verdict = first_verdict(_text(*KEPT[case]))
    assert verdict.status is Status.REDUCTION, verdict.refusals
