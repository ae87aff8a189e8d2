"""Hostile and huge input: an error message at worst, in time that grows as it does."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipt.errors import SourceError
from ipt.model import walk
from ipt.reading import Toolchain, find_toolchain, read_program
from ipt.source import SourceText
from ipt.testing import NO_HEADERS, program_of

ROOT = Path(__file__).parents[4]
SAMPLES = sorted((ROOT / "shared" / "ipt" / "samples").glob("*.c"))
CPP = """
#define N 4
namespace k { constexpr int m = 2; template <class T> T id(const T &x) { return x; } }
struct S { int *p, n; int &at(int i) { return p[i]; } int size() const { return n; } };
static int a[N][N]; static void set(int &r, const int &v) { r = v; }
int main() {
  S s = {a[0], N}; int &first = s.at(0); auto f = [&](int i) { return i + first; };
  for (int i = 0; i < s.size(); ++i) { set(a[i][k::m], k::id(i)); s.at(i) += f(i); }
  for (int &x : a[1]) { x = x > 2 ? x : -x; switch (x) { case 1: break; } }
  try { do { first--; } while (first > 0); } catch (...) { return 1; }
  return static_cast<int>(a[1][2]);
}
"""
WORDS = [
    *[
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        ";",
        ",",
        "&",
        "*",
        "->",
        ".",
        "::",
        "<",
        ">",
        "...",
        "0",
        "1.5",
        "'a'",
        '"s"',
    ],
    *[
        "int",
        "for",
        "if",
        "while",
        "do",
        "switch",
        "case",
        "default:",
        "return",
        "goto",
        "break",
        "struct",
    ],
    *[
        "template",
        "operator",
        "new",
        "delete",
        "this",
        "auto",
        "const",
        "sizeof",
        "typedef",
        "union",
    ],
    *["static", "extern", "inline", "#define", "#include", "#if"],
]


@pytest.fixture(scope="module", name="tools")
def _tools() -> Toolchain:
    return find_toolchain("c")


@st.composite
def mutations(draw: st.DrawFn, text: str) -> str:
    """Return a text with a few words taken out, doubled or put in."""
    words = text.split(" ")
    for _ in range(draw(st.integers(1, 4))):
        position = draw(st.integers(0, max(len(words) - 1, 0)))
        match draw(st.integers(0, 3)):
            case 0:
                del words[position : position + 1]
            case 1:
                words.insert(position, draw(st.sampled_from(WORDS)))
            case 2:
                words[position : position + 1] *= 2
            case _:
                words[position] = draw(st.sampled_from(WORDS))
    return " ".join(words)


def read_or_refuse(source: SourceText, tools: Toolchain) -> None:
    """Read a text and walk all of its tree."""
    with suppress(SourceError):
        program = read_program(source, (), tools)
        for function in program.bodies:
            for node in walk(function.body):
                assert node.span.start <= len(node.span.source.data)


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_changed_sample_is_read_or_refused(
    sample: Path, tools: Toolchain, data: st.DataObject
) -> None:
    """Whatever is wrong with a C program, it is told as an error of the program."""
    text = data.draw(mutations(sample.read_text()))
    read_or_refuse(SourceText("a.c", text.encode()), tools)


@settings(max_examples=60, deadline=None)
@given(text=mutations(CPP))
def test_changed_cpp_is_read_or_refused(text: str) -> None:
    """So it is with C++."""
    read_or_refuse(SourceText("a.cc", text.encode()), NO_HEADERS)


@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=60), cut=st.integers(0, len(CPP)))
def test_bytes_are_read_or_refused(data: bytes, cut: int) -> None:
    """Text in any encoding, or none."""
    text = CPP.encode()
    source = SourceText("a.cc", text[:cut] + data + text[cut:])
    read_or_refuse(source, NO_HEADERS)


@pytest.mark.parametrize(
    "text",
    [
        "void f(int x) { " + "if (x) { " * 2000 + "}" * 2000 + " }",
        "void f(int x) { " + "for (;;) " * 2000 + "; }",
        "int f(int x) { return " + "(" * 2000 + "x" + ")" * 2000 + "; }",
        "int f(int x) { return " + "-" * 1 + "- " * 2000 + "x; }",
        "int f(int *x) { return " + "x[" * 2000 + "0" + "]" * 2000 + "; }",
        "int f(int x) { return " + "x ? 1 : " * 3000 + "0; }",
        "int f(int x) { return " + "f(" * 2000 + "1" + ")" * 2000 + "; }",
    ],
    ids=["if", "for", "parentheses", "minus", "subscripts", "conditionals", "calls"],
)
def test_deep_nesting_is_refused(text: str) -> None:
    """Nothing is half read, and nothing ends the process."""
    with pytest.raises(SourceError):
        program_of(text)


def long_program(functions: int) -> str:
    """Return a program of 13 lines a function."""
    return "#define EPS 1e-6\n" + "\n".join(
        f"""static void f{number}(int n, double *a, const double *b) {{
    for (int i = 1; i < n - 1; i++) {{
        double t = 0.5 * (b[i - 1] + b[i + 1]);
        if (t > EPS)
            a[i] = t + {number};
        else
            a[i] = t;
    }}
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i * n + j] = b[j] * 2.0;
}}
"""
        for number in range(functions)
    )


def seconds_for(text: str) -> float:
    """Return how long it takes to read a text."""
    before = time.process_time()
    program = program_of(text)
    assert len(program.functions) == text.count("static void")
    return time.process_time() - before


def test_reading_time_grows_as_the_text_does() -> None:
    """Eight times the text takes about eight times as long."""
    times = []
    for functions in (20, 160):
        text = long_program(functions)
        times.append(min(seconds_for(text), seconds_for(text)))

    assert times[1] < 8 * 2 * times[0]
