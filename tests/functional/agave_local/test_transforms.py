"""Transforms: which there are, and what they make of a file."""

import gzip
import time
from typing import Any

import pytest

from agave_local.services.jobs.testing import SERVICE, STORAGE, add_storage
from agave_local.testing import Caller, LocalAgave

TRANSFORMS = "/transforms/v2"
MEDIA = f"/files/v2/media/system/{STORAGE}"
TEXT = b"one\r\ntwo\r\nthree\rfour\n" * 30_000 + b"\r"


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    add_storage(agave.tenant)
    agave.tenant.systems.set_default(SERVICE, STORAGE, default=True, everybody=True)
    anna = agave.client("anna")
    anna.get("/files/v2/listings/anna").raise_for_status()
    for name, data in (("t", TEXT), ("t.gz", gzip.compress(TEXT) * 2), ("empty", b"")):
        files = {"fileToUpload": (name, data)}
        anna.post(f"{MEDIA}/anna", files=files).raise_for_status()
    return anna


def _download(caller: Caller, name: str, path: str, **body: str) -> Any:
    return caller.post(f"{TRANSFORMS}/{name}/sync/anna/{path}", json=body)


def test_find_transforms(anna: Caller) -> None:
    """Transforms are listed, and found by a part of a name or of a tag."""

    def names(path: str) -> list[str]:
        return [one["name"] for one in anna.get(path).json()["result"]]

    everything = ["raw-0", "gzip-0", "gunzip-0", "unix-text-0"]
    assert names(TRANSFORMS) == everything
    assert names(f"{TRANSFORMS}?limit=1&offset=1") == ["gzip-0"]
    assert names(f"{TRANSFORMS}/zip") == ["gzip-0", "gunzip-0"]
    assert names(f"{TRANSFORMS}/tags/line") == ["unix-text-0"]
    assert anna.get(f"{TRANSFORMS}/mp4").status_code == 404
    first = anna.get(f"{TRANSFORMS}/raw-0").json()["result"][0]
    assert first["enabled"] is True
    assert first["decoders"][0]["name"] == "raw"
    assert first["encoder"]["name"] == "raw"


def test_transform_and_download(anna: Caller) -> None:
    """A file comes back transformed, with its length and a name."""
    assert _download(anna, "raw-0", "t").content == TEXT
    packed = _download(anna, "gzip-0", "t")
    assert packed.status_code == 200
    assert packed.headers["Content-Disposition"].endswith("t.gz")
    assert gzip.decompress(packed.content) == TEXT
    unpacked = _download(anna, "gunzip-0", "t.gz", nativeFormat="gzip")
    assert unpacked.content == TEXT * 2
    unix = _download(anna, "unix-text-0", "t").content
    assert unix == TEXT.replace(b"\r\n", b"\n")
    assert _download(anna, "unix-text-0", "empty").content == b""


def test_refuse_a_transform(anna: Caller, agave: LocalAgave) -> None:
    """An unknown transform, a wrong format and somebody else's file are refused."""
    assert _download(anna, "mp4-0", "t").status_code == 404
    assert _download(anna, "gunzip-0", "t").status_code == 400
    assert _download(anna, "gunzip-0", "empty").status_code == 400
    assert _download(anna, "gzip-0", "t", nativeFormat="png").status_code == 400
    assert _download(anna, "raw-0", "none").status_code == 404
    assert _download(agave.client("bob"), "raw-0", "t").status_code == 403


def test_transform_and_stage(anna: Caller) -> None:
    """A transformed file is put where the caller says, with a history."""
    anna.put(f"{MEDIA}/anna", json={"action": "mkdir", "path": "out"})
    for url, path in (
        (f"agave://{STORAGE}//anna/out", "anna/out/t.gz"),
        (f"agave://{STORAGE}//anna/packed", "anna/packed"),
    ):
        answer = anna.post(f"{TRANSFORMS}/gzip-0/async/anna/t", json={"url": url})
        assert answer.status_code == 202, answer.text
        assert answer.json()["result"][0]["nativeFormat"] == "gzip"
        _settle(anna, path)
        assert gzip.decompress(anna.get(f"{MEDIA}/{path}").content) == TEXT


def _settle(caller: Caller, path: str) -> None:
    for _ in range(1_000):
        history = caller.get(f"/files/v2/history/{path}").json()["result"]
        if history[-1]["status"] == "STAGING_COMPLETED":
            return
        time.sleep(0.005)
    raise AssertionError(path)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"url": "https://elsewhere.example/x"}, 400),
        ({"url": f"agave://{STORAGE}//bob/x"}, 403),
        ({"url": f"agave://{STORAGE}//anna/none/x"}, 404),
        ({"url": f"agave://{STORAGE}//anna/x", "callbackUrl": "nowhere"}, 400),
    ],
)
def test_refuse_to_stage(anna: Caller, body: dict[str, str], status: int) -> None:
    """A result goes to a path of this tenant where its caller may write."""
    answer = anna.post(f"{TRANSFORMS}/raw-0/async/anna/t", json=body)

    assert answer.status_code == status


def test_a_private_default_system(agave: LocalAgave) -> None:
    """On a system of one's own the path is from its home folder."""
    storage = {"host": "localhost", "protocol": "LOCAL"}
    body = {"id": "private", "name": "p", "type": "STORAGE", "storage": storage}
    agave.tenant.systems.add(SERVICE, body)
    agave.tenant.systems.set_default(SERVICE, "private", default=True, everybody=False)
    service = agave.client("ipt")
    files = {"fileToUpload": ("f", b"x")}
    service.post("/files/v2/media/", files=files).raise_for_status()

    answer = service.post(f"{TRANSFORMS}/raw-0/sync/ipt/f", json={})
    assert answer.content == b"x"
