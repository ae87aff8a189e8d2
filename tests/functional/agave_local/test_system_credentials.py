"""Credentials of systems over HTTP, in both transports."""

from typing import Any

import pytest

from agave_local.testing import Caller, LocalAgave

AUTH = {"type": "PASSWORD", "username": "hidden-user", "password": "hidden-word"}
SYSTEM = {
    "id": "far.away",
    "name": "Far away",
    "type": "EXECUTION",
    "executionType": "HPC",
    "scheduler": "SLURM",
    "storage": {"host": "far.example.org", "protocol": "SFTP", "auth": AUTH},
    "login": {"host": "far.example.org", "protocol": "SSH", "auth": AUTH},
    "queues": [{"name": "normal"}],
}
SYSTEMS = "/systems/v2"
HERE = f"{SYSTEMS}/far.away/credentials"
KEYS = {
    "type": "sshkeys",
    "username": "hidden-key-user",
    "publicKey": "hidden-public",
    "privateKey": "hidden-private",
}


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    anna = agave.client("anna")
    assert anna.post(SYSTEMS, json=SYSTEM).status_code == 201
    return anna


def _shown(caller: Caller, path: str = HERE) -> list[tuple[str | None, str, str]]:
    result = caller.get(path).json()["result"]
    return [
        (one["internalUsername"], one["parentType"], one["type"])
        for one in (result if isinstance(result, list) else [result])
    ]


def test_defaults_are_listed(agave: LocalAgave, anna: Caller) -> None:
    """What a system signs in with by default is listed, by type only."""
    answer = anna.get(HERE)

    storage, login = answer.json()["result"]
    assert "hidden" not in answer.text
    assert (storage["default"], storage["parentType"], storage["type"]) == (
        True,
        "STORAGE",
        "PASSWORD",
    )
    assert login["parentType"] == "EXECUTION"
    links = storage["_links"]
    assert f"{agave.base_url}{HERE}" == links["self"]["href"]
    assert f"{agave.base_url}{SYSTEMS}/far.away" == links["parent"]["href"]


def test_of_an_internal_user(anna: Caller) -> None:
    """An internal user's credential is added, listed, replaced and taken away."""
    added = anna.post(f"{HERE}/carl", json=KEYS)

    assert added.status_code == 201
    assert "hidden" not in added.text
    assert _shown(anna, f"{HERE}/carl") == [
        ("carl", "STORAGE", "SSHKEYS"),
        ("carl", "EXECUTION", "SSHKEYS"),
    ]
    token = {"type": "TOKEN", "credential": "hidden-token"}
    assert anna.post(f"{HERE}/carl/LOGIN", json=token).status_code == 201
    assert _shown(anna, f"{HERE}/carl/login") == [("carl", "EXECUTION", "TOKEN")]
    assert len(_shown(anna)) == 4
    assert anna.delete(f"{HERE}/carl/LOGIN").ok
    # Who has none of their own signs in as the system does.
    assert _shown(anna, f"{HERE}/carl/LOGIN") == [(None, "EXECUTION", "PASSWORD")]
    assert anna.delete(f"{HERE}/carl").ok
    assert anna.get(f"{HERE}/carl").status_code == 404
    assert anna.delete(f"{HERE}/carl").status_code == 404
    assert len(_shown(anna)) == 2


def test_named_in_the_body(anna: Caller) -> None:
    """The internal user may be named in the body, but not another than above."""
    body = {**KEYS, "internalUsername": "carl"}

    assert anna.post(HERE, json=body).status_code == 201
    assert anna.post(f"{HERE}/dora", json=body).status_code == 400
    assert anna.post(f"{HERE}/carl", json=body).status_code == 201
    assert len(_shown(anna, f"{HERE}/carl")) == 2
    assert anna.delete(HERE).ok
    assert anna.get(f"{HERE}/carl").status_code == 404
    assert len(_shown(anna)) == 2


def test_new_default(anna: Caller) -> None:
    """Without an internal user, the system's own sign-in is replaced."""
    answer = anna.post(HERE, json=KEYS)

    assert answer.status_code == 201
    system = anna.get(f"{SYSTEMS}/far.away").json()["result"]
    assert system["storage"]["auth"] == {"type": "SSHKEYS"} == system["login"]["auth"]
    assert _shown(anna)[0] == (None, "STORAGE", "SSHKEYS")


