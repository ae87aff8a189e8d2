"""What is offered, and the program that comes out."""

from __future__ import annotations

from textwrap import dedent

import pytest

from ipt.analysis import Analyzer
from ipt.errors import SourceError
from ipt.findings import Finding
from ipt.model import for_loops
from ipt.reading import read_programs
from ipt.restructure import (
    Restructuring,
    RestructuringKind,
    find_restructurings,
    restructured,
)
from ipt.restructure.layout import LoopText, fresh_name, read_loop_text
from ipt.source import SourceText
from ipt.testing import NO_HEADERS, program_of
from tests.unit.ipt.restructure.rewriting import offers

FREE = "for (int i = 0; i < n; i++) a[i] = i;"
CARRIED = """
void f(int n, double *restrict a, double *restrict s) {
  for (int i = 1; i < n; i++) {
    a[i] = i;
    s[i] = s[i - 1] + a[i];
  }
}
"""


def test_restructuring_tells_what_it_does() -> None:
    """Kind, reason, numbered lines of before and after, and what was proved."""
    (found,) = offers(CARRIED)

    assert found.kind is RestructuringKind.DISTRIBUTION
    assert "Cut into two loops" in found.why
    assert found.function.name == "f"
    assert found.before[0] == (3, "  for (int i = 1; i < n; i++) {")
    assert [number for number, _ in found.after] == list(range(3, 9))
    assert [each.code for each in found.findings] == ["IPT123", "IPT124"]
    assert "line 3" in found.findings[1].message
    found.validate()


def test_loop_that_is_free_is_left_alone() -> None:
    """A loop that can run in parallel needs no rewrite."""
    assert offers(f"void f(int n, double *a) {{\n{FREE}\n}}") == []


def test_rewrite_that_frees_no_loop_is_not_offered() -> None:
    """Two loops that both carry a dependence are no gain."""
    text = """
        void f(int n, double *restrict a, double *restrict s) {
          for (int i = 1; i < n; i++) {
            a[i] = a[i - 1] + 1;
            s[i] = s[i - 1] + a[i];
          }
        }"""

    assert offers(text) == []


def test_loop_with_few_iterations_is_not_rewritten() -> None:
    """What would not be worth threads is not worth a rewrite."""
    assert offers(CARRIED.replace("i < n", "i < 20")) == []


TEXTS = {
    "a loop of a macro": "#define LOOP for (int i = 1; i < n; i++)\nLOOP",
    "a line for the preprocessor": "\n#if 1\nfor (int i = 1; i < n; i++)\n#endif\n",
    "a directive": "#pragma omp for\nfor (int i = 1; i < n; i++)",
    "code in front of it": "n = n; for (int i = 1; i < n; i++)",
}


@pytest.mark.parametrize("case", TEXTS)
def test_text_that_is_not_the_users_own_is_left_alone(case: str) -> None:
    """Macros, preprocessor lines and shared lines are not touched."""
    text = CARRIED.replace("  for (int i = 1; i < n; i++)", TEXTS[case])
    if "#if" in text:
        text = text.replace("#if 1\nfor", "for").replace("#endif\n {", "{\n#if 1")
        text = text.replace("a[i] = i;", "a[i] = i;\n#endif")

    assert offers(text) == []


BODIES = {
    "one macro for two statements": "#define BOTH a[i] = i; s[i] = s[i - 1]\n|BOTH;",
    "a label": "|x: a[i] = i; if (a[i] > n) goto x;",
    "letters of another encoding": "|a[i] = i; /* \udce9 */",
    "a pragma": "|a[i] = i;\n#pragma foo\ns[i] = s[i - 1];",
    "a line that goes on": "|a[i] = \\\ni;",
    "no semicolon of its own": "#define END ;\n|a[i] = i END",
}


@pytest.mark.parametrize("case", BODIES)
def test_layout_refuses_what_cannot_be_moved(case: str) -> None:
    """The reason comes as a finding with a way out."""
    before, body = BODIES[case].split("|")
    text = (
        f"{before}void f(int n, double *a, double *s) {{\n"
        f"for (int i = 1; i < n; i++) {{\n{body}\n}}\n}}\n"
    )
    source = SourceText("test.c", text.encode("utf-8", "surrogateescape"))
    program = read_programs([source], (), NO_HEADERS)
    loop = next(for_loops(program.functions[-1].body))

    found = read_loop_text(loop)

    assert isinstance(found, Finding)
    assert found.code == "IPT340"


