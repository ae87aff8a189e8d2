"""The WSGI application around the tenants, and the connections before it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from waitress.channel import ClientDisconnected
from werkzeug.test import Client, TestResponse

from agave_local.call import Answer, Auth, Call, Route
from agave_local.entrance.admission import Admission, Places
from agave_local.entrance.dispatcher import Dispatcher
from agave_local.entrance.tenants import Tenants
from agave_local.services.control.models import Fault, FaultKind
from agave_local.services.control.urls import routes as control
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant
from agave_local.transports.served import Application, Phase

SYNCHRONOUS = "/x?_abaco_synchronous=true"


def _get(application: Application, path: str) -> TestResponse:
    """Call the application, and read its whole answer as a server would."""
    return Client(application).get(path, buffered=True)


class Gate:
    """A view that waits until it is let go."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()

    def __call__(self, call: Call) -> Answer:
        """Wait, where the call is a synchronous one."""
        if "_abaco_synchronous" in call.request.args:
            self.entered.set()
            self.open.wait(10)
        return Answer("done")


@pytest.fixture(name="gate")
def _gate() -> Gate:
    return Gate()


@pytest.fixture(name="tenant")
def _tenant(tmp_path: Path) -> Iterator[Tenant]:
    tenant = Tenant(
        TenantSettings(tmp_path, "http://localhost", runner="inline", password_cost=16)
    )
    yield tenant
    tenant.store.close()


@pytest.fixture(name="application")
def _application(tenant: Tenant, gate: Gate) -> Application:
    tenant.faults.add(Fault("x.drop", FaultKind.DROP))
    routes = [
        Route("GET", "/x", gate, "x.wait", Auth.OWN),
        Route("GET", "/drop", gate, "x.drop", Auth.OWN),
        *control(),
    ]
    admission = Admission(tenant.metrics, None, Places(1, 1))
    return Application(Tenants([Dispatcher(tenant, routes, admission)]))


@pytest.fixture(name="waiting")
def _waiting(application: Application, gate: Gate) -> Iterator[list[Any]]:
    """Yield the answers of one call that waits at the gate."""
    answers: list[Any] = []
    waiting = threading.Thread(
        target=lambda: answers.append(_get(application, SYNCHRONOUS))
    )
    waiting.start()
    assert gate.entered.wait(10)
    yield answers
    gate.open.set()
    waiting.join()


def test_synchronous_messages_leave_threads_free(
    application: Application, gate: Gate, waiting: list[Any]
) -> None:
    """Where as many wait as may, another one is refused, and other calls go on."""
    refused = _get(application, SYNCHRONOUS)
    other = _get(application, "/x")
    gate.open.set()
    assert application.wait_idle(10)

    assert (refused.status_code, other.status_code) == (429, 200)
    assert refused.json is not None
    assert "Too many synchronous messages" in refused.json["message"]
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert refused.headers["Retry-After"] == "1"
    assert _get(application, SYNCHRONOUS).status_code == 200
    assert [answer.status_code for answer in waiting] == [200]


def test_drop_is_handed_to_waitress(application: Application) -> None:
    """A dropped call is what waitress calls a lost client."""
    with pytest.raises(ClientDisconnected):
        _get(application, "/drop")

    assert application.wait_idle(0)


def test_a_query_that_is_no_text(application: Application) -> None:
    """A query in no encoding is refused, and names no tenant."""
    raw = {"QUERY_STRING": "x-nonce=LOCAL_\xff"}
    answer = Client(application).get("/x", environ_overrides=raw)

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["message"] == "The address is not UTF-8."


@pytest.mark.parametrize(
    ("phase", "word"), [(Phase.STARTING, "starting"), (Phase.STOPPING, "stopping")]
)
def test_while_it_starts_or_stops(
    application: Application, phase: Phase, word: str
) -> None:
    """Calls are asked to come again; only who watches the server is answered."""
    application.phase = phase

    refused = _get(application, "/x")

    assert refused.status_code == 503
    assert refused.json is not None
    assert f"The tenant is {word}" in refused.json["message"]
    assert refused.headers["Retry-After"] == "1"
    assert [
        _get(application, path).status_code for path in ("/health", "/healthz")
    ] == [
        200,
        200,
    ]
    assert [_get(application, path).status_code for path in ("/ready", "/readyz")] == [
        503,
        503,
    ]


def test_ready_while_it_works(tenant: Tenant, application: Application) -> None:
    """A tenant is ready from its start until it is about to stop."""
    tenant.start()
    try:
        assert _get(application, "/readyz").json == {"status": "ready"}
        tenant.leave()
        assert _get(application, "/readyz").status_code == 503
        assert _get(application, "/healthz").status_code == 200
    finally:
        tenant.stop()


def test_what_is_under_way(
    application: Application, gate: Gate, waiting: list[Any]
) -> None:
    """The server knows when the last call under way has been answered."""
    assert not application.wait_idle(0.01)

    gate.open.set()

    assert application.wait_idle(10)
    assert [answer.status_code for answer in waiting] == [200]
