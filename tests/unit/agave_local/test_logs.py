"""The server's own log."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from agave_local.entrance.logs import (
    JsonFormatter,
    LogFormat,
    TextFormatter,
    configure,
    read_request_id,
    shown_path,
    writing_about,
)


@pytest.fixture(name="log")
def _log() -> Iterator[logging.Logger]:
    log = logging.getLogger("agave_local.test_logs")
    log.propagate = False
    log.setLevel(logging.INFO)
    yield log
    log.handlers.clear()


def _write_to(log: logging.Logger, formatter: logging.Formatter) -> io.StringIO:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    log.addHandler(handler)
    return stream


def _fail() -> None:
    raise LookupError("why")


def test_json(log: logging.Logger) -> None:
    """A line is one object, with what belongs to it and its request."""
    stream = _write_to(log, JsonFormatter())

    with writing_about("abcdefgh", "DEV"):
        log.info("a\n%s", "b", extra={"fields": {"status": 200}})
    log.warning("after")

    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "info",
        "logger": "agave_local.test_logs",
        "message": "a\nb",
        "request": "abcdefgh",
        "tenant": "DEV",
        "status": 200,
    }
    assert "request" not in second


def test_json_of_a_failure(log: logging.Logger) -> None:
    """A failure's trace is part of its one line."""
    stream = _write_to(log, JsonFormatter())

    try:
        _fail()
    except LookupError:
        log.exception("failed")

    (line,) = stream.getvalue().splitlines()
    assert "LookupError: why" in json.loads(line)["error"]


def test_text(log: logging.Logger) -> None:
    """A line for people ends with its request's id, also where a trace follows."""
    stream = _write_to(log, TextFormatter())

    log.info("before")
    with writing_about("abcdefgh", "DEV"):
        try:
            _fail()
        except LookupError:
            log.exception("failed")

    lines = stream.getvalue().splitlines()
    assert lines[0].endswith("INFO before")
    assert lines[1].endswith("ERROR failed [abcdefgh]")
    assert lines[-1] == "LookupError: why"


@pytest.mark.parametrize("form", list(LogFormat))
def test_configure(form: LogFormat) -> None:
    """The log of the process goes where the server says, in the format it says."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers.clear()
    stream = io.StringIO()
    try:
        configure(form, stream)
        logging.getLogger("anything").info("line")
    finally:
        root.handlers[:] = before
        root.setLevel(level)

    assert stream.getvalue().startswith("{") is (form is LogFormat.JSON)


@pytest.mark.parametrize("given", ["a" * 8, "a1-b2.c3_d4:e5+f6=", "0" * 128])
def test_sane_request_id(given: str) -> None:
    """An id that came with a request is kept, so that its way can be followed."""
    assert _id(given) == given


@pytest.mark.parametrize("given", ["", "short", "x" * 129, "a b c d e f", "ä" * 9])
def test_odd_request_id(given: str) -> None:
    """Anything else is replaced by an id of ours."""
    made = _id(given)

    assert made != given
    assert len(made) == 16
    assert made != _id(given)


def _id(given: str) -> str:
    environ = EnvironBuilder("/", headers=[("X-Request-Id", given)]).get_environ()
    return read_request_id(Request(environ))


@pytest.mark.parametrize(
    ("path", "args", "shown"),
    [
        ("/meta/v2/data", {}, "/meta/v2/data"),
        ("/a b\nc\u202e", {}, "/a%20b%0Ac%E2%80%AE"),
        ("/actors/a/nonces/LOCAL_x", {"nonce_id": "LOCAL_x"}, "/actors/a/nonces/***"),
        ("/postits/v2/secret", {"nonce": "secret"}, "/postits/v2/***"),
        ("/actors/x", {"actor_id": "x"}, "/actors/x"),
    ],
)
def test_shown_path(path: str, args: dict[str, object], shown: str) -> None:
    """A path is shown escaped, and without what would open something."""
    assert shown_path(path, args) == shown


def test_half_of_a_surrogate() -> None:
    """Even text that no encoding has can be shown."""
    assert shown_path("/\ud800", {}) == "/%3F"
