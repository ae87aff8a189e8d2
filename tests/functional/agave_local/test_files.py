"""Files over HTTP, in both transports."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import requests

from agave_local.services.jobs.testing import (
    EXECUTION,
    SERVICE,
    STORAGE,
    add_execution,
    add_storage,
)
from agave_local.services.systems.roles import Role
from agave_local.testing import Caller, LocalAgave

MEDIA, LISTINGS = (
    f"/files/v2/media/system/{STORAGE}",
    f"/files/v2/listings/system/{STORAGE}",
)
PRIVATE = "test.private"


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    add_storage(agave.tenant)
    return agave.client("anna")


@pytest.fixture(name="home")
def _home(agave: LocalAgave) -> Path:
    home = agave.tenant.settings.data / "storage" / STORAGE / "anna"
    home.mkdir(parents=True)
    return home


def _names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["result"]]


def _upload(caller: Caller, path: str, name: str, data: bytes = b"data") -> Any:
    return caller.post(f"{MEDIA}/{path}", files={"fileToUpload": (name, data)})


def test_upload_list_and_download(anna: Caller) -> None:
    """What is uploaded is listed, and comes back byte for byte."""
    data = os.urandom(300_000)

    sent = _upload(anna, "anna", "my data.bin", data)

    assert sent.status_code == 202
    result = sent.json()["result"]
    assert (result["name"], result["path"]) == ("my data.bin", "/anna/my data.bin")
    assert (result["owner"], result["status"]) == ("anna", "STAGING_QUEUED")
    assert result["systemId"] == STORAGE
    assert result["uuid"].endswith("-002")

    listing = anna.get(f"{LISTINGS}/anna").json()["result"]
    assert [item["name"] for item in listing] == [".", "my data.bin"]
    assert tuple(listing[0][field] for field in ("type", "format", "path")) == (
        "dir",
        "folder",
        "/anna",
    )
    assert tuple(
        listing[1][field] for field in ("type", "format", "length", "permissions")
    ) == ("file", "raw", 300_000, "ALL")

    got = anna.get(listing[1]["_links"]["self"]["href"])
    assert data == got.content
    assert (
        got.headers["Content-Disposition"]
        == "attachment; filename*=UTF-8''my%20data.bin"
    )
    assert got.headers["X-Content-Type-Options"] == "nosniff"


def test_list_an_empty_home(anna: Caller) -> None:
    """A home is there as soon as its user looks, and it is empty."""
    assert _names(anna.get(f"{LISTINGS}/anna")) == ["."]


def test_list_a_page(anna: Caller, home: Path) -> None:
    """Limit and offset choose a part of a listing."""
    for name in "abc":
        (home / name).write_text("")

    assert _names(anna.get(f"{LISTINGS}/anna?limit=2")) == [".", "a"]
    assert _names(anna.get(f"{LISTINGS}/anna/?limit=1&offset=2")) == ["b"]
    assert anna.get(f"{LISTINGS}/anna?limit=x").status_code == 400


def test_list_a_file(anna: Caller, home: Path) -> None:
    """A file lists itself."""
    (home / "a.c").write_text("int x;")

    [item] = anna.get(f"{LISTINGS}/anna/a.c").json()["result"]

    assert (item["name"], item["length"], item["mimeType"]) == ("a.c", 6, "text/plain")


def test_miss_a_file(anna: Caller) -> None:
    """A file that is not there is told by its path, never by the machine's."""
    answer = anna.get(f"{LISTINGS}/anna/none")

    assert answer.status_code == 404
    assert answer.json()["message"] == "There is no file or folder /anna/none."
    assert anna.get(f"{MEDIA}/anna/none").status_code == 404
    assert anna.get(f"{MEDIA}/anna").status_code == 400


