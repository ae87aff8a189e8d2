"""Fields of request bodies, descriptions, messages and logs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from agave_local.call import Identity
from agave_local.errors import BadRequest, PayloadTooLarge
from agave_local.services.actors.description import memory_limit, read_description
from agave_local.services.actors.fields import (
    BadBody,
    Field,
    boolean,
    integer,
    is_variable,
    mapping,
    read_fields,
    read_json,
    text,
    texts,
)
from agave_local.services.actors.messages import BINARY_LIMIT, read_message
from agave_local.services.actors.permissions import Level, level_names, may, read_level
from agave_local.services.actors.runner.logs import (
    LOG_LIMIT,
    LOG_MARK,
    LogBuffer,
    cut,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def _request(**options: Any) -> Request:
    return Request(EnvironBuilder(method="POST", **options).get_environ())


@pytest.mark.parametrize(
    ("given_value", "value"),
    [(True, True), ("true", True), ("TRUE", True), (1, True), ("0", False)],
)
def test_boolean(given_value: object, value: object) -> None:
    """A truth value has four spellings."""
    assert boolean(given_value) is value


@pytest.mark.parametrize(
    ("read", "wrong"),
    [
        (boolean, "yes"),
        (boolean, []),
        (integer, "many"),
        (integer, 1.5),
        (integer, [1]),
        (mapping, "abcd"),
        (mapping, {"": "x"}),
        (mapping, {"a=b": "x"}),
        (mapping, {"a": "\0"}),
        (mapping, {"a": "\ud800"}),
        (text, "a\0b"),
        (text, "\ud800"),
        (texts, ["fine", "\0"]),
    ],
)
def test_wrong_values(read: Any, wrong: object) -> None:
    """A value that is not of the field's kind is refused."""
    with pytest.raises(ValueError, match=r"^no |invalid literal"):
        read(wrong)


@given(JSON)
def test_any_json(value: Any) -> None:
    """Any JSON body is read or refused as a bad request, whatever is in it."""
    request = _request(json=value)
    fields = (Field("a", text, "about"), Field("b", integer, "about", default=1))

    try:
        read = read_fields(request, fields, prefix="Invalid")
    except BadRequest:
        return
    assert set(read) == {"a", "b"}


@given(JSON)
def test_any_message(value: Any) -> None:
    """Any JSON becomes a message that an environment can hold, or is refused."""
    try:
        posted = read_message(_request(json=value))
    except BadRequest:
        return
    assert posted.text is not None
    assert is_variable("MSG", posted.text)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Any body without a type becomes a message or is refused."""
    try:
        posted = read_message(_request(data=data))
    except BadRequest:
        return
    assert posted.content_type == "str"


@pytest.mark.parametrize("data", [b"[" * 101 + b"]" * 101, b"[" * 10**6, b"{", b"\xff"])
def test_bad_json(data: bytes) -> None:
    """What is no JSON, or far too deep, is refused."""
    with pytest.raises(BadBody):
        read_json(data)


def test_deep_enough() -> None:
    """Nesting that people use is read."""
    value = json.loads("[" * 50 + "]" * 50)

    assert read_json(json.dumps(value).encode()) == value


def test_binary_limits() -> None:
    """A binary message has a length, and not more than Abaco takes."""
    binary = {"CONTENT_TYPE": "application/octet-stream", "REQUEST_METHOD": "POST"}

    with pytest.raises(BadRequest, match="needs a Content-Length"):
        read_message(Request(binary))
    with pytest.raises(PayloadTooLarge, match=str(BINARY_LIMIT)):
        read_message(Request({**binary, "CONTENT_LENGTH": str(BINARY_LIMIT + 1)}))


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (None, None),
        ("-1", 0),
        ("100", 100),
        ("100b", 100),
        ("2k", 2048),
        ("3M", 3 * 2**20),
        ("1g", 2**30),
    ],
)
def test_memory_limit(written: str | None, size: int | None) -> None:
    """Memory is written as docker writes it."""
    assert memory_limit(written) == size


@pytest.mark.parametrize("written", ["", "g", "1x", "-2", "1.5g", "٣"])
def test_no_memory_limit(written: str) -> None:
    """What docker would not read is refused."""
    with pytest.raises(BadRequest, match="memLimit"):
        memory_limit(written)


def test_log_expiry_is_capped() -> None:
    """No log is kept for ever, whatever an actor asks for."""
    described = read_description(
        _request(json={"image": "x", "logEx": 10**9}), Identity("ada")
    )

    assert described["logEx"] == 3_000_000


def test_levels() -> None:
    """Levels are ordered and named."""
    assert level_names(Level.EXECUTE) == ("NONE", "READ", "EXECUTE")
    assert read_level("UPDATE") is Level.UPDATE
    assert may({"ada": "EXECUTE"}, "ada", Level.READ)
    assert not may({"ada": "EXECUTE"}, "ada", Level.UPDATE)
    assert not may({}, "ada", Level.READ)


@given(st.lists(st.text(min_size=1), max_size=10))
def test_log_is_what_was_written(parts: list[str]) -> None:
    """A log within the limit is kept as it is, however it was cut into pieces."""
    log = LogBuffer()

    for part in parts:
        log.write(part.encode("utf-8", "replace"))

    assert log.text() == "".join(parts).encode("utf-8", "replace").decode()


def test_log_limit() -> None:
    """What is beyond the limit is dropped, and the log says so."""
    log = LogBuffer()

    for _ in range(60):
        log.write(b"x" * 100_000)

    assert log.full
    assert log.text() == "x" * LOG_LIMIT + LOG_MARK
    assert cut("x" * LOG_LIMIT) == "x" * LOG_LIMIT
