"""Monitors: checks of systems that come back, and what they find."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from agave_local.events import Event
from agave_local.services.jobs.testing import (
    EXECUTION,
    SERVICE,
    STORAGE,
    add_execution,
    add_storage,
)
from agave_local.services.systems.roles import Role
from agave_local.testing import Caller, FakeClock, LocalAgave

MONITORS = "/monitors/v2"


@pytest.fixture(name="service")
def _service(agave_at: LocalAgave) -> Caller:
    add_storage(agave_at.tenant)
    return agave_at.client("ipt")


@pytest.fixture(name="events")
def _events(agave_at: LocalAgave) -> list[Event]:
    events: list[Event] = []
    agave_at.tenant.events.subscribe(events.append)
    return events


def _add(caller: Caller, target: str = STORAGE, **fields: Any) -> Any:
    answer = caller.post(MONITORS, json={"target": target, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["result"]


def _run(caller: Caller, monitor: Any) -> Any:
    answer = caller.post(f"{MONITORS}/{monitor['id']}/checks")
    assert answer.status_code == 201, answer.text
    return answer.json()["result"]


def _break(agave: LocalAgave) -> None:
    """Put a file where the system's folder should be."""
    folder = agave.tenant.settings.data / "storage" / STORAGE
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)
    folder.touch()


def _mend(agave: LocalAgave) -> None:
    (agave.tenant.settings.data / "storage" / STORAGE).unlink()


def test_check_a_storage_system(agave_at: LocalAgave, service: Caller) -> None:
    """A check writes to the storage; it passes, fails, and passes again."""
    monitor = _add(service)
    assert (monitor["frequency"], monitor["active"]) == (720, True)
    assert monitor["lastCheck"] is None

    assert _run(service, monitor)["result"] == "PASSED"
    _break(agave_at)
    failed = _run(service, monitor)
    assert failed["result"] == "FAILED"
    assert "can't be written" in failed["message"]
    assert str(agave_at.tenant.settings.data) not in failed["message"]
    _mend(agave_at)
    assert _run(service, monitor)["result"] == "PASSED"

    url = f"{MONITORS}/{monitor['id']}"
    checks = service.get(f"{url}/checks").json()["result"]
    assert [one["result"] for one in checks] == ["PASSED", "FAILED", "PASSED"]
    one = service.get(f"{url}/checks/{failed['id']}").json()["result"]
    assert one == failed
    seen = service.get(url).json()["result"]
    assert seen["lastCheck"]["result"] == "PASSED"
    assert seen["lastSuccess"] == seen["lastCheck"]["created"]
    folder = agave_at.tenant.settings.data / "storage" / STORAGE
    assert list(folder.iterdir()) == []


def test_check_an_execution_system(agave_at: LocalAgave, service: Caller) -> None:
    """A system that runs jobs here is checked by starting a process."""
    add_execution(agave_at.tenant)

    assert _run(service, _add(service, EXECUTION))["result"] == "PASSED"


@pytest.fixture(name="door")
def _door(greeting: bytes) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        try:
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(greeting)
        except OSError:
            return

    thread = threading.Thread(target=answer)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    listener.close()


def _remote(agave: LocalAgave, protocol: str, port: int, host: str) -> str:
    storage = {"host": host, "port": port, "protocol": protocol}
    body = {"id": "remote", "name": "r", "type": "STORAGE", "storage": storage}
    agave.tenant.systems.add(SERVICE, body)
    return "remote"


@pytest.mark.parametrize(
    ("greeting", "expected"),
    [(b"SSH-2.0-x\r\n", "PASSED"), (b"HTTP/1.1 400\r\n", "FAILED"), (b"", "FAILED")],
)
def test_check_over_ssh(
    agave_at: LocalAgave, service: Caller, transport: str, door: int, expected: str
) -> None:
    """A system on another machine is up where somebody speaks SSH there."""
    monitor = _add(service, _remote(agave_at, "SFTP", door, "127.0.0.1"))

    check = _run(service, monitor)

    # A stub calls nobody, and says so.
    assert check["result"] == ("FAILED" if transport == "in_process" else expected)


@pytest.mark.parametrize("host", ["169.254.169.254", "0.0.0.0"])  # noqa: S104 - refused
def test_never_call_some_hosts(
    agave_at: LocalAgave, service: Caller, host: str
) -> None:
    """A monitor is no way to reach what the tenant never calls."""
    monitor = _add(service, _remote(agave_at, "SFTP", 22, host))

    assert _run(service, monitor)["result"] == "FAILED"


