"""Recursive calls as tasks."""

from __future__ import annotations

import pytest

from ipt.analysis import Analyzer, AssumptionKind, Status
from ipt.analysis.sync import TasksVerdict, analyze_tasks
from ipt.errors import TransformRefused
from ipt.source import apply_edits
from ipt.testing import program_of
from ipt.transform import Tasks, TaskStart, task_transforms

HEAD = """
int printf(const char *, ...); int rand(void); int unknown(int); void free(void *);
static int count; static int table[99];
"""
FIB = "static long f(int n) { if (n < 2) return n; return f(n - 1) + f(n - 2); }"
START = "int main(void) { long r; r = f(30); return r; }"


def tasks(text: str, *, word: bool = False) -> TasksVerdict:
    """Return the verdict on the function `f` of a program."""
    program = program_of(f"{HEAD}{text}")
    (function,) = [each for each in program.functions if each.name == "f"]
    verdict = analyze_tasks(Analyzer(program), function)
    if not word:
        return verdict
    return analyze_tasks(Analyzer(program), function, verdict.decisions)


def test_pure_recursion_is_proved() -> None:
    """Calls that touch nothing but their own variables need no question."""
    found = tasks(FIB + START)

    assert found.status is Status.PARALLEL, found.findings
    assert found.decisions == ()
    assert found.cutoff.condition == "n > 20"
    assert len(found.starts) == 1
    assert {each.code for each in found.findings} == {"IPT121"}


def test_reading_what_nobody_writes_is_proved() -> None:
    """A recursion may read global data."""
    text = """static int f(int n) {
      if (n < 2) return table[n];
      int a = f(n - 1); int b = f(n - 2);
      return a * b; }"""

    assert tasks(text + "int main(void) { int r = f(9); return r; }").status is (
        Status.PARALLEL
    )


def test_parts_of_an_array_are_asked() -> None:
    """That two calls work on parts of their own is a person's word."""
    text = """static void f(int *a, int lo, int hi) {
      if (hi - lo < 2) return;
      a[lo] += a[hi - 1];
      f(a, lo, (lo + hi) / 2); f(a, (lo + hi) / 2, hi); }
    int main(void) { f(table, 0, 99); return 0; }"""

    found = tasks(text)

    assert found.status is Status.NEEDS_DECISION
    assert [each.kind for each in found.decisions] == [AssumptionKind.PARTS]
    assert "IPT208" in {each.code for each in found.findings}
    assert found.cutoff.condition == "hi - lo > 1000"
    with pytest.raises(TransformRefused, match="cannot be proved"):
        Tasks(found).validate()
    taken = tasks(text, word=True)
    assert taken.accepted == found.decisions
    assert "IPT109" in {each.code for each in taken.findings}


REFUSED = {
    "one call": "static int f(int n) { return n < 2 ? n : f(n - 1); }",
    "no recursion": "static int f(int n) { return n; }",
    "one inside the other": "static int f(int n) { return n < 2 ? 1 : f(f(n - 1)); }",
    "a choice": """static int f(int n) {
      if (n < 2) return 1; return f(n - 1) && f(n - 2); }""",
    "the result is needed": """static int f(int n) {
      if (n < 2) return 1; int a, b; a = f(n - 1); b = f(a); return a + b; }""",
    "one result twice": """static int f(int n) {
      if (n < 2) return 1; int a; a = f(n - 1); a = f(n - 2); return a; }""",
    "something between": """static int f(int n) {
      if (n < 2) return 1; int a, b; a = f(n - 1); n--; b = f(n); return a + b; }""",
    "an argument that counts": """static int f(int n) {
      if (n < 2) return 1; int a, b; a = f(n--); b = f(n); return a + b; }""",
    "a counter for all": """static int f(int n) {
      count++; if (n < 2) return 1; return f(n - 1) + f(n - 2); }""",
    "a static variable": """static int f(int n) { static int calls; calls += n;
      if (n < 2) return 1; return f(n - 1) + f(n - 2); }""",
    "a table that is filled": """static int f(int n) {
      if (n < 2) return 1; if (table[n]) return table[n];
      int a = f(n - 1); int b = f(n - 2); table[n] = a + b; return a + b; }""",
    "output": """static int f(int n) {
      printf("%d", n); if (n < 2) return 1; return f(n - 1) + f(n - 2); }""",
    "random numbers": """static int f(int n) {
      if (n < 2) return rand(); return f(n - 1) + f(n - 2); }""",
    "an unknown function": """static int f(int n) {
      if (n < 2) return unknown(n); return f(n - 1) + f(n - 2); }""",
    "a result with another name": """static int f(int n) {
      if (n < 2) return 1; int a, b, *p = &a; a = f(n - 1); b = f(n - 2);
      return *p + b; }""",
    "inline assembly": """static int f(int n) {
      if (n < 2) return 1; __asm__(""); return f(n - 1) + f(n - 2); }""",
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_recursion_is_refused(case: str) -> None:
    """Calls that need each other, or share something, are refused with a reason."""
    found = tasks(REFUSED[case] + "int main(void) { int r; r = f(9); return r; }")

    assert found.status is Status.REFUSED, found.findings
    assert {each.code for each in found.refusals} == {"IPT337"}
    assert all(each.way_out for each in found.refusals)
    with pytest.raises(TransformRefused):
        TaskStart(found, None).validate()  # type: ignore[arg-type]  # looked at later


@pytest.mark.parametrize(
    "start",
    [
        "",
        "int main(void) { if (f(9) > 3) return 1; return 0; }",
        "int main(void) { return f(9); }",
        "int main(void) { const long r = f(9); return r; }",
        "int main(void) { long (*g)(int) = f; return g(9); }",
        "#define RUN r = f(9)\nint main(void) { long r; RUN; return r; }",
    ],
)
def test_start_must_be_a_statement(start: str) -> None:
    """The first call must stand where threads can be started."""
    assert tasks(f"{FIB}\n{start}").status is Status.REFUSED


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        (
            (
                "static int f(int n, int m) { if (n < 2) return m; "
                "return f(n - 1, m) + f(n - 2, m); }"
            ),
            "n > 20",
        ),
        (
            (
                "static int f(int a, int b, int c) { if (a < 2) return 1; "
                "return f(a - 1, b + 1, c * 2) + f(a - 2, b, c); }"
            ),
            "",
        ),
        (
            (
                "static double f(double x) { if (x < 2) return 1; "
                "return f(x - 1) + f(x / 2); }"
            ),
            "",
        ),
    ],
)
def test_cutoff_follows_the_sizes(text: str, condition: str) -> None:
    """What counts down measures a call; without it every call is a task."""
    names = {1: "(9)", 2: "(9, 1)", 3: "(9, 1, 2)"}
    count = text.split(")", maxsplit=1)[0].count(",") + 1
    found = tasks(
        f"{text}\nint main(void) {{ double r; r = f{names[count]}; return r; }}"
    )

    assert found.status is Status.PARALLEL, found.findings
    assert found.cutoff.condition == condition


