"""The function `admin`: the audit record."""

from typing import Any

import pytest

from functions.terminal.app import app as terminal_app
from iptweb.errors import AgaveUnavailable
from iptweb.testing import FakeHost, FakeTenant, FunctionClient

from .administrator import Administrator

NAME = "ipt-test-audit"
DAY = 86_400


def documents(tenant: FakeTenant) -> list[Any]:
    """Return what is on record, the oldest first."""
    return [item for item in tenant.metadata if item.name == NAME]


def test_before_and_after(grace: Administrator) -> None:
    """The record is there before `terminal` hears of it, and completed afterwards."""
    seen: list[list[str]] = []
    answered = grace.terminals

    def look(username: str, message: Any) -> Any:
        seen.append([item.value["part"] for item in documents(grace.tenant)])
        return answered(username, message)

    grace.tenant.actors["test-terminal"] = look

    done = grace.do("/terminals/ada/start", request_id="request-x1")

    assert seen == [["begun"]]
    assert [item.value["part"] for item in documents(grace.tenant)] == [
        "begun",
        "ended",
    ]
    assert grace.get("/audit").body == {
        "entries": [
            {
                "id": done.body["audit_id"],
                "at": "2027-01-15T08:00:00.000Z",
                "by": "grace",
                "action": "start",
                "target": "ada",
                "request_id": "request-x1",
                "ended": "2027-01-15T08:00:00.000Z",
                "result": "done",
                "code": "",
                "message": "",
            }
        ],
        "total": 1,
        "limit": 20,
        "offset": 0,
        "days": 30,
    }


def test_no_way_around(grace: Administrator) -> None:
    """What an administrator has `terminal` do for others is on record, too, once."""
    direct = FunctionClient(
        terminal_app, grace.tenant, host=grace.host, username="grace"
    )
    refused = AgaveUnavailable("No.", service="meta")

    direct.send("{'command': 'START', 'user_name': 'ada'}")
    direct.send("{'command': 'START'}")
    direct.send("{'command': 'STOP', 'user_name': 'ada', 'launch': 'earlier'}")
    grace.tenant.failures["update_metadata"] = refused
    failed = direct.send("{'command': 'STOP', 'user_name': 'ada'}")
    grace.do("/terminals/ada/sync")

    assert failed.code == "upstream_unavailable"
    assert grace.audited() == [
        ("sync", "ada", "done"),
        ("stop", "ada", "failed"),
        ("stop", "ada", "done"),
        ("start", "ada", "done"),
    ]


def test_only_ever_added(grace: Administrator) -> None:
    """Nothing that is on record is changed or deleted, whatever comes after it."""
    grace.do("/terminals/ada/start", request_id="request-x1")
    before = documents(grace.tenant)

    grace.do("/terminals/ada/start", request_id="request-x1")
    grace.do("/terminals/ada/stop")
    grace.delete("ada")
    grace.do("/hosts/this-machine/drain")

    assert documents(grace.tenant)[: len(before)] == before


def test_looking_is_not_on_record(grace: Administrator) -> None:
    """Only actions are on record."""
    for path in ("/terminals", "/hosts", "/jobs", "/audit"):
        assert grace.get(path).status == 200

    assert grace.audited() == []


def test_newest_first_and_paged(grace: Administrator) -> None:
    """Page by page every entry comes once, the newest first."""
    for number in range(5):
        grace.client.now += 1
        grace.do(f"/terminals/u{number}/sync")
    found: list[str] = []

    for offset in (0, 2, 4, 6):
        answer = grace.get("/audit", limit=2, offset=offset)
        found += [entry["target"] for entry in answer.body["entries"]]
        assert answer.body["total"] == 5

    assert found == ["u4", "u3", "u2", "u1", "u0"]


@pytest.mark.parametrize(
    ("query", "targets"),
    [
        ({"by": "grace"}, ["this-machine", "bob", "ada"]),
        ({"by": "joan"}, []),
        ({"action": "start"}, ["bob", "ada"]),
        ({"target": "bob"}, ["bob"]),
        ({"action": "drain", "target": "bob"}, []),
    ],
)
def test_filter(
    grace: Administrator, query: dict[str, str], targets: list[str]
) -> None:
    """Who, what and whom narrow the record."""
    grace.do("/terminals/ada/start")
    grace.do("/terminals/bob/start")
    grace.do("/hosts/this-machine/drain")

    entries = grace.get("/audit", **query).body["entries"]

    assert [entry["target"] for entry in entries] == targets


