"""Headers, live-out values and directives that were once misunderstood."""

from __future__ import annotations

import pytest

from ipt.analysis import Status
from ipt.testing import first_verdict, program_of, verdicts_of

_COUNTER_USED = "int b[9]; int i; static int f(void) { return b[i]; }\n"

REFUSED = {
    "counter read by a called function": (
        "IPT305",
        _COUNTER_USED + "void g(int *a) { for (i = 0; i < 9; i++) a[i] = f(); }",
    ),
    "static counter read through a pointer": (
        "IPT305",
        """int a[9];
        void g(void) { static int i; int *p = &i;
          for (i = 0; i < 9; i++) a[i] = *p; }""",
    ),
    "counter read through a pointer": (
        "IPT305",
        "void g(double *a) { int i; int *p = &i;\nfor (i = 0; i < 9; i++) a[i] = *p; }",
    ),
    "start is a reduction variable": (
        "IPT305",
        """int g(int *b) { int s = 1;
          for (int i = s; i < 9; i++) s += b[i];
          return s; }""",
    ),
    "start is a temporary": (
        "IPT305",
        """void g(int *a, const int *b) { int t = 1;
          for (int i = t; i < 9; i++) { t = b[i]; a[i] = t; } }""",
    ),
    "start has a side effect": (
        "IPT305",
        "void g(int *a) { int k = 1;\nfor (int i = k++; i < 9; i++) a[i] = 1; }",
    ),
    "int counter, unsigned bound": (
        "IPT305",
        "void g(int *a, unsigned n) {\nfor (int i = -5; i < n; i++) a[i + 5] = 1; }",
    ),
    "int counter, negative start, unsigned constant": (
        "IPT305",
        "void g(int *a) {\nfor (int i = -5; i < 9u; i++) a[i + 5] = 1; }",
    ),
    "int counter, unsigned constant out of range": (
        "IPT305",
        "void g(int *a) {\nfor (int i = 0; i < -1u; i++) a[i] = 1; }",
    ),
    "int counter, unsigned long bound": (
        "IPT305",
        "void g(int *a, unsigned long n) {\nfor (int i = 0; i < n; i++) a[i] = 1; }",
    ),
    "narrow counter, int bound": (
        "IPT305",
        "void g(int *a, int n) {\nfor (unsigned short i = 0; i < n; i++) a[i] = 1; }",
    ),
    "short counter, long bound": (
        "IPT305",
        "void g(int *a, long n) {\nfor (short i = 0; i < n; i++) a[i] = 1; }",
    ),
    "counter that wraps": (
        "IPT305",
        """int a[70000];
        void g(void) {
          for (unsigned short i = 60000; i != 50000; i++) a[i] = 1; }""",
    ),
    "counter that wraps downward": (
        "IPT305",
        "void g(int *a, unsigned n) {\nfor (unsigned i = n; i != 5; i--) a[i] = 1; }",
    ),
    "narrow counter that a step leads out of its type": (
        "IPT305",
        """int a[256];
        void g(void) {
          for (unsigned char i = 0; i < 250; i += 7) a[i] = 1; }""",
    ),
    "test that converts the counter": (
        "IPT305",
        "void g(int *a, int n) {\nfor (int i = 0; (long)i < n; i++) a[i] = 1; }",
    ),
    "bound in a union": (
        "IPT305",
        """void g(double *a) { union { int n; float f; } u; u.n = 9;
          for (int i = 0; i < u.n; i++) { u.f = 1; a[i] = 1; } }""",
    ),
    "case label in a block": (
        "IPT303",
        """void g(double *a, const double *b, const int *k) { double t = 3;
          for (int i = 0; i < 9; i++)
            switch (k[i]) { case 0: { t = b[i]; case 1: a[i] = t; } } }""",
    ),
    "directive and comment before the loop": (
        "IPT320",
        """void g(double *a) {
          #pragma omp parallel for
          // all of them
          for (int i = 0; i < 9; i++) a[i] = i; }""",
    ),
    "directive and comment before a block": (
        "IPT320",
        """void g(double *a) {
          #pragma omp parallel
          /* region */
          {
          for (int i = 0; i < 9; i++) a[i] = i; } }""",
    ),
    "directive under a condition": (
        "IPT320",
        """void g(double *a) {
          #ifdef _OPENMP
          #pragma omp parallel for
          #endif
          for (int i = 0; i < 9; i++) a[i] = i; }""",
    ),
    "another pragma": (
        "IPT320",
        """void g(double *a) {
          #pragma GCC ivdep
          for (int i = 0; i < 9; i++) a[i] = i; }""",
    ),
    "macro with a directive": (
        "IPT320",
        """#define OMP _Pragma("omp parallel for")
        void g(double *a) {
          OMP
          for (int i = 0; i < 9; i++) a[i] = i; }""",
    ),
    "macro with arguments": (
        "IPT320",
        """#define DO(x)
        void g(double *a) {
          DO(omp)
          for (int i = 0; i < 9; i++) a[i] = i; }""",
    ),
    "line joined with a blank": (
        "IPT313",
        "void g(double *a) { int z; \\ \n for (int i = 0; i < 9; i++) a[i] = i; }",
    ),
    "threadprivate variable": (
        "IPT316",
        """static int other, tp = 3;
        #pragma omp threadprivate(other, tp)
        void g(int *a) {
          for (int i = 0; i < 9; i++) a[i] = tp; }""",
    ),
}

