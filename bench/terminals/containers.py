"""Start to prompt of terminals in containers, where there is an engine."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agave_deploy.errors import ImageError
from agave_deploy.images.image_sources import read_packages
from agave_deploy.images.terminal_image import TERMINAL_IMAGE, ImageOrder, build_image
from agave_deploy.local_stack.doctor import Machine, find_missing
from agave_deploy.testing import Bases
from agave_local.services.actors.runner.testing import podman_engine
from bench.terminals.report import Aim, Compare, Row, Runs
from bench.terminals.sides import Ours
from bench.terminals.stage import Stage
from bench.terminals.starting import HOME, measure_start, time_program
from iptweb.settings.terminals import EngineHost
from iptweb.terminals.host import Host
from iptweb.terminals.host.containers import DockerHost

OWNER = 1000, 1000
FIGURE = "start to prompt, container host, {}, ms"
_ROOT = Path(__file__).parents[2]
_COMPONENTS = ("podman", "debootstrap")


@dataclass(frozen=True)
class Engine:
    """An engine of the benchmark's own, with the image of terminals.

    Attributes:
        folder: Where it keeps everything.
        store: A store of images that it only reads.
        url: Its address.
        image: The image of terminals.
    """

    folder: Path
    store: Path
    url: str
    image: str

    def bare(self, home: Path) -> list[str]:
        """Return the command line of a bare container: the floor.

        Args:
            home: With the prompt that is waited for.
        """
        uid, gid = OWNER
        return [
            *("podman", "--root", str(self.folder / "images")),
            *("--runroot", str(self.folder / "run")),
            *("--storage-driver", "overlay"),
            *("--storage-opt", f"overlay.imagestore={self.store}"),
            *("run", "--rm", "--interactive", "--tty", "--network", "none"),
            *("--user", f"{uid}:{gid}", "--volume", f"{home}:{HOME}"),
            *("--env", f"HOME={HOME}", "--entrypoint", "/bin/bash", self.image),
            *("--rcfile", f"{HOME}/.bashrc", "-i"),
        ]


@dataclass(frozen=True)
class ContainerPlan:
    """The host that starts containers.

    Attributes:
        engine: Address of the engine.
        image: Of the containers.
        homes: The folder of homes.
        run_dir: Where run-time folders are.
    """

    engine: str
    image: str
    homes: Path
    run_dir: Path

    def make(self) -> Host:
        """Return the host."""
        return DockerHost(
            EngineHost("bench", self.engine, "127.0.0.1"),
            instance="bench",
            home_root=self.homes,
            run_dir=self.run_dir,
            image=self.image,
            user=f"{OWNER[0]}:{OWNER[1]}",
        )


def start(stage: Stage) -> list[Row]:
    """Measure start to prompt of the container host."""
    missing = [find_missing(name, Machine.real()) for name in _COMPONENTS]
    reasons = [str(one) for one in missing if one is not None]
    aim = Aim(Compare.MOST, 1200)
    try:
        if not reasons:
            with own_engine() as engine:
                return _measure(stage, engine, aim)
    except ImageError as error:
        reasons.append(str(error))
    note = f"not measured: {'; '.join(reasons)}"
    return [Row(FIGURE.format("p50"), None, aim, note=note)]


@contextmanager
def own_engine() -> Iterator[Engine]:
    """Run an engine and build the image of terminals on it.

    Raises:
        ImageError: The image can't be built.
    """
    bases = Bases()
    base = bases.make(read_packages(_ROOT))
    store = bases.prepare()
    # A short folder: the engine's socket is in it.
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with podman_engine(folder, shared=store) as url:
            order = ImageOrder(TERMINAL_IMAGE, base=base, engine=url)
            image = build_image(_ROOT, order, lambda _: None)
            yield Engine(folder, store, url, image)


def _measure(stage: Stage, engine: Engine, aim: Aim) -> list[Row]:
    homes = stage.folder / "container-homes"
    homes.mkdir()
    os.chown(homes, *OWNER)
    run_dir = stage.folder / "container-terminals"
    plan = ContainerPlan(engine.url, engine.image, homes, run_dir)
    ours = Ours(plan.make(), homes, OWNER)
    bare = engine.bare(ours.home(ours.request().name))
    settings = {"CONTAINERS_CONF": str(engine.folder / "containers.conf")}
    taken, floor = [], []
    try:
        # The first container of an engine pays for what the others find done.
        measure_start(ours, plan)
        for _ in range(stage.counts.starts):
            taken.append(measure_start(ours, plan))
            floor.append(time_program(bare, settings))
    finally:
        ours.close()
    prompts = Runs([[one.prompt for one in taken]])
    launched = Runs([[one.launched for one in taken]])
    return [
        *(
            Row(
                FIGURE.format(name),
                prompts.quantile(share),
                aim if name == "p50" else None,
                Runs([floor]).quantile(share),
                note="the floor is a bare `podman run`" if name == "p50" else "",
            )
            for name, share in (("p50", 0.5), ("p95", 0.95))
        ),
        Row("of it until `launch` returns, p50, ms", launched.quantile(0.5)),
    ]
