"""What is published is read without a token, and nothing else is."""

from pathlib import Path

import pytest

from agave_local.services.jobs.testing import SERVICE, add_storage
from agave_local.testing import Caller, LocalAgave

SITE = "test.site"
PEMS = f"/files/v2/pems/system/{SITE}"
DOWNLOAD = f"/files/v2/download/ipt/system/{SITE}"
PUBLIC = {"username": "public", "permission": "READ", "recursive": True}


@pytest.fixture(name="root")
def _root(agave: LocalAgave) -> Path:
    """Return the site's system, where `/site` is published and more is not."""
    add_storage(agave.tenant, SITE)
    root = agave.tenant.settings.data / "storage" / SITE
    (root / "site" / "lib").mkdir(parents=True)
    (root / "site" / "index.html").write_text("<!doctype html>")
    (root / "site" / "lib" / "x.js").write_text("export {}")
    (root / "private.txt").write_text("secret")
    answer = agave.client("ipt").post(f"{PEMS}/site", json=PUBLIC)
    assert answer.status_code == 200
    return root


@pytest.fixture(name="nobody")
def _nobody(agave: LocalAgave, root: Path) -> Caller:
    assert root.is_dir()
    return agave.anonymous()


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("site/index.html", "text/html; charset=utf-8"),
        ("site/lib/x.js", "text/javascript; charset=utf-8"),
    ],
)
def test_read_a_page(nobody: Caller, path: str, content_type: str) -> None:
    """A published page is shown, not saved, and a browser asks again each time."""
    answer = nobody.get(f"{DOWNLOAD}/{path}")

    assert answer.status_code == 200
    assert content_type == answer.headers["Content-Type"]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Content-Disposition" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"


def test_confirm_a_copy(nobody: Caller, root: Path) -> None:
    """An unchanged copy is confirmed; a changed file comes anew."""
    address = f"{DOWNLOAD}/site/index.html"
    tag = nobody.get(address).headers["ETag"]

    same = nobody.get(address, headers={"If-None-Match": tag})
    assert (304, b"", tag) == (same.status_code, same.content, same.headers["ETag"])

    (root / "site" / "index.html").write_text("changed")
    new = nobody.get(address, headers={"If-None-Match": tag})
    assert (new.status_code, new.content) == (200, b"changed")


@pytest.mark.parametrize(
    "path",
    [
        f"{DOWNLOAD}/private.txt",
        f"{DOWNLOAD}/sites",
        f"{DOWNLOAD}/site/none",
        f"/files/v2/download/anna/system/{SITE}/site/index.html",
        "/files/v2/download/ipt/system/no.such/site/index.html",
    ],
)
def test_nothing_else_is_public(nobody: Caller, path: str) -> None:
    """What is not published is not there."""
    assert nobody.get(path).status_code == 404


def test_refuse_a_folder(nobody: Caller) -> None:
    """A published folder is not listed."""
    assert nobody.get(f"{DOWNLOAD}/site").status_code == 400


def test_refuse_a_link_out_of_what_is_published(nobody: Caller, root: Path) -> None:
    """A link from a published folder to something else is refused."""
    (root / "site" / "leak").symlink_to("../private.txt")

    assert nobody.get(f"{DOWNLOAD}/site/leak").status_code == 403


def test_publish_one_file(agave: LocalAgave, nobody: Caller, root: Path) -> None:
    """Without `recursive` it is the one file, or nothing that is in a folder."""
    service = agave.client("ipt")
    one = {**PUBLIC, "recursive": False}
    (root / "docs").mkdir()
    (root / "docs" / "a.txt").write_text("a")

    service.post(f"{PEMS}/docs", json=one)
    assert nobody.get(f"{DOWNLOAD}/docs/a.txt").status_code == 404
    service.post(f"{PEMS}/docs/a.txt", json=one)
    assert nobody.get(f"{DOWNLOAD}/docs/a.txt").content == b"a"


def test_publish_everything(agave: LocalAgave, nobody: Caller) -> None:
    """The whole system may be published."""
    service = agave.client("ipt")

    service.post(f"{PEMS}/", json=PUBLIC)

    assert nobody.get(f"{DOWNLOAD}/private.txt").content == b"secret"


def test_withdraw(agave: LocalAgave, nobody: Caller) -> None:
    """A publication is taken back, by a permission of NONE or by deleting it."""
    service, address = agave.client("ipt"), f"{DOWNLOAD}/site/index.html"

    service.post(f"{PEMS}/site", json={**PUBLIC, "permission": "NONE"})
    assert nobody.get(address).status_code == 404
    service.post(f"{PEMS}/site", json={**PUBLIC, "username": "world"})
    assert nobody.get(address).status_code == 200
    assert service.delete(f"{PEMS}/site").status_code == 200
    assert nobody.get(address).status_code == 404


def test_private_again(agave: LocalAgave, nobody: Caller) -> None:
    """A system that is no longer public has no public files."""
    agave.tenant.systems.set_public(SERVICE, SITE, public=False)

    assert nobody.get(f"{DOWNLOAD}/site/index.html").status_code == 404


def test_only_administrators_publish(agave: LocalAgave, nobody: Caller) -> None:
    """A user can't publish, so no page of a user's is ever shown at this origin."""
    user = agave.client("anna")
    user.get(f"/files/v2/listings/system/{SITE}/anna")

    assert user.post(f"{PEMS}/anna", json=PUBLIC).status_code == 403
    agave.client("ipt").post(f"{PEMS}/anna", json=PUBLIC)
    assert user.delete(f"{PEMS}/anna").status_code == 403
    assert nobody.get(f"{DOWNLOAD}/anna/x").status_code == 404


def test_a_user_named_like_the_site(agave: LocalAgave, root: Path) -> None:
    """Who has a published folder for a home may read but not change it."""
    user = agave.client("site")
    media = f"/files/v2/media/system/{SITE}/site"

    assert user.get(f"{media}/index.html").status_code == 200
    assert user.delete(f"{media}/index.html").status_code == 403
    assert user.put(media, json={"action": "mkdir", "path": "x"}).status_code == 403
    upload = user.post(media, data={"fileToUpload": "x", "fileName": "index.html"})
    assert upload.status_code == 403
    assert (root / "site" / "index.html").read_text() == "<!doctype html>"


def test_list_permissions(agave: LocalAgave, nobody: Caller) -> None:
    """Permissions are the caller's own, and everybody's where it is published."""
    assert nobody.token == ""
    answer = agave.client("ipt").get(f"{PEMS}/site/lib").json()["result"]

    assert [item["username"] for item in answer] == ["ipt", "public"]
    assert [item["permission"]["write"] for item in answer] == [True, False]


@pytest.mark.parametrize(
    "body",
    [
        {"username": "public", "permission": "ALL"},
        {"username": "world", "permission": "READ_WRITE"},
        {"username": "public", "permission": "SEE"},
        {"username": "Not A Name", "permission": "READ"},
        {"username": "ipt", "permission": "READ"},
        {"username": 7, "permission": "READ"},
        {},
    ],
)
def test_refuse_other_permissions(
    agave: LocalAgave, nobody: Caller, body: dict[str, str]
) -> None:
    """Everybody may only read, and single users are named as they are."""
    assert nobody.token == ""
    service = agave.client("ipt")

    assert service.post(f"{PEMS}/site", json=body).status_code == 400
    assert service.post(f"{PEMS}/none", json=PUBLIC).status_code == 404
