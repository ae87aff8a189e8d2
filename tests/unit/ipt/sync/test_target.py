"""Loops on a device: what is copied, and what stands in the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipt.analysis import Analyzer, Status
from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.sync import TargetVerdict, map_clauses
from ipt.errors import TransformRefused
from ipt.source import apply_edits
from ipt.testing import program_of, programs_of
from ipt.transform import Target

HEAD = """
void *malloc(unsigned long); void *calloc(unsigned long, unsigned long);
double sin(double);
static double whole[9][8]; static int factor; struct row { double *p; };
static double wave(double x) { return sin(x) * 2; }
static double scaled(double x) { return factor * x; }
"""


def target(body: str, lengths: dict[str, str] | None = None) -> TargetVerdict:
    """Return the verdict on the first loop of a function with some parameters."""
    program = program_of(f"""{HEAD}
    double f(int n, double *restrict p, const double *restrict q,
             struct row *restrict r) {{
      double s = 0; int last = 0;
      {body}
      return s + last;
    }}""")
    analyzer, function = Analyzer(program), program.functions[-1]
    loop = analyzer.loops(function)[0]
    verdict = analyzer.analyze(function, loop)
    verdict = analyzer.analyze(function, loop, verdict.decisions)
    return map_clauses(analyzer, verdict, lengths)


MAPS = {
    "read": ("for (int i = 0; i < n; i++) s += q[i];", "to: q[0:n], tofrom: s"),
    "filled": ("for (int i = 0; i < n; i++) p[i] = i;", "from: p[0:n]"),
    "changed": ("for (int i = 0; i < n; i++) p[i] += 1;", "tofrom: p[0:n]"),
    "filled in part": ("for (int i = 2; i < n; i++) p[i] = i;", "tofrom: p[0:n]"),
    "filled in steps": ("for (int i = 0; i < n; i += 2) p[i] = i;", "tofrom: p[0:n]"),
    "filled at times": (
        "for (int i = 0; i < n; i++) if (i % 3) p[i] = i;",
        "tofrom: p[0:n]",
    ),
    "shifted": (
        "for (int i = 1; i <= n; i++) p[i] = q[i - 1] + q[i + 2];",
        "to: q[0:n + 1 + 2], tofrom: p[0:n + 1]",
    ),
    "backward shift": (
        "for (int i = 3; i < n; i++) s += q[i - 3] * q[i - 2];",
        "to: q[0:n - 2], tofrom: s",
    ),
    "a whole array": (
        "for (int i = 0; i < 9; i++) for (int j = 0; j < 8; j++) whole[i][j] = i;",
        "tofrom: whole",
    ),
    "an inner counter": (
        "for (int i = 0; i < 9; i++) for (int j = 0; j < n; j++) whole[i][0] += q[j];",
        "to: q[0:n], tofrom: whole",
    ),
    "allocated": (
        (
            "double *b = malloc((n + 1) * sizeof *b);\n"
            "for (int i = 0; i < n; i++) b[i + 1] = 1;"
        ),
        "tofrom: b[0:(n + 1)]",
    ),
    "allocated, turned round": (
        (
            "double *b = malloc(sizeof(double) * n);\n"
            "for (int i = 0; i < n; i++) s += b[n - 1 - i];"
        ),
        "to: b[0:n], tofrom: s",
    ),
    "allocated by calloc": (
        (
            "double *b = calloc(n * 2, sizeof *b);\n"
            "for (int i = 0; i < n; i++) s += b[2 * i];"
        ),
        "to: b[0:(n * 2)], tofrom: s",
    ),
    "a bound with two parts": (
        "for (int i = 0; i < n - 1; i++) p[i] = 1;",
        "from: p[0:(n - 1)]",
    ),
    "no array": ("for (int i = 0; i < n; i++) s += i;", "tofrom: s"),
}


@pytest.mark.parametrize("case", MAPS)
def test_arrays_are_mapped(case: str) -> None:
    """Direction and length follow from what the loop does, and what was allocated."""
    body, expected = MAPS[case]

    found = target(body)

    assert found.status in (Status.PARALLEL, Status.REDUCTION), found.findings
    texts = [each.text.removeprefix("map(").removesuffix(")") for each in found.maps]
    assert sorted(texts) == sorted(expected.split(", "))
    assert "IPT122" in {each.code for each in found.findings}


ASKED = {
    "another subscript": "for (int i = 0; i < n; i++) p[2 * i] = 1;",
    "from the end": "for (int i = n - 1; i >= 0; i--) p[i] = 1;",
    "from below": "for (int i = 0; i < n; i++) s += q[i - 1];",
    "two bounds": (
        "for (int i = 0; i < n; i++)  for (int j = 0; j < 5; j++) p[i] += q[i] * q[j];"
    ),
    "another size": "float *b = malloc(n * sizeof(double));\n"
    "for (int i = 0; i < n; i++) s += b[2 * i];",
    "set twice": "double *b = malloc(n * sizeof *b); b = malloc(9 * sizeof *b);\n"
    "for (int i = 0; i < n; i++) s += b[2 * i];",
    "a size that changed": "int m = n; double *b = malloc(m * sizeof *b); m = 2;\n"
    "for (int i = 0; i < n; i++) s += b[2 * i];",
}


@pytest.mark.parametrize("case", ASKED)
def test_unknown_length_is_asked(case: str) -> None:
    """A length that nothing shows must be given, and stands as a comment then."""
    found = target(ASKED[case])

    assert found.status is Status.NEEDS_DECISION, found.maps
    assert "IPT209" in {each.code for each in found.findings}
    with pytest.raises(TransformRefused, match="not known"):
        Target(found).edits()
    lengths = {name: "2 * n" for each in found.decisions for name in each.names}
    given = target(ASKED[case], lengths)
    assert given.status in (Status.PARALLEL, Status.REDUCTION)
    assert all(each.detail == "2 * n" for each in given.accepted)
    assert any("has 2 * n elements" in each for each in Target(given).assumptions)


REFUSED = {
    "a refused loop": ("for (int i = 1; i < n; i++) p[i] = p[i - 1];", "IPT301"),
    "a function with global data": (
        "for (int i = 0; i < n; i++) p[i] = scaled(i);",
        "IPT338",
    ),
    "rows behind pointers": (
        "for (int i = 0; i < n; i++) r->p[i] = i;",
        "IPT338",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_device_cannot_do_is_refused(case: str) -> None:
    """A loop that is not proved, or needs what cannot be copied, is refused."""
    body, code = REFUSED[case]

    found = target(body)

    assert found.status is Status.REFUSED
    assert code in {each.code for each in found.refusals}
    with pytest.raises(TransformRefused):
        Target(found).validate()


def test_protected_loop_is_refused() -> None:
    """Critical pieces are not for a device."""
    good = target("for (int i = 0; i < n; i++) p[i] = 1;")
    piece = Protection(ProtectionKind.CRITICAL, (good.loop.loop.body,))
    analyzer = Analyzer(program_of(HEAD))

    found = map_clauses(analyzer, replace(good.loop, protections=(piece,)))

    assert "are protected" in found.refusals[0].message


@pytest.mark.parametrize("changes", [{"linear": ("k:1",)}, {"firstprivate": ("k",)}])
def test_values_of_each_iteration_are_refused(
    changes: dict[str, tuple[str, ...]],
) -> None:
    """What each thread carries along is not for a device."""
    good = target("for (int i = 0; i < n; i++) p[i] = 1;")

    found = map_clauses(Analyzer(program_of(HEAD)), replace(good.loop, **changes))  # type: ignore[arg-type]  # names of fields

    assert "goes on with its own k" in found.refusals[0].message


def test_function_of_another_file_is_refused() -> None:
    """What a device runs must be marked in the same file."""
    program = programs_of(
        {
            "main.c": "double g(double); void f(int n, double *p) {\n"
            "for (int i = 0; i < n; i++) p[i] = g(i); }",
            "other.c": "double g(double x) { return x * 2; }",
        }
    )
    (function,) = [each for each in program.functions if each.name == "f"]
    analyzer = Analyzer(program)
    verdict = analyzer.analyze(function, analyzer.loops(function)[0])

    found = map_clauses(analyzer, verdict)

    assert "g() is in another file" in found.refusals[0].message


def test_text_has_clauses_and_declared_functions() -> None:
    """The loop gets its directive, and what it calls is made for the device."""
    text = """static double half(double x) { return x / 2; }
void f(int n, double *restrict p, const double *restrict q) {
  for (int i = 0; i < n; i++)
    p[i] = half(q[i]);
}
"""
    program = program_of(text)
    analyzer, function = Analyzer(program), program.functions[-1]
    verdict = analyzer.analyze(function, analyzer.loops(function)[0])
    made = Target(map_clauses(analyzer, verdict))
    found = apply_edits(program.source, made.edits()).decode()

    assert (
        found
        == """#pragma omp declare target
static double half(double x) { return x / 2; }
#pragma omp end declare target
void f(int n, double *restrict p, const double *restrict q) {
  #pragma omp target teams distribute parallel for default(none) \\
      shared(n, p, q) map(to: q[0:n]) map(from: p[0:n])
  for (int i = 0; i < n; i++)
    p[i] = half(q[i]);
}
"""
    )
    assert made.directive.startswith("#pragma omp target teams distribute parallel for")
    assert made.headers == frozenset()
    assert made.assumptions == ()
    assert made.function is function
    assert {"IPT101", "IPT122"} <= {each.code for each in made.findings}
