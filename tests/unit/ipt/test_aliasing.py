"""Which blocks are known to be distinct, and which are not."""

from __future__ import annotations

import pytest

from ipt.analysis import Status
from ipt.testing import program_of, verdicts_of

HEAD = """
void *malloc(unsigned long); void *calloc(unsigned long, unsigned long);
void free(void *); void other(double *); int coin(void);
double g[99]; static double *keep;
static double *fresh(int n) { double *p = malloc(n); if (!p) return 0; p[0] = 1;
  return p; }
static double *direct(int n) { return malloc(n); }
static double *kept(int n) { double *p = malloc(n); keep = p; return p; }
static double *first(int n) { double *p = malloc(n); keep = &p[0]; return p; }
static double *moved(int n) { double *p = malloc(n); keep = p++; return p; }
static double *listed(int n) { double *p = malloc(n), *all[1] = {p}; keep = all[0];
  return p; }
static double *given(double *q) { return q; }
static double *chosen(int n) { double *p = coin() ? malloc(n) : keep; return p; }
static double *changed(double *q) { double *p = malloc(8); p = q; return p; }
static double *shown(int n) { double *p = malloc(n); other(p); return p; }
static double *round(int n) { return n ? round(n - 1) : 0; }
"""
LOOP = "\nfor (int i = 0; i < n; i++)\n a[i] = b[i];"


def is_proved(body: str, parameters: str = "int n") -> bool:
    """Tell whether `a[i] = b[i]` is proved parallel behind some statements."""
    program = program_of(f"{HEAD}\nvoid f({parameters}) {{\n{body}\n}}")
    verdict = verdicts_of(program, function="f")[-1]
    assert verdict.status in (Status.PARALLEL, Status.NEEDS_DECISION), verdict.findings
    return verdict.status is Status.PARALLEL


DISTINCT = {
    "two blocks": f"double *a = malloc(n), *b = calloc(n, 8); {LOOP}",
    "block and local array": f"double b[99], *a = malloc(n); {LOOP}",
    "block and global array": f"double *a = malloc(n), *b = g; {LOOP}",
    "two local arrays by pointer": f"double x[99], y[99], *a = x, *b = &y[1]; {LOOP}",
    "from functions that allocate": f"double *a = fresh(n), *b = direct(n); {LOOP}",
    "moved within their blocks": (
        f"double *a = malloc(n), *b = malloc(n); a++; b += 2; a = a + 1; {LOOP}"
    ),
    "either of two blocks": (
        "double *x = malloc(n), *y = malloc(n), *a = malloc(n);"
        f"double *b = coin() ? x : y; {LOOP}"
    ),
    "one of two ways": (
        "double *x = malloc(n), *y = malloc(n), *a = malloc(n), *b;"
        f"if (coin()) b = x; else b = y; {LOOP}"
    ),
    "swapped in a loop": (
        "double *a = malloc(n), *b = malloc(n), *t;"
        f"for (int s = 0; s < n; s++) {{ {LOOP} t = a; a = b; b = t; }}"
    ),
    "rotated in a loop": (
        "double *a = malloc(n), *b = malloc(n), *c = malloc(n);"
        f"while (coin()) {{ {LOOP} double *t = a; a = b; b = c; c = t; }}"
    ),
    "swapped in a do loop": (
        "double *a = malloc(n), *b = malloc(n);"
        f"do {{ double *t = a; a = b; b = t; {LOOP} }} while (coin());"
    ),
    "swapped unless the loop goes on": (
        "double *a = malloc(n), *b = malloc(n);"
        "for (int s = 0; s < n; s++) { if (coin()) continue; if (coin()) break;"
        f"double *t = a; a = b; b = t; }} {LOOP}"
    ),
    "allocated in each iteration": (
        "double *b = 0, *a; for (int s = 0; s < n; s++) { a = malloc(n); "
        f"{LOOP} b = a; }}"
    ),
    "null on one way": (
        f"double *a = malloc(n), *b = malloc(n); if (coin()) b = 0; {LOOP}"
    ),
    "set in a switch": (
        "double *x = malloc(n), *y = malloc(n), *a = malloc(n), *b = x;"
        f"switch (n) {{ case 1: b = y; break; default: b = x; }} {LOOP}"
    ),
    "set within a condition": (
        f"double *a = malloc(n), *b; if ((b = malloc(n)) && coin()) n++; {LOOP}"
    ),
    "addresses of elements": (
        "double *x = malloc(n), *y = malloc(n), *a = &x[2], *b = &*(y + 1);" + LOOP
    ),
    "arrays in two structs": (
        "struct s { double v[99]; } q, r, *p = malloc(n), *o = malloc(n);"
        f"double *a = q.v, *b = &r.v[1]; {LOOP} a = p->v; b = &o->v[3]; {LOOP}"
    ),
    "allocated on demand": (
        f"double *a = malloc(n), *b = coin() ? malloc(n) : 0; {LOOP}"
    ),
    "a path that returns": (
        f"double *a = malloc(n), *b = malloc(n);if (coin()) {{ b = a; return; }} {LOOP}"
    ),
}


