"""Several files that are one program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Status
from ipt.errors import SourceError
from ipt.model import VarRef, walk
from ipt.reading import read_programs
from ipt.source import SourceText
from ipt.testing import NO_HEADERS, programs_of, verdicts_of

if TYPE_CHECKING:
    from pathlib import Path

    from ipt.model import Program

SMOOTH = """
void smooth(double *out, const double *in, int n) {
  for (int i = 1; i < n - 1; i++)
    out[i] = in[i - 1] + in[i + 1];
}
"""


def codes_of(program: Program, function: str) -> set[str]:
    """Return the codes of all findings about a function's loops."""
    verdicts = verdicts_of(program, function=function)
    return {each.code for verdict in verdicts for each in verdict.findings}


def keys_of(program: Program, name: str) -> set[tuple[str, int]]:
    """Return the keys of all variables of a name."""
    return {
        node.variable.key
        for function in program.functions
        for node in walk(function.body)
        if isinstance(node, VarRef) and node.variable.name == name
    }


def test_functions_come_file_by_file() -> None:
    """The order is that of the files, and within a file that of the text."""
    program = programs_of(
        {"b.c": "int g(void) { return 1; } int f(void) { return g(); }", "a.c": SMOOTH}
    )

    assert [each.name for each in program.functions] == ["g", "f", "smooth"]
    assert [each.span.source.name for each in program.functions] == [
        "b.c",
        "b.c",
        "a.c",
    ]
    assert tuple(each.name for each in program.sources) == ("b.c", "a.c")


def test_call_of_another_file_is_followed() -> None:
    """What a callee in another file does is seen, and its place names that file."""
    main = """double grid[9];
double weight(int i);
void f(void) {
  for (int i = 0; i < 9; i++)
    grid[i] = weight(i);
}
"""
    util = "extern double grid[9];\ndouble weight(int i) { return grid[0] + i; }\n"

    (verdict,) = verdicts_of(programs_of({"main.c": main, "util.c": util}))
    (finding,) = [each for each in verdict.findings if each.code == "IPT301"]

    assert Status.REFUSED is verdict.status
    assert str(finding.place) == "util.c:2:31"
    assert "(line 5 of main.c)" in finding.message


def test_call_that_no_file_defines_is_refused() -> None:
    """The way out is to give the file."""
    main = """
void other(int i);
void f(void) {
  for (int i = 0; i < 9; i++)
    other(i);
}
"""
    (verdict,) = verdicts_of(programs_of({"main.c": main, "util.c": "int x;"}))
    (finding,) = [each for each in verdict.findings if each.code == "IPT309"]

    assert "the text of other() is not in the files given" in finding.message
    assert "Give its file too" in finding.way_out


@pytest.mark.parametrize(
    ("arguments", "code"), [("x, y, 9", "IPT105"), ("x, x, 9", "IPT201")]
)
def test_calls_of_all_files_show_what_is_distinct(arguments: str, code: str) -> None:
    """A call in any file decides whether parameters may overlap."""
    main = f"""
void smooth(double *, const double *, int);
int main(void) {{ double x[9], y[9]; smooth({arguments}); return 0; }}
"""
    program = programs_of({"util.c": SMOOTH, "main.c": main})

    assert code in codes_of(program, "smooth")


def test_call_with_too_few_arguments_shows_nothing() -> None:
    """C lets a function without a prototype be called in any way."""
    main = "void smooth(); int main(void) { double x[9]; smooth(x); return 0; }"
    program = programs_of({"util.c": SMOOTH, "main.c": main})

    assert "IPT201" in codes_of(program, "smooth")


def test_function_pointer_of_another_file_opens_a_function() -> None:
    """Who takes the address of a function may call it with anything."""
    main = """
void smooth(double *, const double *, int);
void (*hook)(double *, const double *, int) = smooth;
int main(void) { double x[9], y[9]; smooth(x, y, 9); hook(x, x, 9); return 0; }
"""
    program = programs_of({"util.c": SMOOTH, "main.c": main})

    assert "IPT201" in codes_of(program, "smooth")


def test_extern_variable_is_one_variable() -> None:
    """It has one key, in whichever file it is named."""
    program = programs_of(
        {
            "a.c": "extern int n; int f(void) { return n; }",
            "b.c": "int n; int g(void) { extern int n; return n + 1; }",
        }
    )

    assert len(keys_of(program, "n")) == 1


