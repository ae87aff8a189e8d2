"""Files that their owners share with single users."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.testing import SERVICE, STORAGE, add_storage
from agave_local.services.systems.roles import Role
from agave_local.testing import Caller, LocalAgave

MEDIA, PEMS, LISTINGS, HISTORY = (
    f"/files/v2/{kind}/system/{STORAGE}"
    for kind in ("media", "pems", "listings", "history")
)


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    add_storage(agave.tenant)
    anna = agave.client("anna")
    anna.get(f"{LISTINGS}/anna").raise_for_status()
    for path in ("shared", "shared/deep", "private"):
        body = {"action": "mkdir", "path": path}
        anna.put(f"{MEDIA}/anna", json=body).raise_for_status()
    for path in ("shared", "shared/deep", "private"):
        _upload(anna, f"anna/{path}", "f").raise_for_status()
    return anna


@pytest.fixture(name="bob")
def _bob(agave: LocalAgave, anna: Caller) -> Caller:
    assert anna.token
    bob = agave.client("bob")
    bob.get(f"{LISTINGS}/bob").raise_for_status()
    _upload(bob, "bob", "mine").raise_for_status()
    return bob


@pytest.fixture(name="home")
def _home(agave: LocalAgave) -> Path:
    return agave.tenant.settings.data / "storage" / STORAGE / "anna"


def _upload(caller: Caller, path: str, name: str, data: bytes = b"data") -> Any:
    return caller.post(f"{MEDIA}/{path}", files={"fileToUpload": (name, data)})


def _share(
    owner: Caller,
    path: str,
    permission: str,
    *,
    recursive: bool = True,
    username: str = "bob",
) -> Any:
    body = {"username": username, "permission": permission, "recursive": recursive}
    return owner.post(f"{PEMS}/{path}", json=body)


def _import(caller: Caller, path: str, name: str) -> list[str]:
    """Import a path into a home; return its history once that has ended."""
    form = {"urlToIngest": f"agave://{STORAGE}/{path}", "fileName": name}
    caller.post(f"{MEDIA}/bob", data=form).raise_for_status()
    statuses: list[str] = []
    for _ in range(1_000):
        history = caller.get(f"{HISTORY}/bob/{name}").json()["result"]
        statuses = [event["status"] for event in history]
        if statuses[-1] in ("STAGING_COMPLETED", "STAGING_FAILED"):
            break
        time.sleep(0.005)
    return statuses


def _act(caller: Caller, path: str, action: str, target: str) -> int:
    body = {"action": action, "path": target}
    status: int = caller.put(f"{MEDIA}/{path}", json=body).status_code
    return status


def test_nothing_is_shared_at_first(bob: Caller) -> None:
    """Another user's home is closed, whatever is tried there."""
    assert bob.get(f"{LISTINGS}/anna/shared").status_code == 403
    assert bob.get(f"{MEDIA}/anna/shared/f").status_code == 403
    assert _upload(bob, "anna/shared", "x").status_code == 403
    assert bob.get(f"{PEMS}/anna/shared").status_code == 403
    assert bob.delete(f"{MEDIA}/anna/shared/f").status_code == 403
    assert _act(bob, "anna/shared/f", "copy", "/bob/f") == 403


def test_read_what_is_shared(anna: Caller, bob: Caller) -> None:
    """READ lets somebody list and fetch all below, and change nothing."""
    assert _share(anna, "anna/shared", "READ").status_code == 200

    listing = bob.get(f"{LISTINGS}/anna/shared").json()["result"]
    assert [item["name"] for item in listing] == [".", "deep", "f"]
    assert {item["permissions"] for item in listing} == {"READ"}
    assert bob.get(f"{MEDIA}/anna/shared/deep/f").content == b"data"
    assert _act(bob, "anna/shared/f", "copy", "/bob/copied") == 201

    assert _upload(bob, "anna/shared", "x").status_code == 403
    assert bob.delete(f"{MEDIA}/anna/shared/f").status_code == 403
    assert _act(bob, "anna/shared", "mkdir", "x") == 403
    assert _act(bob, "anna/shared/f", "move", "/bob/moved") == 403
    assert _act(bob, "bob/mine", "copy", "/anna/shared/x") == 403
    for path in ("anna", "anna/private", "anna/private/f", ""):
        assert bob.get(f"{LISTINGS}/{path}").status_code == 403


