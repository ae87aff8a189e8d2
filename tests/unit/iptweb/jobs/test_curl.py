"""The command that submits a document without us."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.jobs.curl import to_curl

SHELLS = [shell for shell in ("/bin/sh", "/bin/bash") if Path(shell).exists()]
TEXT = st.text(max_size=20)
HOSTILE = 'it\'s; $(touch owned) `id` \\ !! \n"é" ${HOME} %s'


def words_of(command: str, shell: str = "/bin/sh") -> list[str]:
    """Return the words that a shell makes of the command, without running it."""
    script = 'curl() { for word; do printf "%s\\0" "$word"; done; }\n' + command
    done = subprocess.run(
        [shell, "-c", script],
        env={"TOKEN": "the token", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split("\0")[:-1]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_reads_the_document_as_it_is(shell: str) -> None:
    """Whatever stands in a document, a POSIX shell hands it to curl unchanged."""
    document: dict[str, Any] = {"name": HOSTILE, "nodeCount": 2, "archive": True}

    words = words_of(to_curl(document, "https://tenant.example"), shell)

    assert words[:4] == ["-sS", "-X", "POST", "https://tenant.example/jobs/v2/"]
    assert words[4:8:2] == ["-H", "-H"]
    assert "Authorization: Bearer the token" in words
    assert "Content-Type: application/json" in words
    assert words[-2] == "--data-raw"
    assert json.loads(words[-1]) == document


@given(st.dictionaries(TEXT, st.one_of(TEXT, st.integers(), st.booleans()), max_size=4))
def test_any_document_survives_the_shell(document: dict[str, Any]) -> None:
    """Any text is quoted right, and the command is plain ASCII."""
    command = to_curl(document, "https://tenant.example")

    assert command.isascii()
    assert json.loads(words_of(command)[-1]) == document


def test_there_is_no_token_in_it() -> None:
    """The command names the variable of the token, so it may be shown and shared."""
    command = to_curl({}, "https://tenant.example")

    assert '"Authorization: Bearer $TOKEN"' in command
