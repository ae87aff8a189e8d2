"""What is in the images of functions, looked at from inside."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.images.function_images import FunctionSources

ROOT = Path(__file__).parents[3]
FUNCTIONS = {each.name: each for each in read_manifest(ROOT).functions}
AT_A_TIME = 4
# What is in an image beside its base, and what a function may write there.
LOOK = """
import json, os
root = "/opt/ipt"
files = [os.path.join(at, name) for at, _, names in os.walk(root) for name in names]
said = json.dumps({
    "files": [os.path.relpath(name, root) for name in files],
    "writable": [name for name in files if os.access(name, os.W_OK)],
    "user": os.getuid(),
    "environment": dict(os.environ),
})
with open("/look/seen", "w") as file:
    file.write(said)
"""
# Imports all modules of ours; what is missing then is told.
IMPORT = """
import importlib, importlib.util, json, pkgutil
missing = set()
for ours in ("iptweb", "ipt", "functions"):
    try:
        package = importlib.import_module(ours)
    except ModuleNotFoundError:
        continue
    for found in pkgutil.walk_packages(package.__path__, ours + ".", str):
        if not found.name.endswith(".__main__"):
            try:
                importlib.import_module(found.name)
            except ModuleNotFoundError as error:
                missing.add(error.name.partition(".")[0])
if importlib.util.find_spec("clang"):
    importlib.import_module("clang.cindex").Index.create()
print(json.dumps(sorted(missing)))
"""

# Who comes first waits for the base and for all images.
pytestmark = [pytest.mark.needs("podman", "debootstrap"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module", name="client")
def _client(container_engine: str) -> Iterator[docker.DockerClient]:
    with closing(docker.DockerClient(container_engine)) as client:
        yield client


@pytest.fixture(scope="module", name="looks")
def _looks(
    client: docker.DockerClient, function_images: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Return what a program sees that runs in each image."""

    def look(image: str) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="look-") as folder:
            Path(folder).chmod(0o777)
            client.containers.run(
                image,
                ["/opt/ipt/bin/python3", "-I", "-c", LOOK],
                network_mode="none",
                remove=True,
                volumes={folder: {"bind": "/look", "mode": "rw"}},
            )
            text = Path(folder, "seen").read_text("utf-8")
        seen: dict[str, Any] = json.loads(text)
        return seen

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return dict(
            zip(
                function_images,
                pool.map(look, function_images.values()),
                strict=True,
            )
        )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_contents(name: str, looks: Mapping[str, dict[str, Any]]) -> None:
    """An image has its own function, what that needs, and nothing else of ours."""
    seen = looks[name]
    sources = FunctionSources(ROOT, FUNCTIONS[name])
    inside = {
        file.partition("/site-packages/")[2]
        for file in seen["files"]
        if "/site-packages/" in file
    }
    top = {file.partition("/")[0] for file in inside}
    ours = {"functions", "iptweb", "ipt", "sandbox", "sshlink", "webterm"}
    ours |= {"agave_local", "agave_deploy"}

    functions = {f.split("/")[1] for f in inside if f.startswith("functions/")}
    package = FUNCTIONS[name].package.partition(".")[2]
    assert functions == {"__init__.py", "__pycache__", package}
    assert top & ours == {"functions", *sources.shared_packages}
    assert {*sources.own, *sources.shared} <= inside
    assert {"LICENSE", "pyvenv.cfg", "bin/function"} <= set(seen["files"])
    assert not {"pip", "pytest", "_pytest", "mypy", "waitress"} & top
    assert ("docker" in top) == ("hosts" in sources.extras)
    assert ("clang" in top) == ("engine" in sources.extras)
    mine = {f for f in inside if f.partition("/")[0] in ours}
    assert not [f for f in mine if {"testing", "tests"} & set(Path(f).parts)]
    keys = [f for f in inside if f.endswith((".pem", ".key", ".env"))]
    assert {Path(file).name for file in keys} == {"cacert.pem"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_and_closed(name: str, looks: Mapping[str, dict[str, Any]]) -> None:
    """All of ours is compiled, and nothing can be changed by who runs there."""
    seen = looks[name]
    compiled = {file for file in seen["files"] if file.endswith(".pyc")}
    sources = {
        file
        for file in seen["files"]
        if file.endswith(".py") and ("/iptweb/" in file or "/functions/" in file)
    }

    assert (seen["user"], seen["writable"]) == (1000, [])
    assert len([f for f in compiled if "/iptweb/" in f or "/functions/" in f]) == len(
        sources
    )
    # The base's and the engine's own variables, and ours.
    ours = {"HOME": "/tmp", "LANG": "C.UTF-8"}  # noqa: S108 - in the container
    assert ours.items() <= seen["environment"].items()
    assert not [each for each in seen["environment"] if "abaco" in each.lower()]


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("terminal", set()),
        ("webterm", {"docker"}),
        ("parallelize", {"cryptography", "docker"}),
    ],
)
def test_all_of_it_can_be_imported(
    name: str,
    missing: set[str],
    client: docker.DockerClient,
    function_images: Mapping[str, str],
) -> None:
    """What is imported late is there too, but for what other extras are for."""
    said = client.containers.run(
        function_images[name],
        ["/opt/ipt/bin/python3", "-I", "-c", IMPORT],
        network_mode="none",
        remove=True,
    )

    assert set(json.loads(said)) == missing
