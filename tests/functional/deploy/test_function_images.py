"""The images of functions, built on a real engine and started as Abaco starts them."""

import base64
import io
import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.errors import ImageError
from agave_deploy.images.function_builds import FunctionOrder, build_functions
from agave_deploy.images.function_images import FunctionSources
from agave_deploy.images.image_sizes import LIMIT, measure
from agave_local.testing import LocalAgave, served_agave

ROOT = Path(__file__).parents[3]
FUNCTIONS = {each.name: each for each in read_manifest(ROOT).functions}
USER = "1000:1000"
# libclang alone is larger than the limit; docs/images.md says what was tried.
LARGEST = {"parallelize": 100_000_000}
AT_A_TIME = 4
PATIENCE_S = 60.0
StartImage = Callable[[str, Mapping[str, Any]], tuple[Any, str]]

# Who comes first waits for the base and for all images.
pytestmark = [pytest.mark.needs("podman", "debootstrap"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module", name="client")
def _client(container_engine: str) -> Iterator[docker.DockerClient]:
    with closing(docker.DockerClient(container_engine)) as client:
        yield client


def test_start(start_image: StartImage, function_images: Mapping[str, str]) -> None:
    """Each image starts without arguments and answers to the results socket."""
    message = {"method": "GET", "path": "/nothing"}
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        images = function_images.values()
        answers = list(pool.map(lambda image: start_image(image, message), images))

    for name, (frame, log) in zip(function_images, answers, strict=True):
        assert frame["status"] == 404, (name, frame, log)
        assert frame["body"]["error"]["code"] == "not_found"
        assert frame["body"]["error"]["request_id"] == "execution"
        assert log.count('"event": "answered"') == 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_label_and_size(
    name: str, client: docker.DockerClient, function_images: Mapping[str, str]
) -> None:
    """An image says what it is, and is small over its base."""
    image = client.images.get(function_images[name])
    prefix = "org.opencontainers.image"

    assert image.labels[f"{prefix}.title"] == name
    version = image.labels[f"{prefix}.version"]
    digest = image.labels["ipt.digest"]
    assert function_images[name] == f"ipt/{name}:{version}-{digest[:12]}"
    assert image.attrs["Config"]["User"] == USER
    assert not image.attrs["Config"]["Entrypoint"]
    assert image.attrs["Config"]["Cmd"] == ["/opt/ipt/bin/function"]
    sizes = measure(client, function_images[name])
    assert 0 < sum(sizes.values()) < LARGEST.get(name, LIMIT)


@contextmanager
def _base(client: docker.DockerClient, recipe: str) -> Iterator[str]:
    """Make another base image, for as long as the context lasts."""
    name = "localhost/other:base"
    client.images.build(fileobj=io.BytesIO(recipe.encode()), tag=name)
    try:
        yield name
    finally:
        client.images.remove(name, force=True)


def test_reproducible(  # noqa: PLR0917 - fixtures, given by name
    client: docker.DockerClient,
    container_engine: str,
    start_image: StartImage,
    terminal_base: str,
    function_images: Mapping[str, str],
    tmp_path: Path,
) -> None:
    """On another base it has the same name and layers, and starts; its bill is told."""
    before = client.images.get(function_images["culler"])
    said: list[str] = []
    recipe = f'FROM {terminal_base}\nUSER 77:88\nENTRYPOINT ["false"]\nCMD ["x"]\n'
    with _base(client, recipe) as base:
        order = FunctionOrder(
            ["culler"],
            base,
            container_engine,
            prefix="localhost/again/",
            wheels=tmp_path / "wheels",
            bills=tmp_path / "bills",
        )
        made = build_functions(ROOT, order, said.append)["culler"]
        after = client.images.get(made)
        frame, _ = start_image(made, {"method": "GET", "path": "/nothing"})
        client.images.remove(made, force=True)

        assert frame["status"] == 404
        assert made.split("/")[-1] == function_images["culler"].split("/")[-1]
        layers = [each.attrs["RootFS"]["Layers"][-4:] for each in (before, after)]
        assert layers[0] == layers[1]
        assert f"{made} is built: " in said[-1]
        assert list((tmp_path / "wheels").glob("ipt_on_the_web-*.whl"))
        bill = json.loads((tmp_path / "bills/culler.json").read_text("utf-8"))
        parts = {part["name"]: part["version"] for part in bill["components"]}
        sources = FunctionSources(ROOT, FUNCTIONS["culler"])
        assert parts == {each.name: each.version for each in sources.packages}
    said.clear()
    again = FunctionOrder(["culler"], terminal_base, container_engine)
    build_functions(ROOT, again, said.append)
    (line,) = said
    assert line.startswith(f"{function_images['culler']} is up to date: ")


SAYS = (
    "{'python': '%s', 'machine': 'x86_64', 'library': 'glibc 2.36',"
    " 'executable': '/usr/bin/python3', 'venv': false}"
).replace("'", '"')


@pytest.mark.parametrize(
    ("python", "reason"),
    [
        ("exit 3", "The base image's Python does not run"),
        ("echo musl", "needs Python 3 and the GNU C library. Its Python said: musl"),
        (f"echo '{SAYS % '3.9'}'", "has Python 3.9; functions need 3.11 or later"),
    ],
)
def test_base_that_is_refused(
    python: str,
    reason: str,
    client: docker.DockerClient,
    container_engine: str,
    terminal_base: str,
) -> None:
    """A base whose Python is not what functions need is refused, and says why."""
    script = base64.b64encode(f"#!/bin/sh\n{python}\n".encode()).decode()
    recipe = (
        f"FROM {terminal_base}\n"
        f"RUN rm /usr/bin/python3 && echo {script} | base64 -d >/usr/bin/python3"
        " && chmod 755 /usr/bin/python3\n"
    )
    with _base(client, recipe) as base, pytest.raises(ImageError) as caught:
        build_functions(
            ROOT, FunctionOrder(["culler"], base, container_engine), lambda _: None
        )

    assert reason in str(caught.value)


def test_function_on_a_tenant(
    container_engine: str, function_images: Mapping[str, str], tmp_path: Path
) -> None:
    """A function in a container answers a user's message on a tenant."""
    with served_agave(
        tmp_path / "data",
        docker=container_engine,
        docker_network="host",
        docker_pulls=False,
    ) as agave:
        for name in ("ipt", "ada"):
            agave.add_user(name)
        address = _register(agave, function_images["webterm"], tmp_path)

        answer = agave.client("ada").post(
            f"{address}/messages?_abaco_synchronous=true",
            json={"method": "GET", "path": "/webterm"},
        )

        assert answer.status_code == 200, answer.text
        frame = answer.json()
        assert frame["status"] == 200, frame
        assert frame["body"]["status"] == "READY"
        assert frame["body"]["ticket"].count(".") == 1


def _register(agave: LocalAgave, image: str, folder: Path) -> str:
    """Register `webterm` with all that it reads; return the actor's address."""
    service = agave.client("ipt")
    described = {"image": image, "token": True, "hints": ["sync"]}
    created = service.post("/actors/v2", json=described)
    assert created.status_code == 200, created.text
    actor = created.json()["result"]["id"]
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    settings = {
        "instance": "dev",
        "site_origin": agave.base_url,
        "callback_url": f"{agave.base_url}/callback",
        "storage_system": "ipt.storage",
        "admin_users": [],
        "systems": [],
        "functions": [],
        "terminal_host": "process",
        "terminal_home_root": str(folder / "storage"),
        "terminal_dir": str(folder / "terminals"),
        "ticket_public_key": public.decode(),
        "ipt_python": "/opt/ipt/bin/python3",
        "service_account": "ipt",
    }
    for name, value, secret in (
        ("dev-settings", json.dumps(settings), False),
        ("dev-ticket-key", private.decode(), True),
    ):
        config = {"name": name, "value": value, "isSecret": secret, "actors": actor}
        assert service.post("/actors/v2/configs", json=config).status_code == 200
    address = f"/actors/v2/{actor}"
    may = {"user": "ada", "level": "EXECUTE"}
    assert service.post(f"{address}/permissions", json=may).status_code == 200
    record = {
        "name": "ada-dev-IPT",
        "user": "ada",
        "status": "READY",
        "url": "ws://127.0.0.1:1/",
        "launch": "test",
    }
    document = {"name": record["name"], "value": record}
    assert service.post("/meta/v2/data", json=document).ok
    deadline = time.monotonic() + PATIENCE_S
    while service.get(address).json()["result"]["status"] != "READY":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return address
