"""The folders of a job on this machine.

<data>/jobs/<id>/work      inputs, assets, wrapper, outputs; the job writes here
<data>/jobs/<id>/control   what the tenant and the supervisor keep; mode 700
"""

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path

from agave_local.services.files.storage import Ground
from agave_local.services.files.tree import remove
from agave_local.services.files.walk import FOLDER_FLAGS
from agave_local.services.jobs.order import EXIT, LAUNCH, SUPERVISOR


class JobFolders:
    """Where one job's files are.

    Args:
        root: folder of all jobs.
        job_id: of the job; an identifier that the tenant has made.
    """

    def __init__(self, root: Path, job_id: str) -> None:
        self.base = root / job_id
        self.work = self.base / "work"
        self.control = self.base / "control"

    @property
    def ground(self) -> Ground:
        """The work folder as a place for the files service."""
        return Ground(self.work)

    def make_new(self) -> None:
        """Make both folders, empty; whatever was half made before is forgotten."""
        self.remove()
        self.base.mkdir(parents=True, mode=0o700)
        self.work.mkdir(mode=0o755)
        self.control.mkdir(mode=0o700)

    def remove(self) -> None:
        """Remove both folders with all that is in them."""
        _remove(self.base)

    def forget_start(self, slug: str) -> None:
        """Remove what a program that did not start has left, so that it can again."""
        for name in (LAUNCH, SUPERVISOR, EXIT):
            (self.control / name).unlink(missing_ok=True)
        for kind in ("out", "err"):
            (self.work / f"{slug}.{kind}").unlink(missing_ok=True)

    def remove_work(self) -> None:
        """Remove the work folder; the control folder stays."""
        _remove(self.work)

    def write_manifest(self, names: set[str]) -> None:
        """Note what was staged, so that it is not archived.

        Agave keeps this list as `.agave.archive` in the work folder; here the job
        can't change it.
        """
        text = json.dumps(sorted(names))
        (self.control / "manifest.json").write_text(text, encoding="utf-8")

    def read_manifest(self) -> set[str]:
        """Return what was staged."""
        try:
            text = (self.control / "manifest.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return set()
        return set(json.loads(text))


def _remove(path: Path) -> None:
    """Remove a folder as far as that goes; a job may have made a bottomless one."""
    with suppress(OSError):
        folder = os.open(path.parent, FOLDER_FLAGS)
        try:
            remove(folder, path.name)
        finally:
            os.close(folder)
    shutil.rmtree(path, ignore_errors=True)
