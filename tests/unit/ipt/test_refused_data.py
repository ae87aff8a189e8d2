"""Loops whose data rules them out, one case each."""

from __future__ import annotations

import pytest

from ipt.analysis import Status
from ipt.testing import first_verdict

REFUSED = {
    "prefix sum": (
        "IPT301",
        "a[i - 1] reads what a[i] wrote one iteration earlier",
        """void f(int n, double *a) {
          for (int i = 1; i < n; i++)
            a[i] = a[i] + a[i - 1];
        }""",
    ),
    "prefix sum, counted down": (
        "IPT301",
        "one iteration earlier",
        """void f(int n, double *a) {
          for (int i = n - 2; i >= 0; i--)
            a[i] += a[i + 1];
        }""",
    ),
    "Gauss-Seidel": (
        "IPT301",
        "carries a dependence",
        """void f(int n, double a[][100]) {
          for (int i = 1; i < n; i++)
            for (int j = 1; j < 99; j++)
              a[i][j] = 0.25 * (a[i-1][j] + a[i+1][j] + a[i][j-1] + a[i][j+1]);
        }""",
    ),
    "anti-dependence": (
        "IPT301",
        "a[i] overwrites what a[i + 2] read 2 iterations earlier",
        """void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            a[i] = a[i + 2];
        }""",
    ),
    "same element": (
        "IPT301",
        "is written again",
        """void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            a[0] = i;
        }""",
    ),
    "dependence through a function": (
        "IPT301",
        "one iteration earlier",
        """static void step(double *x, int k) { x[k] = x[k - 1]; }
        void f(int n, double *a) {
          for (int i = 1; i < n; i++)
            step(a, i);
        }""",
    ),
    "dependence through a callee's loop": (
        "IPT301",
        "carries a dependence",
        """static void fill(double *x, int n) { for (int k = 0; k < n; k++) x[k] = k; }
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            fill(a, n);
        }""",
    ),
    "remainder as index": (
        "IPT301",
        "is written again",
        """void f(double *a) {
          for (int i = 0; i < 9; i++)
            a[i % 8] = i;
        }""",
    ),
    "union members": (
        "IPT301",
        "one iteration earlier",
        """union u { double x; long k; };
        void f(int n, union u *a) {
          for (int i = 1; i < n; i++)
            a[i].x = a[i - 1].k;
        }""",
    ),
    "pointer and array are the same": (
        "IPT314",
        "cannot be followed",
        """void f(int n, double *a) {
          for (int i = 0; i < n; i++) {
            double *p = i % 2 ? a : a + 1;
            p[i] = 1;
          }
        }""",
    ),
    "pointer in a struct that is passed by value": (
        "IPT314",
        "cannot be followed",
        """struct g { double *a; };
        static void set(struct g g, int i) { g.a[i] = 1; }
        void f(int n, struct g *x) {
          for (int i = 0; i < n; i++)
            set(x[i], i);
        }""",
    ),
    "first row walked as the whole matrix": (
        "IPT314",
        "cannot be followed",
        """double a[10][10];
        static void set(double *p, int k) { p[k] = 1; }
        void f(void) {
          for (int i = 0; i < 10; i++) {
            set(a[0], 10 * i);
            a[i][1] = 0;
          }
        }""",
    ),
    "static variable inside": (
        "IPT316",
        "k is static",
        """void f(int n, int *a) {
          for (int i = 0; i < n; i++) {
            static int k;
            k = i;
            a[i] = k;
          }
        }""",
    ),
    "matrix walked as one row": (
        "IPT314",
        "cannot be followed",
        """double a[10][10];
        void f(void) {
          for (int i = 0; i < 10; i++) {
            double *p = &a[0][0];
            p[i * 10] = a[i][0];
          }
        }""",
    ),
    "indirect subscript": (
        "IPT302",
        "may write the same element",
        """void f(int n, int *k, double *restrict a) {
          for (int i = 0; i < n; i++)
            a[k[i]] = i;
        }""",
    ),
    "row length in a member that may change": (
        "IPT302",
        "may write the same element",
        """struct g { int columns; int *a; };
        void f(int n, struct g *g) {
          for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
              g->a[i * g->columns + j] = 0;
        }""",
    ),
    "row length in a member that is set": (
        "IPT302",
        "may write the same element",
        """struct g { int columns; double *restrict a; };
        void f(int n, struct g g) {
          for (int i = 0; i < n; i++) {
            g.columns = i;
            g.a[i * g.columns] = 0;
          }
        }""",
    ),
    "row length in a union": (
        "IPT302",
        "may write the same element",
        """union u { int columns; long k; };
        void f(int n, union u *u, double *a) {
          for (int i = 0; i < n; i++)
            a[i * u->columns] = 0;
        }""",
    ),
    "product of counters": (
        "IPT302",
        "may",
        """void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
              a[i * j] = 1;
        }""",
    ),
    "histogram that a function fills": (
        "IPT315",
        "may update the same element h[k]",
        """static void add(double *h, int k) { h[k] += 1; }
        void f(int n, int *restrict k, double *restrict h) {
          for (int i = 0; i < n; i++)
            add(h, k[i]);
        }""",
    ),
    "greatest values by class": (
        "IPT315",
        "in a form that cannot be atomic",
        """void f(int n, const int *restrict k, int *restrict h) {
          for (int i = 0; i < n; i++)
            if (k[i] > h[k[i] % 8]) h[k[i] % 8] = k[i];
        }""",
    ),
    "recurrence in a scalar": (
        "IPT303",
        "x carries a value from one iteration to the next",
        """double f(int n, double *a) {
          double x = 1;
          for (int i = 0; i < n; i++) {
            a[i] = x;
            x = x * 0.5 + 1;
          }
          return x;
        }""",
    ),
    "index that counts hits": (
        "IPT304",
        "k accumulates",
        """int f(int n, double *restrict a, double *restrict b) {
          int k = 0;
          for (int i = 0; i < n; i++)
            if (a[i] > 0) { b[k] = a[i]; k++; }
          return k;
        }""",
    ),
    "running value of a sum": (
        "IPT304",
        "line 6 uses it otherwise",
        """double f(int n, double *a) {
          double s = 0;
          for (int i = 0; i < n; i++) {
            s += a[i];
            a[i] = s;
          }
          return s;
        }""",
    ),
    "sum and product in one": (
        "IPT304",
        "s accumulates",
        """double f(int n, double *a) {
          double s = 0;
          for (int i = 0; i < n; i++) {
            s += a[i];
            s *= 2;
          }
          return s;
        }""",
    ),
    "truncated sum": (
        "IPT303",
        "n carries",
        """int f(double *a) {
          int n = 0;
          for (int i = 0; i < 10000; i++)
            n += a[i];
          return n;
        }""",
    ),
    "difference turned round": (
        "IPT303",
        "s carries",
        """double f(int n, double *a) {
          double s = 0;
          for (int i = 0; i < n; i++)
            s = a[i] - s;
          return s;
        }""",
    ),
    "linked list": (
        "IPT303",
        "p carries",
        """struct node { struct node *next; double x; };
        void f(int n, struct node *p) {
          for (int i = 0; i < n; i++) {
            p->x = i;
            p = p->next;
          }
        }""",
    ),
    "walking pointer": (
        "IPT303",
        "p carries",
        """void f(int n, double *p) {
          for (int i = 0; i < n; i++)
            if (i % 3) *p++ = 0;
        }""",
    ),
    "position of the maximum": (
        "IPT319",
        "keeps where it was found",
        """int f(int n, double *a) {
          double best = a[0];
          int where = 0;
          for (int i = 0; i < n; i++)
            if (a[i] > best) { best = a[i]; where = i; }
          return where;
        }""",
    ),
    "value used after the loop": (
        "IPT312",
        "line 6 reads it after the loop",
        """double f(int n, double *a) {
          double t = 0;
          for (int i = 0; i < n; i++)
            if (a[i] > 0) { t = a[i]; a[i] = t * t; }
          return t;
        }""",
    ),
    "counter used after the loop": (
        "IPT312",
        "i gets a value in each iteration",
        """int f(int n, double *a) {
          int i;
          for (i = 0; i < n; i++)
            a[i] = 0;
          return i;
        }""",
    ),
    "global temporary": (
        "IPT312",
        "other functions may read it",
        """double t;
        void f(int n, double *a) {
          for (int i = 0; i < n; i++) {
            t = a[i];
            a[i] = t * t;
          }
        }""",
    ),
    "static variable in a function": (
        "IPT316",
        "the call in line 5 changes count",
        """static int next(void) { static int count; return count++; }
        void f(int n, int *a) {
          for (int i = 0; i < n; i++)
            a[i] = next();
        }""",
    ),
    "sum through a pointer": (
        "IPT316",
        "changes s",
        """static void add(double *s, double x) { *s += x; }
        double f(int n, double *a) {
          double s = 0;
          for (int i = 0; i < n; i++)
            add(&s, a[i]);
          return s;
        }""",
    ),
    "global changed here and read by a function": (
        "IPT316",
        "is changed in the loop and also used by",
        """static double scale;
        static double g(double x) { return x * scale; }
        void f(int n, double *a) {
          for (int i = 0; i < n; i++) {
            scale = i;
            a[i] = g(i);
          }
        }""",
    ),
    "address taken in the loop": (
        "IPT316",
        "its address is taken",
        """static void get(double *x) { *x = 1; }
        void f(int n, double *a) {
          double t;
          for (int i = 0; i < n; i++) {
            get(&t);
            t = t + 1;
            a[i] = t;
          }
        }""",
    ),
    "variable of the thread": (
        "IPT316",
        "each thread has its own k",
        """_Thread_local int k;
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            a[i] = k;
        }""",
    ),
    "temporary array": (
        "IPT322",
        "r is filled anew in each iteration",
        """void f(int n, double *a) {
          double r[n];
          for (int i = 0; i < n; i++) {
            for (int k = 0; k < 3; k++) r[k] = i + k;
            a[i] = r[0] + r[1] * r[2];
          }
        }""",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_loop_is_refused_with_its_reason(case: str) -> None:
    """These loops stay serial; code and message say why."""
    code, message, text = REFUSED[case]
    verdict = first_verdict(text, name="test.cc" if "C++" in case else "test.c")

    found = [each for each in verdict.refusals if each.code == code]

    assert verdict.status == Status.REFUSED
    assert found, verdict.findings
    assert any(message in each.message for each in found), found
    assert all(each.way_out for each in found)
