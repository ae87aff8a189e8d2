"""Histories of files: what happened to them, and who was told."""

from typing import Any

import pytest

from agave_local.events import Event
from agave_local.services.jobs.testing import STORAGE, add_storage
from agave_local.testing import Caller, LocalAgave

MEDIA, HISTORY, LISTINGS = (
    f"/files/v2/{kind}/system/{STORAGE}" for kind in ("media", "history", "listings")
)


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    add_storage(agave.tenant)
    anna = agave.client("anna")
    anna.get(f"{LISTINGS}/anna").raise_for_status()
    return anna


@pytest.fixture(name="events")
def _events(agave: LocalAgave) -> list[Event]:
    events: list[Event] = []
    agave.tenant.events.subscribe(events.append)
    return events


def _upload(caller: Caller, path: str, name: str, **form: str) -> Any:
    files = {"fileToUpload": (name, b"data")}
    answer = caller.post(f"{MEDIA}/{path}", files=files, data=form)
    assert answer.status_code == 202, answer.text
    return answer.json()["result"]


def _put(caller: Caller, path: str, action: str, target: str) -> Any:
    answer = caller.put(f"{MEDIA}/{path}", json={"action": action, "path": target})
    assert answer.ok, answer.text
    return answer.json()["result"]


def _history(caller: Caller, path: str, **query: int) -> list[str]:
    answer = caller.get(f"{HISTORY}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return [event["status"] for event in answer.json()["result"]]


UPLOADED = ["STAGING_QUEUED", "STAGING", "UPLOAD", "STAGING_COMPLETED"]


def test_an_upload_is_remembered(anna: Caller) -> None:
    """An upload tells its states, who sent it, and when."""
    uploaded = _upload(anna, "anna", "f.txt", fileType="text-0")

    assert _history(anna, "anna/f.txt") == ["CREATED", *UPLOADED]
    first = anna.get(f"{HISTORY}/anna/f.txt").json()["result"][0]
    assert set(first) == {"status", "created", "createdBy", "description"}
    assert first["createdBy"] == "anna"
    assert (uploaded["nativeFormat"], uploaded["source"]) == ("text-0", "f.txt")
    link = uploaded["_links"]["history"]["href"]
    assert len(anna.get(link).json()["result"]) == 5


def test_a_file_that_is_sent_again_keeps_its_uuid(anna: Caller) -> None:
    """A file that is overwritten is the same file, with a longer history."""
    first = _upload(anna, "anna", "f")
    second = _upload(anna, "anna", "f")

    assert first["uuid"] == second["uuid"]
    assert _history(anna, "anna/f") == ["CREATED", *UPLOADED, "OVERWRITTEN", *UPLOADED]
    assert _history(anna, "anna/f", limit=2, offset=5) == ["OVERWRITTEN", UPLOADED[0]]


def test_a_history_follows_its_file(anna: Caller) -> None:
    """What is renamed or moved keeps its history, and all below keeps its own."""
    _put(anna, "anna", "mkdir", "a")
    uploaded = _upload(anna, "anna/a", "f")
    _put(anna, "anna", "mkdir", "b")

    _put(anna, "anna/a/f", "rename", "g")
    _put(anna, "anna/a", "move", "/anna/b")

    assert _history(anna, "anna/b/a/g") == ["CREATED", *UPLOADED, "RENAME"]
    assert _history(anna, "anna/b/a") == ["CREATED", "MOVED"]
    listing = anna.get(f"{LISTINGS}/anna/b/a").json()["result"]
    links = {item["name"]: item["_links"] for item in listing}
    assert uploaded["uuid"] in links["g"]["metadata"]["href"]
    assert anna.get(links["g"]["metadata"]["href"]).json()["result"] == []


def test_a_copy_is_another_file(anna: Caller) -> None:
    """A copy begins a history of its own, and its origin notes it."""
    _upload(anna, "anna", "f")

    _put(anna, "anna/f", "copy", "/anna/g")

    assert _history(anna, "anna/f")[-1] == "COPY"
    assert _history(anna, "anna/g") == ["CREATED"]


def test_a_deleted_file_is_forgotten(anna: Caller) -> None:
    """A new file of the name of a deleted one has nothing of its history."""
    old = _upload(anna, "anna", "f")
    assert anna.delete(f"{MEDIA}/anna/f").status_code == 200
    assert anna.get(f"{HISTORY}/anna/f").status_code == 404

    new = _upload(anna, "anna", "f")

    assert old["uuid"] != new["uuid"]
    assert _history(anna, "anna/f") == ["CREATED", *UPLOADED]


def test_downloads_are_remembered_once_in_a_row(anna: Caller) -> None:
    """Many downloads by the same user make one line, and parts make none."""
    _upload(anna, "anna", "f")

    anna.get(f"{MEDIA}/anna/f", headers={"Range": "bytes=0-1"})
    assert _history(anna, "anna/f")[-1] == "STAGING_COMPLETED"
    for _ in range(3):
        assert anna.get(f"{MEDIA}/anna/f").content == b"data"

    assert _history(anna, "anna/f")[-2:] == ["STAGING_COMPLETED", "DOWNLOAD"]


def test_a_file_that_came_otherwise_has_no_history(
    agave: LocalAgave, anna: Caller
) -> None:
    """A file that no call made has an empty history; one that is not there, none."""
    home = agave.tenant.settings.data / "storage" / STORAGE / "anna"
    (home / "made").write_text("by a job")

    assert _history(anna, "anna/made") == []
    assert anna.get(f"{HISTORY}/anna/missing").status_code == 404
    assert anna.get(f"{HISTORY}/bob/f").status_code == 403


def test_events_are_published(
    agave: LocalAgave, anna: Caller, events: list[Event]
) -> None:
    """Whoever wants to know is told, with the file's UUID, owner and place."""
    uploaded = _upload(anna, "anna", "f")
    anna.delete(f"{MEDIA}/anna/f")

    assert [event.name for event in events] == ["CREATED", *UPLOADED, "DELETED"]
    assert {event.uuid for event in events} == {uploaded["uuid"]}
    assert {event.owner for event in events} == {"anna"}
    assert events[-1].values["PATH"] == "/anna/f"
    assert events[-1].body["systemId"] == STORAGE
    assert agave.tenant.files.ledger.by_uuid(uploaded["uuid"]) is None


def test_only_who_may_read_a_file_may_ask_about_it(
    agave: LocalAgave, anna: Caller
) -> None:
    """A notification about a file needs the right to read it."""
    uploaded = _upload(anna, "anna", "f")
    body = {
        "url": "https://hooks.example/x",
        "event": "*",
        "associatedUuid": uploaded["uuid"],
    }

    assert anna.post("/notifications/v2", json=body).status_code == 201
    assert agave.client("bob").post("/notifications/v2", json=body).status_code == 404


def test_page_a_large_folder(agave: LocalAgave, anna: Caller) -> None:
    """Any page of a folder of thousands of files has its own entries."""
    home = agave.tenant.settings.data / "storage" / STORAGE / "anna"
    for number in range(3_000):
        (home / f"f{number:05}").touch()

    page = anna.get(f"{LISTINGS}/anna", params={"limit": 2, "offset": 2_900})
    assert [item["name"] for item in page.json()["result"]] == ["f02899", "f02900"]
    everything = anna.get(f"{LISTINGS}/anna").json()["result"]
    assert len(everything) == 3_001