REFUSED_CPP = {
    "counter changed by reference": (
        "IPT305",
        """static void inc(int &x) { x++; }
        void g(int *a) {
          for (int i = 0; i < 9; i++) { a[i] = 1; inc(i); } }""",
    ),
    "counter changed through a local reference": (
        "IPT305",
        """void g(int *a) {
          for (int i = 0; i < 9; i++) { int &r = i; a[i] = 1; ++r; } }""",
    ),
    "outer range-for": (
        "IPT312",
        """void g(double *a, const double *b, int n) {
          double t = 0; int ks[3] = {0, 1, 2};
          for (int k : ks) { a[k] += t;
            for (int i = 9; i < n; i++) { t = b[i]; a[i] = t; } } }""",
    ),
    "outer while with a declaration": (
        "IPT312",
        """int next();
        void g(double *a, const double *b, int n) { double t = 0;
          while (int x = next()) { a[x] += t;
            for (int i = 9; i < n; i++) { t = b[i]; a[i] = t; } } }""",
    ),
    "variable of a namespace": (
        "IPT311",
        """namespace ns { double g = 3; }
        void f(double *a) { for (int i = 0; i < 9; i++) a[i] = 1; }
        void g(double *a) {
          for (int i = 0; i < 9; i++) a[i] = ns::g; }""",
    ),
    "two variables of one name": (
        "IPT311",
        """double x = 3;
        void g(double *a) { double x = 4;
          for (int i = 0; i < 9; i++) a[i] = ::x + x; }""",
    ),
    "union without a name": (
        "IPT311",
        """void g(int *a) { union { int q; float f; }; q = 3;
          for (int i = 0; i < 9; i++) a[i] = q; }""",
    ),
}

KEPT = {
    "int to int": "int n, int *a) {\nfor (int i = 0; i < n; i++) a[i] = 1; }",
    "long to int": "int n, int *a) {\nfor (long i = 0; i < n; i++) a[i] = 1; }",
    "size_t": "unsigned long n, int *a) {\nfor (unsigned long i = 0; i < n; i++)"
    " a[i] = 1; }",
    "size_t to int": "int n, int *a) {\nfor (unsigned long i = 0; i < n; i++)"
    " a[i] = 1; }",
    "sizeof": "int n) { int a[9]; \nfor (int i = 0; i < sizeof a / sizeof a[0]; i++)"
    " a[i] = 1; }",
    "unequal": "int n, int *a) {\nfor (int i = 0; i != n; i++) a[i] = 1; }",
    "unsigned unequal": "unsigned n, int *a) {\nfor (unsigned i = 0; i != n; i++)"
    " a[i] = 1; }",
    "down to 0": "unsigned n, int *a) {\nfor (unsigned i = n; i != 0; i--) a[i] = 1; }",
    "short to constant": "int *a) {\nfor (short i = 0; i < 10 * 10 - 1; i++)"
    " a[i] = 1; }",
    "short to char": "unsigned char n, int *a) {\nfor (short i = 0; i < n; i++)"
    " a[i] = 1; }",
    "byte with a step": "int *a) {\nfor (unsigned char i = 0; i < 240; i += 7)"
    " a[i] = 1; }",
    "counter declared before": "int n, int *a) { int i;\nfor (i = 0; i < n; i++)"
    " a[i] = 1; }",
    "after an else": "int n, int *a) { if (n) *a = 0; else\nfor (int i = 1; i < n; i++)"
    " a[i] = 1; }",
    "after an if": "int n, int *a) { if (n)\nfor (int i = 1; i < n; i++) a[i] = 1; }",
    "after a form feed": "int n, int *a) {\n\f for (int i = 1; i < n; i++) a[i] = 1; }",
    "after another directive": "int n, int *a) { *a = 1;\n#ifdef X\n#endif\n"
    "for (int i = 1; i < n; i++) a[i] = 1; }",
}


@pytest.mark.parametrize("case", REFUSED)
def test_loop_is_refused(case: str) -> None:
    """A loop that OpenMP would run in another way stays serial."""
    code, text = REFUSED[case]
    verdict = first_verdict(text)
    assert verdict.status is Status.REFUSED
    assert code in {finding.code for finding in verdict.refusals}


@pytest.mark.parametrize("case", REFUSED_CPP)
def test_cpp_loop_is_refused(case: str) -> None:
    """A C++ loop that OpenMP would run in another way stays serial."""
    code, text = REFUSED_CPP[case]
    program = program_of(f"\n{text}", "test.cpp")
    verdict = verdicts_of(program, function="g")[-1]
    assert verdict.status is Status.REFUSED
    assert code in {finding.code for finding in verdict.refusals}


@pytest.mark.parametrize("case", KEPT)
def test_common_header_is_kept(case: str) -> None:
    """Headers that people write every day stay parallel."""
    verdict = first_verdict(f"void g({KEPT[case]}")
    assert verdict.status is Status.PARALLEL, verdict.refusals
