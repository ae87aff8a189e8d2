"""Runs the wrapper scripts of the apps as a job's folder would."""

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from agave_local.services.jobs.macros import fill

APPS = Path(__file__).parents[3] / "agave" / "apps"
JOB = "8133512406-242ac113-0001-007"
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
RECORDER = '#!/bin/sh\nfor word; do printf "%s\\0" "$word"; done >>seen\n'
# Leaves, for a compiler, its words and a program that leaves its own.
COMPILER = """#!/bin/sh
for word; do
  printf '%s\\0' "$word"
  [ "$last" != -o ] || made=$word
  last=$word
done >compiled
cp ./recorder "$made"
"""


@dataclass(frozen=True)
class Ended:
    """How a job ended.

    Attributes:
        code: of the script.
        out: its standard output.
        err: its standard error.
        folder: of the job.
    """

    code: int
    out: str
    err: str
    folder: Path

    def file(self, name: str) -> str | None:
        """Return the text of a file of the job, or None."""
        path = self.folder / name
        return path.read_text("utf-8") if path.exists() else None

    def words(self, name: str) -> list[str] | None:
        """Return the words that a recorder left, or None."""
        text = self.file(name)
        return None if text is None else text.split("\0")[:-1]

    def table(self) -> list[list[str]]:
        """Return what a comparison measured, without the seconds."""
        lines = (self.file("IPT_COMPARE") or "").splitlines()
        return [line.split("\t")[:3] for line in lines]


RunApp = Callable[..., Ended]


@dataclass(frozen=True)
class Bench:
    """A folder of a job, and the way to run an app in it.

    Attributes:
        folder: of the job; inputs are put there.
    """

    folder: Path

    def put(self, name: str, text: str) -> None:
        """Stage a file."""
        (self.folder / name).write_text(text, "utf-8")

    def fill(
        self,
        app: str,
        values: Mapping[str, str],
        macros: Mapping[str, str] | None = None,
    ) -> None:
        """Lay the app's files beside the inputs, and fill its template."""
        for source in (APPS / "ipt-lib.sh", APPS / app / "wrapper.sh"):
            if not (self.folder / source.name).exists():
                shutil.copy(source, self.folder)
        if not (self.folder / "test").exists():
            shutil.copytree(APPS / app / "test", self.folder / "test")
        template = (APPS / app / "wrapper.sh").read_text("utf-8")
        script = self.folder / "job.ipcexe"
        known = {"AGAVE_JOB_ID": JOB, **(macros or {}), **values}
        script.write_text(fill(template, known), "utf-8")
        script.chmod(0o755)

    def start(
        self,
        app: str,
        values: Mapping[str, str],
        *,
        env: Mapping[str, str] | None = None,
        file_kilobytes: int | None = None,
        macros: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Stage an app and start it.

        Args:
            app: name of its folder.
            values: of its inputs and parameters, as the template gets them.
            env: further variables.
            file_kilobytes: that a file may have.
            macros: further macros that are filled in.
        """
        self.fill(app, values, macros)
        # Bash counts in units of 1024 bytes.
        limit = "" if file_kilobytes is None else f"ulimit -f {file_kilobytes} && "
        with (
            (self.folder / "job.out").open("wb") as out,
            (self.folder / "job.err").open("wb") as err,
        ):
            return subprocess.Popen(
                ["bash", "-c", f"{limit}exec bash ./job.ipcexe"],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**ENVIRONMENT, **(env or {})},
            )

    def end(self, process: subprocess.Popen[bytes]) -> Ended:
        """Wait for a job to end."""
        code = process.wait(60)
        out = (self.folder / "job.out").read_text("utf-8", "replace")
        err = (self.folder / "job.err").read_text("utf-8", "replace")
        return Ended(code, out, err, self.folder)

    def wait_for(self, name: str) -> None:
        """Wait until a job has made a file."""
        deadline = time.monotonic() + 20
        while not (self.folder / name).exists():
            assert time.monotonic() < deadline, f"{name} does not come"
            time.sleep(0.01)


@pytest.fixture(name="job_folder")
def _job_folder(tmp_path: Path) -> Path:
    """Return the folder in which the job's files are staged."""
    folder = tmp_path / "job"
    folder.mkdir()
    return folder


@pytest.fixture(name="bench")
def _bench(job_folder: Path) -> Bench:
    return Bench(job_folder)


@pytest.fixture(name="run_app")
def _run_app(bench: Bench) -> RunApp:
    """Fill an app's template and run it in the job's folder."""

    def run(app: str, values: Mapping[str, str], **more: object) -> Ended:
        return bench.end(bench.start(app, values, **more))  # type: ignore[arg-type]

    return run


@pytest.fixture(name="recorded")
def _recorded(bench: Bench) -> None:
    """Stage a compiler and a program that leave what words they got."""
    bench.put("recorder", RECORDER)
    bench.put("compiler", COMPILER)
    (bench.folder / "compiler").chmod(0o755)
