"""What compilers and linkers complain about, put together and told."""

import dataclasses
import json
import textwrap

import pytest

from iptweb.jobs.diagnostics import (
    Diagnostic,
    HomePlaces,
    Note,
    read_diagnostics,
    to_report,
)
from iptweb.jobs.diagnostics.lines import MOST_LINES

INPUTS = {
    "driver": ["agave://ipt.storage/ada/src/my%20heat.c"],
    "supplementalFiles": [
        "agave://ipt.storage/ada/src/defs.h",
        "agave://ipt.storage/ada/include",
        "agave://elsewhere/ada/x.h",
        "agave://ipt.storage/bob/y.h",
        "https://[example/z.h",
        7,
    ],
    "binary": None,
}
PLACES = HomePlaces(INPUTS, "ada", "ipt.storage")


def read(text: str) -> list[Diagnostic]:
    """Read an indented text."""
    return read_diagnostics(textwrap.dedent(text).strip("\n")).diagnostics


def test_notes_follow_their_error() -> None:
    """Notes belong to the complaint before them; the first of all is one itself."""
    found = read("""
        a.c:1:1: note: nobody asked
        a.c:2:1: error: unknown 'y'
            2 | y
        a.c:2:1: note: it is told once
        cc1: note: and this
    """)

    assert [d.severity for d in found] == ["note", "error"]
    assert found[1].notes == [Note("it is told once", "a.c", 2, 1), Note("and this")]


def test_how_one_comes_there() -> None:
    """The stack of includes and the function precede the complaint they belong to."""
    found = read("""
        In file included from b.h:2,
                         from ./a.c:1:8:
        c.h: In function \u2018f\u2019:
        c.h:3:4: error: x
        c.h:5:4: error: y
    """)

    assert found[0].notes == [
        Note("Included from here", "b.h", 2),
        Note("Included from here", "./a.c", 1, 8),
        Note("In function \u2018f\u2019", "c.h"),
    ]
    assert found[1].notes == []


def test_templates() -> None:
    """A template's error says by which ways one comes to it."""
    found = read("""
        ./t.cpp: In instantiation of \u2018void f(T) [with T = int]\u2019:
        ./t.cpp:4:34:   required from \u2018void g(T) [with T = int]\u2019
        ./t.cpp:5:15:   required from here
        ./t.cpp:3:35: error: request for member \u2018foo\u2019
    """)

    assert found[0].notes == [
        Note("In instantiation of \u2018void f(T) [with T = int]\u2019", "./t.cpp"),
        Note("required from \u2018void g(T) [with T = int]\u2019", "./t.cpp", 4, 34),
        Note("required from here", "./t.cpp", 5, 15),
    ]


def test_way_to_a_note_is_left_out() -> None:
    """Where the compiler found a note is not told again with the next error."""
    found = read("""
        a.c:1:1: error: x
        In file included from b.h:2:
        c.h:1:1: note: look here
        a.c:2:1: error: y
    """)

    assert found[1].notes == []


def test_nvcc_goes_on_in_further_lines() -> None:
    """What nvcc adds below its sentence, before the source line, belongs to it."""
    found = read("""
        e.cu(7): error: no instance of "h" matches
                    argument types are: (const char [2])
          int main() { h("a"); }
                       ^
        e.cu(5): note #3322-D: number of parameters does not match
          void h(int x, double y, int z);
               ^
    """)

    assert [(d.message, d.notes) for d in found] == [
        (
            'no instance of "h" matches; argument types are: (const char [2])',
            [Note("number of parameters does not match", "e.cu", 5)],
        )
    ]


def test_summaries_say_nothing_new() -> None:
    """That linking failed is told by itself only where no reason is."""
    found = read("""
        /usr/bin/ld: /tmp/cc1.o: in function `main':
        heat.c:(.text+0x5): undefined reference to `foo'
        collect2: error: ld returned 1 exit status
    """)

    assert [d.message for d in found] == ["undefined reference to `foo'"]
    assert found[0].notes == [Note("In function `main'")]
    alone = "clang-19: error: linker command failed with exit code 1 (use -v)"
    assert [d.message for d in read(alone)] == [alone]


def test_assembly_of_cuda() -> None:
    """That ptxas gave up is told by its reason."""
    found = read("""
        ptxas /tmp/x.ptx, line 27; error   : Not a name of any known instruction
        ptxas fatal   : Ptx assembly aborted due to errors
    """)

    assert len(found) == 1


