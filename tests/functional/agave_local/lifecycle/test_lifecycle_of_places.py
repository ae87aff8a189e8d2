"""Systems, files, postits, monitors and transforms, by agavepy."""

import json
from typing import Any

import pytest

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
STORAGE = {
    "id": "test.storage",
    "name": "Storage",
    "type": "STORAGE",
    "storage": {"host": "localhost", "protocol": "LOCAL"},
}
HERE = {"systemId": "test.storage"}


def test_systems(life: Any) -> None:
    """A system is registered, shared, published, given credentials, and deleted."""
    life.agave.add_user("anna")
    systems = life.client("admin").systems
    anna = {**HERE, "username": "anna"}
    secret = {"type": "PASSWORD", "username": "x", "password": "hidden word"}
    internal = {**HERE, "internalUsername": "inner"}

    systems.add(body=STORAGE)
    systems.update(**HERE, body={**STORAGE, "name": "Renamed"})
    assert systems.get(**HERE)["name"] == "Renamed"
    systems.updateRole(**HERE, body={"username": "anna", "role": "USER"})
    systems.updateRoleForUser(**anna, body={"role": "ADMIN"})
    assert systems.getRoleForUser(**anna)["role"] == "ADMIN"
    systems.deleteRoleForUser(**anna)
    systems.deleteRoles(**HERE)
    assert [role["username"] for role in systems.listRoles(**HERE)] == ["admin"]
    systems.updateCredentials(**HERE, body=secret)
    assert "hidden word" not in json.dumps(systems.listCredentials(**HERE))
    systems.updateCredentialsForInternalUser(**internal, body=secret)
    assert systems.listCredentialsForInternalUser(**internal)
    by_type = {**internal, "credentialType": "storage"}
    systems.updateCredentialsForInternalUserByType(**by_type, body=secret)
    assert systems.listCredentialsForInternalUserByType(**by_type)
    systems.deleteCredentialsForInternalUserByType(**by_type)
    systems.updateCredentialsForInternalUser(**internal, body=secret)
    systems.deleteCredentialsForInternalUser(**internal)
    systems.deleteCredentials(**HERE)
    systems.manage(**HERE, body={"action": "PUBLISH"})
    assert [one["id"] for one in systems.list(public=True)] == ["test.storage"]
    systems.delete(**HERE)

    assert systems.list() == []
    assert life.missed("systems") == set()


def test_files(life: Any) -> None:
    """A file is uploaded, listed, shared, moved, read and deleted, on both routes."""
    life.agave.add_user("anna")
    client = life.client("admin")
    client.systems.add(body=STORAGE)
    client.systems.manage(**HERE, body={"action": "SETDEFAULT"})
    files = client.files
    note = {**HERE, "filePath": "folder/note.txt"}
    pem = {"username": "anna", "permission": "READ"}

    files.manage(**HERE, filePath="", body={"action": "mkdir", "path": "folder"})
    files.importData(
        **HERE, filePath="folder", fileToUpload=life.file("note.txt", b"hello")
    )
    assert files.download(**note).content == b"hello"
    names = [one["name"] for one in files.list(**HERE, filePath="folder")]
    assert names == [".", "note.txt"]
    files.updatePermissions(**note, body=pem)
    assert len(files.listPermissions(**note)) == 2
    files.deletePermissions(**note)
    assert files.getHistory(**note)
    files.delete(**note)
    files.importToDefaultSystem(
        sourcefilePath="folder", fileToUpload=life.file("b.txt", b"b")
    )
    path = "folder/b.txt"
    assert files.downloadFromDefaultSystem(sourcefilePath=path).content == b"b"
    assert files.listOnDefaultSystem(filePath="folder")
    assert files.getHistoryOnDefaultSystem(filePath=path)
    files.updatePermissionsOnDefaultSystem(filePath=path, body=pem)
    assert files.listPermissionsOnDefaultSystem(filePath=path)
    body = {"action": "rename", "path": "c.txt"}
    files.manageOnDefaultSystem(sourcefilePath=path, body=body)
    files.deleteFromDefaultSystem(sourcefilePath="folder/c.txt")

    assert [one["name"] for one in files.list(**HERE, filePath="folder")] == ["."]
    assert life.missed("files") == set()


def test_postits(life: Any) -> None:
    """A postit is made, redeemed by nobody in particular, listed and deleted."""
    anna = life.client("anna").postits
    url = f"{life.agave.base_url}/profiles/v2/me"

    made = anna.create(body={"url": url, "method": "GET", "maxUses": 2})
    redeemed = life.agave.anonymous().get(f"/postits/v2/{made['postit']}")
    assert redeemed.json()["result"]["username"] == "anna"
    assert [one["postit"] for one in anna.list()] == [made["postit"]]
    anna.delete(uuid=made["postit"])

    assert anna.list() == []
    assert life.missed("postits") == set()


def test_monitors(life: Any) -> None:
    """A monitor is added, run, read and deleted."""
    client = life.client("admin")
    client.systems.add(body=STORAGE)
    monitors = client.monitors

    made = monitors.add(body={"target": "test.storage", "frequency": 60})
    one = {"monitorId": made["id"]}
    assert monitors.get(**one)["target"] == "test.storage"
    check = monitors.runCheck(**one)
    assert check["result"] == "PASSED"
    assert monitors.getCheck(**one, checkId=check["id"])["result"] == "PASSED"
    assert monitors.listChecks(**one)
    assert len(monitors.list()) == 1
    # agavepy has no argument for the id of the monitor, so its target tells which.
    monitors.update(body={"target": "test.storage", "frequency": 30})
    assert monitors.get(**one)["frequency"] == 30
    monitors.delete(**one)

    assert monitors.list() == []
    assert life.missed("monitors") == set()


def test_transforms(life: Any) -> None:
    """Transforms are listed, read, and applied to a file."""
    client = life.client("admin")
    client.systems.add(body=STORAGE)
    client.systems.manage(**HERE, body={"action": "SETDEFAULT"})
    client.files.importData(
        **HERE, filePath="", fileToUpload=life.file("note.txt", b"hello")
    )
    transforms = client.transforms

    assert transforms.list()
    assert transforms.listByTag(tag="compression")
    one = {"transformId": transforms.get(transformId="gzip")[0]["name"]}
    # agavepy reads a file as JSON, whatever is in it.
    with pytest.raises(ValueError, match="value"):
        transforms.transformAndDownload(
            **one, owner="admin", filePath="note.txt", body={}
        )
    staged = transforms.transformAndStage(
        **one,
        owner="admin",
        filePath="note.txt",
        body={"url": "agave://test.storage/note.gz"},
    )
    assert staged

    assert life.missed("transforms") <= {"transforms.transformAndDownload"}
