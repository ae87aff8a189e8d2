"""The function `admin`: everybody's terminals."""

from typing import Any

import pytest

from iptweb.errors import AgaveUnavailable
from iptweb.testing import FakeHost, FakeTenant

from .administrator import Administrator

BUSY = {"status": 429, "body": {"error": {"code": "too_many", "message": "Full."}}}


def users_of(answer: Any) -> list[str]:
    """Return whose terminals an answer lists."""
    return [one["user"] for one in answer.body["terminals"]]


@pytest.fixture(name="crowd")
def _crowd(grace: Administrator) -> Administrator:
    """Let three have a terminal, and one of them no more."""
    grace.start("ada", "bob", "eve")
    assert grace.do("/terminals/eve/stop").status == 200
    return grace


def test_list(crowd: Administrator) -> None:
    """All terminals are there, with how many are in which state."""
    answer = crowd.get("/terminals")

    assert users_of(answer) == ["ada", "bob", "eve"]
    assert answer.body["total"] == 3
    counts = {"PENDING": 0, "SUBMITTED": 0, "READY": 2, "STOPPED": 1, "ERROR": 0}
    assert answer.body["counts"] == counts


def test_list_shows_times(crowd: Administrator) -> None:
    """A terminal that is up has an age; whatever it is, it has been so for a while."""
    crowd.client.now += 90.4

    ada, _, eve = crowd.get("/terminals").body["terminals"]

    assert (ada["age_s"], ada["state_s"], ada["idle_s"]) == (90, 90, None)
    assert (eve["age_s"], eve["state_s"]) == (None, 90)
    assert (ada["host"], eve["host"]) == ("fake 127.0.0.1", "")
    assert (ada["can_delete"], eve["can_delete"]) == (False, True)


def test_list_shows_no_address(crowd: Administrator) -> None:
    """Nothing that a terminal could be opened with is in the list."""
    answer = crowd.get("/terminals")

    assert "ws://" not in str(answer.body)
    assert "ticket" not in str(answer.body)


@pytest.mark.parametrize(
    ("query", "users"),
    [
        ({"user": "bob"}, ["bob"]),
        ({"user": "b"}, []),
        ({"status": "READY"}, ["ada", "bob"]),
        ({"host": "fake 127.0.0.1"}, ["ada", "bob"]),
        ({"host": "other"}, []),
        ({"search": "topped"}, ["eve"]),
        ({"search": "aDa"}, ["ada"]),
        ({"search": "fake", "status": "READY", "user": "ada"}, ["ada"]),
        ({"sort": "-user"}, ["eve", "bob", "ada"]),
        ({"sort": "status"}, ["ada", "bob", "eve"]),
        ({"sort": "-host"}, ["bob", "ada", "eve"]),
        ({"sort": "since"}, ["ada", "bob", "eve"]),
    ],
)
def test_filter(crowd: Administrator, query: dict[str, str], users: list[str]) -> None:
    """Every filter narrows, several together, and the order is as it was asked for."""
    assert users_of(crowd.get("/terminals", **query)) == users


def test_pages(grace: Administrator) -> None:
    """Page by page everybody comes once, and of how many is told."""
    names = [f"u{number:02}" for number in range(7)]
    grace.start(*names)
    found: list[str] = []

    for offset in (0, 3, 6, 9):
        answer = grace.get("/terminals", limit=3, offset=offset)
        found += users_of(answer)
        assert answer.body["total"] == 7

    assert found == names


def test_overdue_start(grace: Administrator, host: FakeHost) -> None:
    """A start that takes too long is shown as the error that it is."""
    grace.start("ada")
    host.terminals.clear()
    item = grace.tenant.metadata[0]
    item.value.update(status="SUBMITTED", deadline="2020-01-01T00:00:00Z")

    (ada,) = grace.get("/terminals").body["terminals"]

    assert (ada["status"], ada["age_s"]) == ("ERROR", None)
    assert "took too long" in ada["reason"]


def test_line(tenant: FakeTenant) -> None:
    """Who waits is shown with the place in line."""
    grace = Administrator(tenant, FakeHost(capacity=1))
    grace.start("ada", "bob", "eve")

    rows = grace.get("/terminals", status="PENDING").body["terminals"]

    assert [(row["user"], row["position"]) for row in rows] == [("bob", 1), ("eve", 2)]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"offset": "-1"},
        {"sort": "age"},
        {"status": "ready"},
        {"search": "x" * 101},
    ],
)
def test_bad_query(grace: Administrator, query: dict[str, str]) -> None:
    """A value that makes no sense is refused by its name."""
    answer = grace.get("/terminals", **query)

    assert (answer.code, answer.field) == ("bad_request", next(iter(query)))


