"""The entrance of the tenant: routes, faults of views, hostile requests."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from agave_local.app import make_dispatcher
from agave_local.call import Answer, Auth, Call, Flavour, Route
from agave_local.entrance.dispatcher import Dispatcher
from agave_local.entrance.logs import TextFormatter
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant


@pytest.fixture(name="tenant")
def _tenant(tmp_path: Path) -> Iterator[Tenant]:
    tenant = Tenant(
        TenantSettings(tmp_path, "http://localhost", runner="inline", password_cost=16)
    )
    yield tenant
    tenant.store.close()


def _fail(_: Call) -> Answer:
    raise LookupError("the secret of the view")


def _ask(dispatcher: Dispatcher, path: str = "/", **more: str) -> Response:
    environ = EnvironBuilder("/", headers=list(more.items())).get_environ()
    environ["PATH_INFO"] = path
    return dispatcher.dispatch(Request(environ))


@pytest.mark.parametrize(
    ("path", "version"), [("/broken", "2.2.14-local"), ("/actors/broken", ":dev")]
)
def test_bug_of_a_view(
    tenant: Tenant, path: str, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A view that fails is answered with 500; only the log says why."""
    route = Route("GET", path, _fail, "test.broken", Auth.OWN)

    answer = _ask(Dispatcher(tenant, [route]), path)

    assert answer.status_code == 500
    assert answer.json is not None
    assert version == answer.json["version"]
    assert answer.json["message"] == "The local tenant failed; its log says why."
    assert "the secret of the view" in caplog.text


def test_an_identity_is_only_for_verified_callers(tenant: Tenant) -> None:
    """A view without a verified caller cannot take anybody for one."""
    route = Route("GET", "/x", lambda call: Answer(call.identity), "x.y", Auth.OWN)

    assert _ask(Dispatcher(tenant, [route]), "/x").status_code == 500


def test_plain_flavour(tenant: Tenant) -> None:
    """A plain answer has no envelope."""
    route = Route("GET", "/x", lambda _: Answer([1]), "x.y", Auth.OWN, Flavour.PLAIN)

    assert _ask(Dispatcher(tenant, [route]), "/x").json == [1]


def test_abaco_flavour(tenant: Tenant) -> None:
    """Abaco answers 200 with its own words, under both of its prefixes."""
    view = lambda _: Answer([1], 201)  # noqa: E731 - a view in one line
    route = Route("GET", "/actors/x", view, "x.y", Auth.OWN, Flavour.ABACO)
    dispatcher = Dispatcher(tenant, [route])

    for path in ("/actors/x", "/actors/v2/x", "//actors//v2//x/"):
        answer = _ask(dispatcher, path)
        assert answer.status_code == 200
        assert answer.json is not None
        assert answer.json["message"] == "The request was successful."


def test_unknown_address_of_abaco(tenant: Tenant) -> None:
    """Abaco answers 405 for unknown addresses."""
    answer = _ask(make_dispatcher(tenant), "/actors/a/b/c/d/e/f")

    assert answer.status_code == 405


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic !!!", "Bearer \x80", "bearer x y z"]
)
def test_odd_authorization(tenant: Tenant, header: str) -> None:
    """Whatever stands in the header, the answer is 401."""
    dispatcher = make_dispatcher(tenant)

    for path in ("/profiles/v2/me", "/clients/v2"):
        assert _ask(dispatcher, path, Authorization=header).status_code == 401


@pytest.mark.parametrize("host", ["", "a b", "x" * 300, "[::1", "ä.example", "a:b:c"])
def test_odd_host(tenant: Tenant, host: str) -> None:
    """The host header decides nothing."""
    assert _ask(make_dispatcher(tenant), "/health", Host=host).status_code == 200


@pytest.mark.parametrize("path", ["", "/%", "/" + "x" * 10_000, "/\0"])
def test_odd_path(tenant: Tenant, path: str) -> None:
    """A path that means nothing is not found, or the root."""
    assert _ask(make_dispatcher(tenant), path).status_code in (302, 404)


@pytest.mark.parametrize(
    ("path", "status"), [("/\x80\xff", 400), ("/" + "x" * 33_000, 414)]
)
def test_unreadable_path(tenant: Tenant, path: str, status: int) -> None:
    """A path that is no text, or without end, is refused as that."""
    answer = _ask(make_dispatcher(tenant), path)

    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["status"] == "error"


def test_a_failure_is_found_in_the_log(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    """The id that a failed request's caller gets is in the line that says why."""
    formatter = TextFormatter()
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(formatter.format(record))

    logger = logging.getLogger("agave_local.entrance.dispatcher")
    logger.addHandler(handler := Lines())
    try:
        route = Route("GET", "/broken", _fail, "test.broken", Auth.OWN)
        answer = _ask(Dispatcher(tenant, [route]), "/broken")
    finally:
        logger.removeHandler(handler)

    assert f"[{answer.headers['X-Request-Id']}]" in lines[0]
    assert answer.headers["X-Request-Id"] not in caplog.text


def test_nonces_are_not_logged(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    """A nonce in an address opens an actor, and is not in the log."""
    caplog.set_level("INFO", "agave_local")

    _ask(make_dispatcher(tenant), "/actors/v2/abc/nonces/LOCAL_secret")

    assert caplog.messages[-1].startswith("GET /actors/abc/nonces/*** 400 ")
    assert "LOCAL_secret" not in caplog.text