def test_write_where_it_is_shared(anna: Caller, bob: Caller) -> None:
    """READ_WRITE lets somebody change all below, but not the shared folder itself."""
    _share(anna, "anna/shared", "READ_WRITE")

    assert _upload(bob, "anna/shared", "x").status_code == 202
    assert _act(bob, "anna/shared", "mkdir", "made") == 201
    assert _act(bob, "anna/shared/x", "rename", "y") == 200
    assert _act(bob, "anna/shared/y", "move", "/bob/taken") == 200
    assert bob.delete(f"{MEDIA}/anna/shared/f").status_code == 200
    assert anna.get(f"{MEDIA}/anna/shared/f").status_code == 404

    assert bob.delete(f"{MEDIA}/anna/shared").status_code == 403
    assert _act(bob, "anna/shared", "move", "/bob/all") == 403
    assert _act(bob, "anna/shared", "rename", "other") == 400
    assert _act(bob, "bob/mine", "copy", "/anna/private/x") == 403


def test_what_is_moved_to_another_owner_is_let_go(
    anna: Caller, bob: Caller, home: Path
) -> None:
    """No second name and no open folder of its old owner's shell leads to it."""
    (home / "kept").hardlink_to(home / "shared/f")
    open_folder = os.open(home / "shared/deep", os.O_RDONLY)
    _share(anna, "anna/shared", "READ_WRITE")

    assert _act(bob, "anna/shared/f", "move", "/bob/taken") == 200
    assert _act(bob, "anna/shared/deep", "move", "/bob/deep") == 200
    (home / "kept").write_text("changed by anna")
    _upload(bob, "bob/deep", "secret").raise_for_status()

    assert bob.get(f"{MEDIA}/bob/taken").content == b"data"
    assert bob.get(f"{MEDIA}/bob/deep/f").content == b"data"
    assert "secret" not in os.listdir(open_folder)  # noqa: PTH208 - a descriptor
    os.close(open_folder)
    assert [path.name for path in home.glob("shared/*")] == []


def test_write_alone_does_not_read(anna: Caller, bob: Caller) -> None:
    """WRITE is a letter box: what is in it can't be seen, nor taken home."""
    _share(anna, "anna/shared", "WRITE")

    assert _upload(bob, "anna/shared", "x").status_code == 202
    assert _act(bob, "anna/shared/x", "move", "/bob/x") == 403
    assert _act(bob, "anna/shared/x", "move", "/anna/shared/deep/x") == 200
    assert bob.get(f"{LISTINGS}/anna/shared").status_code == 403
    assert bob.get(f"{MEDIA}/anna/shared/x").status_code == 403


@pytest.mark.parametrize(
    ("word", "flags"),
    [
        ("READ", (True, False, False)),
        ("WRITE", (False, True, False)),
        ("EXECUTE", (False, False, True)),
        ("READ_WRITE", (True, True, False)),
        ("READ_EXECUTE", (True, False, True)),
        ("WRITE_EXECUTE", (False, True, True)),
        ("ALL", (True, True, True)),
    ],
)
def test_list_permissions(
    anna: Caller, bob: Caller, word: str, flags: tuple[bool, bool, bool]
) -> None:
    """The owner sees everybody's permissions; another only their own."""
    answer = _share(anna, "anna/shared", word).json()["result"]

    assert [item["username"] for item in answer] == ["anna", "bob"]
    assert tuple(answer[1]["permission"].values()) == flags
    assert answer[1]["recursive"] is True
    assert anna.get(f"{PEMS}/anna/shared?limit=1").json()["result"] == answer[:1]
    deep = anna.get(f"{PEMS}/anna/shared/deep/f").json()["result"]
    assert [item["username"] for item in deep] == ["anna", "bob"]
    seen = bob.get(f"{PEMS}/anna/shared")
    if flags[0]:
        assert [item["username"] for item in seen.json()["result"]] == ["bob"]
    else:
        assert seen.status_code == 403


def test_share_one_folder_only(anna: Caller, bob: Caller) -> None:
    """A permission that is not recursive is about the folder, not what is in it."""
    _share(anna, "anna/shared", "READ", recursive=False)

    assert bob.get(f"{LISTINGS}/anna/shared").status_code == 200
    assert bob.get(f"{MEDIA}/anna/shared/f").status_code == 403


def test_a_copy_takes_no_more_than_may_be_read(anna: Caller, bob: Caller) -> None:
    """Who may list a folder only can't have all of it copied for them."""
    _share(anna, "anna/shared", "READ", recursive=False)

    assert _act(bob, "anna/shared", "copy", "bob/taken") == 403
    assert _import(bob, "anna/shared", "taken")[-1] == "STAGING_FAILED"
    assert bob.get(f"{LISTINGS}/bob/taken").status_code == 404


def test_copy_a_shared_folder(anna: Caller, bob: Caller) -> None:
    """A folder that is shared with all that is in it can be copied and imported."""
    _share(anna, "anna/shared", "READ")

    assert _act(bob, "anna/shared", "copy", "bob/copied") == 201
    assert _import(bob, "anna/shared", "imported")[-1] == "STAGING_COMPLETED"
    for name in ("copied", "imported"):
        assert bob.get(f"{MEDIA}/bob/{name}/deep/f").content == b"data"


