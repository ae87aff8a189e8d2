"""Homes of a user of the machine: a tenant run by root leaves nothing of root's."""

import os
from pathlib import Path

import pytest

from agave_local.services.jobs.testing import (
    APP,
    STORAGE,
    add_app,
    add_execution,
    add_storage,
    wait_for,
)
from agave_local.testing import Caller, LocalAgave

OWNER = (12345, 23456)
pytestmark = [
    pytest.mark.needs("bubblewrap"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away"),
]
MEDIA = f"/files/v2/media/system/{STORAGE}"


@pytest.fixture(name="system")
def _system(agave: LocalAgave) -> Path:
    """Return the folder of homes, which an operator has given to somebody."""
    folder = agave.tenant.settings.data / "storage" / STORAGE
    folder.mkdir(parents=True)
    os.chown(folder, *OWNER)
    return folder


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave, system: Path) -> Caller:
    assert system.is_dir()
    add_storage(agave.tenant)
    add_execution(agave.tenant)
    add_app(agave.tenant, "mkdir made; echo hi > made/file; ln -s file made/link\n")
    return agave.client("anna")


def strangers(system: Path) -> list[str]:
    """Return what does not belong to the owner of the homes."""
    return [
        str(path.relative_to(system))
        for path in [system / "anna", *(system / "anna").rglob("*")]
        if (path.lstat().st_uid, path.lstat().st_gid) != OWNER
    ]


def test_everything_in_a_home_belongs_to_its_owner(
    agave: LocalAgave, anna: Caller, system: Path
) -> None:
    """Uploads, folders, copies, what was moved or renamed, and outputs of jobs."""
    form = {"fileToUpload": "input\n", "fileName": "in.txt"}
    assert anna.post(f"{MEDIA}/anna", data=form).ok
    for path, action, target in (
        ("anna", "mkdir", "one/two"),
        ("anna/in.txt", "copy", "/anna/one/copy.txt"),
        ("anna/one", "copy", "/anna/three"),
        ("anna/in.txt", "move", "/anna/three/moved.txt"),
        ("anna/three", "rename", "four"),
    ):
        done = anna.put(f"{MEDIA}/{path}", json={"action": action, "path": target})
        assert done.ok, done.text
    body = {"name": "job", "appId": APP, "archivePath": "anna/jobs/today/one"}
    sent = anna.post("/jobs/v2", json=body)
    assert sent.status_code == 201, sent.text
    wait_for(agave.tenant, str(sent.json()["result"]["id"]))

    assert (system / "anna/four/moved.txt").read_text() == "input\n"
    assert (system / "anna/jobs/today/one/made/file").read_text() == "hi\n"
    assert strangers(system) == []


def test_files_of_others_stay_whose_they_are(anna: Caller, system: Path) -> None:
    """A link to a file of the machine is neither followed nor given away with it."""
    secret = system.parents[1] / "secret"
    secret.write_text("the tenant's")
    assert anna.put(f"{MEDIA}/anna", json={"action": "mkdir", "path": "tree"}).ok
    (system / "anna/tree/link").symlink_to(secret)
    os.lchown(system / "anna/tree/link", *OWNER)

    copy = {"action": "copy", "path": "/anna/copy"}
    assert anna.put(f"{MEDIA}/anna/tree", json=copy).ok
    assert anna.put(f"{MEDIA}/anna/tree", json={"action": "rename", "path": "other"}).ok

    assert (secret.stat().st_uid, secret.stat().st_gid) == (0, 0)
    assert strangers(system) == []
