"""The function `parallelize` as an actor of a local tenant: real tokens and files."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from agave_local.testing import LocalAgave, in_process_agave, served_agave
from iptweb.testing import make_settings

IMAGES = {"ipt/parallelize": "functions.parallelize"}
HEADER = "#define SIZE 9000\n"
SOURCE = (
    '#include "size.h"\nint a[SIZE];\nvoid f(void) {\n'
    "for (int i = 0; i < SIZE; i++)\na[i] = i;\n}\n"
)


TRANSPORTS: dict[str, Callable[..., AbstractContextManager[LocalAgave]]] = {
    "in_process": in_process_agave,
    "served": served_agave,
}
STORAGE = {
    "id": "ipt.storage",
    "type": "STORAGE",
    "name": "Homes",
    "storage": {
        "host": "localhost",
        "port": 22,
        "protocol": "LOCAL",
        "rootDir": "/",
        "homeDir": "/",
        "auth": {"type": "LOCAL"},
    },
}


def install(agave: LocalAgave) -> None:
    """Register the function and the storage of homes, as the deployer does."""
    ipt = agave.client("ipt")
    assert ipt.post("/systems/v2/", json=STORAGE).ok
    assert ipt.put("/systems/v2/ipt.storage", json={"action": "PUBLISH"}).ok
    body = {"image": "ipt/parallelize", "name": "ipt-parallelize", "token": True}
    made = ipt.post("/actors/v2", json=body).json()["result"]["id"]
    alias = {"alias": "test-parallelize", "actorId": made}
    assert ipt.post("/actors/v2/aliases", json=alias).ok
    grant = {"user": "ada", "level": "EXECUTE"}
    for kind in ("", "aliases/"):
        path = f"/actors/v2/{kind}test-parallelize/permissions"
        assert ipt.post(path, json=grant).ok
    config = {
        "name": "test-settings",
        "value": json.dumps(make_settings()),
        "isSecret": False,
        "actors": "test-parallelize",
    }
    assert ipt.post("/actors/v2/configs", json=config).ok


class Ada:
    """Sends messages to the function as `ada`, with her token."""

    def __init__(self, agave: LocalAgave) -> None:
        self.client = agave.client("ada")

    def send(self, path: str, **body: Any) -> dict[str, Any]:
        """Send a POST; return the whole frame."""
        answer = self.client.post(
            "/actors/v2/test-parallelize/messages",
            params={"_abaco_synchronous": "true"},
            json={
                "method": "POST",
                "path": path,
                "body": body,
                "authorization": f"Bearer {self.client.token}",
            },
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def upload(self, folder: str, name: str, text: str) -> None:
        """Put a file into the home."""
        media = "/files/v2/media/system/ipt.storage/ada"
        if folder:
            made = self.client.put(media, json={"action": "mkdir", "path": folder})
            assert made.ok, made.text
        sent = self.client.post(
            f"{media}/{folder}", files={"fileToUpload": (name, text.encode())}
        )
        assert sent.ok, sent.text

    def download(self, path: str) -> str:
        """Return a file of the home."""
        got = self.client.get(f"/files/v2/media/system/ipt.storage/ada/{path}")
        assert got.ok, got.text
        return str(got.content.decode())


@pytest.fixture(name="ada", params=list(TRANSPORTS))
def _ada(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ada]:
    with TRANSPORTS[request.param](tmp_path / "data", images=IMAGES) as agave:
        for name in ("ipt", "ada"):
            agave.add_user(name)
        install(agave)
        yield Ada(agave)


def test_from_the_home_and_back(ada: Ada) -> None:
    """A program of two folders is read, and what came out lies in a new folder."""
    ada.upload("src", "a.c", SOURCE)
    ada.upload("include", "size.h", HEADER)
    body = {
        "paths": ["src/a.c", "include/size.h"],
        "save_to": "results/first",
        "options": {"include": ["include"]},
    }

    frame = ada.send("/parallelize", **body)
    again = ada.send("/parallelize", **body)

    assert frame["status"] == 200, frame
    saved = [each["path"] for each in frame["body"]["saved"]]
    assert saved[0] == "results/first/a_omp.c"
    assert "#pragma omp parallel for" in ada.download(saved[0])
    assert json.loads(ada.download("results/first/ipt-report.json"))["status"]
    assert again["status"] == 200
    assert [each["size"] for each in again["body"]["saved"]] == [
        each["size"] for each in frame["body"]["saved"]
    ]


def test_refusals_of_the_storage(ada: Ada) -> None:
    """What is not there, and whose home it is not."""
    missing = ada.send("/parallelize", paths=["nowhere.c"])
    foreign = ada.send("/parallelize", paths=["../bob/a.c"])

    assert missing["status"] == 404
    assert foreign["status"] == 400