def test_download_a_range(anna: Caller, home: Path) -> None:
    """A range is answered with 206, one beyond the file with 416."""
    (home / "f").write_bytes(b"0123456789")

    part = anna.get(f"{MEDIA}/anna/f", headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["Content-Range"] == "bytes 2-4/10"

    beyond = anna.get(f"{MEDIA}/anna/f", headers={"Range": "bytes=10-"})
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == "bytes */10"
    assert beyond.json()["status"] == "error"


def test_ask_for_the_head(anna: Caller, home: Path) -> None:
    """HEAD tells the length without the bytes."""
    (home / "f").write_bytes(b"0123456789")

    answer = anna.head(f"{MEDIA}/anna/f")

    assert (answer.status_code, answer.content) == (200, b"")


def test_replace_a_file(anna: Caller, home: Path) -> None:
    """An upload replaces a file of that name, and a target that is a file."""
    (home / "f").write_text("old")

    assert _upload(anna, "anna", "f", b"new").status_code == 202
    assert (home / "f").read_text() == "new"
    assert _upload(anna, "anna/f", "other", b"newer").status_code == 202
    assert (home / "f").read_text() == "newer"
    assert _names(anna.get(f"{LISTINGS}/anna")) == [".", "f"]


def test_upload_text_in_a_field(anna: Caller, home: Path) -> None:
    """A plain field with a file name makes a file of text."""
    form = {"fileToUpload": "int x = 1;\n", "fileName": "x.c"}

    assert anna.post(f"{MEDIA}/anna", data=form).status_code == 202
    assert (home / "x.c").read_text() == "int x = 1;\n"


def test_name_an_upload(anna: Caller, home: Path) -> None:
    """`fileName` is stronger than the name a file was sent under."""
    files = {"fileToUpload": ("/some/dir/sent.c", b"1")}

    answer = anna.post(f"{MEDIA}/anna", files=files, data={"fileName": "kept.c"})
    assert answer.json()["result"]["name"] == "kept.c"
    answer = anna.post(f"{MEDIA}/anna", files=files)
    assert answer.json()["result"]["name"] == "sent.c"
    assert {"kept.c", "sent.c"} == set(_names_in(home))


@pytest.mark.parametrize("name", ["../bob", "..", "a/b", "x\x01", "x" * 300])
def test_refuse_a_hostile_file_name(anna: Caller, home: Path, name: str) -> None:
    """A file name that is no name is refused, and nothing is kept."""
    form = {"fileToUpload": "x", "fileName": name}

    assert anna.post(f"{MEDIA}/anna", data=form).status_code == 400
    assert _names_in(home) == []


def test_refuse_an_upload(anna: Caller, home: Path) -> None:
    """An upload needs a file, a name, and a target that is there."""
    (home / "dir").mkdir()

    assert _upload(anna, "anna/none", "f").status_code == 404
    assert _upload(anna, "anna", "dir").status_code == 409
    assert anna.post(f"{MEDIA}/anna", data={"fileName": "x"}).status_code == 400
    assert anna.post(f"{MEDIA}/anna", data={"fileToUpload": "x"}).status_code == 400
    assert anna.post(f"{MEDIA}/anna", data=b"raw").status_code == 400
    bad = {"Content-Type": "multipart/form-data"}
    assert anna.post(f"{MEDIA}/anna", data=b"raw", headers=bad).status_code == 400
    url = {"urlToIngest": "ftp://127.0.0.1/secret"}
    assert anna.post(f"{MEDIA}/anna", data=url).status_code == 400
    assert _names_in(home) == ["dir"]


def test_refuse_a_form_that_is_too_large(anna: Caller) -> None:
    """A field, unlike a file, is small."""
    form = {"fileToUpload": "x" * (1 << 21), "fileName": "x"}

    assert anna.post(f"{MEDIA}/anna", data=form).status_code == 413


def test_upload_to_a_full_disk(agave: LocalAgave, anna: Caller, home: Path) -> None:
    """On a full disk the caller is told, the old file stays, nothing else does."""
    (home / "f").write_text("old")
    storage = agave.tenant.files.storage

    def full(fd: int, data: bytes | memoryview) -> int:
        os.write(fd, data[:10])
        raise OSError(errno.ENOSPC, "full")

    storage.write = full
    answer = _upload(anna, "anna", "f", b"x" * 1000)

    assert answer.status_code == 507
    assert "full" in answer.json()["message"]
    assert (home / "f").read_text() == "old"
    assert _names_in(home) == ["f"]
    assert _names_in(storage.incoming) == []


def test_make_folders(anna: Caller, home: Path) -> None:
    """Making a folder makes the folders above too, and may be said twice."""
    body = {"action": "mkdir", "path": "a/b/c"}

    first = anna.put(f"{MEDIA}/anna", json=body)
    again = anna.put(f"{MEDIA}/anna", data=body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["result"]["path"] == "/anna/a/b/c"
    assert (home / "a/b/c").is_dir()


def test_rename_copy_and_move(anna: Caller, home: Path) -> None:
    """Files are renamed, copied and moved."""
    (home / "d").mkdir()
    (home / "f").write_text("x")

    renamed = anna.put(f"{MEDIA}/anna/f", json={"action": "rename", "path": "g"})
    copied = anna.put(f"{MEDIA}/anna/g", json={"action": "copy", "path": "/anna/d"})
    moved = anna.put(f"{MEDIA}/anna/g", json={"action": "move", "path": "anna/h"})

    assert [a.status_code for a in (renamed, copied, moved)] == [200, 201, 200]
    assert [answer.json()["result"]["path"] for answer in (renamed, copied, moved)] == [
        "/anna/g",
        "/anna/d/g",
        "/anna/h",
    ]
    assert {"d", "h"} == set(_names_in(home))
    assert _names_in(home / "d") == ["g"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "chmod", "path": "x"}, 400),
        ({"action": "mkdir"}, 400),
        ({"action": "mkdir", "path": 3}, 400),
        ({"action": "mkdir", "path": "../x"}, 400),
        ({"action": "mkdir", "path": "f"}, 409),
        ({"action": "rename", "path": "a/b"}, 400),
        ({"action": "copy", "path": "/bob/x"}, 403),
        ({"action": "move", "path": "/bob/x"}, 403),
        ({"action": "move", "path": "x"}, 403),
        ([], 400),
    ],
)
def test_refuse_an_action(anna: Caller, home: Path, body: Any, status: int) -> None:
    """An action that is wrong, or leads elsewhere, changes nothing."""
    (home / "f").write_text("x")

    assert status == anna.put(f"{MEDIA}/anna", json=body).status_code
    assert _names_in(home) == ["f"]