def test_start(grace: Administrator) -> None:
    """An administrator starts a terminal for somebody, through `terminal`."""
    answer = grace.do("/terminals/ada/start")

    assert (answer.status, answer.body["status"]) == (200, "READY")
    assert answer.body["user"] == "ada"
    assert "url" not in answer.body
    assert grace.terminals.messages == [
        ("ipt", {"command": "START", "user_name": "ada"})
    ]


def test_stop_and_sync(grace: Administrator, host: FakeHost) -> None:
    """A terminal is stopped, and one that ended by itself is told of."""
    grace.start("ada", "bob")
    host.end("bob-test-IPT")

    assert grace.do("/terminals/ada/stop").body["status"] == "STOPPED"
    assert grace.do("/terminals/bob/sync").body["status"] == "STOPPED"
    assert host.terminals == {}


def test_restart_names_what_it_replaces(grace: Administrator, host: FakeHost) -> None:
    """The launch that was there is named, so that no later one is ended."""
    grace.start("ada")
    before = host.terminals["ada-test-IPT"].launch

    answer = grace.do("/terminals/ada/restart")

    assert answer.body["status"] == "READY"
    assert answer.body["launch"] != before
    assert grace.terminals.messages[-1][1]["launch"] == before


def test_stop_of_an_earlier_launch(grace: Administrator, host: FakeHost) -> None:
    """A stop that means an earlier terminal leaves the one that came after it."""
    grace.start("ada")

    answer = grace.do("/terminals/ada/stop", launch="an-earlier-one")

    assert answer.body["status"] == "READY"
    assert len(host.terminals) == 1


@pytest.mark.parametrize("command", ["start", "stop", "sync", "restart"])
def test_message_that_comes_twice(grace: Administrator, command: str) -> None:
    """The second delivery is answered as the first one, and nothing is done again."""
    grace.start("ada")
    path = f"/terminals/ada/{command}"

    first = grace.do(path, request_id="request-x1")
    second = grace.do(path, request_id="request-x1")

    assert (first.status, second.status) == (200, 200)
    assert first.body == second.body
    assert len(grace.terminals.messages) == 1
    assert grace.audited() == [(command, "ada", "done")]


def test_start_that_comes_again_after_a_stop(
    grace: Administrator, host: FakeHost
) -> None:
    """A late second delivery of a start does not undo the stop between them."""
    grace.do("/terminals/ada/start", request_id="request-x1")
    grace.do("/terminals/ada/stop")

    grace.do("/terminals/ada/start", request_id="request-x1")

    assert host.terminals == {}


def test_restart_that_was_cut_off(grace: Administrator, host: FakeHost) -> None:
    """The second delivery of a restart that nobody saw end restarts nothing more."""
    grace.start("ada")
    failure = AgaveUnavailable("No.", service="meta")
    answered = grace.terminals

    def answer_and_lose(username: str, message: Any) -> Any:
        frame = answered(username, message)
        grace.tenant.failures["add_metadata"] = failure
        return frame

    grace.tenant.actors["test-terminal"] = answer_and_lose
    lost = grace.do("/terminals/ada/restart", request_id="request-x1")
    launch = host.terminals["ada-test-IPT"].launch
    assert lost.code == "upstream_unavailable"
    assert grace.audited() == [("restart", "ada", "unknown")]
    grace.tenant.actors["test-terminal"] = answered

    again = grace.do("/terminals/ada/restart", request_id="request-x1")

    assert (again.status, again.body["launch"]) == (200, launch)
    assert host.terminals["ada-test-IPT"].launch == launch
    assert grace.audited() == [("restart", "ada", "done")]


@pytest.mark.parametrize("command", ["stop", "restart"])
def test_command_of_no_launch_that_comes_again(
    grace: Administrator, host: FakeHost, command: str
) -> None:
    """What was asked for where there was no terminal touches none that came later."""
    grace.terminals.frames = [BUSY]
    grace.do(f"/terminals/ada/{command}", request_id="request-x1")
    grace.start("ada")
    launch = host.terminals["ada-test-IPT"].launch

    again = grace.do(f"/terminals/ada/{command}", request_id="request-x1")

    assert (again.status, again.body["launch"]) == (200, launch)
    assert host.terminals["ada-test-IPT"].launch == launch


