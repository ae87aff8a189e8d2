"""What a person is told of a failure of the system, or of a library."""

import subprocess

import pytest

from agave_deploy.errors import in_words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (TimeoutError("timed out"), "no answer in time"),
        (subprocess.TimeoutExpired(["x"], 3), "no answer in time"),
        (EOFError(), "the line broke"),
        (ValueError("two\n  lines"), "two lines"),
        (OSError(), "no reason given"),
    ],
)
def test_in_words(error: Exception, words: str) -> None:
    """No class or number of an error is among the words."""
    assert in_words(error) == words
