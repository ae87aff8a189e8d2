"""A Slurm cluster behind SSH, and the product in front of it.

The fixtures are its operator: they do what docs/your-own-cluster.md says.
"""

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Locator, Page, expect

from agave_local.services.jobs.schedulers.testing import SlurmCluster
from sshlink.testing import SshServer, run_ssh_server

ROOT = Path(__file__).resolve().parents[3]
SCREENS = ROOT / "test-output" / "cluster"
NAME = "cluster"
_PATIENCE_S = 20
LAUNCHER = "mpirun --oversubscribe -np {ranks}"


@dataclass(frozen=True)
class Cluster:
    """The product, and the cluster that it has.

    Attributes:
        stack: of the product.
        slurm: of the cluster.
        scratch: the folder there that jobs are in.
        checked: what `system check --connect` said.
    """

    stack: Any
    slurm: SlurmCluster
    scratch: Path
    checked: str

    @property
    def programs(self) -> Path:
        """The folder of the programs that the test was written with."""
        return Path(__file__).parent / "programs"

    def jobs(self) -> str:
        """Return the names of the jobs that Slurm has, waiting or running."""
        return self.slurm.run("squeue", "--noheader", "--format=%j")

    def wait_for_nothing(self) -> None:
        """Wait until jobs have left nothing on the cluster."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            left = [self.jobs(), *filter(Path.is_file, self.scratch.rglob("*"))]
            if left == [""]:
                return
            assert time.monotonic() < deadline, left
            time.sleep(0.1)


def describe(server: SshServer, scratch: Path) -> dict[str, Any]:
    """Return what the operator writes into the file of the system."""
    return {
        "name": NAME,
        "label": "The test's cluster",
        "description": "Jobs wait in the queues of a Slurm behind SSH.",
        "scheduler": "SLURM",
        "login": {
            "protocol": "SSH",
            "host": "127.0.0.1",
            "port": server.port,
            "user": server.user,
            "host_key": server.host_key,
            "credential": NAME,
        },
        "folders": {"scratch": str(scratch)},
        "compilers": [
            {"label": "C", "command": "gcc -O2", "for": "serial"},
            {"label": "C, OpenMP", "command": "gcc -O2 -fopenmp", "for": "openmp"},
            {"label": "C, MPI", "command": "mpicc -O2", "for": "mpi"},
        ],
        "launchers": ["", LAUNCHER],
        "presets": [
            {"name": "serial", "label": "Serial", "compile": "gcc -O2"},
            {
                "name": "openmp",
                "label": "OpenMP",
                "compile": "gcc -O2 -fopenmp",
                "threads": 2,
            },
            {
                "name": "mpi",
                "label": "MPI",
                "compile": "mpicc -O2",
                "launcher": LAUNCHER,
                "ranks": 2,
            },
        ],
        "queues": [
            {
                "name": "usual",
                "mapped_name": "normal",
                "default": True,
                "max_nodes": 1,
                "max_processors": 2,
                "max_run_time": "00:30:00",
            }
        ],
    }


@pytest.fixture(scope="session", name="cluster")
def _cluster(
    slurm: SlurmCluster, tmp_path_factory: pytest.TempPathFactory, stack_factory: Any
) -> Iterator[Cluster]:
    """Put the product in front of a cluster, once for all tests of this folder."""
    folder = tmp_path_factory.mktemp("cluster")
    data, login_node, scratch = (folder / name for name in ("data", "sshd", "scratch"))
    login_node.mkdir()
    with run_ssh_server(login_node, slurm.env) as server:
        for made in (data, data / "secrets", data / "systems"):
            made.mkdir(mode=0o700)
        shutil.copy(login_node / "user", data / "secrets" / NAME)
        file = data / "systems" / f"{NAME}.yaml"
        file.write_text(yaml.safe_dump(describe(server, scratch)), "utf-8")
        stack = stack_factory(data, "--slurm", "on", **slurm.env)
        secrets = ("--secrets", str(data / "secrets"))
        checked = stack.build("system", "check", str(file), "--connect", *secrets)
        stack.up()
        try:
            yield Cluster(stack, slurm, scratch, checked.stdout)
        finally:
            stack.down()


class Person:
    """Somebody at the browser: uses what can be seen, and looks at it."""

    def __init__(self, page: Page, cluster: Cluster) -> None:
        self.page = page
        self.cluster = cluster
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        SCREENS.mkdir(parents=True, exist_ok=True)

    def look(self, name: str) -> None:
        """Keep a screenshot."""
        self.page.screenshot(path=SCREENS / f"{name}.png", full_page=True)

    def sign_in(self, name: str = "ada") -> None:
        """Sign in at the front page."""
        self.page.goto(self.cluster.stack.url)
        self.press("Sign in")
        self.fill("Username", name)
        self.fill("Password", self.cluster.stack.passwords[name])
        self.press("Sign in")
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def go(self, tab: str) -> None:
        """Follow a tab of the header."""
        self.page.get_by_role("link", name=tab, exact=True).first.click()
        expect(self.page.get_by_role("heading", name=tab, level=1)).to_be_visible()

    def press(self, button: str) -> None:
        """Press a button by its label."""
        self.page.get_by_role("button", name=button, exact=True).first.click()

    def follow(self, link: str) -> None:
        """Follow a link by its text."""
        self.page.get_by_role("link", name=link).first.click()

    def fill(self, label: str, text: str) -> None:
        """Write into the field of a label, and leave it."""
        field = self.page.get_by_label(label, exact=True)
        field.fill(text)
        field.blur()

    def choose(self, label: str, option: str) -> None:
        """Choose from the list of a label."""
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def upload(self, *files: Path) -> None:
        """Put files into the home, on the page Files."""
        self.go("Files")
        self.page.get_by_label("Upload files").set_input_files(files)
        for file in files:
            row = self.page.get_by_role("row").filter(has_text=file.name)
            expect(row).to_be_visible()

    def wait_for(self, status: str) -> None:
        """Wait until the job's page says that state."""
        chip = self.page.get_by_role("status").filter(has_text=status)
        expect(chip.first).to_be_visible(timeout=60_000)

    def see(self, text: str | re.Pattern[str]) -> None:
        """Wait until a text is somewhere on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def region(self, name: str) -> Locator:
        """Return a part of the page by its label."""
        return self.page.get_by_role("region", name=name)


@pytest.fixture(name="ada")
def _ada(page: Page, cluster: Cluster) -> Iterator[Person]:
    """Sign Ada in at the page; nothing may go wrong in it that nobody sees."""
    # Two processors do everything at once here.
    expect.set_options(timeout=20_000)
    person = Person(page, cluster)
    person.sign_in()
    yield person
    expect.set_options(timeout=5_000)
    assert person.problems == []
