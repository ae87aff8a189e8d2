"""Notifications over HTTP, in both transports."""

import time
from typing import Any

import pytest

from agave_local.outgoing.policy import Delivery
from agave_local.services.jobs.testing import (
    APP,
    SERVICE,
    STORAGE,
    add_app,
    add_execution,
    add_storage,
)
from agave_local.services.notifications.deliveries import FIRST_WAIT_S
from agave_local.testing import Caller, FakeClock, LocalAgave

ALL, DATA = "/notifications/v2", "/meta/v2/data"
HOOK = "https://hooks.example/"


class Receiver:
    """Takes messages; refuses the first few.

    Attributes:
        got: in order.
        refusals: how many are still to be refused.
    """

    def __init__(self) -> None:
        self.got: list[Delivery] = []
        self.refusals = 0

    def __call__(self, delivery: Delivery) -> int:
        """Take a message."""
        self.got.append(delivery)
        self.refusals -= 1
        return 503 if self.refusals >= 0 else 200

    def wait(self, count: int) -> list[Delivery]:
        """Wait until there are so many messages.

        Raises:
            AssertionError: it takes too long.
        """
        until = time.monotonic() + 10
        while len(self.got) < count:
            if time.monotonic() > until:
                raise AssertionError(self.got)
            time.sleep(0.01)
        return self.got


@pytest.fixture(name="receiver")
def _receiver(agave_at: LocalAgave) -> Receiver:
    receiver = Receiver()
    agave_at.tenant.outgoing.register(HOOK, receiver)
    return receiver


@pytest.fixture(name="anna")
def _anna(agave_at: LocalAgave) -> Caller:
    return agave_at.client("anna")


def _note(caller: Caller, value: Any = 1) -> str:
    answer = caller.post(DATA, json={"name": "note", "value": value})
    return str(answer.json()["result"]["uuid"])


def _add(caller: Caller, uuid: str, **more: Any) -> Any:
    body = {"url": HOOK, "event": "*", "associatedUuid": uuid, **more}
    return caller.post(ALL, json=body)


def _added(caller: Caller, uuid: str, **more: Any) -> dict[str, Any]:
    answer = _add(caller, uuid, **more)
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


def _wait_for_status(caller: Caller, uuid: str, status: str) -> dict[str, Any]:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        shown: dict[str, Any] = caller.get(f"{ALL}/{uuid}").json()["result"]
        if shown["status"] == status:
            return shown
        time.sleep(0.01)
    raise AssertionError(status)


def test_add_get_list_update_delete(anna: Caller) -> None:
    """A notification is kept, read, listed, replaced and forgotten."""
    first, second = _note(anna), _note(anna)
    added = _added(anna, first, persistent=True)
    assert added["id"].endswith("-242ac113-0001-011")
    assert added["uuid"] == added["id"]
    assert tuple(
        added[field]
        for field in ("url", "event", "persistent", "associatedUuid", "owner", "status")
    ) == (HOOK, "*", True, first, "anna", "ACTIVE")
    assert (added["success"], added["attempts"], added["responseCode"]) == (
        None,
        0,
        None,
    )
    assert added["_links"]["self"]["href"].endswith(f"{ALL}/{added['id']}")
    other = _added(anna, second, event="DELETED")

    assert anna.get(f"{ALL}/{added['id']}").json()["result"] == added
    assert [one["id"] for one in anna.get(f"{ALL}/").json()["result"]] == [
        added["id"],
        other["id"],
    ]
    found = anna.get(ALL, params={"associatedUuid": second, "limit": "5"})
    assert [one["id"] for one in found.json()["result"]] == [other["id"]]
    changed = anna.post(
        f"{ALL}/{added['id']}",
        json={"url": f"{HOOK}x", "event": "UPDATED", "associatedUuid": second},
    )
    assert changed.json()["result"]["associatedUuid"] == second
    assert changed.json()["result"]["persistent"]
    assert anna.delete(f"{ALL}/{added['id']}").ok
    assert anna.get(f"{ALL}/{added['id']}").status_code == 404


def test_be_told(anna: Caller, receiver: Receiver) -> None:
    """A change is told by a POST of the thing as it is then."""
    uuid = _note(anna)
    added = _added(anna, uuid, url=HOOK + "${UUID}?event=${EVENT}")

    anna.post(f"{DATA}/{uuid}", json={"name": "note", "value": {"n": 2}})

    [message] = receiver.wait(1)
    assert message.url == f"{HOOK}{uuid}?event=UPDATED"
    assert message.json()["value"] == {"n": 2}
    shown = _wait_for_status(anna, added["id"], "COMPLETE")
    assert (shown["success"], shown["responseCode"], shown["attempts"]) == (
        True,
        200,
        1,
    )


