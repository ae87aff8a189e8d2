"""The folders of a job, whatever the job has made in them."""

import os
from pathlib import Path

from agave_local.services.jobs.folders import JobFolders


def test_a_bottomless_work_folder(tmp_path: Path) -> None:
    """However deep a job has made its folder, it is removed with the job."""
    folders = JobFolders(tmp_path, "job")
    folders.make_new()
    folder = os.open(folders.work, os.O_RDONLY)
    for _ in range(1_200):
        os.mkdir("d", dir_fd=folder)
        deeper = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(folder)

    folders.remove()

    assert list(tmp_path.iterdir()) == []