def test_static_names_of_different_files_stay_apart() -> None:
    """Variables and functions that belong to a file have its mark."""
    text = (
        "static int n; static int f(void) { return n; } int {0}(void) {{ return f(); }}"
    )
    text = text.replace("{ return n; }", "{{ return n; }}")
    program = programs_of({"x/a.c": text.format("g"), "y/a.c": text.format("h")})

    assert len(keys_of(program, "n")) == 2
    assert len(program.by_key) == 4


def test_address_taken_elsewhere_counts() -> None:
    """A pointer of another file may lead to a variable."""
    main = """
extern double *where;
double limit;
void f(double *out, int n) {
  for (int i = 0; i < n; i++)
    where[i] = limit;
}
"""
    other = "extern double limit; double *where; void g(void) { where = &limit; }"
    program = programs_of({"main.c": main, "other.c": other})

    assert keys_of(program, "limit") <= program.address_taken


def test_place_in_another_file_is_not_inside_a_loop() -> None:
    """A variable of another file is not taken for one that the loop declares."""
    padding = "int before;\n" * 3
    main = f"""
extern int n;
{padding}void f(int *a) {{
  for (int i = 0; i < 100; i++)
    n = a[i] + n * 2;
}}
"""
    other = "\n" * 100 + "int n;\n"
    program = programs_of({"main.c": main, "other.c": other})

    assert "IPT303" in codes_of(program, "f")


@pytest.mark.parametrize(
    ("texts", "parts"),
    [
        (
            {"a.c": "int f(void) { return 1; }", "b.c": "\nint f(void) { return 2; }"},
            ("b.c:2:1: f is defined here and in a.c:1:1", "declare it static"),
        ),
        (
            {"a.c": "int main(void) {}", "b.c": "int main(void) {}"},
            ("main is defined here and in a.c:1:1", "one program only"),
        ),
        (
            {
                "a.cc": "inline int f() { return 1; }",
                "b.cc": "inline int f() { return 2; }",
            },
            ("f is defined here",),
        ),
        (
            {"a.c": "int f(void) { return 1; }", "b.cc": "int f(); int x = f();"},
            ("b.cc:1:18: f is defined in a.c", 'Declare it extern "C"'),
        ),
        (
            {
                "a.c": "int f(int); int g(void) { return f(1); }",
                "b.cc": "int f(int i) { return i; }",
            },
            ("a.c:1:34: f is defined in b.cc", 'extern "C"'),
        ),
    ],
)
def test_files_that_do_not_fit_are_refused(
    texts: dict[str, str], parts: tuple[str, ...]
) -> None:
    """Both places are named, and a way out."""
    with pytest.raises(SourceError) as caught:
        programs_of(texts)

    for part in parts:
        assert part in caught.value.message


def test_file_given_twice_is_refused() -> None:
    """So is no file at all."""
    source = SourceText("a.c", b"int x;")
    with pytest.raises(SourceError, match=r"a\.c is given twice"):
        read_programs([source, source], (), NO_HEADERS)
    with pytest.raises(SourceError, match="No file was given"):
        read_programs([], (), NO_HEADERS)


def test_same_inline_function_may_be_in_several_files() -> None:
    """C++ allows it if both say the same."""
    text = "inline int f() { return 1; } int NAME() { return f(); }"
    program = programs_of(
        {"a.cc": text.replace("NAME", "g"), "b.cc": text.replace("NAME", "h")}
    )

    assert [each.name for each in program.functions] == ["f", "g", "f", "h"]
    assert len(program.by_key) == 3


def test_c_and_cpp_meet_by_extern_c() -> None:
    """A C function that C++ declares as one is followed."""
    main = """
extern "C" double weight(int i);
void f(double *a, int n) {
  for (int i = 0; i < n; i++)
    a[i] = weight(i);
}
"""
    program = programs_of(
        {"main.cc": main, "w.c": "double weight(int i) { return 0.5 * i; }"}
    )

    assert program.language == "c++"
    assert {"IPT101"} == codes_of(program, "f")