def test_be_told_later(
    agave_at: LocalAgave, anna: Caller, receiver: Receiver, clock: FakeClock
) -> None:
    """Where the receiver fails, the message comes again."""
    receiver.refusals = 1
    uuid = _note(anna)
    added = _added(anna, uuid)
    anna.delete(f"{DATA}/{uuid}")
    receiver.wait(1)

    clock.move(FIRST_WAIT_S + 1)
    agave_at.tenant.duties.tick()

    assert receiver.wait(2)[1].headers["X-Agave-Event"] == "DELETED"
    _wait_for_status(anna, added["id"], "COMPLETE")


def test_be_told_of_an_app_and_a_system(
    agave_at: LocalAgave, anna: Caller, receiver: Receiver
) -> None:
    """Apps and systems tell of their changes, to whoever may read them."""
    tenant = agave_at.tenant
    add_storage(tenant)
    add_execution(tenant)
    add_app(tenant, "echo\n")
    app, system = tenant.apps.get(APP), tenant.systems.get(STORAGE)
    for uuid in (app["uuid"], system["uuid"]):
        _added(anna, uuid, url=HOOK + "${EVENT}")

    tenant.apps.set_available(SERVICE, APP, available=False)
    tenant.systems.set_available(SERVICE, STORAGE, available=False)

    assert {uuid for one in receiver.wait(2) for uuid in one.json()} == {
        "app",
        "system",
    }
    for kind, uuid in (("app", app["uuid"]), ("system", system["uuid"])):
        none = uuid.replace(uuid[:5], "00000")
        assert _add(anna, none).json()["message"] == f"There is no {kind} {none}."
    tenant.store.update("app", APP, lambda found: {**found, "isPublic": False})
    refused = _add(anna, app["uuid"])
    assert refused.json()["message"] == f"There is no app {app['uuid']}."


def test_be_told_of_the_end(
    agave_at: LocalAgave, anna: Caller, receiver: Receiver
) -> None:
    """Whoever may read an app or a system is told that it is deleted."""
    tenant = agave_at.tenant
    add_storage(tenant)
    add_execution(tenant)
    add_app(tenant, "echo\n")
    for uuid in (tenant.apps.get(APP)["uuid"], tenant.systems.get(STORAGE)["uuid"]):
        _added(anna, uuid, event="DELETED")

    tenant.apps.delete(SERVICE, APP)
    tenant.systems.delete(SERVICE, STORAGE)

    told = {one.headers["X-Agave-Event"] for one in receiver.wait(2)}
    assert told == {"DELETED"}


def test_only_what_one_may_read(agave_at: LocalAgave, anna: Caller) -> None:
    """Nobody is told of what they may not read, nor sees others' notifications."""
    bert = agave_at.client("bert")
    uuid = _note(anna)
    added = _added(anna, uuid)

    refused = _add(bert, uuid)
    assert (refused.status_code, refused.json()["message"]) == (
        404,
        f"There is no metadata {uuid}.",
    )
    assert bert.get(f"{ALL}/{added['id']}").status_code == 404
    assert bert.post(f"{ALL}/{added['id']}", json={}).status_code == 404
    assert bert.delete(f"{ALL}/{added['id']}").status_code == 404
    assert bert.get(ALL).json()["result"] == []
    grant = {"username": "bert", "permission": "READ"}
    anna.post(f"{DATA}/{uuid}/pems", json=grant)
    assert _add(bert, uuid).status_code == 201


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "`url` must be given"),
        ({"url": "http://[::ffff:169.254.169.254]/"}, "can't be called"),
        ({"url": HOOK}, "`associatedUuid` must be given"),
        ({"url": HOOK, "associatedUuid": "x"}, "is the UUID of"),
        ({"url": "bert@example.org", "associatedUuid": "x"}, "no e-mail"),
    ],
)
def test_refuse(anna: Caller, body: Any, words: str) -> None:
    """A wrong request is refused, naming what is wrong."""
    answer = anna.post(ALL, json=body)

    assert answer.status_code == 400
    assert words in answer.json()["message"]


def test_refuse_a_search(anna: Caller) -> None:
    """A field that there is not is refused."""
    assert anna.get(ALL, params={"colour": "red"}).status_code == 400