def test_delete(anna: Caller, home: Path) -> None:
    """A folder goes with all that is in it; the home itself stays."""
    (home / "d" / "e").mkdir(parents=True)
    (home / "d" / "e" / "f").write_text("x")

    answer = anna.delete(f"{MEDIA}/anna/d")

    assert (answer.status_code, answer.json()["result"]) == (200, None)
    assert _names_in(home) == []
    assert anna.delete(f"{MEDIA}/anna/d").status_code == 404
    assert anna.delete(f"{MEDIA}/anna").status_code == 403


@pytest.mark.parametrize("path", ["", "/", "/bob", "/bob/x", "/annab"])
def test_stay_out_of_other_homes(anna: Caller, home: Path, path: str) -> None:
    """On a public system a user has nothing but their home."""
    (home.parent / "bob").mkdir()
    (home.parent / "bob" / "x").write_text("secret")

    for answer in (
        anna.get(f"{LISTINGS}{path}"),
        anna.get(f"{MEDIA}{path}"),
        anna.delete(f"{MEDIA}{path}"),
        anna.put(f"{MEDIA}{path}", json={"action": "mkdir", "path": "y"}),
        anna.post(f"{MEDIA}{path}", files={"fileToUpload": ("x", b"")}),
    ):
        assert answer.status_code == 403
        assert "/anna" in answer.json()["message"]


@pytest.mark.parametrize(
    "path",
    ["/anna/../bob/x", "/anna/%2e%2e/bob/x", "/anna/%00", "/anna/a%07", "/anna/%ff"],
)
def test_refuse_a_hostile_path(agave: LocalAgave, anna: Caller, path: str) -> None:
    """A path with dots, control characters or broken letters is refused."""
    base = agave.base_url
    request = anna.prepare_request(requests.Request("GET", base))
    request.url = f"{base}{LISTINGS}{path}"

    assert anna.send(request).status_code == 400


def test_refuse_a_link_out_of_the_home(anna: Caller, home: Path) -> None:
    """A link that leads out is shown as unreadable, and refused."""
    (home / "link").symlink_to("../../../tenant.sqlite")

    answer = anna.get(f"{MEDIA}/anna/link")

    assert answer.status_code == 403
    assert (
        "/anna/link is a symbolic link to a place outside" in answer.json()["message"]
    )
    [_, item] = anna.get(f"{LISTINGS}/anna").json()["result"]
    assert item["permissions"] == "NONE"


