"""Pieces of a block at the same time."""

from __future__ import annotations

import pytest

from ipt.analysis import Analyzer, Status
from ipt.analysis.sync import SectionsVerdict, analyze_sections, find_sections
from ipt.errors import TransformRefused
from ipt.source import apply_edits
from ipt.testing import program_of
from ipt.transform import Sections

HEAD = """
int printf(const char *, ...); static int total; static double shared[9];
static double work(int n, double x) {
  double s = x; for (int i = 1; i < n; i++) s = s / i + x; return s;
}
static void fill(int n, double *p) {
  p[0] = 1; for (int i = 1; i < n; i++) p[i] = p[i - 1] / 2;
}
static void add(int n) { for (int i = 0; i < n; i++) total = total * 3 + i; }
static void show(int n) { for (int i = 0; i < n; i++) printf("%d", i); }
static void own(void) {
  #pragma omp parallel
  total = 1;
}
"""


def sections(body: str, *sizes: int, name: str = "test.c") -> SectionsVerdict:
    """Return the verdict on the last statements of a function."""
    program = program_of(
        f"{HEAD}\nint f(int n, double *p, double *q) {{\n{body}\n}}", name
    )
    analyzer, function = Analyzer(program), program.functions[-1]
    statements = function.body.body
    first = len(statements) - sum(sizes)
    groups = []
    for size in sizes:
        groups.append(statements[first : first + size])
        first += size
    return analyze_sections(analyzer, function, groups)


def test_independent_calls_are_sections() -> None:
    """Pieces that touch nothing in common may run at the same time."""
    found = sections(
        "double x, y; double z = 1;\nx = work(n, 1);\ny = work(n, z);", 1, 1
    )

    assert found.status is Status.PARALLEL
    assert found.shared == ("x", "n", "y", "z")
    assert found.private == ()
    assert found.is_recommended
    assert {each.code for each in found.findings} == {"IPT121"}


def test_counter_of_two_loops_is_private() -> None:
    """A variable that every piece sets first is each thread's own."""
    found = sections(
        """double a[99], b[99]; int i; a[0] = b[0] = 1;
        for (i = 1; i < 99; i++) a[i] = a[i - 1] / 2;
        for (i = 1; i < 99; i++) b[i] = b[i - 1] / 3;""",
        1,
        1,
    )

    assert found.status is Status.PARALLEL, found.findings
    assert found.private == ("i",)
    assert found.shared == ("a", "b")


def test_pointers_that_may_overlap_are_asked() -> None:
    """Two pointers from outside may lead to the same memory."""
    found = sections("fill(n, p);\nfill(n, q);", 1, 1)

    assert found.status is Status.NEEDS_DECISION, found.findings
    assert found.decisions[0].names == ("p", "q")
    with pytest.raises(TransformRefused, match="cannot be proved"):
        Sections(found).validate()
    taken = analyze_sections(
        Analyzer(program_of(HEAD)), found.function, found.groups, found.decisions
    )
    assert taken.accepted == found.decisions


REFUSED = {
    "one needs the other": "double x, y;\nx = work(n, 1);\ny = work(n, x);",
    "both write": "add(n);\nadd(n + 1);",
    "both print": "show(n);\nshow(n + 1);",
    "the same array": "fill(9, shared);\nfill(8, shared);",
    "a return": "double x;\nif (n) return 1;\nx = work(n, 1);",
    "a label": "double x;\nagain: x = work(n, 1);\nfill(n, p);",
    "a macro": "double x;\n#define RUN x = work(n, 1)\nRUN;\nfill(n, p);",
    "a directive": "double x;\n#pragma omp single\nx = work(n, 1);\nfill(n, p);",
    "a directive around": """double x;
#pragma omp parallel
      { x = work(n, 1);
#pragma omp barrier
      } fill(n, p);""",
    "a declaration": "double x = work(n, 1);\ndouble y = work(n, 2);",
    "directives inside": "double x;\nown();\nx = work(n, 1);",
    "a counter that is used afterwards": """int i; double a[9], b[9];
      while (n) { for (i = 0; i < 9; i++) a[i] = 1; for (i = 0; i < 9; i++) b[i] = i;
      } return i;""",
}


@pytest.mark.parametrize("case", REFUSED)
def test_dependent_pieces_are_refused(case: str) -> None:
    """What one piece needs of another one rules sections out, with a reason."""
    found = sections(REFUSED[case], 1, 1)

    assert found.status is Status.REFUSED
    assert {each.code for each in found.refusals} == {"IPT336"}
    assert all(each.way_out for each in found.refusals)
    with pytest.raises(TransformRefused):
        Sections(found).edits()