def test_launch_is_a_part_of_the_action(grace: Administrator, host: FakeHost) -> None:
    """An id that stood for another launch is refused, and so is one for a start."""
    grace.start("ada")
    launch = host.terminals["ada-test-IPT"].launch
    body = {"request_id": "request-x1"}
    grace.do("/terminals/ada/stop", launch="earlier", **body)

    other = grace.do("/terminals/ada/stop", launch=launch, **body)
    same = grace.do("/terminals/ada/stop", launch="earlier", **body)
    start = grace.do("/terminals/ada/start", launch=launch)

    assert (other.code, same.status) == ("conflict", 200)
    assert (start.code, start.field) == ("bad_request", "launch")
    assert grace.audited() == [("stop", "ada", "done")]


def test_failed_request_may_be_made_again(grace: Administrator) -> None:
    """What did not work is tried again under the same id."""
    grace.terminals.frames = [BUSY]

    refused = grace.do("/terminals/ada/start", request_id="request-x1")
    again = grace.do("/terminals/ada/start", request_id="request-x1")

    assert (refused.status, refused.code, refused.message) == (429, "too_many", "Full.")
    assert again.body["status"] == "READY"
    assert grace.audited() == [("start", "ada", "done")]


def test_request_id_of_another_action(grace: Administrator) -> None:
    """An id that stood for something else is refused, and nothing is done."""
    grace.do("/terminals/ada/start", request_id="request-x1")

    for path in ("/terminals/ada/stop", "/terminals/bob/start"):
        assert grace.do(path, request_id="request-x1").code == "conflict"
    assert len(grace.terminals.messages) == 1


def test_request_ids_are_each_administrator_s_own(tenant: FakeTenant) -> None:
    """Two administrators may use the same id for different things."""
    grace = Administrator(tenant, FakeHost(), admin_users=["grace", "joan"])
    grace.do("/terminals/ada/start", request_id="request-x1")
    grace.client = grace.as_user("joan")

    assert grace.do("/terminals/bob/start", request_id="request-x1").status == 200
    assert [one["by"] for one in grace.get("/audit").body["entries"]] == [
        "joan",
        "grace",
    ]


def test_delivery_that_is_under_way(grace: Administrator) -> None:
    """While one delivery is at work, another one of the same request does nothing."""
    codes: list[str] = []
    answered = grace.terminals

    def deliver_again(username: str, message: Any) -> Any:
        other = grace.as_user("grace")
        body = {"request_id": "request-x1"}
        second = other.request("POST", "/terminals/ada/start", body=body)
        codes.append(second.code)
        return answered(username, message)

    grace.tenant.actors["test-terminal"] = deliver_again

    assert grace.do("/terminals/ada/start", request_id="request-x1").status == 200
    assert codes == ["conflict"]
    assert len(answered.messages) == 1


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (BUSY, (429, "too_many", "Full.")),
        (
            {"status": 409, "body": {"error": {"code": "conflict", "message": "Two."}}},
            (409, "conflict", "Two."),
        ),
        (
            {
                "status": 502,
                "body": {"error": {"code": "terminal_failed", "message": "Away."}},
            },
            (502, "terminal_failed", "Away."),
        ),
        (
            {"status": 503, "body": {"error": {"code": "x", "message": "Later."}}},
            (503, "upstream_unavailable", "Later."),
        ),
        (
            {"status": 403, "body": {"error": {"code": "forbidden", "message": "No."}}},
            (502, "upstream_refused", "The function terminal did not obey: No."),
        ),
        (
            {"status": 200, "body": "nonsense"},
            (
                502,
                "upstream_refused",
                "The function terminal did not obey: it gave no answer of ours",
            ),
        ),
    ],
)
def test_terminal_refuses(
    grace: Administrator, frame: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    """What `terminal` says of a failure reaches the administrator and the record."""
    grace.terminals.frames = [frame]

    answer = grace.do("/terminals/ada/start")

    assert (answer.status, answer.code, answer.message) == expected
    (entry,) = grace.get("/audit").body["entries"]
    result = "refused" if answer.status < 500 else "failed"
    assert (entry["result"], entry["code"], entry["message"]) == (result, *expected[1:])


def test_nothing_is_done_without_a_record(grace: Administrator) -> None:
    """Where the audit record can't be written, nothing happens."""
    grace.start("ada")
    added: list[str] = []

    def fail(grace: Administrator) -> None:
        grace.tenant.failures["add_metadata"] = AgaveUnavailable("No.", service="meta")

    class Hook(dict[str, Any]):
        def pop(self, key: str, *default: Any) -> Any:
            if key == "add_metadata":
                added.append(key)
                # The first one is the claim on the request, the second the record.
                if len(added) == 2:
                    fail(grace)
            return super().pop(key, *default)

    grace.tenant.failures = Hook()

    answer = grace.do("/terminals/ada/stop")

    assert answer.code == "upstream_unavailable"
    assert grace.terminals.messages == []
