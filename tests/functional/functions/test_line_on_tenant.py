"""The line and all records, on the local tenant's metadata."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agave_local.testing import LocalAgave, in_process_agave, served_agave
from iptweb.agave import AgaveClient
from iptweb.secret import Secret
from iptweb.terminals import Status
from iptweb.terminals.store import TerminalStore

NOW = 1_800_000_000.0
TRANSPORTS = {"in_process": in_process_agave, "served": served_agave}


@pytest.fixture(name="agave", params=list(TRANSPORTS))
def _agave(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalAgave]:
    with TRANSPORTS[request.param](tmp_path / "data") as agave:
        for name in ("ipt", "ada", "bob", "eve"):
            agave.add_user(name)
        yield agave


@pytest.fixture(name="client")
def _client(agave: LocalAgave) -> Iterator[AgaveClient]:
    token = Secret(agave.client("ipt").token)
    client = AgaveClient(agave.base_url, token, "service")
    yield client
    client.close()


def store_of(client: AgaveClient, instance: str) -> TerminalStore:
    """Return the records of an instance."""
    return TerminalStore(client, "ipt", instance, lambda: NOW)


def test_line(client: AgaveClient) -> None:
    """Those who have a place are found, of this instance and of no other."""
    store = store_of(client, "dev")
    for number, user in enumerate(("ada", "bob", "eve")):
        stored = store.ensure(user)
        if user != "eve":
            store.write(stored, stored.record.line_up(NOW + number))
    other = store_of(client, "my-dev")
    stored = other.ensure("ada")
    other.write(stored, stored.record.line_up(NOW))

    assert [record.user for record in store.in_line()] == ["ada", "bob"]
    everybody = [record.name for record in store.everybody()]
    assert everybody == [f"{user}-dev-IPT" for user in ("ada", "bob", "eve")]
    assert [record.name for record in other.everybody()] == ["ada-my-dev-IPT"]


def test_forged_record_is_not_in_line(agave: LocalAgave, client: AgaveClient) -> None:
    """A record that a user made for themselves gives no place."""
    store = store_of(client, "dev")
    record = store.ensure("ada").record.line_up(NOW - 10**6)
    body = {"name": "eve-dev-IPT", "value": {**record.to_value(), "user": "eve"}}
    eve = agave.client("eve")
    uuid = eve.post("/meta/v2/data", json=body).json()["result"]["uuid"]
    pem = {"username": "ipt", "permission": "READ_WRITE"}
    assert eve.post(f"/meta/v2/data/{uuid}/pems", json=pem).ok

    assert store.in_line() == []


def test_pages(client: AgaveClient) -> None:
    """More records than a page holds are all found, each once."""
    store = store_of(client, "dev")
    for number in range(105):
        name = f"u{number:03}-dev-IPT"
        value = {"name": name, "user": f"u{number:03}", "status": "READY"}
        client.add_metadata(name, value)

    found = store.everybody()

    assert [record.user for record in found] == [f"u{n:03}" for n in range(105)]
    assert {record.status for record in found} == {Status.READY}
