"""Loops that are proved parallel, one case each."""

from __future__ import annotations

import pytest

from ipt.analysis import Status
from ipt.testing import first_verdict

PARALLEL = {
    "copy between restrict pointers": """
        void f(int n, double *restrict a, const double *restrict b) {
          for (int i = 0; i < n; i++)
            a[i] = 2 * b[i];
        }""",
    "distinct local arrays": """
        double f(void) {
          double a[100], b[101];
          for (int i = 0; i < 100; i++)
            a[i] = b[i + 1];
          return a[3];
        }""",
    "write even, read odd elements": """
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            a[2 * i] = a[2 * i + 1];
        }""",
    "upper and lower half": """
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            a[i] = a[i + n];
        }""",
    "guard keeps iterations apart": """
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            if (i == 5) a[i] = a[i - 1]; else if (i > 100) a[i] = 0;
        }""",
    "guard in a conditional expression": """
        void f(int n, double *restrict a, double *restrict b) {
          for (int i = 0; i < n; i++)
            b[i] = i > 0 ? a[i - 1] : 0;
        }""",
    "two-dimensional array": """
        double a[50][60];
        void f(void) {
          for (int i = 0; i < 50; i++)
            for (int j = 1; j < 60; j++)
              a[i][j] = a[i][j - 1];
        }""",
    "inner counter and temporary from outside": """
        void f(int n, double a[][10]) {
          int i, j;
          double t;
          for (i = 0; i < n; i++)
            for (j = 0; j < 10; j++) {
              t = a[i][j];
              a[i][j] = t * t;
            }
        }""",
    "variable-length array": """
        void f(int n) {
          double a[n][n];
          for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
              a[i][j] = i;
        }""",
    "three-dimensional flat array": """
        void f(int n, int m, int k, double *a) {
          for (int x = 0; x < n; x++)
            for (int y = 0; y < m; y++)
              for (int z = 0; z < k; z++)
                a[(x * m + y) * k + z] = x;
        }""",
    "flat array of triples": """
        void f(int n, int m, double *a) {
          for (int x = 0; x < n; x++)
            for (int y = 0; y < m; y++)
              for (int c = 0; c < 3; c++)
                a[(x * m + y) * 3 + c] = x;
        }""",
    "first and last row": """
        void f(int n, double *a) {
          if (n < 3) return;
          for (int j = 1; j < n - 1; j++) {
            a[j] = a[n + j];
            a[(n - 1) * n + j] = a[(n - 2) * n + j];
          }
        }""",
    "row pointer inside the loop": """
        void f(int n, double *a) {
          for (int i = 0; i < n; i++) {
            double *row = a + i * n;
            for (int j = 0; j < n; j++)
              row[j] = 0;
          }
        }""",
    "index in a variable": """
        void f(int n, double *a) {
          for (int i = 0; i < n; i++) {
            int k = 2 * i;
            a[k] = a[k + 1];
          }
        }""",
    "row length from another variable": """
        void f(int n, double *restrict a) {
          int w = n + 2;
          for (int i = 1; i <= n; i++)
            for (int j = 1; j <= n; j++)
              a[i * w + j] = 1;
        }""",
    "pure function of the file": """
        static double g(double x) { double y = x; for (int k = 0; k < 3; k++) y *= x;
          return y; }
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            a[i] = g(i);
        }""",
    "function that writes one element": """
        static void set(double *a, int i, double x) { a[i] = x; }
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            set(a, i, 1.0);
        }""",
    "function that gets the address of an element": """
        static void set(double *x) { *x = 1; }
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            set(&a[i]);
        }""",
    "recursive function without shared data": """
        static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
        void f(int *a) {
          for (int i = 0; i < 30; i++)
            a[i] = fib(i);
        }""",
    "mathematical function": """
        double sqrt(double);
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            a[i] = sqrt(a[i]);
        }""",
    "members of array elements": """
        struct p { double x, v; };
        void f(int n, struct p *b) {
          for (int i = 0; i < n; i++)
            b[i].x += b[i].v;
        }""",
    "different members": """
        struct p { double x, v; };
        void f(int n, struct p *b) {
          for (int i = 1; i < n; i++)
            b[i].x = b[i - 1].v;
        }""",
    "struct variable set in each iteration": """
        struct p { double x, y; };
        void f(int n, struct p *b) {
          struct p t;
          for (int i = 0; i < n; i++) {
            t.x = i; t.y = t.x;
            b[i].x = t.x + t.y;
          }
        }""",
    "array in a struct": """
        struct g { int n; double a[100]; };
        void f(struct g *g) {
          for (int i = 0; i < 100; i++)
            g->a[i] = i;
        }""",
    "continue": """
        void f(int n, double *a) {
          for (int i = 0; i < n; i++) {
            if (a[i] < 0) continue;
            a[i] = 1;
          }
        }""",
    "break of an inner loop": """
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            for (int j = 0; j < 10; j++)
              if (a[i] < j) break;
        }""",
    "while inside": """
        void f(int n, int *a) {
          for (int i = 0; i < n; i++) {
            int x = i;
            while (x > 1) x = x % 2 ? 3 * x + 1 : x / 2;
            a[i] = x;
          }
        }""",
    "switch inside": """
        void f(int n, int *a) {
          for (int i = 0; i < n; i++) {
            switch (a[i]) { case 1: a[i] = 2; break; default: a[i] = 3; }
          }
        }""",
    "size_t counter": """
        void f(unsigned long n, double *restrict a, double *restrict b) {
          for (unsigned long i = 1; i < n; i++)
            a[i] = b[i - 1];
        }""",
    "unsigned counter downward": """
        void f(unsigned n, double *a) {
          for (unsigned i = n; i > 0; i--)
            a[i - 1] = 0;
        }""",
    "a pointer of another type": """
        void f(int n, double *a, int *b) {
          for (int i = 0; i < n; i++)
            a[i] = b[n - i];
        }""",
    "remainder as index, within one turn": """
        void f(double *restrict a) {
          for (int i = 0; i < 8; i++)
            a[i % 8] = i;
        }""",
    "invariant member as bound": """
        struct g { int n; };
        void f(struct g *g, double *a) {
          for (int i = 0; i < g->n; i++)
            a[i] = i;
        }""",
    "test turned round, step in front": """
        void f(int n, double *a) {
          for (int i = 0; n > i; i = 2 + i)
            a[i] = a[i + 1];
        }""",
    "step in a variable": """
        void f(int n, int k, double *a) {
          for (int i = n; i >= 0; i = i - k)
            for (int j = 0; j < n; j += k)
              a[i] = j;
        }""",
    "elements by pointer arithmetic": """
        void f(int n, double *a) {
          for (int i = 0; i < n; i++) {
            *(a + 2 * i) = 1;
            *(2 * i + 1 + a) = 2;
            *(a + 2 * i) += 1;
            i[a + 2 * n + 1] = *(a + 2 * i - 0);
          }
        }""",
    "guards with and, or, not": """
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            if (!(i <= 3) && (i < 5 || i == 4))
              a[i] = a[i - 1];
        }""",
    "signs": """
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            a[-(-i)] = +i;
        }""",
    "length of a text": """
        unsigned long strlen(const char *);
        void f(int n, const char *restrict s, int *restrict a) {
          for (int i = 0; i < n; i++)
            a[i] = strlen(s);
        }""",
    "struct with an initialiser": """
        struct p { int x, y; };
        void f(int n, int *a) {
          for (int i = 0; i < n; i++) {
            struct p t = {i, 2 * i};
            a[i] = t.x + t.y;
          }
        }""",
    "variable-length array inside": """
        void f(int n, int *a) {
          for (int i = 0; i < n; i++) {
            int t[n];
            for (int j = 0; j < n; j++) t[j] = j;
            a[i] = t[n - 1];
          }
        }""",
    "size that was read with scanf": """
        int scanf(const char *, ...); void *malloc(unsigned long);
        int main(void) {
          int n;
          scanf("%d", &n);
          int *a = malloc(n * sizeof(int));
          for (int i = 0; i < n; i++)
            a[i] = n;
          return 0;
        }""",
    "index from a function of one line": """
        static int at(int i, int j, int n) { return i * n + j; }
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
              a[at(i, j, n)] = 0;
        }""",
    "row length in a member": """
        struct g { int rows, columns; double *a; };
        void f(struct g *g) {
          for (int i = 0; i < g->rows; i++)
            for (int j = 0; j < g->columns; j++)
              g->a[i * g->columns + j] = 0;
        }""",
    "character as condition": """
        void f(int n, const char *restrict s, int *restrict a) {
          for (int i = 0; i < n; i++)
            a[i] = s[i] && !s[i + 1] ? i : 0;
        }""",
    "local reference in C++": """
        void f(int n, double *a) {
          for (int i = 0; i < n; i++) {
            double &x = a[i];
            x = x + 1;
          }
        }""",
    "reference parameter in C++": """
        static void set(double &x, const double &y) { x = y; }
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            set(a[i], a[i]);
        }""",
    "plain struct in C++": """
        struct v { double x, y; };
        void f(int n, double *a) {
          for (int i = 0; i < n; i++) {
            v t;
            t.x = i; t.y = 2 * t.x;
            a[i] = t.y;
          }
        }""",
}


@pytest.mark.parametrize("case", PARALLEL)
def test_loop_is_proved_parallel(case: str) -> None:
    """These loops need no question."""
    verdict = first_verdict(
        PARALLEL[case], name="test.cc" if "C++" in case else "test.c"
    )

    assert verdict.status == Status.PARALLEL, verdict.findings
    assert verdict.decisions == ()
