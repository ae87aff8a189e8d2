"""Effects that are not where the loop's own text shows them, one case each."""

from __future__ import annotations

import pytest

from ipt.testing import program_of, verdicts_of

HEAD = """
extern "C" { void *malloc(unsigned long); double sqrt(double); void other(void); }
"""
SHIFTED = "\nfor (int i = 1; i < n; i++)\n p[i] = q[i-1] + 1;\n"
NEW = "double *p = (double *)malloc(n), *q = (double *)malloc(n);"
COUNTED = """struct W { int a; static int all; W() = default;
  W(int q) : a(q) { all += q; } }; int W::all;
"""
CPP = {
    "lambda reads a temporary": (
        "IPT301",
        """double f(int n, double *a) { double t = 0; auto show = [&]() { return t; };
        for (int i = 0; i < n; i++) { t = i; a[i] = t; }
        return show(); }""",
    ),
    "lambda sets a pointer": (
        "IPT201",
        f"void f(int n) {{ {NEW} auto g = [&]() {{ q = p; }}; g(); {SHIFTED} }}",
    ),
    "lambda changes a bound": (
        "IPT202",
        """void f(int *a) { int n = 100; int m = n; auto g = [&]() { n = 50; }; g();
        for (int i = 0; i < 200; i++)
          for (int j = 0; j < m; j++) a[i * n + j] = i; }""",
    ),
    "called in a lambda": (
        "IPT201",
        (
            f"static void f(int n, double *p, double *q) {{ {SHIFTED} }}\n"
            "int main() { double x[9], y[9]; f(9, x, y);"
            "auto g = [&]() { f(9, x, x); }; g(); }"
        ),
    ),
    "called in a template": (
        "IPT201",
        (
            f"static void f(int n, double *p, double *q) {{ {SHIFTED} }}\n"
            "template <class T> void h(T *x) { f(9, x, x); }\n"
            "int main() { double x[9], y[9]; f(9, x, y); h(x); }"
        ),
    ),
    "called in a global's initialiser": (
        "IPT201",
        (
            f"static int f(int n, double *p, double *q) {{ {SHIFTED} return 0; }}\n"
            "static double x[9], y[9]; int z = f(9, x, x);"
            "int main() { f(9, x, y); }"
        ),
    ),
    "called in a method of a local class": (
        "IPT201",
        (
            f"static void f(int n, double *p, double *q) {{ {SHIFTED} }}\n"
            "static double x[9], y[9];"
            "int main() { struct S { S() { f(9, x, x); } } s; f(9, x, y); }"
        ),
    ),
    "address of a static method": (
        "IPT201",
        (
            f"struct A {{ static void f(int n, double *p, double *q) {{{SHIFTED}}} }};"
            "int main() { double x[9], y[9]; A::f(9, x, y);"
            "void (*g)(int, double *, double *) = &A::f; g(9, x, x); }"
        ),
    ),
    "constructor sets a global pointer": (
        "IPT201",
        (
            "static double *p, *q; struct S { S() { q = p; } };"
            "void f(int n) { p = (double *)malloc(n); q = (double *)malloc(n); S s;"
            f"{SHIFTED} }}"
        ),
    ),
    "reference parameter changes a copy of the counter": (
        "IPT302",
        """static void zero(int &x) { x = 0; }
        void f(int n, int *a) {
        for (int i = 0; i < n; i++) { int k = i; zero(k); a[k] = i; } }""",
    ),
    "reference changes a copy of the counter": (
        "IPT302",
        """void f(int n, int *a) {
        for (int i = 0; i < n; i++) { int k = i; int &r = k; r = 0; a[k] = i; } }""",
    ),
    "reference to one of two": (
        "IPT302",
        """void f(int n, int *a) {
        for (int i = 0; i < n; i++) {
          int k = i, m = i; int &r = n > 9 ? k : m; r = 0; a[m] = i; } }""",
    ),
    "range-based loop changes a copy of the counter": (
        "IPT302",
        """void f(int n, int *a) {
        for (int i = 0; i < n; i++) {
          int k[1] = {i};
          for (int &x : k) x = 0;
          a[k[0]] = i; } }""",
    ),
    "temporary that an exception handler reads": (
        "IPT301",
        """double f(int n, double *a) { double t = 0; try {
        for (int i = 0; i < n; i++) { t = i; a[i] = t; }
        other(); } catch (int) { return t; } return 0; }""",
    ),
    "recursion with references": (
        "IPT317",
        """static void rec(int n, int &r, int &s)
        { if (n > 0) { r = n + s % 7; rec(n - 1, s, r); } }
        void f(int n, int *a) { int x = 0;
        for (int i = 0; i < n; i++)
          rec(2, a[i], x); }""",
    ),
    "assignment of a plain class that has code": (
        "IPT316",
        """struct W { int a; static int all;
          W &operator=(int q) { all += q; return *this; } };
        int W::all; void f(int n, W *x) {
        for (int i = 0; i < n; i++)
          x[i] = i; }""",
    ),
    "constructor of a plain class that has code": (
        "IPT309",
        COUNTED
        + """void f(int n, int *x) {
        for (int i = 0; i < n; i++) { W w(i); x[i] = w.a; } }""",
    ),
    "constructor that a list calls": (
        "IPT311",
        COUNTED
        + """void f(int n, int *x) {
        for (int i = 0; i < n; i++) { W w[2] = {i, i}; x[i] = w[0].a; } }""",
    ),
    "constructor of a member that a list calls": (
        "IPT311",
        COUNTED
        + """struct Q { W w; }; void f(int n, int *x) {
        for (int i = 0; i < n; i++) { Q q = {i}; x[i] = q.w.a; } }""",
    ),
    "constructor of a base class that a list calls": (
        "IPT311",
        COUNTED
        + """struct Q : W { int k; }; void f(int n, int *x) {
        for (int i = 0; i < n; i++) { Q q = {i, i}; x[i] = q.k; } }""",
    ),
    "value of a member that a list leaves out": (
        "IPT311",
        """static int all; struct Q { int a = ++all; int b; };
        void f(int n, int *x) {
        for (int i = 0; i < n; i++) { Q q{}; x[i] = q.b; } }""",
    ),
    "conversion in a list": (
        "IPT311",
        """static int all; struct C { operator int() { return ++all; } };
        struct D : C {};
        void f(int n, int *x) { D c;
        for (int i = 0; i < n; i++) { int d[1] = {c}; x[i] = d[0]; } }""",
    ),
    "default argument with an effect": (
        "IPT311",
        """static int g; static int f(int i, int k = ++g) { return i + k; }
        void h(int n, int *a) {
        for (int i = 0; i < n; i++)
          a[i] = f(i); }""",
    ),
}
C = {
    "function pointer sets a global pointer": (
        "IPT201",
        (
            "static double *p, *q; static void al(void) { q = p; }"
            "void f(int n) { void (*g)(void) = al; p = malloc(n); q = malloc(n); g();"
            f"{SHIFTED} }}"
        ),
    ),
    "callback of a library function": (
        "IPT201",
        (
            "int atexit(void (*)(void)); static double *p, *q;"
            "static void al(void) { q = p; }"
            f"void f(int n) {{ p = malloc(n); q = malloc(n); atexit(al); {SHIFTED} }}"
        ),
    ),
    "array of pointers of each iteration": (
        "IPT314",
        """void f(int n, double *a) {
        for (int i = 0; i < n; i++) { double *q[1] = { a + i % 2 }; q[0][i] = i; } }""",
    ),
    "struct with a pointer, returned": (
        "IPT314",
        """struct v { double *p; }; static double a[99];
        static struct v mk(int i) { struct v r = { a + i % 2 }; return r; }
        void f(int n) {
        for (int i = 0; i < n; i++) { struct v v = mk(i); v.p[i] = i; } }""",
    ),
    "struct with a pointer, replaced by way of another": (
        "IPT314",
        """struct v { double *p; }; static double a[99];
        void f(int n, struct v *restrict all) {
        struct v v = { a }; struct v *pv = &v;
        for (int i = 0; i < n; i++) { *pv = all[i]; v.p[i] = i; } }""",
    ),
    "anonymous union": (
        "IPT301",
        """struct p { union { struct { double x, y; }; double v[2]; }; };
        static struct p p[99];
        void f(int n) {
        for (int i = 1; i < n; i++)
          p[i].x = p[i - 1].v[0] + 1; }""",
    ),
    "number and array of one union": (
        "IPT301",
        """static union { int x; int v[99]; } u;
        void f(int n) {
        for (int i = 0; i < n; i++)
          u.v[i] = u.x + 1; }""",
    ),
    "neighbouring bit-fields": (
        "IPT301",
        """struct b { unsigned lo : 4, hi : 4; }; static struct b s[99];
        void f(int n, int *restrict b) {
        for (int i = 1; i < n; i++) { s[i].lo = b[i]; s[i - 1].hi = b[i]; } }""",
    ),
    "parameters of one macro": (
        "IPT301",
        """#define TWO int p, int q
        static int a[99]; static void set(TWO) { a[p] = q; }
        void f(int n) {
        for (int i = 0; i < n; i++)
          set(0, i); }""",
    ),
    "addresses written as numbers": (
        "IPT201",
        f"void f(int n) {{ double *p = (double *)64, *q = (double *)72; {SHIFTED} }}",
    ),
    "global that another file may pass": (
        "IPT201",
        """double scale; void f(int n, double *a) {
        for (int i = 0; i < n; i++)
          a[i] = a[i] * scale; }""",
    ),
    "pointer to a variable that looks private": (
        "IPT301",
        """void f(int n, double *a) { double t = 0; double *pt = &t;
        for (int i = 0; i < n; i++) { t = i; a[i] = *pt; } }""",
    ),
    "array used as another type": (
        "IPT201",
        """static double a[99]; void f(int n) { int *w = (int *)a;
        for (int i = 0; i < n; i++)
          w[2 * i + 2] = (int)a[i]; }""",
    ),
    "array used as another type by way of void": (
        "IPT201",
        """static double a[99]; void f(int n) { void *v = a; int *w = v;
        for (int i = 0; i < n; i++)
          w[2 * i + 2] = (int)a[i]; }""",
    ),
    "struct used as another type": (
        "IPT201",
        """struct s { double x; }; void f(int n, double *a, struct s *t) {
        int *w = (int *)t;
        for (int i = 0; i < n; i++)
          w[i] = (int)a[i]; }""",
    ),
    "may_alias": (
        "IPT201",
        """typedef int I __attribute__((may_alias)); void f(int n, double *a, I *w) {
        for (int i = 0; i < n; i++)
          w[i] = (int)a[i + 10]; }""",
    ),
    "cleanup attribute": (
        "IPT311",
        """static int g; static void bump(int *k) { g += *k; }
        void f(int n, int *a) {
        for (int i = 0; i < n; i++) {
          int k __attribute__((cleanup(bump))) = i; a[i] = 1; } }""",
    ),
    "errno is read": (
        "IPT308",
        """int *__errno_location(void); int f(int n, double *a) {
        for (int i = 0; i < n; i++)
          a[i] = sqrt(i);
        return *__errno_location(); }""",
    ),
    "floating-point flags are read": (
        "IPT308",
        """int fetestexcept(int); int f(int n, double *a) {
        for (int i = 0; i < n; i++)
          a[i] = 1.0 / i;
        return fetestexcept(4); }""",
    ),
}
C_HEAD = HEAD.replace('extern "C" {', "").replace("}", "")


