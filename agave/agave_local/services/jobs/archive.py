"""Copying what a job made to its archive folder, following no link it made."""

import os
import stat
from collections.abc import Callable

from agave_local.errors import BadRequest
from agave_local.records.store import Document
from agave_local.services.files.errors import speaking_of
from agave_local.services.files.models import Files
from agave_local.services.files.owners import give_tree
from agave_local.services.files.paths import Parts, to_shown
from agave_local.services.files.storage import Ground
from agave_local.services.files.tree import Copier, check_depth
from agave_local.services.files.walk import FOLDER_FLAGS
from agave_local.services.jobs.folders import JobFolders
from agave_local.services.jobs.staging import owner_of

MOST_OUTPUT_BYTES = 4 << 30


class Archiver:
    """Archives outputs with the rights of the job's owner.

    Doing it twice does no harm: each file is put in place whole, in one step.

    Args:
        files: where archives are written.
        most_output_bytes: of one job.
    """

    def __init__(
        self, files: Files, *, most_output_bytes: int = MOST_OUTPUT_BYTES
    ) -> None:
        self._files = files
        self._most = most_output_bytes

    def archive(
        self,
        job: Document,
        folders: JobFolders,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Copy everything that was not staged.

        Args:
            job: whose outputs they are.
            folders: where they are.
            is_wanted: asked before each file; what was copied by then stays.

        Raises:
            LocalTenantError: it can't be written; what was copied stays.
        """
        place = self._files.locate(
            owner_of(job), job["archiveSystem"], job["archivePath"], write=True
        )
        target = self._files.ground(place)
        self._files.storage.make_folder(target)
        copier = Copier(self._files.storage.write, self._most)
        run = _Run(self._files, copier, folders.read_manifest(), is_wanted)
        with self._files.storage.at(folders.ground) as spot:
            run.copy_folder(spot.fd, target, ())


class _Run:
    """One archiving under way.

    Args:
        files: where archives are written.
        copier: that copies.
        staged: paths that are no outputs.
        is_wanted: whether to go on.
    """

    def __init__(
        self,
        files: Files,
        copier: Copier,
        staged: set[str],
        is_wanted: Callable[[], bool],
    ) -> None:
        self._storage = files.storage
        self._copier = copier
        self._staged = staged
        self._is_wanted = is_wanted

    def copy_folder(self, folder: int, target: Ground, parts: Parts) -> None:
        """Copy the outputs in an open folder.

        Args:
            folder: of the job.
            target: folder in the archive; made only when something goes there.
            parts: the folder's own path from the work folder.
        """
        check_depth(len(parts))
        for name in sorted(os.listdir(folder)):
            if not self._is_wanted():
                return
            inner = (*parts, to_shown(name))
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                self._enter(folder, name, target, inner)
            elif "/".join(inner) not in self._staged and _is_output(folder, name, mode):
                self._place(folder, name, target)

    def _enter(self, folder: int, name: str, target: Ground, parts: Parts) -> None:
        below = target.below(name)
        if not any(path.startswith("/".join((*parts, ""))) for path in self._staged):
            # A new folder is an output too, even if it is empty.
            self._storage.make_folder(below)
        fd = os.open(name, FOLDER_FLAGS, dir_fd=folder)
        try:
            self.copy_folder(fd, below, parts)
        finally:
            os.close(fd)

    def _place(self, folder: int, name: str, target: Ground) -> None:
        with (
            speaking_of(target.below(to_shown(name)).shown),
            self._storage.at(target, make=True) as spot,
            self._storage.aside() as (draft_folder, draft),
        ):
            if spot.name is not None:
                raise BadRequest(f"{target.shown} is not a folder.")
            self._copier.copy(folder, name, draft_folder, draft)
            give_tree(draft_folder, draft, spot.fd)
            os.rename(draft, name, src_dir_fd=draft_folder, dst_dir_fd=spot.fd)


def _is_output(folder: int, name: str, mode: int) -> bool:
    """Tell whether an entry can be archived: a file, or a link that may stay one."""
    if stat.S_ISLNK(mode):
        # A link that begins at the root means the job's own root, which is gone.
        return not os.readlink(name, dir_fd=folder).startswith("/")
    return stat.S_ISREG(mode)
