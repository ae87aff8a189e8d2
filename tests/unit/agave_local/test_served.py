"""The WSGI application around the dispatcher."""

import threading
from pathlib import Path
from typing import Any

import pytest
from waitress.channel import ClientDisconnected
from werkzeug.test import Client

from agave_local.call import Answer, Auth, Call, Route
from agave_local.dispatcher import Dispatcher
from agave_local.services.control.models import Fault, FaultKind
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant
from agave_local.transports.served import Application

SYNCHRONOUS = "/x?_abaco_synchronous=true"


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


@pytest.fixture(name="application")
def _application(tmp_path: Path, gate: Gate) -> Application:
    tenant = Tenant(
        TenantSettings(tmp_path, "http://localhost", runner="inline", password_cost=16)
    )
    tenant.faults.add(Fault("x.drop", FaultKind.DROP))
    routes = [
        Route("GET", "/x", gate, "x.wait", Auth.OWN),
        Route("GET", "/drop", gate, "x.drop", Auth.OWN),
    ]
    return Application(Dispatcher(tenant, routes), synchronous=1)


def test_synchronous_messages_leave_threads_free(
    application: Application, gate: Gate
) -> None:
    """Where as many wait as may, another one is refused, and other calls go on."""
    answers: list[Any] = []
    waiting = threading.Thread(
        target=lambda: answers.append(Client(application).get(SYNCHRONOUS))
    )
    waiting.start()
    assert gate.entered.wait(10)

    refused = Client(application).get(SYNCHRONOUS)
    other = Client(application).get("/x")
    gate.open.set()
    waiting.join()

    assert (
        refused.status_code,
        other.status_code,
        answers[0].status_code,
    ) == (429, 200, 200)
    assert refused.json is not None
    assert "Too many synchronous messages" in refused.json["message"]
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert Client(application).get(SYNCHRONOUS).status_code == 200


def test_drop_is_handed_to_waitress(application: Application) -> None:
    """A dropped call is what waitress calls a lost client."""
    with pytest.raises(ClientDisconnected):
        Client(application).get("/drop")