def test_share_one_file(anna: Caller, bob: Caller, home: Path) -> None:
    """A shared file can be read and replaced, and what stands beside it can't."""
    _share(anna, "anna/shared/f", "READ_WRITE", recursive=False)

    assert bob.get(f"{MEDIA}/anna/shared/f").content == b"data"
    assert _upload(bob, "anna/shared/f", "any", b"new").status_code == 202
    assert (home / "shared" / "f").read_bytes() == b"new"
    assert bob.get(f"{LISTINGS}/anna/shared").status_code == 403
    assert bob.get(f"{MEDIA}/anna/shared/deep/f").status_code == 403


def test_a_shared_name_is_no_way_out(anna: Caller, bob: Caller, home: Path) -> None:
    """A link that stands where a shared file stood is not followed."""
    _share(anna, "anna/shared/f", "ALL", recursive=False)
    (home / "shared" / "secret").write_text("secret")
    (home / "shared" / "f").unlink()
    (home / "shared" / "f").symlink_to("secret")

    assert anna.get(f"{MEDIA}/anna/shared/f").content == b"secret"
    assert bob.get(f"{MEDIA}/anna/shared/f").status_code == 403
    assert bob.get(f"{LISTINGS}/anna/shared/f").status_code == 403


def test_a_share_ends_with_its_file(anna: Caller, bob: Caller) -> None:
    """Who deletes a file that was shared can't put another one in its place."""
    _share(anna, "anna/shared/f", "ALL", recursive=False)

    assert bob.delete(f"{MEDIA}/anna/shared/f").status_code == 200
    assert _act(bob, "bob/mine", "move", "/anna/shared/f") == 403


def test_links_stay_in_the_shared_folder(anna: Caller, bob: Caller, home: Path) -> None:
    """A link inside a shared folder leads nowhere else in its owner's home."""
    (home / "shared" / "out").symlink_to("../private/f")
    (home / "shared" / "in").symlink_to("deep/f")
    _share(anna, "anna/shared", "READ")

    assert anna.get(f"{MEDIA}/anna/shared/out").status_code == 200
    assert bob.get(f"{MEDIA}/anna/shared/out").status_code == 403
    assert bob.get(f"{MEDIA}/anna/shared/in").content == b"data"


def test_take_a_permission_back(anna: Caller, bob: Caller) -> None:
    """NONE, for all below as well, and DELETE take what was given."""
    _share(anna, "anna/shared", "READ")
    _share(anna, "anna/shared/deep", "READ", recursive=False)
    _share(anna, "anna/shared", "READ", username="carl")

    _share(anna, "anna/shared", "NONE")
    assert bob.get(f"{LISTINGS}/anna/shared/deep").status_code == 403
    names = [p["username"] for p in anna.get(f"{PEMS}/anna/shared").json()["result"]]
    assert names == ["anna", "carl"]

    _share(anna, "anna/shared/f", "ALL", recursive=False)
    assert anna.delete(f"{PEMS}/anna/shared").status_code == 200
    assert bob.get(f"{MEDIA}/anna/shared/f").status_code == 403
    assert len(anna.get(f"{PEMS}/anna/shared").json()["result"]) == 1


def test_permissions_add_up(anna: Caller, bob: Caller) -> None:
    """What is given on a folder and on a file in it counts together."""
    _share(anna, "anna/shared", "READ")
    _share(anna, "anna/shared/f", "WRITE", recursive=False)

    assert _upload(bob, "anna/shared/f", "any", b"new").status_code == 202
    assert bob.get(f"{MEDIA}/anna/shared/f").content == b"new"
    item = bob.get(f"{LISTINGS}/anna/shared/f").json()["result"][0]
    assert item["permissions"] == "READ_WRITE"


def test_a_right_counts_only_where_it_was_given(
    anna: Caller, bob: Caller, home: Path
) -> None:
    """EXECUTE on all of a home does not widen what READ of one folder shows."""
    _share(anna, "anna", "EXECUTE")
    _share(anna, "anna/shared", "READ")
    (home / "shared" / "out").symlink_to("../private/f")

    assert bob.get(f"{LISTINGS}/anna/shared").status_code == 200
    assert bob.get(f"{MEDIA}/anna/shared/out").status_code == 403
    assert bob.get(f"{LISTINGS}/anna").status_code == 403


def test_permissions_follow_their_file(anna: Caller, bob: Caller) -> None:
    """A share is of the file: it goes where that goes, and ends with it."""
    _share(anna, "anna/shared/deep", "READ")
    _act(anna, "anna/shared", "rename", "renamed")

    assert bob.get(f"{LISTINGS}/anna/renamed/deep").status_code == 200
    anna.delete(f"{MEDIA}/anna/renamed")
    _act(anna, "anna", "mkdir", "renamed/deep")
    assert bob.get(f"{LISTINGS}/anna/renamed/deep").status_code == 403


