"""Single lines of compilers and linkers: what each is taken for."""

import pytest

from iptweb.jobs.diagnostics import read_diagnostics

Seen = tuple[str, str, int | None, int | None, str, str]


def seen(text: str) -> list[Seen]:
    """Read a text as it is, without the notes."""
    return [
        (d.severity, d.file, d.line, d.column, d.message, d.option)
        for d in read_diagnostics(text).diagnostics
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "./heat.c:3:5: error: expected ';' before '}' token",
            ("error", "./heat.c", 3, 5, "expected ';' before '}' token", ""),
        ),
        (
            "./heat.c:3: warning: old style",
            ("warning", "./heat.c", 3, None, "old style", ""),
        ),
        (
            "a.c:1:2: warning: unused variable \u2018x\u2019 [-Wunused-variable]",
            (
                "warning",
                "a.c",
                1,
                2,
                "unused variable \u2018x\u2019",
                "-Wunused-variable",
            ),
        ),
        (
            "a.c:1:2: error: unused 'x' [-Werror,-Wunused-variable]",
            ("error", "a.c", 1, 2, "unused 'x'", "-Werror,-Wunused-variable"),
        ),
        (
            "a.c:1:2: error: bad index [-1]",
            ("error", "a.c", 1, 2, "bad index [-1]", ""),
        ),
        (
            "a.c:1:10: fatal error: no.h: No such file or directory",
            ("error", "a.c", 1, 10, "no.h: No such file or directory", ""),
        ),
        (
            "my own/x:y.c:7:1: error: what",
            ("error", "my own/x:y.c", 7, 1, "what", ""),
        ),
        ("a.c:2:1: sorry, unimplemented: it", ("error", "a.c", 2, 1, "it", "")),
        (
            "a.c:2:1: internal compiler error: Segmentation fault",
            ("error", "a.c", 2, 1, "Segmentation fault", ""),
        ),
        (
            "./heat.c:9: Error: no such instruction: `frob'",
            ("error", "./heat.c", 9, None, "no such instruction: `frob'", ""),
        ),
        (
            "{standard input}:9: Warning: odd",
            ("warning", "{standard input}", 9, None, "odd", ""),
        ),
        (
            "gcc: error: unrecognized command-line option \u2018--foo\u2019",
            (
                "error",
                "",
                None,
                None,
                "unrecognized command-line option \u2018--foo\u2019",
                "",
            ),
        ),
        (
            "Fatal error: can't create x.o: Permission denied",
            ("error", "", None, None, "can't create x.o: Permission denied", ""),
        ),
        (
            './a.cu(4): error: identifier "b" is undefined',
            ("error", "./a.cu", 4, None, 'identifier "b" is undefined', ""),
        ),
        (
            './a (2).cu(4): warning #177-D: variable "x" was never referenced',
            (
                "warning",
                "./a (2).cu",
                4,
                None,
                'variable "x" was never referenced',
                "#177-D",
            ),
        ),
        (
            'a.cu(1): catastrophic error: cannot open source file "no.h"',
            ("error", "a.cu", 1, None, 'cannot open source file "no.h"', ""),
        ),
        (
            "ptxas error   : Entry function '_Z1k' uses too much shared data",
            (
                "error",
                "",
                None,
                None,
                "Entry function '_Z1k' uses too much shared data",
                "",
            ),
        ),
        (
            "ptxas /tmp/x.ptx, line 27; error   : Not a name of any known instruction",
            ("error", "", None, None, "Not a name of any known instruction", ""),
        ),
        (
            "nvlink error   : Undefined reference to '_Z2dd' in 'm.o'",
            ("error", "", None, None, "Undefined reference to '_Z2dd' in 'm.o'", ""),
        ),
        (
            "nvcc warning : Support for old architectures will go",
            ("warning", "", None, None, "Support for old architectures will go", ""),
        ),
        (
            "nvcc fatal   : Unknown option '--badopt'",
            ("error", "", None, None, "Unknown option '--badopt'", ""),
        ),
        (
            "heat.c:(.text+0x5): undefined reference to `foo'",
            ("error", "heat.c", None, None, "undefined reference to `foo'", ""),
        ),
        (
            "/usr/bin/ld: /tmp/cc1.o:heat.c:(.text+0x5): undefined reference to `foo'",
            ("error", "heat.c", None, None, "undefined reference to `foo'", ""),
        ),
        (
            "/x/heat.c:12: undefined reference to `foo'",
            ("error", "/x/heat.c", 12, None, "undefined reference to `foo'", ""),
        ),
        (
            "heat.c:1: error: undefined reference to 'foo'",
            ("error", "heat.c", 1, None, "undefined reference to 'foo'", ""),
        ),
        (
            "tmpxft_0-6_c.cudafe1.cpp:(.text+0x57): undefined reference to `foo()'",
            ("error", "c.cu", None, None, "undefined reference to `foo()'", ""),
        ),
        (
            "/usr/bin/ld: cannot find -lnope: No such file or directory",
            (
                "error",
                "",
                None,
                None,
                "cannot find -lnope: No such file or directory",
                "",
            ),
        ),
        (
            "x86_64-linux-gnu-ld.bfd: final link failed: bad value",
            ("error", "", None, None, "final link failed: bad value", ""),
        ),
        (
            "/usr/bin/ld: warning: x.o: missing .note.GNU-stack section",
            ("warning", "", None, None, "x.o: missing .note.GNU-stack section", ""),
        ),
        (
            "ld: skipping incompatible /lib/libm.so when searching for -lm",
            (
                "warning",
                "",
                None,
                None,
                "skipping incompatible /lib/libm.so when searching for -lm",
                "",
            ),
        ),
        (
            "ld.lld: error: undefined symbol: foo",
            ("error", "", None, None, "undefined symbol: foo", ""),
        ),
        (
            "collect2: error: ld returned 1 exit status",
            ("error", "", None, None, "collect2: error: ld returned 1 exit status", ""),
        ),
        (
            "collect2: fatal error: cannot find \u2018ld\u2019",
            ("error", "", None, None, "cannot find \u2018ld\u2019", ""),
        ),
    ],
)
def test_one_line(line: str, expected: Seen) -> None:
    """Each form of a complaint is taken apart."""
    assert seen(line) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "",
        '    3 |   printf("x.c:3:5: error: not one");',
        "      |          ^~~~~~",
        '  h("a.c:1:2: error: x");',
        "4 errors generated.",
        "compilation terminated.",
        "cc1: all warnings being treated as errors",
        "./heat.c: Assembler messages:",
        'Remark: The warnings can be suppressed with "-diag-suppress"',
        '6 errors detected in the compilation of "./e.cu".',
        "/usr/bin/ld:",
        "            argument types are: (int)",
        "it took 3:15: well",
    ],
)
def test_no_complaint(line: str) -> None:
    """What is no complaint is left out."""
    assert seen(line) == []