@pytest.mark.parametrize("case", DISTINCT)
def test_blocks_are_known_to_be_distinct(case: str) -> None:
    """No question is needed."""
    assert is_proved(DISTINCT[case])


UNKNOWN = {
    "copied": f"double *b = malloc(n), *a = b + 1; {LOOP}",
    "kept from call to call": (
        f"static double x[9], y[9], *a = x, *b = y; {LOOP} b = a;"
    ),
    "copied on one way": (
        f"double *a = malloc(n), *b = malloc(n); if (coin()) b = a; {LOOP}"
    ),
    "copied in the loop before": (
        "double *a = malloc(n), *b = malloc(n);"
        f"for (int s = 0; s < n; s++) {{ {LOOP} b = a; }}"
    ),
    "copied before a break": (
        "double *a = malloc(n), *b = malloc(n);"
        f"while (coin()) {{ double *t = b; b = a; if (coin()) break; b = t; }} {LOOP}"
    ),
    "copied before a continue": (
        "double *a = malloc(n), *b = malloc(n);"
        f"for (int s = 0; s < n; s++) {{ {LOOP} double *t = b; b = a; "
        "if (coin()) continue; b = t; }"
    ),
    "copied in a switch": (
        "double *a = malloc(n), *b = malloc(n);"
        f"switch (n) {{ case 1: b = a; default: n++; }} {LOOP}"
    ),
    "copied before a break in a switch": (
        "double *a = malloc(n), *b = malloc(n);"
        f"switch (n) {{ case 1: b = a; break; default: n++; }} {LOOP}"
    ),
    "copied within an expression": (
        f"double *a = malloc(n), *b = malloc(n); if (coin() && (b = a)) n++; {LOOP}"
    ),
    "either itself": (
        f"double *a = malloc(n), *b = malloc(n); b = coin() ? a : b; {LOOP}"
    ),
    "two parts of one array": f"double x[99], *a = x, *b = x + 50; {LOOP}",
    "address given away": (
        f"double *a = malloc(n), *b = malloc(n), **p = &b; *p = a; {LOOP}"
    ),
    "from a function that keeps it": f"double *a = kept(n), *b = keep; {LOOP}",
    "from a function that returns its argument": (
        f"double *a = malloc(n), *b = given(a); {LOOP}"
    ),
    "from a function that chooses": f"double *b = keep, *a = chosen(n); {LOOP}",
    "from a function that changes its mind": (
        f"double *a = malloc(n), *b = changed(a); {LOOP}"
    ),
    "from a function that keeps an element": (
        f"double *a = first(n), *b = keep; {LOOP}"
    ),
    "from a function that moves it": f"double *a = moved(n), *b = keep; {LOOP}",
    "from a function that lists it": f"double *a = listed(n), *b = keep; {LOOP}",
    "from a function that shows it": f"double *b = keep, *a = shown(n); {LOOP}",
    "from a function that calls itself": f"double *b = keep, *a = round(n); {LOOP}",
    "one struct by two pointers": (
        "struct s { double v[99]; } *p = malloc(n);"
        f"double *a = p->v, *b = &p->v[3]; {LOOP}"
    ),
    "one row of many": (f"double **t = malloc(n), *a = t[0], *b = &t[1][0]; {LOOP}"),
    "from memory": (
        f"double *t[2] = {{malloc(n), malloc(n)}}, *a = t[0], *b = t[1]; {LOOP}"
    ),
    "with a jump": (
        "double *a = malloc(n), *b = malloc(n); if (coin()) goto end; "
        f"{LOOP} end: free(a);"
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_blocks_may_overlap(case: str) -> None:
    """The person is asked."""
    assert not is_proved(UNKNOWN[case])


@pytest.mark.parametrize(
    ("parameters", "proved"),
    [
        ("int n, double *restrict a, double *b", True),
        ("int n, double *a, const double *restrict b", True),
        ("int n, double *a, double *b", False),
        ("int n, double *a, float *b", True),
        ("int n, unsigned *a, int *b", False),
        ("int n, long *a, int *b", True),
    ],
)
def test_parameters_are_distinct_by_their_types(parameters: str, proved: bool) -> None:  # noqa: FBT001 - the expected answer
    """`restrict` and C's rules on types say so."""
    assert proved == is_proved(LOOP, parameters)


CALLERS = {
    "two blocks": ("double *x = malloc(8), *y = malloc(8); s(n, x, y);", True),
    "in two places": (
        "double *x = malloc(8), y[9]; s(n, x, y); s(n, y, x); s(n, g, y);",
        True,
    ),
    "one block twice": ("double *x = malloc(8); s(n, x, x + 1);", False),
    "distinct once, not twice": ("double x[9], y[9]; s(n, x, y); s(n, x, x);", False),
    "a fresh one": ("double x[9]; s(n, x, malloc(8));", True),
    "unknown": ("s(n, keep, g);", False),
    "through a parameter": ("double x[9], y[9]; middle(n, x, y);", True),
    "through a parameter, the same": ("double x[9]; middle(n, x, x);", False),
    "never": ("n++;", False),
    "through a pointer": (
        "double x[9], y[9]; s(n, x, y); void (*p)(int, double *, double *) = s;",
        False,
    ),
    "behind a return": ("double x[9], y[9]; s(n, x, y); return; s(n, x, x);", False),
}


@pytest.mark.parametrize("case", CALLERS)
def test_calls_tell_whether_parameters_are_distinct(case: str) -> None:
    """All calls of a static function count, whatever their place."""
    body, proved = CALLERS[case]
    program = program_of(
        f"{HEAD}\nstatic void s(int n, double *a, double *b) {{\n{LOOP}\n}}\n"
        "static void middle(int n, double *a, double *b) { s(n, b, a); }\n"
        f"void f(int n) {{ {body} }}"
    )
    text = "through a parameter" in case
    if not text:
        program = program_of(
            f"{HEAD}\nstatic void s(int n, double *a, double *b) {{\n{LOOP}\n}}\n"
            f"void f(int n) {{ {body} }}"
        )

    verdict = verdicts_of(program, function="s")[0]

    assert proved == (verdict.status is Status.PARALLEL)


def test_public_function_may_be_called_from_elsewhere() -> None:
    """Without `static` and without `main` other files may call it."""
    text = (
        f"{HEAD}\nvoid s(int n, double *a, double *b) {{\n{LOOP}\n}}\n"
        "void f(int n) { double x[9], y[9]; s(n, x, y); }"
    )
    alone = verdicts_of(program_of(text), function="s")[0]
    whole = verdicts_of(
        program_of(text + "int main(void) { f(3); return 0; }"), function="s"
    )[0]

    assert Status.NEEDS_DECISION is alone.status
    assert Status.PARALLEL is whole.status
    assert "IPT105" in {each.code for each in whole.findings}


def test_recursive_callers_prove_nothing() -> None:
    """A function that swaps its parameters and calls itself stays unknown."""
    program = program_of(
        f"{HEAD}\nstatic void s(int n, double *a, double *b) {{\n{LOOP}\n"
        "if (n) s(n - 1, b, a);\n}\nvoid f(int n) { double x[9], y[9]; s(n, x, y); }"
    )

    assert Status.NEEDS_DECISION is verdicts_of(program, function="s")[0].status


def test_global_pointer_loses_its_block_by_a_call() -> None:
    """A called function may set it anew."""
    text = (
        f"{HEAD}\nstatic double *a, *b; static void change(void) {{ b = a; }}\n"
        "void f(int n) { a = malloc(8); b = malloc(8); %s\n" + LOOP + "\n}"
    )
    before = verdicts_of(program_of(text % ""), function="f")[0]
    after = verdicts_of(program_of(text % "change();"), function="f")[0]

    assert Status.PARALLEL is before.status
    assert Status.NEEDS_DECISION is after.status