def test_days(grace: Administrator) -> None:
    """What is older than asked for is left out, and there for who looks farther."""
    grace.do("/terminals/ada/start")
    grace.client.now += 31 * DAY
    grace.do("/terminals/bob/start")

    assert [target for _, target, _ in grace.audited()] == ["bob"]
    assert [target for _, target, _ in grace.audited(days=60)] == ["bob", "ada"]


@pytest.mark.parametrize("days", ["0", "3651", "x"])
def test_bad_days(grace: Administrator, days: str) -> None:
    """A number of days that makes no sense is refused."""
    assert grace.get("/audit", days=days).field == "days"


def test_action_that_was_cut_off(grace: Administrator) -> None:
    """What was never seen to end is on record as such."""

    def die(_username: str, _message: Any) -> Any:
        raise KeyboardInterrupt

    grace.tenant.actors["test-terminal"] = die
    with pytest.raises(KeyboardInterrupt):
        grace.do("/terminals/ada/stop")

    (entry,) = grace.get("/audit").body["entries"]

    assert (entry["result"], entry["ended"]) == ("unknown", "")
    assert entry["message"] == "It was never seen to end."


def test_end_that_can_t_be_written(grace: Administrator, host: FakeHost) -> None:
    """What was done and could not be put on record is an error, and is done once."""
    answered = grace.terminals

    def answer_and_lose(username: str, message: Any) -> Any:
        frame = answered(username, message)
        grace.tenant.failures["add_metadata"] = AgaveUnavailable("No.", service="meta")
        return frame

    grace.tenant.actors["test-terminal"] = answer_and_lose
    lost = grace.do("/terminals/ada/start", request_id="request-x1")
    grace.tenant.actors["test-terminal"] = answered
    launch = host.terminals["ada-test-IPT"].launch

    again = grace.do("/terminals/ada/start", request_id="request-x1")

    assert (lost.code, again.status) == ("upstream_unavailable", 200)
    assert host.terminals["ada-test-IPT"].launch == launch


def test_failure_then_success(grace: Administrator) -> None:
    """Of a request that was made again the last end counts."""
    error = {"code": "terminal_failed", "message": "Away."}
    grace.terminals.frames = [{"status": 502, "body": {"error": error}}]
    grace.do("/terminals/ada/start", request_id="request-x1")
    assert grace.audited() == [("start", "ada", "failed")]

    grace.do("/terminals/ada/start", request_id="request-x1")

    assert grace.audited() == [("start", "ada", "done")]


def test_long_message(grace: Administrator) -> None:
    """A message without end is cut on the record."""
    error = {"code": "terminal_failed", "message": "x" * 5000}
    grace.terminals.frames = [{"status": 502, "body": {"error": error}}]
    grace.do("/terminals/ada/start")

    (entry,) = grace.get("/audit").body["entries"]

    assert len(entry["message"]) == 300


def test_forged_entries(grace: Administrator) -> None:
    """What a user wrote under that name is no entry, nor is a damaged document."""
    eve = grace.tenant.as_user("eve")
    value = {"part": "begun", "entry": "1", "at": "2030", "by": "grace"}
    made = eve.add_metadata(NAME, value)
    eve.share_metadata(made.uuid, "ipt", "READ")
    ipt = grace.tenant.as_user("ipt")
    ipt.add_metadata(NAME, {"at": "2031", "part": "else"})
    ipt.add_metadata(NAME, {"part": "ended", "at": "2031", "entry": "nobody's"})
    ipt.add_metadata(NAME, {"part": "begun", "at": "2031", "entry": "half"})
    ipt.add_metadata(
        NAME, {"part": "ended", "at": "2031", "entry": "half", "result": 7, "answer": 7}
    )

    entries = grace.get("/audit").body["entries"]

    assert [(entry["id"], entry["result"]) for entry in entries] == [
        ("half", "unknown")
    ]


def test_no_secret_on_record(grace: Administrator) -> None:
    """Neither tokens nor keys nor addresses of terminals get into the record."""
    grace.start("ada")
    for command in ("start", "restart", "sync", "stop"):
        grace.do(f"/terminals/ada/{command}")
    told = str([item.value for item in documents(grace.tenant)])

    assert "ws://" not in told
    for secret in (*grace.tenant.tokens, *list(grace.client.configs.values())[1:]):
        assert secret not in told


def test_many_entries(grace: Administrator) -> None:
    """More documents than one page of the platform holds are all read."""
    ipt = grace.tenant.as_user("ipt")
    for number in range(150):
        value = {"part": "begun", "entry": f"{number}", "at": f"2030-{number:03}"}
        ipt.add_metadata(NAME, value)

    body = grace.get("/audit", offset=149).body

    assert body["total"] == 150
    assert [entry["id"] for entry in body["entries"]] == ["0"]