def test_what_somebody_takes_is_theirs(
    agave: LocalAgave, anna: Caller, bob: Caller
) -> None:
    """A file moved to another home is no longer shared with its old owner's friends."""
    _share(anna, "anna/shared", "ALL")
    _share(anna, "anna/shared/f", "READ", recursive=False, username="carl")
    carl = agave.client("carl")
    assert carl.get(f"{MEDIA}/anna/shared/f").status_code == 200

    assert _act(bob, "anna/shared/f", "move", "/bob/f") == 200

    assert carl.get(f"{MEDIA}/bob/f").status_code == 403
    assert anna.get(f"{MEDIA}/bob/f").status_code == 403


def test_only_the_owner_shares(anna: Caller, bob: Caller, agave: LocalAgave) -> None:
    """Somebody with ALL on a folder can't let others in, nor shut the owner out."""
    _share(anna, "anna/shared", "ALL")

    assert _share(bob, "anna/shared", "READ", username="carl").status_code == 403
    assert _share(bob, "anna/shared", "NONE", username="anna").status_code == 403
    assert bob.delete(f"{PEMS}/anna/shared").status_code == 403
    assert _share(anna, "anna/shared", "READ", username="anna").status_code == 400
    assert _share(anna, "anna/none", "READ").status_code == 404
    assert anna.delete(f"{PEMS}/anna/none").status_code == 404
    admin = agave.client("admin")
    assert _share(admin, "anna/shared", "NONE").status_code == 200
    assert admin.delete(f"{PEMS}/anna/shared").status_code == 200


def test_grants_are_in_the_history(anna: Caller) -> None:
    """Who was given what is remembered."""
    _share(anna, "anna/shared", "READ_EXECUTE")
    _share(anna, "anna/shared", "NONE")

    url = f"/files/v2/history/system/{STORAGE}/anna/shared"
    events = anna.get(url).json()["result"]
    assert [event["status"] for event in events] == [
        "CREATED",
        "PERMISSION_GRANT",
        "PERMISSION_REVOKE",
    ]
    assert "bob was given READ_EXECUTE" in events[1]["description"]


def test_a_guest_of_a_private_system(agave: LocalAgave) -> None:
    """A guest writes only where that was shared; without a role nothing is seen."""
    systems = agave.tenant.systems
    storage = {"host": "localhost", "protocol": "LOCAL"}
    body = {"id": "private", "name": "p", "type": "STORAGE", "storage": storage}
    systems.add(SERVICE, body)
    systems.give_role(SERVICE, "private", "bob", Role.GUEST)
    media, pems = (f"/files/v2/{kind}/system/private" for kind in ("media", "pems"))
    service, bob, carl = (agave.client(name) for name in ("ipt", "bob", "carl"))
    service.put(media, json={"action": "mkdir", "path": "inbox"}).raise_for_status()
    for name in ("bob", "carl"):
        share = {"username": name, "permission": "ALL", "recursive": True}
        assert service.post(f"{pems}/inbox", json=share).status_code == 200

    file = {"fileToUpload": ("f", b"x")}
    assert bob.post(f"{media}/inbox", files=file).status_code == 202
    assert bob.post(media, files=file).status_code == 403
    assert bob.get(f"{media}/inbox/f").content == b"x"
    assert carl.get(f"{media}/inbox/f").status_code == 404


def test_the_default_system_shares_too(agave: LocalAgave, anna: Caller) -> None:
    """Permissions can be given without naming the system."""
    agave.tenant.systems.set_default(SERVICE, STORAGE, default=True, everybody=True)
    body = {"username": "bob", "permission": "READ", "recursive": "true"}

    assert anna.post("/files/v2/pems/anna/shared", json=body).status_code == 200
    bob = agave.client("bob")
    assert bob.get("/files/v2/listings/anna/shared").status_code == 200
    assert anna.delete("/files/v2/pems/anna/shared").status_code == 200
    assert bob.get("/files/v2/listings/anna/shared").status_code == 403


def test_a_stolen_name_stays_refused(anna: Caller, bob: Caller, home: Path) -> None:
    """A folder that turns into a link after it was shared shows nothing else."""
    _share(anna, "anna/shared/deep", "READ")
    (home / "shared" / "deep").rename(home / "elsewhere")
    (home / "shared" / "deep").symlink_to("../private")

    assert bob.get(f"{LISTINGS}/anna/shared/deep").status_code == 403
    assert bob.get(f"{MEDIA}/anna/shared/deep/f").status_code in (403, 404, 409)