def test_layout_knows_a_body_without_braces() -> None:
    """One statement is a body too; the user's indentation is kept."""
    program = program_of(
        "void f(int n, int *a) {\n\tfor (;n;)\n\t\ta[0] = n--; // x\n}"
    )
    text = read_loop_text(next(for_loops(program.functions[0].body)))

    assert isinstance(text, LoopText)
    assert (text.indent, text.unit) == ("\t", "\t")
    assert text.opening == "for (;n;) {"
    assert text.body_lines == ["\t\ta[0] = n--;"]


def test_layout_on_one_line_falls_back_to_an_indentation() -> None:
    """Where the body shows no indentation, the loop's own decides."""
    for blank, unit in (("\t", "\t"), ("  ", "    ")):
        program = program_of(
            f"void f(int n) {{\n{blank}for (;n;) /* x */ {{ n--; }}\n}}"
        )
        text = read_loop_text(next(for_loops(program.functions[0].body)))

        assert isinstance(text, LoopText)
        assert text.unit == unit
        assert text.opening == "for (;n;) {"


def test_new_names_are_not_those_of_the_file() -> None:
    """A name that the file uses anywhere gets a number."""
    source = SourceText("a.c", b"int t, t_2; /* t_3 */")

    assert [fresh_name("t", source), fresh_name("u", source)] == ["t_4", "u"]


def find(texts: list[SourceText], name: str) -> tuple[Restructuring, list[bytes]]:
    """Return the first rewrite of the first loop of a function, and the new files."""
    program = read_programs(texts, (), NO_HEADERS)
    analyzer = Analyzer(program)
    function = next(each for each in program.functions if each.name == name)
    loop = analyzer.loops(function)[0]
    found = find_restructurings(analyzer, function, loop, (), NO_HEADERS)[0]
    after = restructured(program, found, (), NO_HEADERS)
    return found, [each.data for each in after.sources]


def test_other_files_of_the_program_stay() -> None:
    """Only the file of the loop is read anew from another text."""
    first = SourceText("main.c", b"double g(int);\nint main(void) { return g(3); }\n")
    second = SourceText("g.c", f"double g(int n) {{ return n; }}\n{CARRIED}".encode())

    _, texts = find([first, second], "f")

    assert texts[0] == first.data
    assert texts[1].count(b"for") == 2


def test_two_rewrites_follow_each_other() -> None:
    """The new program is one like any other, which can be rewritten again."""
    text = dedent("""
        void f(int n, double *restrict a, double *restrict s, double *restrict b) {
          for (int i = 0; i < n; i++)
            a[i] = a[i] / a[0];
          for (int i = 1; i < n; i++) {
            b[i] = i;
            s[i] = s[i - 1] + b[i];
          }
        }""")
    program = program_of(text)
    kinds = []
    while True:
        analyzer = Analyzer(program)
        function = program.functions[0]
        found = [
            each
            for loop in analyzer.loops(function)
            for each in find_restructurings(analyzer, function, loop, (), NO_HEADERS)
        ]
        if not found:
            break
        kinds.append(found[0].kind.value)
        program = restructured(program, found[0], (), NO_HEADERS)

    assert kinds == ["peeling", "distribution"]


def test_rewrite_that_does_not_compile_is_not_offered() -> None:
    """A type of the body's own is not known in the second loop."""
    text = """
        void f(int n, double *restrict a, double *restrict s) {
          for (int i = 1; i < n; i++) {
            typedef double real;
            a[i] = i;
            s[i] = s[i - 1] + (real)a[i];
          }
        }"""

    assert offers(text) == []


def test_objects_keep_loops_whole() -> None:
    """In C++ a destructor runs at the end of each iteration."""
    body = "a[i] = i;\n    Guard g;"
    text = "struct Guard { int x; };\n" + CARRIED.replace("a[i] = i;", body).replace(
        "restrict", "__restrict"
    )

    assert offers(text, "test.cc") == []


def test_text_that_no_longer_compiles_is_an_error() -> None:
    """What was found for another set of options may not fit."""
    program = program_of(f"#ifdef D\n#error no\n#endif\n{CARRIED}")
    analyzer = Analyzer(program)
    function = program.functions[0]
    (found,) = find_restructurings(
        analyzer, function, analyzer.loops(function)[0], (), NO_HEADERS
    )

    with pytest.raises(SourceError):
        restructured(program, found, ("-DD",), NO_HEADERS)