def test_address_of_a_result_is_shared() -> None:
    """A task must not get a copy of a variable that the call sets by its address."""
    text = """static void f(int n, int *out) {
      if (n < 2) { *out = n; return; }
      int a, b;
      f(n - 1, &a);
      f(n - 2, &b);
      *out = a + b; }
    int main(void) { int r; f(9, &r); return r; }"""

    made = Tasks(tasks(text, word=True))

    assert made.directive == (
        "#pragma omp task default(none) firstprivate(n) shared(a)"
    )


def test_text_of_calls_in_a_row() -> None:
    """All but the last call become tasks, and their results are waited for."""
    text = """static int f(int n) {
  if (n < 2) return 1;
  int a, b = 0;
  a = f(n - 1); b = f(n - 2); // both
  return a + b;
}
int main(void) {
  int r = f(9); /* start */
  return r;
}
"""
    program = program_of(text)
    verdict = analyze_tasks(Analyzer(program), program.functions[0])
    transforms = task_transforms(verdict, "n > 5")
    found = apply_edits(program.source, [e for t in transforms for e in t.edits()])

    assert (
        found.decode()
        == """static int f(int n) {
  if (n < 2) return 1;
  int a, b = 0;
  #pragma omp task default(none) firstprivate(n) shared(a) if(n > 5)
  a = f(n - 1); b = f(n - 2); // both
  #pragma omp taskwait
  return a + b;
}
int main(void) {
  int r;
  #pragma omp parallel default(none) shared(r)
  #pragma omp single
  r = f(9); /* start */
  return r;
}
"""
    )
    task, start = transforms
    assert task.directive.endswith("if(n > 5)")
    assert start.directive == "#pragma omp parallel default(none) shared(r)"
    assert task.headers == start.headers == frozenset()
    assert task.assumptions == start.assumptions == ()
    assert task.findings == start.findings
    assert start.function.name == "main"
    assert task.span.line == 4
    assert start.span.line == 8


@pytest.mark.parametrize(
    "body",
    [
        "#define NEXT f(n - 1)\n return NEXT + f(n - 2);",
        "return f(n - // first\n 1) + f(n - 2);",
        "int ipt_part1 = 0; return f(n - 1) + f(n - 2) + ipt_part1;",
    ],
)
def test_return_that_cannot_be_split_is_refused(body: str) -> None:
    """Calls in a macro, around a comment or beside our own names are left alone."""
    verdict = tasks(
        f"static int f(int n) {{ if (n < 2) return 1;\n {body}\n}}\n{START}"
    )

    with pytest.raises(TransformRefused, match="cannot be tasks"):
        Tasks(verdict).edits()


def test_declaration_that_cannot_be_split_is_refused() -> None:
    """A declaration with something between name and value stays whole."""
    text = """static int f(int n) { if (n < 2) return 1;
      int a /* left */ = f(n - 1); int b = f(n - 2); return a + b; }"""

    with pytest.raises(TransformRefused, match="cannot be split"):
        Tasks(tasks(f"{text}\n{START}")).edits()
