"""`agave-local backup` of a tenant that works, and `agave-local restore` of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agave_local.cli import main
from agave_local.services.jobs.testing import STORAGE, add_storage
from agave_local.testing import Caller, LocalAgave, in_process_agave, served_agave

RECORDS = "/meta/v2/data"
FILES = f"/files/v2/media/system/{STORAGE}/ipt"


def _run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


@contextmanager
def _written_to(service: Caller) -> Iterator[None]:
    """Have records and files written all the time."""
    ended = threading.Event()

    def write() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            body = {"name": "later", "value": {"n": number}}
            assert service.post(RECORDS, json=body).status_code == 201
            form = {"fileToUpload": "x" * 5_000, "fileName": f"later-{number % 7}"}
            assert service.post(FILES, data=form).status_code == 202

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()


def _fill(agave: LocalAgave, service: Caller) -> str:
    """Give a tenant something of many kinds; return the id of an actor."""
    agave.add_user("ipt")
    add_storage(agave.tenant)
    folder = agave.tenant.settings.data / "storage" / STORAGE / "ipt"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(20):
        body = {"name": "early", "value": {"n": number}}
        assert service.post(RECORDS, json=body).status_code == 201
        form = {"fileToUpload": f"text {number}", "fileName": f"early-{number}"}
        assert service.post(FILES, data=form).status_code == 202
    actor = service.post("/actors/v2", json={"image": "nobody/knows"}).json()
    config = {
        "name": "key",
        "value": "very secret",
        "isSecret": True,
        "actors": actor["result"]["id"],
    }
    assert service.post("/actors/v2/configs", json=config).ok
    return str(actor["result"]["id"])


def _check(restored: LocalAgave, service: Caller, actor: str) -> None:
    """Assert that a restored tenant answers what the old one did."""
    found = service.get(RECORDS, params={"q": '{"name": "early"}'}).json()["result"]
    assert {record["value"]["n"] for record in found} == set(range(20))
    for number in range(20):
        assert service.get(f"{FILES}/early-{number}").text == f"text {number}"
    assert service.get(f"/actors/v2/{actor}").json()["result"]["id"] == actor
    values = restored.tenant.actors.configs.values_for({actor}, lambda _: True)
    assert values == {"key": "very secret"}


def test_backup_of_a_working_tenant(tmp_path: Path) -> None:
    """A tenant made of the backup has all that was answered before it."""
    with served_agave(tmp_path / "data") as agave:
        service = agave.client("ipt")
        actor = _fill(agave, service)
        with _written_to(agave.client("ipt")):
            for number in range(3):
                file = tmp_path / f"{number}.tar.gz"
                assert _run("backup", file, "--data", tmp_path / "data") == 0

    for number in range(3):
        data = tmp_path / f"restored-{number}"
        assert _run("restore", tmp_path / f"{number}.tar.gz", "--data", data) == 0
        with in_process_agave(data) as restored:
            _check(restored, Caller(restored.base_url, service.token), actor)


def test_refusals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be is refused in one line, with exit code 2."""
    data, file = tmp_path / "data", tmp_path / "all.tar"
    assert _run("backup", file, "--data", data) == 2
    with in_process_agave(data):
        assert _run("backup", file, "--data", data) == 0
        assert _run("backup", file, "--data", data) == 2
        assert _run("restore", file, "--data", data) == 2
        assert _run("restore", file, "--data", data, "--force") == 2
    assert _run("restore", file, "--data", data, "--force") == 0
    assert _run("restore", file, "--data", data, "--tenant-code", "OTHER") == 0

    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["agave-local"] * 4
    for line, expected in zip(
        lines,
        ["There is no tenant", "is there already", "is not empty", "is in use by"],
        strict=True,
    ):
        assert expected in line
    assert "What was there before is in" in said.out
    assert (data / "tenants" / "OTHER" / "tenant.sqlite").exists()


def test_what_a_backup_lacks_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What could not be kept is named on standard error."""
    data = tmp_path / "data"
    with in_process_agave(data):
        (data / "storage").mkdir(exist_ok=True)
        (data / "storage" / "link").symlink_to("/")

    assert _run("backup", tmp_path / "all.tar", "--data", data) == 0

    assert capsys.readouterr().err == "left out: storage/link\n"
