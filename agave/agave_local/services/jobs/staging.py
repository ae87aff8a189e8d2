"""Putting a job's inputs, its app's files and its wrapper into the work folder."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agave_local.call import Identity
from agave_local.errors import BadRequest, PayloadTooLarge
from agave_local.outgoing.policy import NotDelivered, Outgoing, Refused
from agave_local.records.store import Document
from agave_local.services.files.errors import speaking_of
from agave_local.services.files.models import Files
from agave_local.services.files.origins import Inside, Web
from agave_local.services.files.storage import Ground
from agave_local.services.files.tree import Copier
from agave_local.services.files.walk import FOLDER_FLAGS
from agave_local.services.jobs.folders import JobFolders
from agave_local.services.jobs.inputs import file_name, read_source
from agave_local.services.jobs.macros import (
    fill,
    to_macros,
    to_slug,
    to_tokens,
)

MOST_INPUT_BYTES = 4 << 30
_MOST_WRAPPER_BYTES = 1 << 20
_NEW_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Stager:
    """Fills work folders, with the rights of the job's owner and the app's owner.

    Args:
        files: where inputs and apps are read from.
        tenant: its code, for macros.
        base_url: of the tenant, for macros.
        outgoing: fetches inputs of the web.
        most_input_bytes: of one job.
    """

    def __init__(
        self,
        files: Files,
        tenant: str,
        base_url: str,
        outgoing: Outgoing,
        *,
        most_input_bytes: int = MOST_INPUT_BYTES,
    ) -> None:
        self._files = files
        self._tenant = tenant
        self._base_url = base_url
        self._outgoing = outgoing
        self._most = most_input_bytes

    def check_inputs(self, job: Document, app: Document) -> None:
        """Refuse inputs that can't be staged.

        Raises:
            BadRequest: two of them have the same name, or one has the wrapper's.
            LocalTenantError: the owner can't read one.
        """
        slug = to_slug(job["name"])
        taken = {
            f"{slug}.{kind}": "the job itself" for kind in ("ipcexe", "out", "err")
        }
        for item in app["inputs"]:
            for address in job["inputs"].get(item["id"], []):
                name = file_name(address)
                if name in taken:
                    raise BadRequest(
                        f"`inputs.{item['id']}`: {name} has the name of a file of "
                        f"{taken[name]}."
                    )
                taken[name] = f"`inputs.{item['id']}`"
                self._check(owner_of(job), address)

    def stage_inputs(self, job: Document, folders: JobFolders) -> None:
        """Copy the inputs into a new work folder.

        Raises:
            LocalTenantError: one can't be read or written.
        """
        folders.make_new()
        copier = Copier(self._files.storage.write, self._most)
        for addresses in job["inputs"].values():
            for address in addresses:
                source = read_source(address, self._base_url)
                if isinstance(source, Web):
                    self._fetch(source, folders.work / file_name(address))
                    continue
                ground = self._find(owner_of(job), source)
                self._copy(copier, ground, folders.work, file_name(address))

    def stage_app(self, job: Document, app: Document, folders: JobFolders) -> None:
        """Copy the app's files beside the inputs; write the wrapper and the manifest.

        An input of the same name stays: it is what the user wants to be there.

        Raises:
            LocalTenantError: something can't be read or written.
        """
        ground = self._find_app(app, "")
        copier = Copier(self._files.storage.write, self._most)
        for entry in self._files.storage.entries(ground)[1:]:
            name = entry.parts[-1]
            if entry.readable and not os.path.lexists(folders.work / name):
                self._copy(copier, ground.below(name), folders.work, name)
        wrapper = folders.work / f"{to_slug(job['name'])}.ipcexe"
        text = self._wrapper(job, app)
        with speaking_of(wrapper.name):
            wrapper.write_text(text, encoding="utf-8")
            wrapper.chmod(0o755)
            folders.write_manifest(set(_names(folders.work)))

    def _wrapper(self, job: Document, app: Document) -> str:
        file = self._files.storage.open(self._find_app(app, app["templatePath"]))
        try:
            if file.size > _MOST_WRAPPER_BYTES:
                raise PayloadTooLarge(f"The wrapper of {app['id']} is too large.")
            text = file.read(0, file.size).decode("utf-8", "replace")
        finally:
            file.close()
        macros = to_macros(job, self._tenant, self._base_url)
        return fill(text, macros | to_tokens(app, job))

    def _check(self, owner: Identity, address: str) -> None:
        """Refuse an input that can't be read, or an address that may not be called."""
        source = read_source(address, self._base_url)
        if isinstance(source, Inside):
            self._check_readable(self._find(owner, source))
            return
        try:
            self._outgoing.check(source.url, own_mailboxes=False)
        except Refused as refusal:
            raise BadRequest(f"{address} can't be fetched: {refusal}") from refusal

    def _fetch(self, source: Web, target: Path) -> None:
        fd = os.open(target, _NEW_FLAGS, 0o644)
        with os.fdopen(fd, "wb") as file:
            sink = _Sink(file.write, self._most)
            try:
                self._outgoing.fetch(source.url, sink.take)
            except NotDelivered as error:
                raise BadRequest(f"{source.url} can't be fetched: {error}") from error

    def _find(self, owner: Identity, source: Inside) -> Ground:
        place = self._files.locate(owner, source.system_id, source.path)
        self._files.check_tree(place)
        return self._files.ground(place)

    def _find_app(self, app: Document, path: str) -> Ground:
        """Find a file of an app with the rights of the app's owner.

        With anybody else's, an app could be made to read another user's files.
        """
        system = app.get("deploymentSystem")
        place = self._files.locate(
            Identity(app["owner"]), system, f"{app['deploymentPath']}/{path}"
        )
        self._files.check_tree(place)
        return self._files.ground(place)

    def _check_readable(self, ground: Ground) -> None:
        entry = self._files.storage.entry(ground)
        if not entry.readable:
            raise BadRequest(f"{ground.shown} is not a regular file or a folder.")

    def _copy(self, copier: Copier, ground: Ground, work: Path, name: str) -> None:
        with (
            self._files.storage.at(ground) as spot,
            speaking_of(ground.shown),
            _opened(work) as target,
        ):
            if spot.name is None:
                os.mkdir(name, 0o755, dir_fd=target)
                copier.copy_into(spot.fd, target, name)
            elif stat.S_ISREG(spot.stat().st_mode):
                copier.copy_file(spot.fd, spot.name, target, name)
            else:
                raise BadRequest(f"{ground.shown} is not a regular file or a folder.")


class _Sink:
    """Takes an input of the web, as long as it is not too large.

    Args:
        write: keeps what comes.
        most: bytes that it keeps.
    """

    def __init__(self, write: Callable[[memoryview], object], most: int) -> None:
        self._write = write
        self._left = most

    def take(self, piece: memoryview) -> None:
        """Keep a piece.

        Raises:
            PayloadTooLarge: there is more than a job may have.
        """
        self._left -= len(piece)
        if self._left < 0:
            raise PayloadTooLarge("The inputs of a job are too large.")
        self._write(piece)


def owner_of(job: Document) -> Identity:
    """Return the caller who submitted a job, with the rights they had then."""
    return Identity(job["owner"], frozenset(job["roles"]))


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    fd = os.open(folder, FOLDER_FLAGS)
    try:
        yield fd
    finally:
        os.close(fd)


def _names(folder: Path) -> Iterator[str]:
    """Return the files in a folder, by their path from there; the job does not run."""
    for root, _, files in os.walk(folder, followlinks=False):
        for name in files:
            path = (Path(root) / name).relative_to(folder)
            yield (
                str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            )