def test_standard_goes_to_the_files_of_its_language() -> None:
    """`-std=c++20` is no option for a C file."""
    texts = {
        "a.c": "int f(void) { return 1; }",
        "b.cc": "consteval int g() { return 1; }",
    }

    assert len(programs_of(texts, options=["-std=c++20"]).functions) == 2
    with pytest.raises(SourceError, match=r"not a standard of the language of a\.c"):
        programs_of({"a.c": ""}, options=["-std=c++20"])
    with pytest.raises(SourceError, match="Check the options: -std=c77"):
        programs_of({"a.c": ""}, options=["-std=c77"])


WHOLE = "int n; extern int m; int g(void); int main(void) { return n + m + g(); }"


@pytest.mark.parametrize(
    ("other", "is_whole"),
    [
        ("int m; int g(void) { return m; }", True),
        ("static int m; int g(void) { return m; }", False),
        ("int m; static int g(void) { return m; }", False),
        ('int m; int g(void) { __asm__("nop"); return m; }', False),
        ("int m; void *dlsym(void *, char *); int g(void) { dlsym(0, 0); }", False),
    ],
)
def test_program_without_loose_ends_is_whole(other: str, is_whole: bool) -> None:  # noqa: FBT001 - a case's value
    """Then no other file can know its variables."""
    program = programs_of({"main.c": WHOLE, "other.c": other})

    assert is_whole == program.is_whole
    assert is_whole == (not program.public)


@pytest.mark.parametrize(
    ("definition", "is_whole"),
    [("", False), ("S::S() {}", True), ("S::S() { other(); }", False)],
)
def test_class_with_a_method_of_another_file_is_a_loose_end(
    definition: str,
    is_whole: bool,  # noqa: FBT001 - a case's value
) -> None:
    """Constructors are called without being named."""
    text = f"struct S {{ S(); ~S() = default; }}; S s; void other(); {definition}"
    program = programs_of({"main.cc": f"{text}\nint main() {{}}"})

    assert is_whole == program.is_whole


def test_functions_of_own_headers_are_followed(tmp_path: Path) -> None:
    """They are not offered, because a header is not edited."""
    (tmp_path / "own.h").write_text(
        "static int calls;\n"
        "static inline double half(double x) { return 0.5 * x; }\n"
        "static inline void note(double x) { calls += x > 0; }\n"
    )
    main = (
        '#include "own.h"\n'
        "void f(double *a, int n) {\n"
        "  for (int i = 0; i < n; i++)\n    a[i] = half(i);\n"
        "  for (int i = 0; i < n; i++)\n    note(a[i]);\n"
        "}\n"
    )
    other = '#include "own.h"\ndouble g(void) { return half(2); }\n'
    sources = [
        SourceText(str(tmp_path / "a.c"), main.encode()),
        SourceText(str(tmp_path / "b.c"), other.encode()),
    ]
    program = read_programs(sources, (), NO_HEADERS)
    first, second = verdicts_of(program)

    assert [each.name for each in program.functions] == ["f", "g"]
    assert [str(tmp_path / "own.h")] == [each.name for each in program.headers]
    assert Status.PARALLEL is first.status
    assert Status.REFUSED is second.status


def test_call_in_an_own_header_counts(tmp_path: Path) -> None:
    """A header may call a function of the file with overlapping arguments."""
    (tmp_path / "own.h").write_text(
        "void smooth(double *, const double *, int);\n"
        "static inline void same(double *x) { smooth(x, x, 9); }\n"
    )
    main = (
        '#include "own.h"\n'
        + SMOOTH
        + ("int main(void) { double x[9], y[9]; smooth(x, y, 9); same(x); }")
    )
    program = read_programs(
        [SourceText(str(tmp_path / "a.c"), main.encode())], (), NO_HEADERS
    )

    assert "IPT201" in codes_of(program, "smooth")


def test_loop_of_an_included_file_is_refused(tmp_path: Path) -> None:
    """Its text is not in a file that gets edited."""
    (tmp_path / "body.inc").write_text("for (int i = 0; i < 9; i++)\n  a[i] = i;\n")
    main = 'void f(int *a) {\n#include "body.inc"\n}\n'
    program = read_programs(
        [SourceText(str(tmp_path / "a.c"), main.encode())], (), NO_HEADERS
    )
    (verdict,) = verdicts_of(program)

    assert "IPT310" in {each.code for each in verdict.findings}
    assert str(tmp_path / "body.inc") == verdict.loop.span.place.name
