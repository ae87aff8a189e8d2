"""Folders that everybody may read without a token, such as the site's."""

from agave_local.records.store import Store
from agave_local.services.files.paths import Parts, read_parts, to_path

KIND = "file_publication"


class Publications:
    """What is published on which system.

    Args:
        store: keeps the records.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def publish(self, system_id: str, parts: Parts, *, recursive: bool) -> None:
        """Let everybody read a file, or all that is in a folder."""
        path = to_path(parts)
        body = {"parent": system_id, "path": path, "recursive": recursive}
        self._store.put(KIND, f"{system_id}:{path}", body)

    def withdraw(self, system_id: str, parts: Parts) -> None:
        """Take a publication back."""
        self._store.delete(KIND, f"{system_id}:{to_path(parts)}")

    def covering(self, system_id: str, parts: Parts) -> Parts | None:
        """Return the published file or folder that a path belongs to, or None."""
        for base, recursive in self._of(system_id):
            if parts == base or (recursive and parts[: len(base)] == base):
                return base
        return None

    def touches(self, system_id: str, parts: Parts) -> bool:
        """Tell whether a path is published, or holds something that is."""
        return self.covering(system_id, parts) is not None or any(
            base[: len(parts)] == parts for base, _ in self._of(system_id)
        )

    def _of(self, system_id: str) -> list[tuple[Parts, bool]]:
        return [
            (read_parts(body["path"]), bool(body["recursive"]))
            for body in self._store.find(KIND, parent=system_id)
        ]
