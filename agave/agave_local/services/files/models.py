"""Files of the LOCAL storage systems: who may use a path, and what happens there."""

import os
from pathlib import Path
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids
from agave_local.errors import Forbidden, NotFound, NotImplementedHere
from agave_local.services.files.access import Access, Place
from agave_local.services.files.body import OpenFile
from agave_local.services.files.documents import (
    to_import,
    to_item,
    to_permission,
)
from agave_local.services.files.errors import speaking_of
from agave_local.services.files.paths import read_parts, to_path
from agave_local.services.files.publication import Publications
from agave_local.services.files.storage import Ground, Storage
from agave_local.services.files.tree import Write
from agave_local.services.files.upload import Names, Sink, Upload
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role
from agave_local.store import Store

Items = list[Any]
MOST_UPLOAD_BYTES = 2 << 30
PUBLIC_NAMES = frozenset({"public", "world"})


class Files:
    """Files of the LOCAL storage systems, each in a folder of the system's id.

    Args:
        store: keeps what is published.
        clock: tells the time.
        ids: makes identifiers.
        systems: roles and records of the systems.
        storage_root: folder of the systems' folders.
        base_url: of the tenant, without a trailing slash.
        write: like `os.write`; another one in tests of a full disk.
        most_upload_bytes: of one request.
    """

    def __init__(  # noqa: PLR0917 - the composition root passes them by place
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        systems: Systems,
        storage_root: Path,
        base_url: str,
        *,
        write: Write = os.write,
        most_upload_bytes: int = MOST_UPLOAD_BYTES,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._systems = systems
        self._root = storage_root.resolve()
        self._base_url = base_url
        self._most_upload = most_upload_bytes
        self._publications = Publications(store)
        self._access = Access(systems, self._publications)
        # No system can have this name: ids begin with a letter or a digit.
        self.storage = Storage(self._root / ".incoming", write)
        self.storage.sweep()

    def locate(
        self,
        identity: Identity,
        system_id: str | None,
        path: str,
        *,
        write: bool = False,
    ) -> Place:
        """Return a place that the caller may use; their home is made if missing.

        Args:
            identity: the caller.
            system_id: None for the caller's default storage system.
            path: from rootDir with a leading slash, else from homeDir.
            write: whether something is to be changed.

        Raises:
            LocalTenantError: the path is hostile, or not the caller's.
        """
        place = self._access.locate(identity, system_id, path, write=write)
        with speaking_of(place.path):
            folder = self._folder(place.system_id)
            if place.jail and place.parts[0] == identity.username:
                (folder / identity.username).mkdir(exist_ok=True, mode=0o755)
        return place

    def ground(self, place: Place) -> Ground:
        """Return where a place is on this machine."""
        return Ground(self._folder(place.system_id), place.parts, place.jail)

    def list(self, place: Place, limit: int | None = None, offset: int = 0) -> Items:
        """Return the entries of a folder, itself first; a file lists itself.

        Raises:
            LocalTenantError: there is no such path.
        """
        entries = self.storage.entries(self.ground(place), limit, offset)
        return [
            to_item(self._base_url, place.system_id, entry, place.permission)
            for entry in entries
        ]

    def open(self, place: Place) -> OpenFile:
        """Open a file for reading.

        Raises:
            LocalTenantError: there is none, or it is not a regular file.
        """
        return self.storage.open(self.ground(place))

    def receive(self, place: Place, announced: int | None = None) -> Upload:
        """Begin to receive files for a folder, or in place of a file.

        Args:
            place: the target.
            announced: bytes that the caller is going to send, where known.

        Raises:
            NotFound: there is no such target.
            PayloadTooLarge: there will be too many bytes.
        """
        upload = Upload(
            self.storage,
            self.ground(place),
            self._ids.token(),
            self._most_upload,
        )
        upload.check_target()
        upload.check_room(announced or 0)
        return upload

    def place_upload(
        self, place: Place, upload: Upload, sink: Sink, *, names: Names, owner: str
    ) -> Any:
        """Put a received file in its place.

        Args:
            place: the target that was asked for.
            upload: under way.
            sink: the file.
            names: for it.
            owner: the caller.

        Raises:
            LocalTenantError: it can't be put there.
        """
        entry = self.storage.entry(upload.place(sink, names.new))
        return {
            **to_import(self._base_url, place.system_id, entry),
            "uuid": self._ids.uuid(Ids.FILE),
            "owner": owner,
            "source": names.sent,
        }

    def make_folder(self, place: Place, path: str) -> tuple[Any, bool]:
        """Make a folder below a place, with those above it.

        Returns:
            The folder, and whether it is new.

        Raises:
            LocalTenantError: it can't be made.
        """
        ground = self.ground(place).below(*read_parts(path))
        new = self.storage.make_folder(ground)
        return self._item(place, ground), new

    def rename(self, place: Place, name: str) -> Any:
        """Give a file or folder another name in its folder.

        Raises:
            LocalTenantError: it can't be renamed.
        """
        return self._item(place, self.storage.rename(self.ground(place), name))

    def copy(self, source: Place, target: Place) -> Any:
        """Copy a file or folder; into the target where that is a folder.

        Raises:
            LocalTenantError: it can't be copied.
        """
        made = self.storage.copy(self.ground(source), self.ground(target))
        return self._item(target, made)

    def move(self, source: Place, target: Place) -> Any:
        """Move a file or folder; into the target where that is a folder.

        Raises:
            LocalTenantError: it can't be moved.
        """
        made = self.storage.move(self.ground(source), self.ground(target))
        return self._item(target, made)

    def delete(self, place: Place) -> None:
        """Remove a file, or a folder with all that is in it.

        Raises:
            LocalTenantError: there is none, or it may not go.
        """
        if len(place.parts) <= place.jail and place.role < Role.ADMIN:
            raise Forbidden("Your home itself can't be deleted.")
        ground = self.ground(place)
        # An administrator may remove a home, which is its own jail.
        jail = min(ground.jail, len(ground.parts) - 1)
        self.storage.remove(Ground(ground.base, ground.parts, max(jail, 0)))

    def permissions(self, place: Place, username: str) -> Items:
        """Return who may do what at a place: the caller, and everybody if published.

        Raises:
            NotFound: there is no such place.
        """
        self.storage.entry(self.ground(place))
        write = place.role >= Role.USER
        found = [
            to_permission(self._base_url, place, username, write=write, recursive=True)
        ]
        if self._publications.covering(place.system_id, place.parts) is not None:
            found.append(
                to_permission(
                    self._base_url, place, "public", write=False, recursive=True
                )
            )
        return found

    def publish(
        self, place: Place, username: str, permission: str, *, recursive: bool
    ) -> None:
        """Let everybody read a place, or withdraw that; the only permission to set.

        Raises:
            NotImplementedHere: any other permission.
            Forbidden: the caller does not administer the system.
            NotFound: there is no such place.
        """
        if username not in PUBLIC_NAMES or permission not in ("READ", "NONE"):
            raise NotImplementedHere(
                "files.updatePermissions for others than `public` with READ or NONE"
            )
        if place.role < Role.ADMIN:
            raise Forbidden(
                f"Only administrators of {place.system_id} may publish its files."
            )
        self.storage.entry(self.ground(place))
        if permission == "NONE":
            self._publications.withdraw(place.system_id, place.parts)
        else:
            self._publications.publish(
                place.system_id, place.parts, recursive=recursive
            )

    def open_public(self, owner: str, system_id: str, path: str) -> OpenFile:
        """Open a file that everybody may read.

        Raises:
            NotFound: there is none, or it is not published; nobody is told which.
            BadRequest: a hostile path, or a folder.
        """
        parts = read_parts(path)
        nothing = NotFound(f"There is no public file {to_path(parts)}.")
        base = self._publications.covering(system_id, parts)
        if base is None:
            raise nothing
        system = self._systems.get(system_id)
        if not system["public"] or system["owner"] != owner:
            raise nothing
        jail = min(len(base), len(parts) - 1)
        return self.storage.open(Ground(self._folder(system_id), parts, max(jail, 0)))

    def _folder(self, system_id: str) -> Path:
        folder = self._root / system_id
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        return folder

    def _item(self, place: Place, ground: Ground) -> Any:
        entry = self.storage.entry(ground)
        return to_item(self._base_url, place.system_id, entry, place.permission)
