"""Versions of the site: what a browser gets before, during and after a switch."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from agave_deploy.bundle.models import Manifest
from agave_deploy.errors import ManifestError, TenantError, TenantUnreachable
from agave_deploy.planning.folders import Folder, read_digests
from agave_deploy.planning.site_upload import SiteUpload
from agave_deploy.planning.site_versions import NO_SITE, read_record, stable_files
from agave_deploy.tenant.client import TenantClient
from agave_deploy.upkeep.deployment import Deployment
from agave_local.testing import PASSWORD, LocalAgave, in_process_agave

Deploy = Callable[..., Deployment]
SITE = "/files/v2/download/ipt/system/ipt.site/site"
PAGES = ("index.html", "help.html", "terminal.html")
MODULE = re.compile(r'src="(.*?)"')


def ignore(_line: str) -> None:
    """Take a step's line and do nothing with it."""


@pytest.fixture
def agave(tmp_path: Path) -> Iterator[LocalAgave]:
    """Yield a tenant in this process."""
    with in_process_agave(tmp_path / "data") as agave:
        for name in ("ipt", "ada", "grace"):
            agave.add_user(name)
        yield agave


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a site of three pages that load one module."""
    site = tmp_path / "static_site"
    for name in ("lib", "vendor"):
        (site / name).mkdir(parents=True)
    (site / "vendor/xterm.js").write_text("export {};\n", "utf-8")
    (site / "logo.svg").write_text("<svg/>", "utf-8")
    write(site, 1)
    return site


def write(site: Path, number: int) -> None:
    """Write a version of the site."""
    for page in PAGES:
        text = (
            f'<title>{number}</title><link href="logo.svg" /><a href="help.html">?</a>'
            '<script type="module" src="lib/api.js"></script>'
        )
        (site / page).write_text(text, "utf-8")
    (site / "lib/api.js").write_text(f"export const api = {number};\n", "utf-8")


def look(agave: LocalAgave, page: str) -> tuple[str, str]:
    """Return a page, and the module that it loads."""
    nobody = agave.anonymous()
    text = nobody.get(f"{SITE}/{page}").text
    module = MODULE.search(text)
    assert module is not None, text
    answer = nobody.get(f"{SITE}/{module[1]}")
    assert answer.ok
    return text, answer.text


def folders(agave: LocalAgave) -> list[str]:
    """Return the names of the versions that there are."""
    path = "/files/v2/listings/system/ipt.site/site"
    found = agave.client("ipt").get(path).json()["result"]
    return [
        each["name"] for each in found if re.fullmatch("[0-9a-f]{12}", each["name"])
    ]


def test_pages_name_their_version(agave: LocalAgave, deploy: Deploy) -> None:
    """Pages have their usual addresses, and take the rest from their own version."""
    deploy().apply(ignore)

    text, module = look(agave, "index.html")

    (version,) = folders(agave)
    assert module == "export const api = 1;\n"
    assert f'<link href="{version}/logo.svg" />' in text
    assert '<a href="help.html">' in text
    assert agave.anonymous().get(f"{SITE}/logo.svg").ok  # scripts name it by its page


def test_open_page_keeps_its_version(
    agave: LocalAgave, deploy: Deploy, site: Path
) -> None:
    """Who has a page open gets its modules for two more deploys, and then no more."""
    deploy().apply(ignore)
    module = MODULE.search(look(agave, "index.html")[0])
    assert module is not None
    address = f"{SITE}/{module[1]}"
    texts = []
    for number in (2, 3, 4):
        write(site, number)
        deploy().apply(ignore)
        texts.append(agave.anonymous().get(address).status_code)

    assert texts == [200, 200, 404]
    assert look(agave, "index.html")[1] == "export const api = 4;\n"
    assert len(folders(agave)) == 3


def test_back_to_an_earlier_version(
    agave: LocalAgave, deploy: Deploy, site: Path, counting: Callable[..., Any]
) -> None:
    """A version that is still there is not uploaded again."""
    deploy().apply(ignore)
    write(site, 2)
    deploy().apply(ignore)
    write(site, 1)
    session = counting()

    deploy(session).apply(ignore)

    uploads = [url for method, url in session.changes if "/media/" in url]
    assert len(uploads) == 6  # three pages, the logo, the record twice
    assert look(agave, "help.html")[1] == "export const api = 1;\n"


@pytest.mark.parametrize("cut", range(0, 16, 3))
def test_page_is_whole_wherever_a_switch_ends(
    agave: LocalAgave,
    deploy: Deploy,
    site: Path,
    cut: int,
    counting: Callable[..., Any],
) -> None:
    """Whenever it is cut off, each page has a module, and that of its own version."""
    deploy().apply(ignore)
    write(site, 2)
    (site / "new.html").write_text("<title>new</title>", "utf-8")

    with pytest.raises(TenantUnreachable):
        deploy(counting(breaks_at=cut)).apply(ignore)

    for page in PAGES:
        text, module = look(agave, page)
        number = re.search(r"\d", text)
        assert number is not None
        assert module == f"export const api = {number[0]};\n"


def test_page_that_goes(agave: LocalAgave, deploy: Deploy, site: Path) -> None:
    """A page that the site no longer has is gone from its address."""
    deploy().apply(ignore)
    (site / "terminal.html").unlink()

    deploy().apply(ignore)

    assert agave.anonymous().get(f"{SITE}/terminal.html").status_code == 404


def test_page_that_names_nothing(deploy: Deploy, site: Path) -> None:
    """A page that loads what is not there is refused before anything is sent."""
    (site / "help.html").write_text('<script src="lib/apy.js"></script>', "utf-8")

    with pytest.raises(ManifestError, match=r"help\.html names lib/apy\.js"):
        deploy().plan()


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://example.org/x.js">',
        '<a href="/files/x.css">',
        '<a href="#top">',
        '<a href="run.html">',
        '<a href="edit.html#path=a">',
        '<img src="data:image/png;base64,AAAA">',
    ],
)
def test_addresses_that_stay(text: str) -> None:
    """What does not lie in a version is named as it was."""
    folder = Folder("ipt.site", "site", {"index.html": text.encode()}, public=True)

    assert stable_files(folder, "a" * 12) == {"index.html": text.encode()}


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"<html>",
        b"[]",
        b'{"versions": ["../../x"], "pages": [], "complete": true}',
        b'{"versions": 7, "pages": [], "complete": true}',
    ],
)
def test_damaged_record(content: bytes | None) -> None:
    """A record that can't be right is none: the site is brought there anew."""
    assert read_record(content) == NO_SITE


class Forgetful(TenantClient):
    """The client of a tenant that answers before it has a file, or loses it."""

    def list_folder(self, system: str, path: str) -> list[dict[str, Any]]:
        """Return a folder in which nothing has arrived."""
        del system, path
        return []


def test_files_that_do_not_arrive(
    agave: LocalAgave, manifest: Manifest, deploy: Deploy
) -> None:
    """Pages are not switched before everything that they name is there."""
    deploy().apply(ignore)
    before = look(agave, "index.html")
    client = Forgetful(agave.base_url, "ipt", PASSWORD, requests.Session())
    deployed = deploy(None, manifest)
    client._token = deployed.sign_in().token
    files = {"index.html": b"new", "config.js": b""}
    time = iter(range(0, 1000, 50))
    folder = Folder("ipt.site", "site", files, public=True)
    upload = SiteUpload(
        client, folder, NO_SITE, lambda _s: None, lambda: float(next(time))
    )

    with pytest.raises(TenantError, match="the old site stays"):
        upload.run()

    assert look(agave, "index.html") == before
    assert read_digests(None) == {}
