"""From text to tree, and what cannot be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ipt.errors import SourceError
from ipt.model import (
    Binary,
    Call,
    For,
    Increment,
    Kind,
    Literal,
    OpaqueStatement,
    Scope,
    VarRef,
    for_loops,
    walk,
)
from ipt.reading import Toolchain, find_toolchain, read_program
from ipt.reading.headers import for_header
from ipt.reading.toolchain import language_of, run_compiler, search_list, stand_in
from ipt.source import SourceText
from ipt.testing import NO_HEADERS, program_of

GCC_OUTPUT = """ignoring nonexistent directory "/nowhere"
#include "..." search starts here:
#include <...> search starts here:
 /usr/lib/gcc/x86/12/include
 /usr/include
End of search list.
"""


def test_compile_error_is_shown_with_place_line_and_caret() -> None:
    """The message looks like a compiler's."""
    with pytest.raises(SourceError) as caught:
        program_of("int main(void) {\n  return x;\n}\n")

    expected = "test.c:2:10: error: use of undeclared identifier 'x'\n  return x;\n"
    assert expected + "         ^" == caught.value.message


def test_many_errors_are_cut() -> None:
    """Five errors are shown, the rest is counted."""
    text = "\n".join(f"int f{n}(void) {{ return x; }}" for n in range(9))
    with pytest.raises(SourceError) as caught:
        program_of(text)

    assert caught.value.message.endswith("… and 4 more errors.")


@pytest.mark.parametrize("name", ["heat.f90", "heat", "heat.h", "heat.c.txt"])
def test_other_files_are_refused(name: str) -> None:
    """Only C and C++ files are read; the suffix tells."""
    with pytest.raises(SourceError, match="ipt reads C"):
        program_of("int x;", name)


def test_binary_file_is_refused() -> None:
    """A NUL byte is no text."""
    with pytest.raises(SourceError, match="NUL byte"):
        read_program(SourceText("a.c", b"int x;\0"), (), NO_HEADERS)


@pytest.mark.parametrize(
    ("name", "language"),
    [("a.c", "c"), ("a.cc", "c++"), ("a.C", "c++"), ("a.cpp", "c++"), ("a.f", None)],
)
def test_language_follows_the_suffix(name: str, language: str | None) -> None:
    """As the compilers do it."""
    assert language == language_of(name)


def test_warnings_are_kept() -> None:
    """What the front end warns of is there to be shown."""
    program = program_of("int f(void) { return 1 / 0; }")

    assert len(program.warnings) == 1
    assert "test.c:1:" in program.warnings[0]
    assert "warning" in program.warnings[0]


def test_header_folders_come_from_the_compiler() -> None:
    """The first compiler that answers is asked for its search list."""
    asked: list[list[str]] = []

    def run(command: list[str]) -> str:
        asked.append(command)
        return GCC_OUTPUT if command[0] == "cc" else ""

    found = find_toolchain("c", run)

    expected = ("/usr/lib/gcc/x86/12/include", "/usr/include")
    assert Toolchain(c_includes=expected) == found
    assert expected == found.includes("c")
    assert [command[0] for command in asked] == ["gcc", "cc"]


def test_cpp_header_folders_are_asked_from_the_cpp_compiler() -> None:
    """C++ has folders of its own."""
    found = find_toolchain("c++", lambda _: GCC_OUTPUT)

    assert len(found.includes("c++")) == 2
    assert found.includes("c") == ()


def test_no_compiler_means_no_headers_of_the_machine() -> None:
    """Without a compiler, what ipt knows of the C library stands in."""
    assert stand_in() == find_toolchain("c", lambda _: "")
    assert search_list("nothing of use") == ()


@pytest.mark.needs("gcc")
def test_installed_compiler_is_asked() -> None:
    """With GCC installed the standard headers are found."""
    folders = find_toolchain("c").c_includes

    assert any((Path(folder) / "stdio.h").exists() for folder in folders)


def test_missing_compiler_is_no_error() -> None:
    """A command that cannot be run gives nothing."""
    assert run_compiler(["no-such-compiler-here"]) == ""


def test_functions_are_in_source_order_and_only_definitions() -> None:
    """Declarations and headers are not offered."""
    program = program_of(
        "int g(void); int f(void) { return g(); } int g(void) { return 1; }"
    )

    assert [each.name for each in program.functions] == ["f", "g"]
    assert not program.has_main


def test_functions_in_namespaces_and_classes_are_found() -> None:
    """C++ functions may be anywhere; templates are left out."""
    program = program_of(
        "namespace n { int f() { return 1; } } struct s { int g() { return 2; } };"
        'extern "C" { int h() { return 3; } }'
        "template <class T> T t(T x) { return x; }",
        "a.cc",
    )

    assert [each.name for each in program.functions] == ["f", "g", "h"]


