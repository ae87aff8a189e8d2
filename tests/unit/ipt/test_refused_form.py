"""Loops whose form or calls rule them out, one case each."""

from __future__ import annotations

import pytest

from ipt.analysis import Status
from ipt.testing import first_verdict

REFUSED = {
    "break": (
        "IPT306",
        "break leaves the loop",
        """int f(int n, double *a) {
          int r = 0;
          for (int i = 0; i < n; i++)
            if (a[i] < 0) break;
          return r;
        }""",
    ),
    "return": (
        "IPT306",
        "return leaves the loop",
        """int f(int n, double *a) {
          for (int i = 0; i < n; i++)
            if (a[i] < 0) return i;
          return -1;
        }""",
    ),
    "goto": (
        "IPT306",
        "goto leaves the loop",
        """int f(int n, double *a) {
          for (int i = 0; i < n; i++)
            if (a[i] < 0) goto out;
          out: return 0;
        }""",
    ),
    "exit": (
        "IPT306",
        "exit() ends the program before the last iteration",
        """void exit(int);
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            if (a[i] < 0) exit(2);
        }""",
    ),
    "abort in a called function": (
        "IPT306",
        "abort() ends the program before the last iteration",
        """void abort(void);
        static void fail(void) { abort(); }
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            if (a[i] < 0) fail();
        }""",
    ),
    "label": (
        "IPT311",
        "the label again is not understood",
        """void f(int n, double *a) {
          for (int i = 0; i < n; i++) {
            again: a[i] = 0;
          }
        }""",
    ),
    "output": (
        "IPT307",
        "printf() reads or writes",
        """int printf(const char *, ...);
        void f(int n) {
          for (int i = 0; i < n; i++)
            printf("%d", i);
        }""",
    ),
    "output in a called function": (
        "IPT307",
        "It is reached by the call in line 6.",
        """int printf(const char *, ...);
        static void show(int i) { printf("%d", i); }
        static void tell(int i) { show(i); }
        void f(int n) {
          for (int i = 0; i < n; i++) tell(i);
        }""",
    ),
    "random numbers": (
        "IPT308",
        "rand() keeps hidden state",
        """int rand(void);
        void f(int n, int *a) {
          for (int i = 0; i < n; i++)
            a[i] = rand();
        }""",
    ),
    "unknown function": (
        "IPT309",
        "the text of mystery() is not in the files given",
        """double mystery(int);
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            a[i] = mystery(i);
        }""",
    ),
    "function pointer": (
        "IPT309",
        "a function through a pointer",
        """void f(int n, double *a, double (*g)(int)) {
          for (int i = 0; i < n; i++)
            a[i] = g(i);
        }""",
    ),
    "loop from a macro": (
        "IPT310",
        "comes from a macro",
        """#define EACH(i, n) for (int i = 0; i < n; i++)
        void f(int n, double *a) {
          EACH(i, n) a[i] = 0;
        }""",
    ),
    "loop in a macro's argument": (
        "IPT310",
        "comes from a macro",
        """#define DO(x) x
        void f(int n, double *a) {
          DO(for (int i = 0; i < n; i++) a[i] = 0;)
        }""",
    ),
    "loop behind something": (
        "IPT313",
        "does not begin its line",
        """void f(int n, double *a) { for (int i = 0; i < n; i++) a[i] = 0; }""",
    ),
    "recursion with shared data": (
        "IPT317",
        "walk() calls itself",
        """static int seen[100];
        static int walk(int k) { return k < 1 ? seen[k] : walk(k - 1); }
        void f(int n, int *a) {
          for (int i = 0; i < n; i++)
            a[i] = walk(i);
        }""",
    ),
    "volatile": (
        "IPT321",
        "volatile",
        """volatile int ready;
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            a[i] = ready;
        }""",
    ),
    "directive before": (
        "IPT320",
        "has an OpenMP directive already",
        """void f(int n, double *a) {
          #pragma omp parallel for
          for (int i = 0; i < n; i++)
            a[i] = i;
        }""",
    ),
    "directive inside": (
        "IPT320",
        "around or inside",
        """void f(int n, double *a) {
          for (int i = 0; i < n; i++) {
            #pragma omp critical
            a[i] = i;
          }
        }""",
    ),
    "directive around": (
        "IPT320",
        "around or inside",
        """void f(int n, double *a) {
          #pragma omp parallel
          {
            for (int i = 0; i < n; i++)
              a[i] = i;
          }
        }""",
    ),
    "real counter": (
        "IPT305",
        "its counter x is not an integer",
        """void f(double *a) {
          for (double x = 0; x < 1; x += 0.1)
            a[(int)(10 * x)] = x;
        }""",
    ),
    "two counters": (
        "IPT305",
        "starts more than one variable",
        """void f(int n, double *a) {
          int i, j;
          for (i = 0, j = n; i < j; i++)
            a[i] = 0;
        }""",
    ),
    "no start": (
        "IPT305",
        "does not set the counter",
        """void f(int n, int i, double *a) {
          for (; i < n; i++)
            a[i] = 0;
        }""",
    ),
    "no test": (
        "IPT305",
        "its test does not compare i with a bound",
        """void f(double *a) {
          for (int i = 0; a[i]; i++)
            a[i] = 0;
        }""",
    ),
    "test of a square": (
        "IPT305",
        "its test does not compare i itself",
        """void f(int n, double *a) {
          for (int i = 0; i * i < n; i++)
            a[i] = 0;
        }""",
    ),
    "real bound": (
        "IPT305",
        "its bound is not an integer",
        """void f(double x, double *a) {
          for (int i = 0; i < x; i++)
            a[i] = 0;
        }""",
    ),
    "doubling step": (
        "IPT305",
        "its step does not add to i alone",
        """void f(int n, double *a) {
          for (int i = 1; i < n; i *= 2)
            a[i] = 0;
        }""",
    ),
    "step away from the bound": (
        "IPT305",
        "does not lead i to the bound",
        """void f(int n, double *a) {
          for (int i = 0; i < n; i--)
            a[i] = 0;
        }""",
    ),
    "unequal with a step of two": (
        "IPT305",
        "does not lead i to the bound",
        """void f(int n, double *a) {
          for (int i = 0; i != n; i += 2)
            a[i] = 0;
        }""",
    ),
    "step that depends on the counter": (
        "IPT305",
        "changes from iteration to iteration",
        """void f(int n, double *a) {
          for (int i = 1; i < n; i += i)
            a[i] = 0;
        }""",
    ),
    "bound that depends on the counter": (
        "IPT305",
        "its bound depends on the counter i",
        """void f(int n, double *a) {
          for (int i = 0; i < n - i; i++)
            a[i] = 0;
        }""",
    ),
    "counter changed in the body": (
        "IPT305",
        "its body changes the counter i",
        """void f(int n, double *a) {
          for (int i = 0; i < n; i++) {
            a[i] = 0;
            if (a[i] > 1) i++;
          }
        }""",
    ),
    "bound changed in the body": (
        "IPT305",
        "the loop changes n, which its header uses",
        """void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            if (a[i] > 1) n--;
        }""",
    ),
    "bound from a function": (
        "IPT305",
        "its header calls strlen()",
        """unsigned long strlen(const char *);
        void f(char *s, int *a) {
          for (unsigned long i = 0; i < strlen(s); i++)
            a[i] = s[i];
        }""",
    ),
    "bound in memory that the loop writes": (
        "IPT305",
        "the loop may change *n",
        """void f(int *n, int *a) {
          for (int i = 0; i < *n; i++)
            a[i] = 0;
        }""",
    ),
    "bound in a member that the loop writes": (
        "IPT305",
        "the loop may change g->n",
        """struct g { int n; };
        void f(struct g *g, double *restrict a) {
          for (int i = 0; i < g->n; i++)
            if (a[i] > 1) g->n = 0;
        }""",
    ),
    "bound that a pointer may change": (
        "IPT305",
        "a pointer may change n",
        """void know(int *);
        int n;
        void f(int *a) {
          know(&n);
          for (int i = 0; i < n; i++)
            a[i] = 0;
        }""",
    ),
    "bound in a member of a variable": (
        "IPT305",
        "the loop changes g.n",
        """struct g { int n; };
        int f(struct g g, double *a) {
          for (int i = 0; i < g.n; i++)
            if (a[i] > 1) g.n = 0;
          return g.n;
        }""",
    ),
    "bound behind an unknown pointer": (
        "IPT305",
        "the loop may change *n",
        """void f(int *n, int **a) {
          for (int i = 0; i < *n; i++) {
            int *p = i % 2 ? a[0] : a[1];
            p[i] = 0;
          }
        }""",
    ),
    "pointer in memory that the loop sets": (
        "IPT314",
        "cannot be followed",
        """struct g { double *a; };
        void f(int n, struct g *g, double *b) {
          for (int i = 0; i < n; i++) {
            g->a[i] = 0;
            g->a = b;
          }
        }""",
    ),
    "value of type complex": (
        "IPT311",
        "_Complex",
        """void f(int n, double *a) {
          double _Complex z;
          for (int i = 0; i < n; i++) {
            z = i;
            a[i] = i;
          }
        }""",
    ),
    "joined lines": (
        "IPT313",
        "does not begin its line",
        """void f(int n, double *a) {
          n++; \\
          for (int i = 0; i < n; i++)
            a[i] = i;
        }""",
    ),
    "short form of ?:": (
        "IPT311",
        "is not understood",
        """void f(int n, int *a) {
          for (int i = 0; i < n; i++)
            a[i] = a[i] ?: 1;
        }""",
    ),
    "many different accesses": (
        "IPT318",
        "too large to analyse",
        "void f(int n, int *a) {\nfor (int i = 0; i < n; i++) {\n"
        + "".join(f"a[{k} * i] = 0;" for k in range(610))
        + "}\n}",
    ),
    "many calls": (
        "IPT318",
        "too large to analyse",
        "static int g(int i) { return i; }\n"
        "void f(int n, int *a) {\nfor (int i = 0; i < n; i++)\na[i] = 0"
        + " + g(i)" * 210
        + ";\n}",
    ),
    "inline assembly": (
        "IPT311",
        "is not understood",
        """void f(int n) {
          for (int i = 0; i < n; i++)
            __asm__("nop");
        }""",
    ),
    "statement expression": (
        "IPT311",
        "is not understood",
        """void f(int n, int *a) {
          for (int i = 0; i < n; i++)
            a[i] = ({ int k = i; k; });
        }""",
    ),
    "reference in C++": (
        "IPT311",
        "this member ref expression is not understood",
        """struct S { double &x; };
        void f(int n, double *a, S s) {
          for (int i = 0; i < n; i++)
            a[i] = s.x;
        }""",
    ),
    "overloaded operator in C++": (
        "IPT309",
        "is not in the files given",
        """struct v { double *p; double &operator[](int i); };
        void f(int n, v a) {
          for (int i = 0; i < n; i++)
            a[i] = 0;
        }""",
    ),
    "range-based loop variable in C++": (
        "IPT311",
        "is not understood",
        """void f(int n) {
          struct { int *begin(); int *end(); } a;
          for (int i = 0; i < n; i++)
            for (int &x : a) x++;
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
