"""Every failure of requests has its place in our tree."""

import inspect

import pytest
import requests
from requests import exceptions

from iptweb.agave.failures import (
    UNAVAILABLE,
    UNUSABLE,
    Acting,
    check_answer,
    translate,
)
from iptweb.errors import AgaveRefused, AgaveUnavailable, TokenExpired

ALL = {
    c
    for _, c in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(c, exceptions.RequestException)
}


def test_every_exception_of_requests_is_mapped_once() -> None:
    """A new exception class in requests must be given a place here."""
    assert ALL == UNAVAILABLE | UNUSABLE
    assert not UNAVAILABLE & UNUSABLE


@pytest.mark.parametrize("kind", sorted(UNAVAILABLE, key=str))
def test_no_answer_is_unavailable(kind: type[Exception]) -> None:
    """Whatever kept an answer from coming may pass by itself."""
    error = translate(make(kind), "meta")

    assert isinstance(error, AgaveUnavailable)
    assert "hunter22" not in error.message


@pytest.mark.parametrize("kind", sorted(UNUSABLE, key=str))
def test_nonsense_is_refused(kind: type[Exception]) -> None:
    """An answer that can't be used is not worth another try."""
    assert isinstance(translate(make(kind), "meta"), AgaveRefused)


def make(kind: type[Exception]) -> requests.RequestException:
    """Return an exception of a class, with an address in its text."""
    if kind is exceptions.JSONDecodeError:
        return exceptions.JSONDecodeError("hunter22", "doc", 0)
    error = kind("https://tenant/?token=hunter22")
    assert isinstance(error, requests.RequestException)
    return error


def response(status: int, body: bytes = b"") -> requests.Response:
    """Return an answer of the platform."""
    made = requests.Response()
    made.status_code = status
    made._content = body
    return made


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206])
def test_success_passes(status: int) -> None:
    """A success is no error."""
    check_answer(response(status), "meta", "user")


@pytest.mark.parametrize(
    ("status", "acting", "expected"),
    [
        (401, "user", TokenExpired),
        (401, "service", AgaveRefused),
        (403, "user", AgaveRefused),
        (404, "user", AgaveRefused),
        (302, "user", AgaveRefused),
        (429, "user", AgaveUnavailable),
        (500, "user", AgaveUnavailable),
        (503, "service", AgaveUnavailable),
    ],
)
def test_status_decides(status: int, acting: str, expected: type[Exception]) -> None:
    """The status and whose token it was decide which error it is."""
    whose: Acting = "user" if acting == "user" else "service"

    with pytest.raises(expected) as caught:
        check_answer(response(status), "meta", whose)

    assert getattr(caught.value, "upstream_status", None) == status


@pytest.mark.parametrize(
    ("body", "acting", "said"),
    [
        (b'{"message": "No such\\napp."}', "user", ": No such app."),
        (b'{"message": "No such app."}', "service", "."),
        (b'{"message": null}', "user", "."),
        (b"<html>", "user", "."),
        (b"[1]", "user", "."),
    ],
)
def test_the_platform_s_words(body: bytes, acting: str, said: str) -> None:
    """What the platform said reaches only the user it was said to, as one line."""
    with pytest.raises(AgaveRefused) as caught:
        check_answer(
            response(400, body), "apps", "user" if acting == "user" else "service"
        )

    assert caught.value.message == (
        f"The platform's apps service refused (status 400){said}"
    )