def test_what_cannot_be_checked(agave_at: LocalAgave, service: Caller) -> None:
    """A protocol that the tenant does not speak is UNKNOWN, not PASSED."""
    check = _run(service, _add(service, _remote(agave_at, "IRODS", 1247, "h.example")))

    assert check["result"] == "UNKNOWN"
    assert "IRODS" in check["message"]


def test_monitors_come_back(
    agave_at: LocalAgave, service: Caller, clock: FakeClock
) -> None:
    """An active monitor checks by itself, as often as it says; others do not."""
    busy, idle = _add(service, frequency=5), _add(service, active=False)
    clock.move(5 * 60 - 1)
    agave_at.tenant.duties.tick()
    assert _checks(service, busy) == []
    for turn in (1, 2):
        clock.move(5 * 60 + 2)
        agave_at.tenant.duties.tick()
        _await_checks(service, busy, turn)
    assert _checks(service, idle) == []
    shown = service.get(f"{MONITORS}/{idle['id']}").json()["result"]
    assert shown["nextUpdate"] is None


def _checks(caller: Caller, monitor: Any, **query: Any) -> list[str]:
    answer = caller.get(f"{MONITORS}/{monitor['id']}/checks", params=query)
    assert answer.status_code == 200, answer.text
    return [check["result"] for check in answer.json()["result"]]


def _await_checks(caller: Caller, monitor: Any, count: int) -> None:
    for _ in range(1_000):
        if len(_checks(caller, monitor)) == count:
            return
        time.sleep(0.005)
    raise AssertionError


def test_set_the_systems_status(
    agave_at: LocalAgave, service: Caller, events: list[Event]
) -> None:
    """A monitor that may says that a system is down, and up again."""
    monitor = _add(service, updateSystemStatus=True)
    systems = agave_at.tenant.systems
    _break(agave_at)
    _run(service, monitor)
    assert systems.get(STORAGE)["status"] == "DOWN"
    _mend(agave_at)
    _run(service, monitor)
    assert systems.get(STORAGE)["status"] == "UP"

    told = [event.name for event in events if event.uuid == monitor["id"]]
    assert told == [
        "CREATED",
        *("CHECK_FAILED", "RESULT_CHANGE", "STATUS_CHANGE"),
        *("CHECK_PASSED", "RESULT_CHANGE", "STATUS_CHANGE"),
    ]
    systems.set_status(SERVICE, STORAGE, "MAINTENANCE")
    _run(service, monitor)
    assert systems.get(STORAGE)["status"] == "MAINTENANCE"


def test_rights_that_were_lost(agave_at: LocalAgave, service: Caller) -> None:
    """A monitor whose owner lost the system finds nothing, and changes nothing."""
    assert service.token
    systems = agave_at.tenant.systems
    storage = {"host": "localhost", "protocol": "LOCAL"}
    body = {"id": "private", "name": "p", "type": "STORAGE", "storage": storage}
    systems.add(SERVICE, body)
    bob = agave_at.client("bob")
    systems.give_role(SERVICE, "private", "bob", Role.ADMIN)
    monitor = _add(bob, "private", updateSystemStatus=True)

    systems.give_role(SERVICE, "private", "bob", Role.USER)
    systems.set_status(SERVICE, "private", "DOWN")
    assert _run(bob, monitor)["result"] == "PASSED"
    assert systems.get("private")["status"] == "DOWN"

    systems.give_role(SERVICE, "private", "bob", Role.NONE)
    assert _run(bob, monitor)["result"] == "UNKNOWN"


def test_change_and_delete_a_monitor(
    agave_at: LocalAgave, service: Caller, events: list[Event]
) -> None:
    """A monitor is its owner's, who changes and deletes it."""
    monitor = _add(service)
    url = f"{MONITORS}/{monitor['id']}"
    bob = agave_at.client("bob")

    for call in (bob.get, bob.post, bob.delete):
        assert call(url, json={"frequency": 10}).status_code == 404
    assert bob.post(f"{url}/checks").status_code == 404
    changed = service.post(url, json={"frequency": 10, "active": "false"})
    assert changed.json()["result"]["frequency"] == 10
    assert changed.json()["result"]["active"] is False
    check = _run(service, monitor)
    assert service.get(f"{url}/checks/none").status_code == 404
    other = _add(service)
    answer = service.get(f"{MONITORS}/{other['id']}/checks/{check['id']}")
    assert answer.status_code == 404
    assert service.delete(url).status_code == 200
    assert service.get(url).status_code == 404
    assert [event.name for event in events if event.uuid == monitor["id"]] == [
        *("CREATED", "UPDATED", "CHECK_PASSED", "RESULT_CHANGE", "DELETED"),
    ]


