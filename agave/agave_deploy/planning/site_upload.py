"""Brings a version of the site to a tenant, and switches to it.

    upload into site/<version>/ ─▶ look that all is there ─▶ note ─▶ pages ─▶ note

Until the first note nothing of what people see has changed.  Each page is replaced in
one step and belongs to one version as a whole; a run that was cut off between two
pages is finished by the next one.
"""

import time
from collections.abc import Callable, Mapping

from agave_deploy.errors import TenantError
from agave_deploy.planning.folders import (
    MANIFEST_FILE,
    Folder,
    media_type,
    read_digests,
    write_digests,
)
from agave_deploy.planning.site_versions import (
    KEPT,
    RECORD_FILE,
    VERSION,
    SiteRecord,
    name_version,
    stable_files,
    version_folder,
    write_record,
)
from agave_deploy.tenant.client import TenantClient

__all__ = ["SiteUpload", "upload_file"]

_PATIENCE_S = 120.0
_PAUSE_S = 1.0


class SiteUpload:
    """One switch to one version.

    Args:
        client: signed in as the service account.
        folder: the whole site, with its config.
        record: what the tenant has.
        sleep: waits.
        clock: tells the time, for how long to wait.
    """

    def __init__(
        self,
        client: TenantClient,
        folder: Folder,
        record: SiteRecord,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._folder = folder
        self._record = record
        self._sleep = sleep
        self._clock = clock

    def run(self) -> None:
        """Bring the version there, switch to it, and delete what is too old.

        Raises:
            TenantError: It could not be finished; the next run goes on.
        """
        version = name_version(self._folder) or ""
        whole = version_folder(self._folder, version)
        self._upload(whole)
        self._await(whole)
        pages = stable_files(self._folder, version)
        record = self._record.beginning(version, tuple(pages))
        self._note(record)
        self._publish()  # before any page names what is in the new folder
        for name, content in pages.items():
            self._put(self._folder, name, content)
        if set(pages) - set(self._record.pages):
            self._publish()  # a permission reaches the files that are there already
        self._tidy(record, pages)
        self._note(record.ended(tuple(pages)))

    def _upload(self, whole: Folder) -> None:
        digests = whole.digests()
        path = f"{whole.path}/{MANIFEST_FILE}"
        if read_digests(self._client.read_file(whole.system, path)) == digests:
            return
        parents = {f"{whole.path}/{name}".rsplit("/", 1)[0] for name in digests}
        for parent in sorted({whole.path, *parents}):
            self._client.make_folder(whole.system, parent)
        for name, content in whole.files.items():
            self._put(whole, name, content)
        # Last, so that it never claims too much.
        self._put(whole, MANIFEST_FILE, write_digests(digests))

    def _await(self, whole: Folder) -> None:
        """Wait until the tenant has the files: it may take them in behind its answer.

        Raises:
            TenantError: Some did not come.
        """
        end = self._clock() + _PATIENCE_S
        while missing := self._missing(whole):
            if self._clock() >= end:
                raise TenantError(
                    f"The tenant took {missing[0]} of the site, but does not show it "
                    f"(and {len(missing) - 1} more); the old site stays. Try again."
                )
            self._sleep(_PAUSE_S)

    def _missing(self, whole: Folder) -> list[str]:
        sizes: dict[str, int] = {}
        for parent in sorted({_parent(name) for name in whole.files}):
            path = f"{whole.path}/{parent}".rstrip("/")
            for entry in self._client.list_folder(whole.system, path):
                name = f"{parent}/{entry.get('name')}".lstrip("/")
                sizes[name] = int(entry.get("length", -1))
        return [
            name
            for name, content in whole.files.items()
            if sizes.get(name) != len(content)
        ]

    def _note(self, record: SiteRecord) -> None:
        self._put(self._folder, RECORD_FILE, write_record(record))

    def _publish(self) -> None:
        self._client.publish_folder(self._folder.system, self._folder.path)

    def _put(self, folder: Folder, name: str, content: bytes) -> None:
        upload_file(self._client, folder, name, content)

    def _tidy(self, record: SiteRecord, pages: Mapping[str, bytes]) -> None:
        system, path = self._folder.system, self._folder.path
        for name in sorted(set(self._record.pages) - set(pages)):
            self._client.delete_file(system, f"{path}/{name}")
        for entry in self._client.list_folder(system, path):
            name = str(entry.get("name"))
            if VERSION.fullmatch(name) and name not in record.versions[:KEPT]:
                self._client.delete_file(system, f"{path}/{name}")


def upload_file(
    client: TenantClient, folder: Folder, name: str, content: bytes
) -> None:
    """Write one file of a folder, with its type."""
    parent, base = f"{folder.path}/{name}".rsplit("/", 1)
    client.upload_file(folder.system, parent, base, content, media_type(name))


def _parent(name: str) -> str:
    return name.rpartition("/")[0]