def _codes(text: str, name: str) -> set[str]:
    verdict = verdicts_of(program_of(text, name))[0]
    return {each.code for each in verdict.findings}


@pytest.mark.parametrize("case", CPP)
def test_hidden_effect_is_seen_in_cpp(case: str) -> None:
    """What a loop's own text does not show still counts in C++."""
    code, text = CPP[case]

    found = _codes(HEAD + text, "test.cpp")

    assert code in found
    assert "IPT101" not in found


@pytest.mark.parametrize("case", C)
def test_hidden_effect_is_seen_in_c(case: str) -> None:
    """What a loop's own text does not show still counts in C."""
    code, text = C[case]

    found = _codes(C_HEAD + text, "test.c")

    assert code in found
    assert "IPT101" not in found


PROVED = {
    "conversion that only the library sees": """void free(void *);
      void f(int n, double *a, int *w) {
      for (int i = 0; i < n; i++)
        w[i] = (int)a[i];
      free((void *)a); }""",
    "variables of one macro": """
      #define TWO(x, y) double x = 1, y = 2
      void f(int n, double *a) { TWO(t, s);
      for (int i = 0; i < n; i++) { t = i; a[i] = t; }
      a[0] = s; }""",
    "static global": """static double scale; void f(int n, double *a) {
      for (int i = 0; i < n; i++)
        a[i] = a[i] * scale; }""",
    "sum in a public global": """double s; void f(int n, const int *a) {
      for (int i = 0; i < n; i++)
        s += a[i]; }""",
    "bit-field of each element": """
      static struct { unsigned lo : 4, hi : 4; } s[99]; void f(int n) {
      for (int i = 0; i < n; i++) { s[i].lo = 1; s[i].hi = 2; } }""",
    "functions of the library between": f"""static double *p, *q;
      void f(int n) {{ p = malloc(n); q = malloc(n); sqrt(2); {SHIFTED} }}""",
}


@pytest.mark.parametrize("case", PROVED)
def test_harmless_code_is_no_obstacle(case: str) -> None:
    """Care for the rare does not spoil the usual."""
    assert "IPT101" in _codes(C_HEAD + PROVED[case], "test.c")


def test_try_block_leaves_its_statements_readable() -> None:
    """Loops in a `try` block are analysed as others."""
    text = """void f(int n, double *a) { try {
    for (int i = 0; i < n; i++)
      a[i] = i;
    } catch (int) {} }"""

    assert "IPT101" in _codes(text, "test.cpp")


def test_constant_default_argument_is_harmless() -> None:
    """It is the same at each call."""
    text = """static int f(int i, int k = 3) { return i + k; }
    void h(int n, int *a) {
    for (int i = 0; i < n; i++)
      a[i] = f(i); }"""

    assert "IPT101" in _codes(text, "test.cpp")
