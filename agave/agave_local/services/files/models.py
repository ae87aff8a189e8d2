"""Files of the LOCAL storage systems: who may use a path, and what happens there."""

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids
from agave_local.errors import Forbidden, NotFound
from agave_local.events import Events
from agave_local.permissions import Permission
from agave_local.records.store import Document, Store
from agave_local.services.files.access import Access, Place
from agave_local.services.files.body import OpenFile
from agave_local.services.files.documents import to_import, to_item
from agave_local.services.files.errors import speaking_of
from agave_local.services.files.ledger import RAW, Ledger, Note, Site
from agave_local.services.files.owners import make_home
from agave_local.services.files.paths import read_parts, to_path
from agave_local.services.files.publication import Publications
from agave_local.services.files.sharing import Shares
from agave_local.services.files.storage import Ground, Storage
from agave_local.services.files.tree import Write
from agave_local.services.files.upload import Names, Sink, Upload
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role

Items = list[Any]
# A server takes less of a request where its operator says so.
MOST_UPLOAD_BYTES = 64 << 30


class Files:
    """Files of the LOCAL storage systems, each in a folder of the system's id.

    Args:
        store: keeps what is published and shared, and the histories.
        clock: tells the time.
        ids: makes identifiers.
        systems: roles and records of the systems.
        storage_root: folder of the systems' folders.
        base_url: of the tenant, without a trailing slash.
        events: are told what happens to the files.
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
        events: Events | None = None,
        write: Write = os.write,
        most_upload_bytes: int = MOST_UPLOAD_BYTES,
    ) -> None:
        self._store = store
        self._ids = ids
        self._systems = systems
        self._root = storage_root.resolve()
        self._most_upload = most_upload_bytes
        self.base_url = base_url
        self.publications = Publications(store)
        self.shares = Shares(store)
        self.ledger = Ledger(store, clock, ids, events or Events())
        self._access = Access(systems, self.publications, self.shares)
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
            if place.shared is not None:
                return _narrowed(place, folder)
            if place.jail and place.parts[0] == identity.username:
                make_home(folder, identity.username)
        return place

    def ground(self, place: Place) -> Ground:
        """Return where a place is on this machine."""
        folder = self._folder(place.system_id)
        return Ground(folder, place.parts, place.jail, place.links)

    def list(self, place: Place, limit: int | None = None, offset: int = 0) -> Items:
        """Return the entries of a folder, itself first; a file lists itself.

        Raises:
            LocalTenantError: there is no such path.
        """
        entries = self.storage.entries(self.ground(place), limit, offset)
        uuids = self.ledger.uuids(
            Site(place.system_id, entry.parts) for entry in entries
        )
        return [
            to_item(
                self.base_url,
                place.system_id,
                entry,
                place.permission,
                uuids.get(entry.parts),
            )
            for entry in entries
        ]

    def open(self, place: Place) -> OpenFile:
        """Open a file for reading.

        Raises:
            LocalTenantError: there is none, or it is not a regular file.
        """
        return self.storage.open(self.ground(place))

    def note_download(self, place: Place, who: str) -> None:
        """Write down that somebody fetched a file."""
        note = Note("DOWNLOAD", f"{place.path} was downloaded.")
        self.ledger.note(place.site, who, place.owner, note)

    def history(self, place: Place, limit: int | None = None, offset: int = 0) -> Items:
        """Return what happened to a file or folder, the oldest first.

        Raises:
            NotFound: there is none, and none is on its way.
        """
        record = self.ledger.find(place.site)
        if record is None:
            self.storage.entry(self.ground(place))
            return []
        return [*self.ledger.history(record, limit, offset)]

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
        self,
        place: Place,
        upload: Upload,
        sink: Sink,
        *,
        names: Names,
        owner: str,
        native_format: str = RAW,
    ) -> Any:
        """Put a received file in its place.

        Args:
            place: the target that was asked for.
            upload: under way.
            sink: the file.
            names: for it.
            owner: the caller.
            native_format: the type of file that the caller says it is.

        Raises:
            LocalTenantError: it can't be put there.
        """
        ground, replaced = upload.place(sink, names.new)
        entry = self.storage.entry(ground)
        site = Site(place.system_id, entry.parts)
        word = "OVERWRITTEN" if replaced else "CREATED"
        record = self.ledger.note(
            site,
            owner,
            place.owner,
            Note(word, f"{site.path} was {word.lower()}."),
            Note("STAGING_QUEUED", "The upload was accepted."),
            Note("STAGING", "The upload is being put in its place."),
            Note("UPLOAD", f"{names.sent} was uploaded."),
            Note("STAGING_COMPLETED", "The upload is complete."),
            source=names.sent,
            nativeFormat=native_format,
        )
        return to_import(self.base_url, site, record, owner, entry.modified)

    def make_folder(self, place: Place, path: str, who: str) -> tuple[Any, bool]:
        """Make a folder below a place, with those above it.

        Returns:
            The folder, and whether it is new.

        Raises:
            LocalTenantError: it can't be made.
        """
        ground = self.ground(place).below(*read_parts(path))
        new = self.storage.make_folder(ground)
        if new:
            note = Note("CREATED", f"The folder {ground.shown} was made.")
            self._note(place, ground, who, note)
        return self._item(place, ground), new

    def rename(self, place: Place, name: str, who: str) -> Any:
        """Give a file or folder another name in its folder.

        Raises:
            LocalTenantError: it can't be renamed.
        """
        made = self.storage.rename(self.ground(place), name)
        note = Note("RENAME", f"{place.path} was renamed to {made.shown}.")
        self._follow(place, place, made)
        self._note(place, made, who, note)
        return self._item(place, made)

    def copy(self, source: Place, target: Place, who: str) -> Any:
        """Copy a file or folder; into the target where that is a folder.

        Raises:
            LocalTenantError: it can't be copied.
        """
        made = self.copy_tree(source, self.ground(target))
        with self._store.transaction():
            note = Note("COPY", f"{source.path} was copied to {made.shown}.")
            self.ledger.note(source.site, who, source.owner, note)
            note = Note("CREATED", f"{made.shown} was copied from {source.path}.")
            self._note(target, made, who, note)
        return self._item(target, made)

    def copy_tree(self, source: Place, target: Ground) -> Ground:
        """Copy a file, or a folder whose every file the caller may read.

        Raises:
            Forbidden: the folder is shared, but not what is in it.
            LocalTenantError: it can't be copied.
        """
        self.check_tree(source)
        return self.storage.copy(self.ground(source), target)

    def check_tree(self, place: Place) -> None:
        """Refuse a folder that its caller may list, without reading what is in it.

        Raises:
            Forbidden: it is one.
            NotFound: there is no such path.
        """
        if not place.deep and self.storage.entry(self.ground(place)).is_folder:
            raise Forbidden(
                f"{place.path} is shared with you, but not what is in it; "
                "ask its owner for a recursive permission."
            )

    def move(self, source: Place, target: Place, who: str) -> Any:
        """Move a file or folder; into the target where that is a folder.

        Raises:
            Forbidden: the caller may not read it, but could then.
            LocalTenantError: it can't be moved.
        """
        _check_removable(source)
        if Permission.READ in target.right & ~source.right:
            raise Forbidden(f"You may not read {source.path}, so not move it there.")
        old, new = self.ground(source), self.ground(target)
        if (source.system_id, source.owner) == (target.system_id, target.owner):
            made = self.storage.move(old, new)
        else:
            # What its old owner's shell has open, or another name for, it would keep.
            made = self.storage.copy(old, new)
            self.storage.remove(old)
        note = Note("MOVED", f"{source.path} was moved to {made.shown}.")
        self._follow(source, target, made)
        self._note(target, made, who, note)
        return self._item(target, made)

    def delete(self, place: Place, who: str) -> None:
        """Remove a file, or a folder with all that is in it.

        Raises:
            LocalTenantError: there is none, or it may not go.
        """
        _check_removable(place)
        ground = self.ground(place)
        # An administrator may remove a home, which is its own jail.
        jail = min(ground.jail, len(ground.parts) - 1)
        self.storage.remove(replace(ground, jail=max(jail, 0)))
        with self._store.transaction():
            if self.ledger.find(place.site) is not None:
                note = Note("DELETED", f"{place.path} was deleted.")
                self.ledger.note(place.site, who, place.owner, note)
            self.ledger.forget(place.site)
            self.shares.clear(place.site)

    def open_public(self, owner: str, system_id: str, path: str) -> OpenFile:
        """Open a file that everybody may read.

        Raises:
            NotFound: there is none, or it is not published; nobody is told which.
            BadRequest: a hostile path, or a folder.
        """
        parts = read_parts(path)
        nothing = NotFound(f"There is no public file {to_path(parts)}.")
        base = self.publications.covering(system_id, parts)
        if base is None:
            raise nothing
        system = self._systems.get(system_id)
        if not system["public"] or system["owner"] != owner:
            raise nothing
        jail = min(len(base), len(parts) - 1)
        return self.storage.open(Ground(self._folder(system_id), parts, max(jail, 0)))

    def record(self, identity: Identity, uuid: str) -> Document:
        """Return the record of a file that somebody may read, by its UUID.

        Raises:
            NotFound: there is none, or they may not.
        """
        record = self.ledger.by_uuid(uuid)
        nothing = NotFound(f"There is no file {uuid}.")
        if record is None:
            raise nothing
        try:
            self._access.locate(identity, record["parent"], record["path"])
        except (Forbidden, NotFound) as error:
            raise nothing from error
        return record

    def _follow(self, source: Place, target: Place, made: Ground) -> None:
        new = Site(target.system_id, made.parts)
        with self._store.transaction():
            self.ledger.move(source.site, new, target.owner)
            if source.owner == target.owner:
                self.shares.move(source.site, new)
            else:
                # Whom the old owner trusted, the new one need not.
                self.shares.clear(source.site)

    def _note(self, place: Place, ground: Ground, who: str, note: Note) -> None:
        self.ledger.note(Site(place.system_id, ground.parts), who, place.owner, note)

    def _folder(self, system_id: str) -> Path:
        folder = self._root / system_id
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        return folder

    def _item(self, place: Place, ground: Ground) -> Any:
        entry = self.storage.entry(ground)
        record = self.ledger.find(Site(place.system_id, ground.parts))
        uuid = None if record is None else record["uuid"]
        return to_item(self.base_url, place.system_id, entry, place.permission, uuid)


def _check_removable(place: Place) -> None:
    if len(place.parts) > place.jail or place.role >= Role.ADMIN:
        return
    if place.shared is None:
        raise Forbidden("Your home itself can't be deleted or moved.")
    raise Forbidden(f"{place.path} is shared with you; only its owner may remove it.")


def _narrowed(place: Place, folder: Path) -> Place:
    """Let links lead nowhere but into the folder that is shared.

    A single shared file is no folder that could be the jail: what stands at its name
    must then be no link, which somebody who may write there could have put.
    """
    if place.jail < len(place.parts) or not place.parts:
        return place
    try:
        found = folder.joinpath(*place.parts).lstat()
    except FileNotFoundError:
        is_folder = False
    else:
        is_folder = stat.S_ISDIR(found.st_mode)
    if is_folder:
        return place
    return replace(place, jail=place.jail - 1, links=False)