@pytest.mark.parametrize(
    ("header", "parts"),
    [
        ("for (int i = 0; i < 3; i++)", (True, True, True)),
        ("for (;;)", (False, False, False)),
        ("for (; i < 3;)", (False, True, False)),
        ("for (i = 0;;)", (True, False, False)),
        ("for (;; i++)", (False, False, True)),
        ("for /* ; */ (i = ';'; i < 3; /* ) */ i++)", (True, True, True)),
    ],
)
def test_parts_of_a_header_are_told_apart(
    header: str, parts: tuple[bool, bool, bool]
) -> None:
    """Absent parts of a header are not confused with others."""
    program = program_of(f"void f(void) {{ int i = 0; {header} {{ break; }} }}")
    loop = next(for_loops(program.functions[0].body))
    found = (loop.init is not None, loop.condition is not None, loop.step is not None)

    assert parts == found
    assert not loop.in_macro


def test_header_that_is_not_in_the_text_is_not_found() -> None:
    """What only looks like a header is none."""
    assert None is for_header(b"fork (a; b; c)", 0)
    assert None is for_header(b"for (a; b)", 0)
    assert None is for_header(b"for (a; b; c", 0)


def test_loop_of_a_macro_with_absent_parts_is_opaque() -> None:
    """Without its text such a loop cannot be understood."""
    program = program_of("#define EVER for (;;)\nvoid f(void) { EVER { break; } }")
    nodes = list(walk(program.functions[0].body))

    assert any(isinstance(each, OpaqueStatement) for each in nodes)


def test_operators_and_constants_are_read() -> None:
    """Operators come from Clang; constants of macros and enums have values."""
    program = program_of("""
        #define N (2 + 3)
        enum { K = 7 };
        int f(int i) { ++i; i--; return i % N << K ^ -1 + sizeof(int) * '\\n'; }""")
    nodes = list(walk(program.functions[0].body))

    values = {each.value for each in nodes if isinstance(each, Literal)}
    operators = {each.op for each in nodes if isinstance(each, Binary)}
    steps = [(each.op, each.prefix) for each in nodes if isinstance(each, Increment)]

    assert {2, 3, 7, 1, 4, 10} <= values
    assert {"%", "<<", "^", "+", "*"} == operators
    assert steps == [("++", True), ("--", False)]


def test_variables_know_their_scope_and_type() -> None:
    """Scope decides who shares a variable, the type how it is used."""
    program = program_of("""
        int g;
        void f(const double *restrict p, unsigned char c) {
          static long s; extern int g; int a[3][4]; volatile int v;
          g = s + c + a[0][0] + v + (p != 0);
        }""")
    nodes = walk(program.functions[0].body)
    found = {
        each.variable.name: each.variable for each in nodes if isinstance(each, VarRef)
    }

    assert Scope.GLOBAL is found["g"].scope
    assert Scope.STATIC is found["s"].scope
    assert Scope.PARAMETER is found["p"].scope
    assert found["p"].ctype.is_restrict
    assert (found["c"].ctype.bits, found["c"].ctype.is_signed) == (8, False)
    assert (found["a"].ctype.kind, found["a"].ctype.extent) == (Kind.ARRAY, 3)
    assert found["a"].ctype.leaf.spelling == "int"
    assert found["v"].ctype.is_volatile


def test_address_taken_is_noted() -> None:
    """Variables that a pointer or reference may reach are known."""
    program = program_of(
        """
        struct s { int x; };
        int g; int *keep = &g;
        void take(int &r);
        void f() {
          int a, b, c, d[3]; s t;
          int *p = &a; int &r = b; take(c); p = &t.x; p = d;
          auto l = [&] { return p; };
        }""",
        "a.cc",
    )
    names = {
        each.variable.name
        for each in walk(program.functions[0].body)
        if isinstance(each, VarRef) and each.variable.key in program.address_taken
    }

    assert {"a", "b", "c", "t"} <= names
    assert len(program.address_taken) >= 5


def test_calls_know_what_they_call() -> None:
    """A direct call has a name; a computed one has not."""
    program = program_of("""
        int g(int); int (*h)(int);
        int f(void) { return g(1) + h(2) + __builtin_abs(3); }""")
    calls = [each for each in walk(program.functions[0].body) if isinstance(each, Call)]

    assert [each.name for each in calls] == ["g", "", "__builtin_abs"]


def test_options_reach_the_compiler() -> None:
    """Macros and the standard are the user's."""
    program = program_of("int f(void) { return N; }", options=["-DN=5", "-std=c99"])

    assert len(program.functions) == 1