def test_change_a_monitor_without_its_id(agave_at: LocalAgave, service: Caller) -> None:
    """A call that names no monitor means the one of its system, or of its body."""
    monitor, url = _add(service), f"{MONITORS}/%7BmonitorId%7D"
    body = {"target": STORAGE, "frequency": 20}

    assert service.post(url, json=body).json()["result"]["frequency"] == 20
    other = _add(service)
    assert service.post(url, json=body).status_code == 404
    answer = service.post(url, json={**body, "id": other["id"], "active": False})
    assert answer.json()["result"]["id"] == other["id"]
    assert service.post(url, json={}).status_code == 400
    bob = agave_at.client("bob")
    assert bob.post(url, json={**body, "id": monitor["id"]}).status_code == 404


def test_list_monitors(agave_at: LocalAgave, service: Caller) -> None:
    """Monitors are found by their system, and by whether they are active."""
    add_execution(agave_at.tenant)
    one, two = _add(service), _add(service, EXECUTION, active=False)

    def found(**query: Any) -> list[str]:
        answer = service.get(MONITORS, params=query)
        return [monitor["id"] for monitor in answer.json()["result"]]

    assert found() == [one["id"], two["id"]]
    assert found(target=EXECUTION) == [two["id"]]
    assert found(active="true") == [one["id"]]
    assert found(limit=1, offset=1) == [two["id"]]


def test_find_checks(agave_at: LocalAgave, service: Caller, clock: FakeClock) -> None:
    """Checks are found by their result and their time."""
    monitor = _add(service)
    _run(service, monitor)
    clock.move(1800)
    _break(agave_at)
    failed = _run(service, monitor)

    assert _checks(service, monitor, result="failed") == ["FAILED"]
    assert _checks(service, monitor, startDate=failed["created"]) == ["FAILED"]
    assert _checks(service, monitor, endDate="2026-09-21T14:20:00") == ["PASSED"]
    url = f"{MONITORS}/{monitor['id']}/checks"
    for query in ({"result": "GOOD"}, {"startDate": "soon"}, {"endDate": "1e9"}):
        assert service.get(url, params=query).status_code == 400


def test_old_checks_are_forgotten(agave_at: LocalAgave, service: Caller) -> None:
    """A monitor keeps its newest thousand checks."""
    monitor = _add(service)
    store = agave_at.tenant.store
    with store.transaction():
        for number in range(1_000):
            body = {
                "id": f"c{number}",
                "parent": monitor["id"],
                "result": "PASSED",
                "message": None,
                "at": 0,
            }
            store.insert("monitor_check", f"c{number}", body)
    _run(service, monitor)

    assert store.count("monitor_check", parent=monitor["id"]) == 1_000
    assert store.get("monitor_check", "c0") is None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"target": None}, 400),
        ({"target": "none"}, 404),
        ({"frequency": 4}, 400),
        ({"frequency": "often"}, 400),
        ({"active": "maybe"}, 400),
    ],
)
def test_refuse_a_monitor(service: Caller, fields: dict[str, Any], status: int) -> None:
    """A monitor needs a system and a frequency that can be."""
    body = {"target": STORAGE, **fields}

    assert service.post(MONITORS, json=body).status_code == status


def test_who_may_monitor(agave_at: LocalAgave, service: Caller) -> None:
    """Users of a system monitor it; only administrators have its status set."""
    assert service.token
    bob = agave_at.client("bob")

    _add(bob)
    body = {"target": STORAGE, "updateSystemStatus": True}
    assert bob.post(MONITORS, json=body).status_code == 403


def test_too_many_monitors(agave_at: LocalAgave, service: Caller) -> None:
    """One user has so many monitors and no more."""
    store = agave_at.tenant.store
    with store.transaction():
        for number in range(1_000):
            store.insert("monitor", f"m{number}", {"owner": "ipt"})

    assert service.post(MONITORS, json={"target": STORAGE}).status_code == 429