def test_one_piece_is_refused() -> None:
    """A single piece is no pair."""
    found = sections("double x; x = work(n, 1);", 1)

    assert "two pieces are needed" in found.refusals[0].message


def test_pieces_must_be_neighbours() -> None:
    """Pieces with something between them are refused."""
    program = program_of(
        f"{HEAD} void f(int n) {{ double a, b; a = work(n, 1); n = 2; b = work(n, 2);}}"
    )
    function = program.functions[-1]
    body = function.body.body

    found = analyze_sections(Analyzer(program), function, [body[1:2], body[3:4]])

    assert "do not follow each other" in found.refusals[0].message


def test_variable_of_a_piece_used_elsewhere_is_refused() -> None:
    """The braces of a section would hide the variable."""
    found = sections(
        "int k; double y;\n{ k = 1; } double x = work(n, 1);\ny = work(n, 2); n = x;",
        2,
        2,
    )

    assert "x is used outside of its piece" in found.refusals[0].message


def test_find_sections_leaves_small_work_alone() -> None:
    """Neither short statements nor loops that can be shared out are suggested."""
    program = program_of(f"""{HEAD}
    void f(int n, double *restrict p, double *restrict q) {{
      for (int i = 0; i < n; i++) p[i] = 1;
      for (int i = 0; i < n; i++) q[i] = 2;
      n = 3;
      total = 4;
    }}""")

    assert find_sections(Analyzer(program), program.functions[-1]) == []


def test_find_sections_takes_as_many_as_possible() -> None:
    """Three independent calls become three sections; what follows needs them."""
    program = program_of(f"""{HEAD}
    double f(int n) {{
      double a, b, c, d;
      a = work(n, 1);
      b = work(n, 2);
      c = work(n, 3);
      d = work(n, a + b + c);
      return d;
    }}""")

    (found,) = find_sections(Analyzer(program), program.functions[-1])

    assert len(found.groups) == 3


def test_calls_with_parallel_loops_are_better_left_alone() -> None:
    """Two sections have work for two threads, a parallel loop for all."""
    program = program_of("""
    static double a[9000], b[9000];
    static void fill(double *p) {
      for (int i = 0; i < 9000; i++) p[i] = i;
    }
    void f(void) {
      fill(a);
      fill(b);
    }""")

    assert find_sections(Analyzer(program), program.functions[-1]) == []


@pytest.mark.parametrize(("bound", "number"), [(20, 0), (20_000, 1)])
def test_sections_in_a_loop_need_enough_to_do(bound: int, number: int) -> None:
    """Threads are started for them in every iteration."""
    program = program_of(
        f"""{HEAD}
    double f(int n) {{
      double a = 0, b = 0;
      while (a + b < n) {{
        a = work({bound}, a);
        b = work({bound}, b);
      }}
      return a;
    }}""".replace("int i = 1; i < n", f"int i = 1; i < {bound}")
    )

    assert len(find_sections(Analyzer(program), program.functions[-1])) == number


def test_text_has_braces_where_they_are_needed() -> None:
    """A piece of two statements gets braces; comments stay where they were."""
    text = """void work(int n, double *p);
void f(void) {
  double a[9], b[9], s, t;
  for (int i = 0; i < 9; i++) a[i] = i; /* first */
  s = a[3];
  for (int i = 0; i < 9; i++) b[i] = i; // second
  t = b[4]; s = s;
}
"""
    program = program_of(text)
    function = program.functions[0]
    body = function.body.body

    verdict = analyze_sections(Analyzer(program), function, [body[1:3], body[3:5]])
    made = Sections(verdict)
    found = apply_edits(program.source, made.edits()).decode()

    assert verdict.status is Status.PARALLEL, verdict.findings
    assert made.directive.startswith("#pragma omp parallel sections default(none)")
    assert made.headers == frozenset()
    assert made.assumptions == ()
    assert made.findings == verdict.findings
    assert (
        found
        == """void work(int n, double *p);
void f(void) {
  double a[9], b[9], s, t;
  #pragma omp parallel sections default(none) shared(a, s, b, t)
  {
  #pragma omp section
  {
  for (int i = 0; i < 9; i++) a[i] = i; /* first */
  s = a[3];
  }
  #pragma omp section
  {
  for (int i = 0; i < 9; i++) b[i] = i; // second
  t = b[4];
  }
  }
   s = s;
}
"""
    )
