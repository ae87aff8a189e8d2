"""Programs that are written to get at the machine, or to bring it down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipt.errors import IptError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.ipt.service.conftest import Serve

SECRET = "correct-horse-battery"
# What `{}` stands for is a file beside the program's folder that it must not see.
READING = {
    "include": '#include "{}"\n',
    "angles": "#include <{}>\n",
    "upward": '#include "../secret.h"\n',
    "next": '#include_next "{}"\n',
    "import": '#import "{}"\n',
    "digraph": '%:include "{}"\n',
    "macro": '#define NAME "{}"\n#include NAME\n',
    "split": '#inc\\\nlude \\\n"{}"\n',
    "comment": '#include/**/"{}"\n',
    "embed": 'const char x[] = {{\n#embed "{}"\n}};\n',
    "dependency": '#pragma GCC dependency "{}"\n',
    "self": "#include </proc/self/environ>\n",
    "endless": '#include "/dev/zero"\n',
    "parent": '#include "/proc/self/cwd/../secret.h"\n',
}
PEEKING = {
    "asked": '__has_include("{}")',
    "angles": "__has_include(<{}>)",
    "pasted": 'JOIN(__has_, include)("{}")',
    "next": '__has_include_next("{}")',
}
# The compiler alone would say more of these; ipt must end, and end with a sentence.
BREAKING = {
    "brackets": "int x = " + "(" * 20_000 + "1" + ")" * 20_000 + ";",
    "blocks": "void f(void) " + "{" * 20_000 + "}" * 20_000,
    "pointers": "int " + "*" * 20_000 + "x = 0;\nint y = ;",
    "recursion": '#include "a.c"\n',
    "unclosed": "#if 1\n" * 5000 + '/* "',
    "nul": "int x;\0int y;",
    "shared name": "#define main(\nint main(void) { return 0; }",
    "array": "char x[0xffffffffffffffff];",
    "depth of ifs": "#if 0\n" * 10_000,
    "long name": "int " + "x" * 90_000 + " = ;",
}


def refusal(engine: Serve, text: str) -> str:
    """Return why a program is not read."""
    with pytest.raises(IptError) as caught:
        engine({"a.c": text})
    return caught.value.message


@pytest.fixture(name="secret")
def _secret(tmp_path: Path) -> Path:
    """Return a file beside the folders that programs are in."""
    path = tmp_path / "secret.h"
    path.write_text(f"{SECRET} = 1;\n")
    (tmp_path / "call-1").mkdir()
    (tmp_path / "call-1" / "secret.h").write_text(f"{SECRET} = 1;\n")
    return path


@pytest.mark.parametrize("name", READING)
def test_no_other_file_is_read(name: str, engine: Serve, secret: Path) -> None:
    """Whichever way it is named, there is no such file, and nothing of it is shown."""
    message = refusal(engine, READING[name].format(secret))

    assert SECRET not in message
    assert "unknown type name" not in message


@pytest.mark.parametrize("name", PEEKING)
def test_no_other_file_is_seen_to_be_there(
    name: str, engine: Serve, secret: Path
) -> None:
    """A program cannot ask whether a file is there either."""
    question = PEEKING[name].format(secret)

    message = refusal(
        engine,
        f"#define JOIN(a, b) a##b\n#if {question}\n#error there\n#else\n"
        "#error absent\n#endif\n",
    )

    assert "error: there" not in message


def test_given_files_and_the_system_are_there(engine: Serve) -> None:
    """The program's own headers, and those of the C library."""
    files = {
        "src/a.c": '#include <stdio.h>\n#include "../inc/a.h"\nint x = A;\n',
        "inc/a.h": "#define A 1\n",
    }

    assert engine(files)["status"] == "unchanged"


@pytest.mark.parametrize("name", BREAKING)
def test_programs_that_break_compilers_are_answered(name: str, engine: Serve) -> None:
    """They are refused or read; ipt does not break down over them."""
    said = "unchanged"
    try:
        said = engine({"a.c": BREAKING[name]})["status"]
    except IptError as error:
        said = error.message

    assert said == "unchanged" or said.startswith(("a.c", "./a.c", "The program"))


def test_lines_of_other_files_cannot_be_claimed(engine: Serve, secret: Path) -> None:
    """A mistake is shown in the text that was sent, whatever `#line` says."""
    message = refusal(engine, f'#line 1 "{secret}"\nint x = ;\n')

    assert message.startswith("a.c:2:9: error")
    assert "int x = ;" in message


def test_answers_are_words_and_no_code(engine: Serve, secret: Path) -> None:
    """What is typed into a clause cannot bring another file in."""
    program = (
        "int a[9000];\nvoid f(int n) {\nfor (int i = 0; i < n; i++)\na[i] = i;\n}\n"
    )
    answers = {
        "f.loop1": "details",
        "f.loop1.condition": f'n > 1)\n#include "{secret}"\nint y = (1',
    }

    with pytest.raises(IptError) as caught:
        engine({"a.c": program}, "ask", answers=answers, defaults=True)

    assert SECRET not in caught.value.message