def test_administer_every_home(agave: LocalAgave, anna: Caller, home: Path) -> None:
    """Owner and administrators have everything, links excepted."""
    assert _names(anna.get(f"{LISTINGS}/anna")) == ["."]
    (home / "f").write_text("x")
    for name in ("ipt", "admin"):
        caller = agave.client(name)
        assert "anna" in _names(caller.get(LISTINGS))
        assert caller.get(f"{MEDIA}/anna/f").content == b"x"

    agave.client("ipt").put(MEDIA, json={"action": "mkdir", "path": "carl"})
    assert agave.client("carl").get(f"{LISTINGS}/carl").status_code == 200
    assert agave.client("ipt").delete(f"{MEDIA}/carl").status_code == 200
    assert agave.client("ipt").delete(MEDIA).status_code == 400


def test_use_the_default_system(anna: Caller, home: Path) -> None:
    """Addresses without a system mean the default one."""
    media, listings = "/files/v2/media/anna", "/files/v2/listings/anna"
    form = {"fileToUpload": "x", "fileName": "f"}

    assert anna.post(media, data=form).status_code == 202
    assert _names(anna.get(listings)) == [".", "f"]
    assert anna.get(f"{media}/f").content == b"x"
    rename = {"action": "rename", "path": "g"}
    assert anna.put(f"{media}/f", json=rename).status_code == 200
    assert _names_in(home) == ["g"]
    assert anna.delete(f"{media}/g").status_code == 200
    assert anna.get("/files/v2/pems/anna").status_code == 200
    assert anna.get("/files/v2/history/anna").status_code == 200
    assert anna.get("/files/v2/listings").status_code == 403


def test_roles_on_a_private_system(agave: LocalAgave, anna: Caller) -> None:
    """On a private system the role decides, and nobody else knows of it."""
    storage = {"host": "h", "protocol": "LOCAL", "homeDir": "/home/all"}
    body = {"id": PRIVATE, "name": "p", "type": "STORAGE", "storage": storage}
    systems = agave.tenant.systems
    systems.add(SERVICE, body)
    listing = f"/files/v2/listings/system/{PRIVATE}"
    folder = {"action": "mkdir", "path": "d"}

    assert anna.get(f"{listing}//").status_code == 404
    systems.give_role(SERVICE, PRIVATE, "anna", Role.GUEST)
    media = f"/files/v2/media/system/{PRIVATE}"
    assert _names(anna.get(f"{listing}//")) == ["."]
    assert anna.put(f"{media}//", json=folder).status_code == 403
    systems.give_role(SERVICE, PRIVATE, "anna", Role.USER)
    assert (
        anna.put(f"{media}/x", json={"action": "rename", "path": "y"}).status_code
        == 404
    )
    assert anna.put(media, json={"action": "mkdir", "path": "d"}).status_code == 201
    assert _names(anna.get(listing))[1:] == ["d"]
    assert _names(anna.get(f"{listing}//")) == [".", "home"]


def test_refuse_storage_elsewhere(agave: LocalAgave, anna: Caller) -> None:
    """A system whose files are not on this machine is refused with the reason."""
    storage = {"host": "h", "protocol": "SFTP"}
    body = {"id": "far.away", "name": "f", "type": "STORAGE", "storage": storage}
    agave.tenant.systems.add(SERVICE, body)

    answer = agave.client("ipt").get("/files/v2/listings/system/far.away")

    assert answer.status_code == 400
    assert "SFTP" in answer.json()["message"]
    assert anna.get("/files/v2/listings/system/no.such").status_code == 404


def test_need_a_token(agave: LocalAgave, anna: Caller) -> None:
    """Nothing of this is for strangers."""
    assert anna.get(f"{LISTINGS}/anna").status_code == 200
    nobody = agave.anonymous()

    assert nobody.get(f"{LISTINGS}/anna").status_code == 401
    assert nobody.get(f"{MEDIA}/anna").status_code == 401


def _names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_execution_system_is_nobody_s_folder(agave: LocalAgave) -> None:
    """A user of a system that runs jobs has only a folder of their own there."""
    add_execution(agave.tenant)
    systems = agave.tenant.systems
    systems.set_public(SERVICE, EXECUTION, public=False)
    systems.give_role(SERVICE, EXECUTION, "anna", Role.USER)
    media = f"/files/v2/media/system/{EXECUTION}"

    answer = agave.client("anna").post(
        f"{media}/", files={"fileToUpload": ("a.html", b"x")}
    )

    assert answer.status_code == 403
