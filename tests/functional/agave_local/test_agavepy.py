"""The real agavepy client against the tenant, in both transports."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from agavepy.agave import Agave, load_resource

from agave_local.testing import PASSWORD, FakeClock, LocalAgave

# agavepy 0.9.5 leaves the files that it reads its resources from open.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def _resources(base_url: str) -> Any:
    """Return agavepy's resources for an address with a scheme and a port."""
    text = json.dumps(load_resource(base_url))
    return json.loads(text.replace(f"https://{urlsplit(base_url).netloc}", base_url))


def _connect(agave: LocalAgave, **arguments: Any) -> Any:
    client = Agave(
        api_server=agave.base_url,
        resources=_resources(agave.base_url),
        proxies={},
        **arguments,
    )
    client.host = urlsplit(agave.base_url).hostname
    client.refresh_aris()
    return client


def _signed_in(agave: LocalAgave, username: str = "anna") -> Any:
    agave.add_user(username)
    profile = agave.tenant.profiles.identity(username)
    client, secret = agave.tenant.clients.create(profile, "agavepy")
    return _connect(
        agave,
        username=username,
        password=PASSWORD,
        api_key=client["key"],
        api_secret=secret,
    )


@pytest.fixture(name="ag")
def _ag(agave: LocalAgave) -> Any:
    return _signed_in(agave)


def test_clients(agave: LocalAgave) -> None:
    """With name and password agavepy makes a client and takes tokens at once."""
    agave.add_user("anna")
    ag = _connect(agave, username="anna", password=PASSWORD)

    created = ag.clients.create(body={"clientName": "made"})

    assert created["name"] == "made"
    assert [client["name"] for client in ag.clients.list()] == ["made"]
    assert ag.profiles.get()["username"] == "anna"
    ag.clients.delete(clientName="made")
    assert ag.clients.list() == []


def test_profiles(ag: Any) -> None:
    """Agavepy reads profiles."""
    assert ag.profiles.get()["username"] == "anna"
    assert [one["username"] for one in ag.profiles.list(username="anna")] == ["anna"]


def test_refresh_by_itself(agave_at: LocalAgave, clock: FakeClock) -> None:
    """An expired token makes agavepy refresh, and the call goes through."""
    ag = _signed_in(agave_at)
    before = ag.token.token_info["access_token"]
    clock.move(14_401)

    assert ag.profiles.get()["username"] == "anna"

    assert before != ag.token.token_info["access_token"]


def test_meta(agave: LocalAgave, ag: Any) -> None:
    """Agavepy keeps, finds, shares and forgets metadata."""
    added = ag.meta.addMetadata(body={"name": "note", "value": {"n": 1}})
    uuid = added["uuid"]

    assert dict(ag.meta.getMetadata(uuid=uuid)["value"]) == {"n": 1}
    found = ag.meta.listMetadata(q="{'value.n': {'$gt': 0}}", limit=5)
    assert [uuid] == [record["uuid"] for record in found]
    ag.meta.updateMetadata(uuid=uuid, body={"name": "note", "value": 2})
    ag.meta.updateMetadataPermissions(
        uuid=uuid, body={"username": "bert", "permission": "READ"}
    )
    assert [one["username"] for one in ag.meta.listMetadataPermissions(uuid=uuid)] == [
        "anna",
        "bert",
    ]
    assert _signed_in(agave, "bert").meta.getMetadata(uuid=uuid)["value"] == 2
    ag.meta.deleteMetadata(uuid=uuid)
    with pytest.raises(requests.HTTPError) as refusal:
        ag.meta.getMetadata(uuid=uuid)
    assert refusal.value.response.status_code == 404


def test_systems_and_apps(agave: LocalAgave) -> None:
    """Agavepy registers a system, lets somebody in, and registers an app."""
    ag = _signed_in(agave, "ipt")
    place = {"host": "localhost", "protocol": "LOCAL"}
    system = {
        "id": "test.execution",
        "name": "Execution",
        "type": "EXECUTION",
        "executionType": "CLI",
        "scheduler": "FORK",
        "storage": place,
        "login": place,
        "queues": [{"name": "default"}],
    }
    app = {
        "name": "app",
        "version": "1.0",
        "executionSystem": "test.execution",
        "executionType": "CLI",
        "deploymentPath": "apps",
        "templatePath": "run.sh",
        "testPath": "test.sh",
        "parallelism": "SERIAL",
    }

    ag.systems.add(body=system)
    ag.systems.updateRole(
        systemId="test.execution", body={"username": "anna", "role": "USER"}
    )
    ag.systems.manage(systemId="test.execution", body={"action": "PUBLISH"})
    ag.apps.add(body=app)
    ag.apps.updateApplicationPermissions(
        appId="app-1.0", body={"username": "anna", "permission": "EXECUTE"}
    )

    assert [one["id"] for one in ag.systems.list()] == ["test.execution"]
    assert ag.systems.get(systemId="test.execution")["public"]
    assert ag.apps.get(appId="app-1.0")["id"] == "app-1.0"
    assert [one["username"] for one in ag.apps.listPermissions(appId="app-1.0")] == [
        "ipt",
        "anna",
    ]


def test_what_is_refused(ag: Any) -> None:
    """A refusal is an error, never an empty answer."""
    with pytest.raises(requests.HTTPError) as refusal:
        ag.meta.addSchema(body="{}")

    assert refusal.value.response.status_code == 400
