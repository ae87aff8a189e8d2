"""The function `admin`: who is refused, and what."""

from typing import Any

import pytest

from iptweb.testing import FakeHost, FakeTenant

from .administrator import Administrator


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/terminals/ada/kill"),
        ("POST", "/terminals/ada/record"),
        ("DELETE", "/terminals/ada"),
        ("POST", "/terminals/ada/START"),
    ],
)
def test_no_such_command(grace: Administrator, method: str, path: str) -> None:
    """Only what a terminal can be told is taken."""
    assert grace.do(path, method=method).code == "not_found"
    assert grace.terminals.messages == []


@pytest.mark.parametrize("user", ["Ada", "a b", "..", "x" * 33, "-ada"])
@pytest.mark.parametrize("what", ["start", "record"])
def test_bad_user(grace: Administrator, user: str, what: str) -> None:
    """What can't be a user is refused before anything is put on record."""
    method = "DELETE" if what == "record" else "POST"

    answer = grace.do(f"/terminals/{user}/{what}", method=method)

    assert (answer.code, answer.field) == ("bad_request", "user")
    assert grace.audited() == []


@pytest.mark.parametrize("request_id", ["", "short", "x" * 65, "with space", 7, None])
def test_bad_request_id(grace: Administrator, request_id: Any) -> None:
    """Without an id of its own no action is done."""
    answer = grace.do("/terminals/ada/start", request_id=request_id)

    assert (answer.code, answer.field) == ("bad_request", "request_id")


ROUTES: list[tuple[str, str]] = [
    ("GET", "/terminals"),
    ("POST", "/terminals/ada/start"),
    ("POST", "/terminals/ada/stop"),
    ("POST", "/terminals/ada/sync"),
    ("POST", "/terminals/ada/restart"),
    ("DELETE", "/terminals/ada/record"),
    ("GET", "/hosts"),
    ("POST", "/hosts/this-machine/drain"),
    ("POST", "/hosts/this-machine/undrain"),
    ("GET", "/jobs"),
    ("GET", "/audit"),
]


@pytest.mark.parametrize("user", ["ada", "eve", "ipt"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_others(grace: Administrator, method: str, path: str, user: str) -> None:
    """Whoever is no administrator is refused everything, the service account, too."""
    before = list(grace.tenant.metadata)
    client = grace.as_user(user)

    answer = client.request(method, path, body={"request_id": "request-x1"})

    assert (answer.status, answer.code) == (403, "forbidden")
    assert grace.tenant.metadata == before
    assert grace.terminals.messages == []


def test_nobody(grace: Administrator) -> None:
    """A call that carries no user is told to sign in."""
    assert grace.as_user("").get("/terminals").code == "unauthorized"


def test_service_account_that_is_an_administrator(tenant: FakeTenant) -> None:
    """Who is listed is let through, whoever it is."""
    grace = Administrator(tenant, FakeHost(), admin_users=["ipt"])
    grace.client = grace.as_user("ipt")

    assert grace.get("/terminals").status == 200


def test_refusal_of_a_bad_body_comes_second(grace: Administrator) -> None:
    """Who may not ask does not learn what would have been wrong."""
    answer = grace.as_user("eve").post("/terminals/Ada/start", nonsense=1)

    assert answer.code == "forbidden"
