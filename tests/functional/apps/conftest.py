"""Runs the wrapper scripts of the apps as a job's folder would."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

APPS = Path(__file__).parents[3] / "agave" / "apps"
JOB = "8133512406-242ac113-0001-007"


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


RunApp = Callable[..., Ended]


def fill(template: str, values: Mapping[str, str], macros: Mapping[str, str]) -> str:
    """Replace placeholders as Agave does: by text, parameters first, then macros."""
    for name, value in [*values.items(), *macros.items()]:
        template = template.replace("${" + name + "}", value)
    return template


@pytest.fixture
def run_app(tmp_path: Path) -> RunApp:
    """Fill an app's template and run it in a folder of its own."""

    def run(app: str, values: Mapping[str, str], **extra: str) -> Ended:
        folder = tmp_path / "job"
        folder.mkdir(exist_ok=True)
        template = (APPS / app / "wrapper.sh").read_text("utf-8")
        script = tmp_path / "filled.sh"
        macros = {"AGAVE_JOB_ID": JOB, **extra}
        script.write_text(fill(template, values, macros), "utf-8")
        done = subprocess.run(
            ["bash", str(script)],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"},
        )
        return Ended(done.returncode, done.stdout, done.stderr, folder)

    return run


@pytest.fixture
def job_folder(tmp_path: Path) -> Path:
    """Return the folder in which the job's files are staged."""
    folder = tmp_path / "job"
    folder.mkdir()
    return folder