def test_storage_has_no_login(anna: Caller) -> None:
    """A system that only stores files has one sort of credentials."""
    storage = {**SYSTEM, "id": "far.storage", "type": "STORAGE"}
    assert anna.post(SYSTEMS, json=storage).status_code == 201
    here = f"{SYSTEMS}/far.storage/credentials"

    assert len(_shown(anna, here)) == 1
    assert anna.get(f"{here}/carl/LOGIN").status_code == 400
    assert anna.get(f"{here}/carl/TAPE").status_code == 400
    assert anna.post(f"{here}/carl", json=KEYS).status_code == 201
    assert len(_shown(anna, f"{here}/carl")) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "type is one of"),
        ({"type": "MAGIC"}, "type is one of"),
        ({"type": "PASSWORD", "username": "u"}, "password is a text"),
        ({"type": "SSHKEYS", "username": "u"}, "publicKey is a text"),
        ({"type": "PASSWORD", "username": "u", "password": 5}, "password is a text"),
        (
            {"type": "TOKEN", "credential": "x" * 16_385},
            "credential has at most 16384 characters.",
        ),
        ({"type": "LOCAL", "username": "a\0b"}, "username is a text"),
        ({"type": "X509", "server": "here"}, "server is an object."),
        ({"type": "X509", "server": {}}, "server.endpoint is a text"),
        ({"type": "X509", "server": {"endpoint": "a b"}}, "server.endpoint is the"),
        (
            {"type": "X509", "server": {"endpoint": "a", "port": "22"}},
            "server.port is a number",
        ),
        ({**KEYS, "internalUsername": "../x"}, "internalUsername has 1 to 64"),
        ({**KEYS, "internalUsername": ["x"]}, "internalUsername is a text."),
    ],
)
def test_bad_credential(anna: Caller, body: Any, message: str) -> None:
    """A credential that cannot be is refused by its field, without its value."""
    answer = anna.post(HERE, json=body)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize("name", ["..%2Fx", "%20", "a%00b", "x" * 65, "<b>"])
def test_bad_internal_user(anna: Caller, name: str) -> None:
    """A name that could not be an internal user's is refused."""
    assert anna.post(f"{HERE}/{name}", json=KEYS).status_code in (400, 404)
    assert len(_shown(anna)) == 2


def test_who_comes_near(agave: LocalAgave, anna: Caller) -> None:
    """Only who administers a system reads or changes its credentials."""
    anna.post(f"{HERE}/carl", json=KEYS)
    stranger, user = agave.client("bert"), agave.client("dora")
    anna.post(f"{SYSTEMS}/far.away/roles/dora", json={"role": "PUBLISHER"})

    for caller, status in ((stranger, 404), (user, 403)):
        for path in (HERE, f"{HERE}/carl", f"{HERE}/carl/LOGIN"):
            assert status == caller.get(path).status_code
            assert status == caller.post(path, json=KEYS).status_code
            assert status == caller.delete(path).status_code
    assert len(_shown(anna)) == 4


def test_no_secret_is_kept_in_clear(agave: LocalAgave, anna: Caller) -> None:
    """The database holds no secret of a system that could be read there."""
    anna.post(f"{HERE}/carl", json=KEYS)
    vault = agave.tenant.systems.vault

    assert vault.open("far.away", "login", "carl")["privateKey"] == "hidden-private"
    assert vault.open("far.away", "login", "dora") == {
        "username": "hidden-user",
        "password": "hidden-word",
    }
    agave.tenant.store.close()
    data = agave.tenant.settings.data
    kept = b"".join(path.read_bytes() for path in data.glob("tenant.*"))
    assert b"hidden" not in kept
    key = data / "secrets" / "systems.key"
    assert key.stat().st_mode & 0o077 == 0


def test_secrets_end_with_the_system(agave: LocalAgave, anna: Caller) -> None:
    """A deleted system leaves no credential for a later one of its id."""
    anna.post(f"{HERE}/carl", json=KEYS)

    assert anna.delete(f"{SYSTEMS}/far.away").ok

    assert agave.tenant.store.count("system_credential") == 0
    bert = agave.client("bert")
    assert bert.post(SYSTEMS, json=SYSTEM).status_code == 201
    assert bert.get(f"{HERE}/carl").status_code == 404


def test_a_description_sent_again_keeps_the_secrets(
    agave: LocalAgave, anna: Caller
) -> None:
    """Who sends back what they were shown does not lose what they were not."""
    shown = anna.get(f"{SYSTEMS}/far.away").json()["result"]

    assert anna.post(f"{SYSTEMS}/far.away", json=shown).ok

    secrets = agave.tenant.systems.vault.open("far.away", "storage")
    assert secrets["password"] == "hidden-word"