def test_lld_tells_the_place_below() -> None:
    """Where a linker tells the place in the next line, the complaint has it."""
    found = read("""
        ld.lld: error: undefined symbol: foo
        >>> referenced by heat.c:3 (/x/heat.c:3)
        >>>               /tmp/heat.o:(main)
        ld: note: and more
    """)

    assert (found[0].file, found[0].line) == ("heat.c", 3)
    assert [note.message for note in found[0].notes] == [
        "referenced by heat.c:3 (/x/heat.c:3)",
        "and more",
    ]


def test_each_once() -> None:
    """What is said twice word for word is told once."""
    twice = "a.cu(1): error: x\n          detected during y\n" * 2

    assert len(read(twice)) == 1


def test_colours_and_line_ends() -> None:
    """Colours, links, carriage returns and tabs do not hide a complaint."""
    text = (
        "\x1b[01m\x1b[K./b.c:1:10:\x1b[m\x1b[K \x1b[01;31m\x1b[Kfatal error: \x1b[m"
        "no.h:\tgone \x1b]8;;https://x\x1b\\[-Wx]\x1b]8;;\x07\x1bM\r\n"
    )

    (found,) = read_diagnostics(text).diagnostics
    assert found == Diagnostic("no.h: gone", "error", "./b.c", 1, 10, "-Wx")


def test_line_zero_is_none() -> None:
    """A linker's line 0 is no line."""
    assert read("/usr/bin/ld:o.o:0: syntax error")[0].line is None


def test_lines_are_bounded() -> None:
    """Ten thousand lines are read, and that there were more is told."""
    line = "a.c:1:1: error: x\n"

    assert not read_diagnostics(line * (MOST_LINES - 1)).truncated
    assert not read_diagnostics(line * MOST_LINES).truncated
    report = read_diagnostics("x\n" * MOST_LINES + line)
    assert (report.diagnostics, report.truncated) == ([], True)


def test_notes_are_bounded() -> None:
    """Neither notes nor messages grow without end."""
    found = read_diagnostics(
        "In file included from a.h:1:\n" * 100
        + "a.c:1:1: error: x\n"
        + "          because of it\n" * 1000
        + "a.c:1:1: note: y\n" * 100
    ).diagnostics

    assert len(found[0].notes) == 20
    assert len(found[0].message) == 1000


@pytest.mark.parametrize(
    ("file", "name", "path"),
    [
        ("./my heat.c", "my heat.c", "src/my heat.c"),
        ("defs.h", "defs.h", "src/defs.h"),
        ("./include/a/b.h", "include/a/b.h", "include/a/b.h"),
        ("/data/jobs/1-007/work/./defs.h", "defs.h", "src/defs.h"),
        ("/s/ada/job-1-007-x/defs.h", "defs.h", "src/defs.h"),
        ("/usr/include/defs.h", "/usr/include/defs.h", ""),
        ("include/../../secret", "include/../../secret", ""),
        ("x.h", "x.h", ""),
        ("y.h", "y.h", ""),
        ("z.h", "z.h", ""),
        ("", "", ""),
        (".", "", ""),
    ],
)
def test_places_in_the_home(file: str, name: str, path: str) -> None:
    """A name leads back to the input that was copied; nothing else is in the home."""
    assert (PLACES.name(file), PLACES.find(file)) == (name, path)


def test_report() -> None:
    """A report is what docs/architecture.md promises."""
    text = "./my heat.c:1:2: warning: x [-Wy]\n/usr/x.h:3:4: note: z\n"

    assert to_report(read_diagnostics(text), PLACES) == {
        "diagnostics": [
            {
                "file": "my heat.c",
                "path": "src/my heat.c",
                "line": 1,
                "column": 2,
                "severity": "warning",
                "message": "x",
                "option": "-Wy",
                "notes": [
                    {
                        "file": "/usr/x.h",
                        "path": "",
                        "line": 3,
                        "column": 4,
                        "message": "z",
                    }
                ],
            }
        ],
        "truncated": False,
    }


@pytest.mark.parametrize("message", ["x", "é" * 800])
def test_report_fits_into_an_answer(message: str) -> None:
    """Of too many complaints the errors stay, in their order, and the rest is told."""
    lines = [f"a.c:{n}:1: warning: {message}" for n in range(1, 2001)]
    lines += ["a.c:3000:1: error: last"]

    report = to_report(read_diagnostics("\n".join(lines)), PLACES)

    assert report["truncated"] is True
    kept = report["diagnostics"]
    assert kept[-1]["line"] == 3000
    assert [entry["line"] for entry in kept[:-1]] == list(range(1, len(kept)))
    assert len(json.dumps(report, ensure_ascii=False).encode()) < 110_000


def test_diagnostics_are_plain_data() -> None:
    """A diagnostic has nothing but what is printed of it."""
    names = {field.name for field in dataclasses.fields(Diagnostic)}

    assert names == {
        *("message", "severity", "file", "line", "column", "option", "notes")
    }
