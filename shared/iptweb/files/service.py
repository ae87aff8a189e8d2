"""List, make, rename, delete, and tell a browser where to send and fetch bytes.

Everything happens with the user's own token, so the platform's permissions hold in
any case; the paths are checked here first.  The bytes that a browser sends or fetches
never pass through a function: a result frame has room for 128 KiB.  A function may
read and write files for its own work.
"""

from http import HTTPStatus
from typing import Final

from iptweb.agave import Agave, FileItem
from iptweb.errors import (
    AgaveRefused,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PayloadTooLarge,
)

from .answers import DownloadTarget, FileEntry, FolderPage, UploadTarget
from .path import HomePath

__all__ = ["MAX_UPLOAD", "FileService", "to_entry"]

MAX_UPLOAD: Final = 1 << 30


class FileService:
    """One user's home.

    Args:
        agave: The tenant, with the user's token.
        system: The storage system that holds the homes.
        user: Whose home it is.
    """

    def __init__(self, agave: Agave, system: str, user: str) -> None:
        self._agave = agave
        self._system = system
        self._user = user

    def list_folder(self, path: HomePath, *, limit: int, offset: int) -> FolderPage:
        """Return one page of a folder.

        Raises:
            NotFound: It is not there.
            BadRequest: It is a file.
        """
        # The platform's first entry is the folder itself; one more shows a next page.
        first = offset + 1 if offset else 0
        wanted = limit + 1 if offset else limit + 2
        found = self._list(path, limit=wanted, offset=first)
        if offset == 0 and found and not _is_folder_itself(found[0]):
            raise BadRequest(f"'{path.text}' is a file, not a folder.", field="path")
        entries = [item for item in found if item.name != "."]
        return {
            "path": path.text,
            "entries": [to_entry(item, path) for item in entries[:limit]],
            "more": len(entries) > limit,
        }

    def make_folder(self, path: HomePath) -> FileEntry:
        """Make a folder; one that is there already is fine.

        Raises:
            Conflict: A file of that name is there.
        """
        _refuse_home(path)
        there = self._find(path)
        if there is None:
            try:
                self._agave.make_folder(
                    self._system, path.parent.on_storage(self._user), path.name
                )
            except AgaveRefused as error:
                raise _explain(error, path.parent) from error
            there = self._find(path)
        if there is None or there.type != "dir":
            raise Conflict(f"There is already a file named '{path.name}'.")
        return to_entry(there, path.parent, path.name)

    def rename(self, path: HomePath, name: str) -> FileEntry:
        """Give an entry another name in the same folder.

        Raises:
            NotFound: It is not there.
            Conflict: Something of the new name is there.
        """
        _refuse_home(path)
        target = path.parent.child(name)
        if target != path:
            if self._find(target) is not None:
                raise Conflict(f"There is already something named '{name}'.")
            try:
                self._agave.rename_file(self._system, path.on_storage(self._user), name)
            except AgaveRefused as error:
                raise _explain(error, path) from error
        return to_entry(self._stat(target), target.parent, name)

    def delete(self, path: HomePath) -> None:
        """Delete a file, or a folder with everything in it.

        Raises:
            NotFound: It is not there.
        """
        _refuse_home(path)
        try:
            self._agave.delete_file(self._system, path.on_storage(self._user))
        except AgaveRefused as error:
            raise _explain(error, path) from error

    def upload_target(self, folder: HomePath, name: str, size: int) -> UploadTarget:
        """Return where a browser sends a file's bytes with its own token.

        Raises:
            PayloadTooLarge: The file is too big.
            NotFound: The folder is not there.
            Conflict: A folder of the file's name is there.
        """
        if size > MAX_UPLOAD:
            raise PayloadTooLarge(
                f"A file may have {MAX_UPLOAD >> 20} MiB; this one is larger."
            )
        target = folder.child(name)
        if self._stat(folder).type != "dir":
            raise BadRequest(f"'{folder.text}' is a file, not a folder.", field="path")
        there = self._find(target)
        if there is not None and there.type == "dir":
            raise Conflict(f"There is already a folder named '{name}'.")
        url = self._agave.media_url(self._system, folder.on_storage(self._user))
        return {"url": url, "method": "POST", "field": "fileToUpload"}

    def download_target(self, path: HomePath) -> DownloadTarget:
        """Return where a browser fetches a file with its own token.

        Raises:
            NotFound: It is not there.
            BadRequest: It is a folder.
        """
        item = self._stat(path)
        if item.type == "dir":
            raise BadRequest("A folder can't be downloaded as a file.", field="path")
        url = self._agave.media_url(self._system, path.on_storage(self._user))
        return {"url": url, "name": path.name, "size": item.size}

    def read_file(self, path: HomePath, most: int) -> bytes:
        """Return the bytes of a file.

        Raises:
            NotFound: It is not there.
            BadRequest: It is a folder.
            PayloadTooLarge: It has more than `most` bytes.
        """
        item = self._stat(path)
        if item.type == "dir":
            raise BadRequest(f"'{path.text}' is a folder, not a file.", field="path")
        try:
            data = self._agave.read_file(
                self._system, path.on_storage(self._user), most
            )
        except AgaveRefused as error:
            raise _explain(error, path) from error
        if max(item.size, len(data)) > most:
            raise PayloadTooLarge(f"'{path.text}' has more than {most} bytes.")
        return data

    def write_file(self, folder: HomePath, name: str, data: bytes) -> FileEntry:
        """Write a file into a folder, which is made; one of that name is replaced.

        Raises:
            Conflict: A folder has the file's name, or a file that of the folder.
        """
        target = folder.child(name)
        self._make_path(folder)
        there = self._find(target)
        if there is not None and there.type == "dir":
            raise Conflict(f"There is already a folder named '{name}'.")
        try:
            self._agave.write_file(
                self._system, folder.on_storage(self._user), name, data
            )
        except AgaveRefused as error:
            raise _explain(error, folder) from error
        return to_entry(self._stat(target), folder, name)

    def _make_path(self, folder: HomePath) -> None:
        """Make a folder and those above it; most often it is there."""
        there = self._find(folder)
        if there is not None and there.type == "dir":
            return
        for length in range(1, len(folder.parts) + 1):
            self.make_folder(HomePath(folder.parts[:length]))

    def _list(self, path: HomePath, *, limit: int, offset: int = 0) -> list[FileItem]:
        try:
            return self._agave.list_files(
                self._system, path.on_storage(self._user), limit=limit, offset=offset
            )
        except AgaveRefused as error:
            raise _explain(error, path) from error

    def _stat(self, path: HomePath) -> FileItem:
        found = self._list(path, limit=1)
        if not found:
            raise NotFound(f"There is no '{path.text}' in your home folder.")
        return found[0]

    def _find(self, path: HomePath) -> FileItem | None:
        try:
            return self._stat(path)
        except NotFound:
            return None


def to_entry(item: FileItem, folder: HomePath, name: str = "") -> FileEntry:
    """Return an entry as callers see it, with its path relative to the home."""
    own = name or item.name
    path = "/".join((*folder.parts, own))
    return {
        "name": own,
        "path": path,
        "type": item.type,
        "size": item.size,
        "modified": item.modified,
    }


def _is_folder_itself(item: FileItem) -> bool:
    return item.name == "." or item.type == "dir"


def _refuse_home(path: HomePath) -> None:
    if not path.parts:
        raise BadRequest("That can't be done to the home folder itself.", field="path")


def _explain(
    error: AgaveRefused, path: HomePath
) -> NotFound | Forbidden | AgaveRefused:
    if error.upstream_status == HTTPStatus.NOT_FOUND:
        where = f"'{path.text}'" if path.parts else "home folder"
        return NotFound(f"There is no {where} on the storage.")
    if error.upstream_status == HTTPStatus.FORBIDDEN:
        return Forbidden("The storage does not let you do that.")
    return error
