"""Size of every function's image, and how long a message to a container takes.

`python bench/images.py [--messages N] [--base IMAGE --engine URL]` builds the images
of all functions, by default on an engine and a base of its own as the tests do, and
registers them on a tenant of its own, whose runner starts a container for each message.

* size: of each layer on the engine's disk, and of all four as a registry sends them
* cold: the first synchronous message, sent as soon as the actor is registered
* warm: the median of those that follow
* floor: making, starting, awaiting and removing a container of the base that runs
  `true`, on the same engine between the messages

The message asks for a page that no function has: what is measured is the way through
tenant, engine, Python and the function's modules, not what a function does then.
"""

import argparse
import gzip
import io
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import docker

from agave_deploy.images.function_builds import FunctionOrder, build_functions
from agave_deploy.images.image_sizes import PARTS, measure
from agave_deploy.images.image_sources import read_packages
from agave_deploy.testing import Bases
from agave_local.services.actors.runner.testing import podman_engine
from agave_local.testing import LocalAgave, served_agave

ROOT = Path(__file__).parents[1]
PATIENCE_S = 60
NOT_FOUND = 404
ROW = "{:14} {:>8} {:>7} {:>7} {:>6} {:>7} {:>7} {:>8} {:>8}"


@dataclass
class Row:
    """What was measured of one function.

    Attributes:
        sizes: of its layers, in bytes.
        sent: of all of them, compressed.
        times: of messages, in seconds, the cold one first.
    """

    sizes: Mapping[str, int]
    sent: int
    times: list[float] = field(default_factory=list)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=10, help="after the first")
    parser.add_argument("--base", help="with --engine: what images are built on")
    parser.add_argument("--engine", help="address of an engine that is there")
    options = parser.parse_args()
    with _engine(options.engine) as engine:
        base = options.base or Bases().make(read_packages(ROOT))
        began = time.perf_counter()
        order = FunctionOrder(base=base, engine=engine)
        images = build_functions(ROOT, order, lambda _: None)
        print(f"{len(images)} images in {time.perf_counter() - began:.1f} s")
        with closing(docker.DockerClient(engine, timeout=PATIENCE_S)) as client:
            rows = {name: _weigh(client, image) for name, image in images.items()}
            with _tenant(engine) as agave:
                actors = _register(agave, images, rows)
                floor = []
                for _ in range(options.messages):
                    for name, actor in actors.items():
                        rows[name].times.append(_ask(agave, actor))
                    floor.append(_start_nothing(client, base))
    _print(rows, floor)
    return 0


@contextmanager
def _engine(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    with (
        tempfile.TemporaryDirectory(prefix="engine-") as folder,
        podman_engine(Path(folder), shared=Bases().prepare()) as own,
    ):
        yield own


def _weigh(client: docker.DockerClient, image: str) -> Row:
    """Return how large an image's layers are, and how large they are when sent."""
    container = client.containers.create(image)
    try:
        pieces, _ = container.get_archive("/opt/ipt")
        with io.BytesIO() as packed:
            with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=6) as archive:
                for piece in pieces:
                    archive.write(piece)
            return Row(measure(client, image), packed.tell())
    finally:
        container.remove(force=True)


@contextmanager
def _tenant(engine: str) -> Iterator[LocalAgave]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        data = Path(folder, "data")
        with served_agave(
            data, docker=engine, docker_network="host", docker_pulls=False
        ) as agave:
            agave.add_user("ipt")
            yield agave


def _register(
    agave: LocalAgave, images: Mapping[str, str], rows: Mapping[str, Row]
) -> dict[str, str]:
    """Register all functions, and note how long the first message to each takes."""
    actors = {}
    for name, image in images.items():
        body = {"image": image, "token": True, "hints": ["sync"]}
        answer = agave.client("ipt").post("/actors/v2", json=body)
        actors[name] = str(answer.json()["result"]["id"])
        rows[name].times.append(_ask(agave, actors[name]))
    return actors


def _ask(agave: LocalAgave, actor: str) -> float:
    """Send a message; return how long its answer took."""
    client = agave.client("ipt")
    address = f"/actors/v2/{actor}/messages?_abaco_synchronous=true"
    message = {"method": "GET", "path": "/nothing"}
    began = time.perf_counter()
    answer = client.post(address, json=message)
    took = time.perf_counter() - began
    if answer.json().get("status") != NOT_FOUND:
        raise SystemExit(f"a function answered {answer.text}")
    return took


def _start_nothing(client: docker.DockerClient, base: str) -> float:
    began = time.perf_counter()
    container = client.containers.create(base, ["true"], network_mode="host")
    container.start()
    container.wait()
    container.remove()
    return time.perf_counter() - began


def _print(rows: Mapping[str, Row], floor: list[float]) -> None:
    print(ROW.format("MB, ms", *PARTS, "sum", "sent", "cold", "warm p50"))
    for name, row in rows.items():
        sizes = [f"{row.sizes[part] / 1e6:.1f}" for part in PARTS]
        total, sent = sum(row.sizes.values()) / 1e6, row.sent / 1e6
        cold, warm = row.times[0], statistics.median(row.times[1:])
        print(
            ROW.format(
                name,
                *sizes,
                f"{total:.1f}",
                f"{sent:.1f}",
                f"{cold * 1000:.0f}",
                f"{warm * 1000:.0f}",
            )
        )
    print(f"an empty container: {statistics.median(floor) * 1000:.0f} ms (p50)")


if __name__ == "__main__":
    raise SystemExit(main())
