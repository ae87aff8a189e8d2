"""Floods from one side, and the others, who must not notice them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from agave_local.entrance.limits import Limits, Rate
from agave_local.handle import PASSWORD, Caller, LocalAgave
from agave_local.services.actors.runner.images import Program
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant
from agave_local.transports.served import Served, listen

QUEUE_NOT_EMPTY = "Cannot issue synchronous execution when actor message queue > 0."
SLEEP = Program(command=("/bin/sh", "-c", "sleep $MSG; echo done"))
LIMITS = Limits(
    user=Rate(0.01, 50),
    anonymous=Rate(0.01, 4),
    nonce=Rate(5, 30),
    sign_in=Rate(0.01, 3),
)


@pytest.fixture(name="agave")
def _agave(tmp_path: Path) -> Iterator[LocalAgave]:
    """Yield a served tenant with low limits, behind a proxy that it trusts."""
    with ExitStack() as held:
        listener = held.enter_context(listen("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = TenantSettings(
            tmp_path / "data", url, images={"sleep": SLEEP}, password_cost=16
        )
        tenant = Tenant(settings)
        served = Served(tenant, listener, 12, limits=LIMITS, trusted_proxy="127.0.0.1")
        served.start()
        held.callback(served.stop)
        yield LocalAgave(url, tenant)


def _from(agave: LocalAgave, address: str, token: str = "") -> Caller:
    caller = Caller(agave.base_url, token)
    caller.headers["X-Forwarded-For"] = address
    return caller


def _ask(caller: Caller, path: str, times: int) -> list[int]:
    return [caller.get(path).status_code for _ in range(times)]


def _auth(caller: Caller, times: int) -> list[int]:
    auth = ("anna", PASSWORD)
    return [caller.get("/clients/v2", auth=auth).status_code for _ in range(times)]


def test_strangers_by_address(agave: LocalAgave) -> None:
    """One address calls too often; another, and those with a token, go on."""
    flood, other = _from(agave, "192.0.2.1"), _from(agave, "192.0.2.2")

    assert _ask(flood, "/tenants", 6) == [200] * 4 + [429] * 2
    refused = flood.get("/tenants")

    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert refused.json()["status"] == "error"
    assert _ask(other, "/tenants", 1) == [200]
    agave.add_user("anna")
    assert _auth(flood, 4) == [200] * 3 + [429]
    assert _auth(other, 1) == [200]
    assert _ask(flood, "/healthz", 20) == [200] * 20


def test_tokens_have_their_own(agave: LocalAgave) -> None:
    """A user with a token is not held up by a flood from the same address."""
    address = "192.0.2.1"
    anna = _from(agave, address, agave.token("anna"))
    assert _ask(anna, "/meta/v2/data", 1) == [200]
    _ask(_from(agave, address), "/tenants", 5)

    assert _ask(anna, "/meta/v2/data", 51) == [200] * 50 + [429]
    bert = _from(agave, "192.0.2.9", agave.token("bert"))
    assert _ask(bert, "/meta/v2/data", 2) == [200] * 2


def test_a_revoked_token_is_a_stranger(agave: LocalAgave) -> None:
    """Bad tokens are counted by address, however many there are."""
    statuses = [
        _from(agave, "192.0.2.1", f"guess-{number}").get("/meta/v2/data").status_code
        for number in range(6)
    ]

    assert statuses == [401] * 4 + [429] * 2


def test_messages_by_a_public_nonce(agave: LocalAgave) -> None:
    """A flood of messages by a public nonce waits in its own queue.

    Somebody else with the same nonce, such as one who signs in, has their turn.
    """
    ipt = agave.client("ipt")
    body = {"image": "sleep", "stateless": False}
    actor = ipt.post("/actors/v2", json=body).json()["result"]["id"]
    nonce = ipt.post(f"/actors/v2/{actor}/nonces").json()["result"]["id"]
    address = f"/actors/v2/{actor}/messages?x-nonce={nonce}"
    waiting = f"{address}&_abaco_synchronous=true"
    flood, other = _from(agave, "192.0.2.1"), _from(agave, "192.0.2.2")

    for _ in range(12):
        assert flood.post(address, data={"message": "0.5"}).ok
    own = flood.post(waiting, data={"message": "0"})
    answer = other.post(waiting, data={"message": "0"})
    left = ipt.get(f"/actors/v2/{actor}/messages").json()["result"]["messages"]

    assert (own.status_code, own.json()["message"]) == (400, QUEUE_NOT_EMPTY)
    assert (answer.status_code, answer.text) == (200, "done\n")
    assert left > 3


def test_calls_by_a_nonce_leave_the_rest(agave: LocalAgave) -> None:
    """Too many calls by nonce are refused, and the same address still looks on."""
    flood = _from(agave, "192.0.2.1")
    path = "/actors/v2/x/messages?x-nonce=LOCAL_x"

    statuses = {flood.post(path).status_code for _ in range(60)}

    assert 429 in statuses
    assert _ask(flood, "/tenants", 1) == [200]


def test_a_proxy_that_nobody_trusts(tmp_path: Path) -> None:
    """Whoever is not the trusted proxy gets no new address by saying so."""
    with ExitStack() as held:
        listener = held.enter_context(listen("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        tenant = Tenant(TenantSettings(tmp_path / "data", url, password_cost=16))
        served = Served(tenant, listener, 4, limits=LIMITS)
        served.start()
        held.callback(served.stop)
        statuses = [
            requests.get(
                f"{url}/tenants", headers={"X-Forwarded-For": f"10.0.0.{n}"}, timeout=10
            ).status_code
            for n in range(5)
        ]

    assert statuses == [200] * 4 + [429]
