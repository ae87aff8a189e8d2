"""The execution log holds no secret."""

import io
import json
import logging
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.logs import Log, Redactor, describe_place, standard_log
from iptweb.secret import Secret


def test_lines_are_json() -> None:
    """One event is one JSON object on one line, with the time."""
    stream = io.StringIO()
    Log(stream, clock=lambda: 1.23456).write("done", status=200, thing={1})

    assert json.loads(stream.getvalue()) == {
        "event": "done",
        "status": 200,
        "thing": "{1}",
        "time": 1.235,
    }


@given(st.text(alphabet=string.ascii_letters + string.digits + '+/=-_é"\\', min_size=6))
def test_known_secrets_are_masked(value: str) -> None:
    """A secret that the log knows of does not appear in it in any spelling."""
    stream = io.StringIO()
    Log(stream, Redactor([Secret(value)])).write("event-0", text=f"<{value}>")

    assert json.loads(stream.getvalue())["text"] == "<***>"


def test_multi_line_keys_are_masked() -> None:
    """A key with line breaks is masked although JSON spells them otherwise."""
    stream = io.StringIO()
    key = "-----BEGIN KEY-----\nabcdef\n-----END KEY-----\n"
    log = Log(stream)
    log.redactor.add(Secret(key), None, Secret(""))
    log.write("x", text=key)

    assert "abcdef" not in stream.getvalue()


def test_unknown_tokens_are_masked() -> None:
    """What looks like a token is masked, known or not."""
    cleaned = Redactor().clean(
        'Bearer abcdefgh "access_token": "ijklmnop" token=qrstuv'
    )

    assert cleaned == 'Bearer *** "access_token": "***" token=***'


def test_libraries_warn_without_their_words() -> None:
    """A library's warning names the library only; below a warning nothing is logged."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers, root.level
    try:
        Log(stream).take_over()
        logging.getLogger("urllib3").warning("GET %s", "https://x/?token=1")
        logging.getLogger("urllib3").info("more")
    finally:
        root.handlers, root.level = before

    assert json.loads(stream.getvalue()) == {
        "event": "library",
        "level": "WARNING",
        "logger": "urllib3",
    }


def test_place_has_no_values() -> None:
    """Where an error was raised is told without what was in it."""
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("secret")
    place = describe_place(caught.value)

    assert place.startswith("test_logs.py:")
    assert "secret" not in place
    assert describe_place(ValueError()) == ""


def test_standard_log_has_the_time() -> None:
    """The log of a process is standard output."""
    assert standard_log(lambda: 0.0).redactor is not None
