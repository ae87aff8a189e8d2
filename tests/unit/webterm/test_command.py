"""How a command is typed so that nothing in it is a key."""

import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from webterm.command import Mark, new_mark, to_text, type_command

MARK = Mark("0123", "abcd")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_typed_line_is_plain_and_hides_its_mark(command: str) -> None:
    """Only printable ASCII is typed, and the echo does not hold the mark."""
    typed = type_command(command, MARK)

    assert typed.endswith("\n")
    assert typed[:-1].isprintable()
    assert typed.isascii()
    assert str(MARK) not in typed


@settings(max_examples=10)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_shell_understands_what_is_typed(text: str) -> None:
    """Bash gets the command back byte by byte."""
    quoted = text.replace("'", "'\\''")
    typed = type_command(f"printf '%s' '{quoted}'; (exit 7)", MARK)
    done = subprocess.run(
        ["/bin/bash"], input=typed.encode(), capture_output=True, check=False
    )

    assert done.stdout == f"0123abcd:{text}0123abcd=7.".encode()


def test_marks_differ() -> None:
    """What one command printed is not taken for another's."""
    assert new_mark() != new_mark()


def test_output_is_as_the_program_wrote_it() -> None:
    """Returns of the terminal go; what is not UTF-8 does no harm."""
    assert to_text(b"a\r\nb\xff\r\n") == "a\nb\ufffd\n"