@pytest.mark.parametrize(
    ("name", "standard", "text"),
    [
        ("a.c", "c99", "int f(int n) { int v[n]; return (int)sizeof v; }"),
        ("a.c", "c11", "int f(void) { return _Generic(1, int: 2, default: 3); }"),
        ("a.c", "c17", '_Static_assert(1, ""); int f(void) { return 1; }'),
        ("a.cc", "c++11", "auto f() -> int { constexpr int n = 3; return n; }"),
        ("a.cc", "c++14", "auto f() { return 1'000; }"),
        ("a.cc", "c++17", "int f() { if constexpr (true) return 1; return 2; }"),
        ("a.cc", "c++20", "consteval int g() { return 1; } int f() { return g(); }"),
    ],
)
def test_standards_of_both_languages_are_read(
    name: str, standard: str, text: str
) -> None:
    """From C99 and C++11 on, as the option says."""
    program = program_of(text, name, options=[f"-std={standard}"])

    assert program.functions[-1].name == "f"


@pytest.mark.needs("gcc")
def test_own_headers_are_read_beside_the_file(tmp_path: Path) -> None:
    """A program may include its own headers."""
    (tmp_path / "own.h").write_text("#define N 5\n")
    source = SourceText(
        str(tmp_path / "a.c"), b'#include "own.h"\nint f(void){return N;}'
    )

    assert len(read_program(source).functions) == 1


@pytest.mark.needs("gcc")
@pytest.mark.parametrize(
    "include",
    [
        '"/etc/passwd"',
        '"../secret.h"',
        '"near.h"',
        "</dev/zero>",
        "<../../../etc/passwd>",
        '\\\n"/etc/passwd"',
        '/* */ "/etc/passwd"',
        '<stdio.h>\nchar *a = "/*";\n#include </dev/zero>\nchar *b = "*/";',
        "NAME",
    ],
)
def test_own_headers_can_be_shut_out(tmp_path: Path, include: str) -> None:
    """Text from a network cannot name files of the machine, nor see their lines."""
    (tmp_path / "secret.h").write_text("int secret_word;\n")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "near.h").write_text("int secret_word;\n")
    text = f'#define NAME "/etc/passwd"\n#include {include}\nint f(void){{return 0;}}'
    source = SourceText(str(tmp_path / "x" / "a.c"), text.encode())

    with pytest.raises(SourceError) as caught:
        read_program(source, own_headers=False)

    assert "this header cannot be included here" in caught.value.message
    assert re.search(r"a\.c:[24]:", caught.value.message)
    assert "root:" not in caught.value.message


def test_deeply_nested_program_is_refused() -> None:
    """A sum of thousands of terms is refused, not half read."""
    total = " + ".join(["x"] * 4000)
    with pytest.raises(SourceError, match="nested too deeply"):
        program_of(f"int f(int x) {{ return {total}; }}")


def test_loops_inside_what_is_not_understood_are_found() -> None:
    """An opaque statement keeps its parts."""
    program = program_of(
        "int g(); void f() { try { for (int i = 0; i < g(); i++) {} } catch (...) {} }",
        "a.cc",
    )

    assert len(list(for_loops(program.functions[0].body))) == 1
    assert isinstance(next(for_loops(program.functions[0].body)), For)


@pytest.mark.parametrize(
    "statement",
    [
        "if (int x = g()) {}",
        "while (int x = g()) {}",
        "switch (int x = g()) {}",
        "for (; int x = g();) {}",
        "struct { int *begin(); int *end(); } a; for (int x : a) {}",
        "try {} catch (...) {}",
        "class local { int x = 3; };",
    ],
)
def test_unusual_statements_are_opaque(statement: str) -> None:
    """What is not understood is kept apart, not guessed."""
    program = program_of(f"int g(); void f() {{ {statement} }}", "a.cc")

    found = [
        e for e in walk(program.functions[0].body) if isinstance(e, OpaqueStatement)
    ]
    assert bool(found) == ("class" not in statement)


@pytest.mark.parametrize(
    "expression",
    ["x ?: 1", "({ x; })", "__alignof__(x) + (int){x}", "sizeof(int[x])", "&&here"],
)
def test_unusual_expressions_are_opaque_or_constant(expression: str) -> None:
    """Extensions of GNU are kept apart."""
    program = program_of(f"long f(int x) {{ here: return (long)({expression}); }}")

    assert len(program.functions) == 1


def test_error_in_a_header_names_the_header(tmp_path: Path) -> None:
    """Place and message are the header's."""
    (tmp_path / "own.h").write_text("int x\n")
    source = SourceText(
        str(tmp_path / "a.c"), b'#include "own.h"\nint f(void){return 0;}'
    )

    with pytest.raises(SourceError, match=r"own\.h:1:6: error: expected ';'"):
        read_program(source, (), NO_HEADERS)
