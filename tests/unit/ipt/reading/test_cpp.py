"""C++ as far as it reads as plain loops and arrays; what is beyond is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipt.analysis import Status
from ipt.model import For, VarRef, for_loops, in_macro, walk
from ipt.testing import program_of, verdicts_of

pytestmark = pytest.mark.needs("gcc")

HEADERS = {"array": "array", "swap": "utility", "move": "utility", "vector": "vector"}
TWO = "void f(std::vector<double> &a, const std::vector<double> &b, int n)"
OWN = "std::vector<double> a(n), b(n, 1.0);"
CELL = """
struct Grid {
  std::vector<double> cells; int width; static int made;
  double &at(int i, int j) { return cells[i * width + j]; }
  double get(int i) const { return cells[i]; }
  void set(int i, double v) { cells[i] = v; }
  void note(double v) { last = v; }
  virtual void draw(int i) { cells[i] = 0; }
  double last;
};
"""

FREE = {
    "own vectors": f"void f(int n) {{ {OWN} LOOP a[i] = b[i - 1]; }}",
    "vector and its size": f"{TWO} {{ \nfor (std::size_t i = 0; i < a.size(); ++i)"
    "\n a[i] = a[i] * n; }",
    "size of vector as int bound": f"{TWO} {{\nfor (int i = 0; i < a.size(); ++i)"
    "\n a[i] = n; }",
    "size converted": f"{TWO} {{\nfor (int i = 0; i < (int)a.size(); ++i)"
    "\n a[i] = n; }",
    "empty, front, back": f"{TWO} {{ LOOP if (!b.empty()) a[i] = n; }}",
    "vector of vectors": "void f(int n, const std::vector<double> &b) {"
    "std::vector<std::vector<double>> m(n, std::vector<double>(n));"
    "LOOP for (int j = 0; j < n; ++j) m[i][j] = j; }",
    "row by reference": "void f(int n, std::vector<std::vector<double>> &m) {"
    "LOOP { auto &row = m[i]; for (int j = 0; j < n; ++j) row[j] = j; } }",
    "element by reference": f"{TWO} {{ LOOP {{ double &x = a[i]; x *= n; }} }}",
    "constant reference": f"{TWO} {{ LOOP {{ const double &x = a[i]; a[i] = x; }} }}",
    "standard array": "void f(int n) { std::array<double, 90> a{}; LOOP a[i] = i; }",
    "size of a standard array": "void f() { std::array<double, 90> a{};"
    "\nfor (int i = 0; i < a.size(); ++i)\n a[i] = i; }",
    "range": f"{TWO} {{\nfor (double &x : a)\n x = n; }}",
    "range over an array": "void f(int n) { double a[90];"
    "\nfor (auto &x : a)\n x = n; }",
    "range over an element": "void f(std::vector<std::vector<int>> &m, int n) {"
    "LOOP for (auto &x : m[i]) x = i; }",
    "pointer to the elements": f"void f(int n) {{ {OWN} double *p = a.data();"
    "LOOP p[i] = b[i - 1]; }",
    "swap in a time loop": f"void f(int n) {{ {OWN} for (int t = 0; t < n; ++t) {{"
    "LOOP a[i] = b[i - 1];\n std::swap(a, b); } }",
    "exchange of numbers": f"{TWO} {{ LOOP std::swap(a[2 * i], a[2 * i + 1]); }}",
    "template": "template <class T> T twice(const T &x) { return x + x; }"
    f"{TWO} {{ LOOP a[i] = twice(a[i]); }}",
    "template with a temporary": "template <class T> T twice(const T &x) { return x; }"
    f"{TWO} {{ LOOP a[i] = twice(a[i] + 1); }}",
    "index by reference": "int index(const int &i) { return i; }"
    f"{TWO} {{ LOOP a[index(i)] = n; }}",
    "index by reference to a sum": "int index(const int &i) { return i; }"
    f"{TWO} {{ LOOP a[index(i + 1)] = n; }}",
    "class template": "template <class T> struct Box { std::vector<T> v;"
    "void set(int i, T x) { v[i] = x; } };"
    "void f(Box<double> &a, int n) { LOOP a.set(i, 1.0); }",
    "method": f"{CELL} void f(Grid &g, int n) {{ LOOP g.set(i, 2.0 * g.get(i)); }}",
    "method that names an element": f"{CELL} void f(Grid &g, int n)"
    "{ LOOP for (int j = 0; j < g.width; ++j) g.at(i, j) = j; }",
    "loop in a method": "struct S { std::vector<int> v; int n;"
    "void f() { LOOP v[i] = i; } };",
    "loop in a method that says this": "struct S { double *v; int n;"
    "void f() { LOOP this->v[i] = i; } };",
    "structure": "struct P { double x, y; }; void f(std::vector<P> &a, int n)"
    "{ LOOP { P p = {1, 2}; a[i] = p; a[i].x = i; } }",
    "operator of the program": "struct P { double x; };"
    "P operator+(const P &l, const P &r) { P p; p.x = l.x + r.x; return p; }"
    "void f(std::vector<P> &a, int n) { LOOP a[i].x = i; }",
    "namespace and constant": "namespace k { constexpr int shift = 2; }"
    f"{TWO} {{ LOOP a[i] = k::shift; }}",
    "static method": "struct S { static double g(int i) { return i; } };"
    f"{TWO} {{ LOOP a[i] = S::g(i); }}",
    "vector in a vector's element": "struct R { std::vector<int> v; };"
    "void f(std::vector<R> &a, int n) { LOOP a[i].v[0] = i; }",
    "new vector in each iteration": f"{TWO} {{ LOOP {{ std::vector<double> t(9);"
    "t[0] = i; a[i] = t[0]; } }",
    "string before": f"{TWO} {{ a.push_back(1); LOOP a[i] = n; a.clear(); }}",
}

BOUND = {
    "carried in a vector": ("IPT301", f"{TWO} {{ LOOP a[i] = a[i - 1]; }}"),
    "one element": ("IPT301", f"{TWO} {{ LOOP {{ a[0] = a[0] * 2 + b[i]; }} }}"),
    "vectors by reference": ("IPT201", f"{TWO} {{ LOOP a[i] = b[i - 1]; }}"),
    "element and scalar by reference": (
        "IPT201",
        "void f(std::vector<double> &a, const double &s, int n) { LOOP a[i] = s; }",
    ),
    "same vector in a call": (
        "IPT201",
        (
            f"static {TWO} {{ LOOP a[i] = b[i - 1]; }}"
            "int main() { std::vector<double> v(9); f(v, v, 9); }"
        ),
    ),
    "a row and its table": (
        "IPT201",
        (
            "void f(std::vector<std::vector<double>> &m, std::vector<double> &r, int n)"
            "{ LOOP m[i][0] = r[i]; }"
        ),
    ),
    "alias by reference": (
        "IPT301",
        f"void f(int n) {{ {OWN} LOOP {{ double &x = a[i - 1]; a[i] = x; }} }}",
    ),
    "alias made before": (
        "IPT201",
        f"void f(int n) {{ {OWN} auto &c = a; LOOP a[i] = c[i - 1]; }}",
    ),
    "pointer after a swap": (
        "IPT201",
        (
            f"void f(int n) {{ {OWN} double *p = a.data(); std::swap(a, b);"
            "LOOP p[i] = b[i - 1]; }"
        ),
    ),
    "pointer after a move": (
        "IPT201",
        (
            f"void f(int n) {{ {OWN} double *p = a.data(); b = std::move(a);"
            "LOOP p[i] = b[i - 1]; }"
        ),
    ),
    "pointer after a method swap": (
        "IPT201",
        (
            f"void f(int n) {{ {OWN} double *p = a.data(); a.swap(b);"
            "LOOP p[i] = b[i - 1]; }"
        ),
    ),
    "row after a swap": (
        "IPT201",
        (
            "void f(int n) { std::vector<std::vector<double>> a(n), b(n);"
            "auto &r = a[0]; std::swap(a, b); LOOP r[i] = b[0][i - 1]; }"
        ),
    ),
    "grows": ("IPT343", f"{TWO} {{ LOOP a.push_back(i); }}"),
    "grows in a function": (
        "IPT343",
        (
            "void add(std::vector<double> &v, int i) { v.resize(i); }"
            f"{TWO} {{ LOOP add(a, i); }}"
        ),
    ),
    "assigned": (
        "IPT343",
        "void f(std::vector<std::vector<int>> &m, int n) { LOOP m[i] = m[0]; }",
    ),
    "iterators": ("IPT343", f"{TWO} {{ LOOP a[i] = *b.begin(); }}"),
    "copied": (
        "IPT311",
        f"{TWO} {{ LOOP {{ std::vector<double> c(b); a[i] = c[0]; }} }}",
    ),
    "copied for a call": (
        "IPT311",
        (
            "double g(std::vector<double> v) { return v[0]; }"
            f"{TWO} {{ LOOP a[i] = g(b); }}"
        ),
    ),
    "checked subscript": ("IPT344", f"{TWO} {{ LOOP a.at(i) = 1; }}"),
    "packed": (
        "IPT345",
        "void f(std::vector<bool> &a, int n) { LOOP a[i] = true; }",
    ),
    "lambda": (
        "IPT311",
        f"{TWO} {{ auto g = [&](int k) {{ a[k] = 1; }}; LOOP g(i); }}",
    ),
    "virtual function": (
        "IPT311",
        f"{CELL} void f(Grid &g, int n) {{ LOOP g.draw(i); }}",
    ),
    "member of a method's object": (
        "IPT",
        f"{CELL} void f(Grid &g, int n) {{ LOOP g.note(i); }}",
    ),
    "member in a method": (
        "IPT",
        "struct S { int v[9], n, last; void f() { LOOP { last = last * 2 + i; } } };",
    ),
    "two objects": (
        "IPT201",
        f"{CELL} void f(Grid &g, Grid &h, int n) {{ LOOP g.set(i, h.get(i - 1)); }}",
    ),
    "static member": (
        "IPT311",
        f"{CELL} void f(int n) {{ LOOP Grid::made = Grid::made * 3 + i; }}",
    ),
    "undefined method": (
        "IPT309",
        "struct S { int g(int); }; void f(S &s, int *a, int n) { LOOP a[i] = s.g(i); }",
    ),
    "constant cast": (
        "IPT311",
        f"{TWO} {{ LOOP const_cast<double &>(b[0]) = i; }}",
    ),
    "object under another type": (
        "IPT311",
        f"{TWO} {{ LOOP reinterpret_cast<long &>(a[0]) = i; }}",
    ),
    "reference cast": ("IPT311", f"{TWO} {{ LOOP (long &)a[0] = i; }}"),
    "temporary of a converted value": (
        "IPT301",
        (
            "double g(const double &x) { return x; }"
            "void f(std::vector<float> &a, int n) { LOOP a[i] = g(a[i - 1]); }"
        ),
    ),
    "reference that is kept": (
        "IPT305",
        (
            "const int *kept; void keep(const int &i) { kept = &i; }"
            f"{TWO} {{ LOOP {{ keep(i); a[i] = *kept; }} }}"
        ),
    ),
    "counter by reference": (
        "IPT305",
        f"void step(int &i) {{ i++; }} {TWO} {{ LOOP {{ step(i); a[i] = 1; }} }}",
    ),
    "index changed behind a constant reference": (
        "IPT302",
        f"{TWO} {{ LOOP {{ int k = i; const int &r = k; k = 0; a[r] = i; }} }}",
    ),
    "range over a list": (
        "IPT311",
        f"{TWO} {{ LOOP for (int x : {{1, 2, 3}}) a[i] = x; }}",
    ),
    "own iterators": (
        "IPT311",
        (
            "struct L { int *begin(); int *end(); };"
            "void f(L &l, int *a, int n) { LOOP for (int x : l) a[i] = x; }"
        ),
    ),
    "range that is carried": (
        "IPT3",
        f"{TWO} {{ double s = 0;\nfor (double &x : a)\n {{ x = s; s = s * 2 + x; }} }}",
    ),
    "constructor": (
        "IPT309",
        "struct P { int *p; P(int); }; void f(int n) { LOOP P p(i); }",
    ),
    "base class": (
        "IPT311",
        (
            "struct A { int x; }; struct B : A { int y; };"
            "int g(const A &a) { return a.x; }"
            "void f(B &b, int *a, int n) { LOOP a[i] = g(b); }"
        ),
    ),
    "reference member": (
        "IPT311",
        "struct S { int &r; }; void f(S s, int *a, int n) { LOOP s.r = a[i]; }",
    ),
}


def text_of(case: str) -> str:
    """Return a whole program; `LOOP` stands for a loop of its own line."""
    used = {
        HEADERS[each] for each in re.findall(r"std::(\w+)", case) if each in HEADERS
    }
    head = "".join(f"#include <{each}>\n" for each in sorted(used))
    return head + case.replace("LOOP", "\nfor (int i = 1; i < n; ++i)\n")


@pytest.mark.parametrize("case", FREE)
def test_loop_is_proved_parallel(case: str) -> None:
    """The first loop of the last function has no conflict."""
    program = program_of(text_of(FREE[case]), "test.cc", None)
    verdicts = verdicts_of(program, function="f")
    inner = "time loop" in case
    found = verdicts[1 if inner else 0]

    assert found.status is Status.PARALLEL, [each.message for each in found.findings]


@pytest.mark.parametrize("case", BOUND)
def test_loop_is_not_proved_parallel(case: str) -> None:
    """What is in the way is named by its code."""
    code, text = BOUND[case]
    program = program_of(text_of(text), "test.cc", None)
    found = verdicts_of(program, function="f")[0]

    blocking = (Status.REFUSED, Status.NEEDS_DECISION)
    assert found.status in blocking, [each.message for each in found.findings]
    assert any(each.code.startswith(code) for each in found.findings), [
        (each.code, each.message) for each in found.findings
    ]


def test_this_is_not_listed() -> None:
    """OpenMP shares it without being told, and allows no clause to name it."""
    text = text_of(FREE["loop in a method that says this"])
    (verdict,) = verdicts_of(program_of(text, "test.cc", None))

    assert verdict.shared == ()


def test_range_loop_is_told_from_others() -> None:
    """Its header has no text of its own."""
    program = program_of(text_of(FREE["range"]), "test.cc", None)
    (loop,) = [n for n in walk(program.functions[-1].body) if isinstance(n, For)]
    names = {n.variable.name for n in walk(loop) if isinstance(n, VarRef)}

    assert loop.is_range
    assert not loop.in_macro
    assert {"a", "n", "x", "index_of_x"} == names


def test_function_made_from_a_template_is_not_offered() -> None:
    """A directive in a template would be in all that is made from it."""
    text = (
        "template <class T> void set(T *a, int n) { for (int i = 0; i < n; i++)\n"
        "a[i] = 0; }\nvoid f(int *a, double *b, int n) { set(a, n); set(b, n); }"
    )
    program = program_of(text, "test.cc")

    assert [each.name for each in program.functions] == ["f"]
    assert [each.name for each in program.included] == ["set", "set"]
    for function in program.included:
        (loop,) = for_loops(function.body)
        assert in_macro(loop)


SUBSCRIPTS = st.sampled_from(
    ["i", "i - 1", "i + 1", "2 * i", "2 * i + 1", "n - i", "0"]
)
BODY = "for (int i = 1; i < n; ++i)\n  {0}[{1}] = {2}[{3}] + a[{4}];"


@settings(max_examples=15, deadline=None)
@given(
    target=st.sampled_from("ab"),
    source=st.sampled_from("ab"),
    subscripts=st.tuples(SUBSCRIPTS, SUBSCRIPTS, SUBSCRIPTS),
)
def test_vectors_get_the_verdict_of_arrays(
    target: str, source: str, subscripts: tuple[str, str, str]
) -> None:
    """Own vectors, their elements by reference, and arrays: one loop, one verdict."""
    write, read, other = subscripts
    loop = BODY.format(target, write, source, read, other)
    linked = (
        f"for (int i = 1; i < n; ++i)\n {{ double &x = {target}[{write}];"
        f"const auto &y = {source}[{read}]; x = y + a[{other}]; }}"
    )
    text = "#include <vector>\n" + "".join(
        f"void {name}(int n) {{ {memory} {code} }}\n"
        for name, memory, code in (
            ("array", "static double a[999], b[999];", loop),
            ("vector", "std::vector<double> a(999), b(999);", loop),
            ("reference", "std::vector<double> a(999), b(999);", linked),
        )
    )
    verdicts = verdicts_of(program_of(text, "test.cc", None))

    assert len({each.status for each in verdicts}) == 1, text
