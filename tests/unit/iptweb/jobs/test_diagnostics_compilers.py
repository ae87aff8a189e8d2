"""What the compilers of this machine really say."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from iptweb.jobs.diagnostics import Diagnostic, HomePlaces, read_diagnostics

FAULTY = """\
#include <stdio.h>
#include "own defs.h"
static int g(int x) { return x }
int main(void) {
  int unused;
  printf("%s\\n", 3);
  undeclared = 3;
  return 0;
}
"""
TEMPLATES = """\
template<class T> void f(T t) { t.foo(); }
template<class T> void g(T t) { f(t); }
int main() { g(3); }
"""
CUDA = """\
__global__ void k(int *a) {
  int unused;
  a[0] = undeclared;
}
int main() { return "x"; }
"""
PLACES = HomePlaces(
    {
        "driver": "agave://ipt.storage/ada/src/my heat.c",
        "supplementalFiles": ["agave://ipt.storage/ada/src/own defs.h"],
    },
    "ada",
    "ipt.storage",
)
C_COMPILERS = [
    pytest.param("gcc", marks=pytest.mark.needs("gcc")),
    pytest.param("clang-19", marks=pytest.mark.needs("clang")),
    pytest.param("mpicc", marks=pytest.mark.needs("openmpi")),
]
CXX_COMPILERS = [
    pytest.param("g++", marks=pytest.mark.needs("g++")),
    pytest.param("clang++-19", marks=pytest.mark.needs("clang")),
]


def compile_with(
    command: str, folder: Path, source: str, *args: str, name: str = "my heat.c"
) -> list[Diagnostic]:
    """Compile as the wrapper does and read what the compiler says."""
    (folder / name).write_text(source, "utf-8")
    done = subprocess.run(
        [command, f"./{name}", "-o", "./program", *args],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return read_diagnostics(done.stderr).diagnostics


def lines_of(found: list[Diagnostic], severity: str) -> list[tuple[str, int | None]]:
    """Return files and lines of one severity."""
    return [(PLACES.name(d.file), d.line) for d in found if d.severity == severity]


@pytest.mark.parametrize("command", C_COMPILERS)
def test_faulty_program(command: str, tmp_path: Path) -> None:
    """Errors and warnings have their place in the home, whatever the name is like."""
    header = "static inline int h(int x) { return missing; }\n"
    (tmp_path / "own defs.h").write_text(header, "utf-8")

    found = compile_with(command, tmp_path, FAULTY, "-Wall")

    errors = lines_of(found, "error")
    assert [entry for entry in errors if entry[0] == "own defs.h"] == [
        ("own defs.h", 1)
    ]
    assert {line for name, line in errors if name == "my heat.c"} == {3, 7}
    assert ("my heat.c", 6) in lines_of(found, "warning")
    first = found[0]
    assert PLACES.find(first.file) == "src/own defs.h"
    assert first.column is not None
    assert (first.notes[0].line, PLACES.find(first.notes[0].file)) == (
        *(2, "src/my heat.c"),
    )
    assert any(d.option.startswith("-Wformat") for d in found)


@pytest.mark.parametrize("command", C_COMPILERS)
def test_missing_header(command: str, tmp_path: Path) -> None:
    """A header that is not there is an error in the line that wants it."""
    (found,) = compile_with(command, tmp_path, '\n#include "nope.h"\n')

    assert (found.severity, found.line, found.column) == ("error", 2, 10)
    assert "nope.h" in found.message


@pytest.mark.parametrize("command", C_COMPILERS)
@pytest.mark.parametrize("debug", ["-O0", "-g"])
def test_missing_function(command: str, debug: str, tmp_path: Path) -> None:
    """What the linker misses is told once, in the source that wants it."""
    source = "int foo(void);\nint main(void) { return foo(); }\n"

    (found,) = compile_with(command, tmp_path, source, debug, name="l.c")

    assert found.message == "undefined reference to `foo'"
    assert found.file.endswith("l.c")
    assert found.line == (2 if debug == "-g" else None)


@pytest.mark.parametrize("command", C_COMPILERS)
def test_missing_library(command: str, tmp_path: Path) -> None:
    """A library that is not there is named."""
    (found,) = compile_with(command, tmp_path, "int main(void){}", "-lnope")

    assert found.message.startswith("cannot find -lnope")


@pytest.mark.parametrize("command", C_COMPILERS)
def test_twice_defined(command: str, tmp_path: Path) -> None:
    """What is defined twice is told with where it was first."""
    (tmp_path / "b.c").write_text("int f(void) { return 1; }\n", "utf-8")
    source = "int f(void) { return 2; }\nint main(void) { return f(); }\n"

    (found,) = compile_with(command, tmp_path, source, "./b.c", name="a.c")

    assert found.message.startswith("multiple definition of `f'")


@pytest.mark.parametrize("command", C_COMPILERS)
def test_unknown_instruction(command: str, tmp_path: Path) -> None:
    """The assembler's complaint is one about the line that has the instruction."""
    source = 'int main(void) {\n  __asm__("frobnicate");\n}\n'

    (found,) = compile_with(command, tmp_path, source)

    assert (found.severity, found.line) == ("error", 2)


@pytest.mark.parametrize("command", C_COMPILERS)
def test_unknown_option(command: str, tmp_path: Path) -> None:
    """A complaint about the command has no place."""
    found = compile_with(command, tmp_path, "int main(void){}", "--frobnicate")

    assert [(d.severity, d.file) for d in found] == [("error", "")]
    assert "--frobnicate" in found[0].message


@pytest.mark.parametrize("command", C_COMPILERS)
def test_good_program(command: str, tmp_path: Path) -> None:
    """Of a program without a fault nothing is told."""
    assert compile_with(command, tmp_path, "int main(void) { return 0; }") == []


@pytest.mark.parametrize("command", CXX_COMPILERS)
def test_template(command: str, tmp_path: Path) -> None:
    """An error in a template says from which line one comes to it."""
    (found,) = compile_with(command, tmp_path, TEMPLATES, name="t.cpp")

    assert (found.severity, found.line) == ("error", 1)
    assert {note.line for note in found.notes} >= {2, 3}


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="no nvcc here")
def test_nvcc(tmp_path: Path) -> None:
    """The CUDA compiler's own complaints and its host compiler's have their lines."""
    found = compile_with("nvcc", tmp_path, CUDA, name="k.cu")

    assert lines_of(found, "error") == [("k.cu", 3), ("k.cu", 5)]
    missing = compile_with("nvcc", tmp_path, '#include "nope.h"\n', name="k.cu")
    assert lines_of(missing, "error") == [("k.cu", 1)]
