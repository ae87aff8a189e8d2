"""Running one command in a shell that somebody else may also be looking at.

What is typed comes back as an echo, between prompts, perhaps twice, and cut by the
width of the window.  So the shell is made to say marks that its echo can't contain,
and the command is spelled so that no line editor finds a key in it.
"""

import secrets
from typing import NamedTuple

PLAIN = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _./=:,+-"
)


class Result(NamedTuple):
    """How a command ended, and what it printed."""

    status: int
    output: str


class Mark(NamedTuple):
    """A word for one command: the shell joins the halves, an echo does not."""

    first: str
    second: str

    def __str__(self) -> str:
        return self.first + self.second


def new_mark() -> Mark:
    """Return a mark that nothing has printed before."""
    return Mark(secrets.token_hex(8), secrets.token_hex(8))


def type_command(command: str, mark: Mark) -> str:
    r"""Return what to type: `<mark>:`, the command's output, `<mark>=<status>.`.

    It is one line, for bash.  The leading space keeps it out of a history
    that ignores such lines, and `eval` makes a command that is no whole one fail
    instead of waiting for its end.
    """
    spelled = "".join(
        chr(byte) if byte in PLAIN else f"\\{byte:03o}" for byte in command.encode()
    )
    halves = f"'{mark.first}''{mark.second}'"
    return (
        f" printf '%s:' {halves}; eval \"$(printf '{spelled}')\";"
        f" printf '%s=%d.' {halves} $?\n"
    )


def to_text(output: bytes) -> str:
    """Return output as a program wrote it: the terminal adds returns to newlines."""
    return output.decode(errors="replace").replace("\r\n", "\n")
