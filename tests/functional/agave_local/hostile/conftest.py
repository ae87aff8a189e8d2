"""A victim with one of everything, and a stranger who knows all of its identifiers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from agave_local.testing import PASSWORD, Caller, LocalAgave, served_agave

# In everything of hers that a stranger must not read.
SECRET = "violets-are-blue-4711"
_SYSTEM = {
    "id": "vera.storage",
    "name": "Vera's",
    "type": "STORAGE",
    "storage": {
        "host": "localhost",
        "port": 0,
        "protocol": "LOCAL",
        "rootDir": "/",
        "homeDir": "/",
        "auth": {"type": "LOCAL"},
    },
}


@dataclass
class World:
    """A tenant, and whoever is in it.

    Attributes:
        agave: the tenant.
        tokens: bearer tokens that strangers use: their own, and bad ones.
        names: identifiers of the victim's things, by the name of a route's variable.
    """

    agave: LocalAgave
    tokens: list[str]
    names: dict[str, list[str]] = field(default_factory=dict)

    def snapshot(self) -> dict[str, Any]:
        """Return what the victim finds of hers."""
        vera = self.agave.client("vera")
        return {path: _stable(vera.get(path)) for path in self._watched()}

    def _watched(self) -> list[str]:
        names = self.names
        actor, uuid = names["actor_id"][0], names["uuid"][0]
        return [
            "/meta/v2/data",
            f"/meta/v2/data/{uuid}/pems",
            "/clients/v2",
            "/profiles/v2/me",
            "/systems/v2/vera.storage",
            "/systems/v2/vera.storage/roles",
            "/files/v2/listings/system/vera.storage/",
            "/files/v2/media/system/vera.storage/secret.txt",
            "/files/v2/pems/system/vera.storage/secret.txt",
            "/postits/v2",
            "/notifications/v2",
            f"/actors/v2/{actor}",
            f"/actors/v2/{actor}/state",
            f"/actors/v2/{actor}/nonces",
            f"/actors/v2/{actor}/permissions",
            f"/actors/v2/{actor}/messages",
            f"/actors/v2/{actor}/executions",
            f"/actors/v2/aliases/{names['alias'][0]}/permissions",
            f"/actors/v2/configs/{names['name'][0]}",
            f"/actors/v2/configs/{names['name'][0]}/permissions",
        ]


def _stable(answer: Any) -> Any:
    return answer.status_code, answer.text


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("hostile")
    with served_agave(data / "data") as agave:
        for name in ("admin", "mallory", "vera"):
            agave.add_user(name)
        yield World(agave, _tokens(agave), _fill(agave))


def _tokens(agave: LocalAgave) -> list[str]:
    good = agave.client("mallory").token
    return [good, good, good, "", "x", good[:-1], good + "A", "vera", "null", "é" * 9]


def _fill(agave: LocalAgave) -> dict[str, list[str]]:
    vera, admin = agave.client("vera"), agave.client("admin")
    record = {"name": "vera-note", "value": {"text": SECRET}}
    uuid = _result(vera.post("/meta/v2/data", json=record))["uuid"]
    _result(admin.post("/systems/v2", json=_SYSTEM))
    keeper = {"role": "ADMIN"}
    _result(admin.post("/systems/v2/vera.storage/roles/vera", json=keeper))
    where = "/files/v2/media/system/vera.storage/"
    _result(vera.post(where, files={"fileToUpload": ("secret.txt", SECRET)}))
    client = {"clientName": "vera-client", "description": SECRET}
    _result(vera.post("/clients/v2", json=client, auth=("vera", PASSWORD)))
    actor_id, nonce = _fill_actors(vera)
    return {
        "uuid": [uuid, "0-242ac113-0001-012"],
        "actor_id": [actor_id, "vera-alias"],
        "alias": ["vera-alias"],
        "nonce_id": [nonce],
        "name": ["vera-config"],
        "system_id": ["vera.storage"],
        "path": ["secret.txt", "../vera.storage/secret.txt"],
        "username": ["vera", "admin", "mallory", "world", "public"],
        "client_name": ["vera-client"],
        "owner": ["vera"],
    }


def _fill_actors(vera: Caller) -> tuple[str, str]:
    described = {
        "image": "vera/image",
        "stateless": False,
        "description": SECRET,
        "defaultEnvironment": {"KEY": SECRET},
    }
    actor_id: str = _result(vera.post("/actors/v2", json=described))["id"]
    vera.post(f"/actors/v2/{actor_id}/state", json={"text": SECRET})
    alias = {"alias": "vera-alias", "actorId": actor_id}
    _result(vera.post("/actors/v2/aliases", json=alias))
    config = {"name": "vera-config", "value": SECRET, "isSecret": True}
    named = {**config, "actors": actor_id}
    _result(vera.post("/actors/v2/configs", json=named))
    nonces = f"/actors/v2/{actor_id}/nonces"
    nonce: str = _result(vera.post(nonces, json={}))["id"]
    return actor_id, nonce


def _result(answer: Any) -> Any:
    assert answer.ok, answer.text
    return answer.json()["result"]
