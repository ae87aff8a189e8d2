"""Who may go where: system roles and paths become places with one fixed jail."""

from dataclasses import dataclass

from agave_local.call import Identity
from agave_local.errors import BadRequest, Forbidden
from agave_local.services.files.paths import Parts, read_parts, to_path
from agave_local.services.files.publication import Publications
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role
from agave_local.store import Document


@dataclass(frozen=True)
class Place:
    """A path that its caller may use.

    Attributes:
        system_id: of the storage system.
        parts: names from the system's rootDir.
        jail: how many of them lead to the folder that links must not leave.
        role: of the caller there.
    """

    system_id: str
    parts: Parts
    jail: int
    role: Role

    @property
    def path(self) -> str:
        """The path from rootDir."""
        return to_path(self.parts)

    @property
    def permission(self) -> str:
        """What the caller may do there, in Agave's word."""
        return "ALL" if self.role >= Role.USER else "READ"


class Access:
    """Decides about paths.

    On a system that is for many users (public, or for execution) a user has only
    `/<username>`, which is the jail too; its administrators have everything.  On a
    private storage system, roles decide.

    Args:
        systems: roles and records of the systems.
        publications: what is published, which only administrators change.
    """

    def __init__(self, systems: Systems, publications: Publications) -> None:
        self._systems = systems
        self._publications = publications

    def locate(
        self,
        identity: Identity,
        system_id: str | None,
        path: str,
        *,
        write: bool = False,
    ) -> Place:
        """Return the place that a path means, if the caller may go there.

        Args:
            identity: the caller.
            system_id: None for the caller's default storage system.
            path: from rootDir with a leading slash, else from homeDir.
            write: whether something is to be changed.

        Raises:
            BadRequest: a hostile path, or a system whose files are elsewhere.
            NotFound: no such system, or none that the caller may know of.
            Forbidden: the caller's role is too low.
        """
        if system_id is None:
            system_id = str(self._systems.default(identity)["id"])
        system = self._systems.require(
            identity, system_id, Role.USER if write else Role.GUEST
        )
        check_local(system)
        role = self._systems.role(identity, system_id)
        parts = _from_root(system, path)
        for_many = bool(system["public"]) or system["type"] == "EXECUTION"
        if for_many and role < Role.ADMIN:
            self._check_home(identity, system_id, parts)
        if write and role < Role.ADMIN:
            self._check_unpublished(system_id, parts)
        return Place(system_id, parts, 1 if for_many and parts else 0, role)

    def _check_home(self, identity: Identity, system_id: str, parts: Parts) -> None:
        if not parts or parts[0] != identity.username:
            raise Forbidden(
                f"On {system_id}, which many use, you may only use "
                f"/{identity.username}."
            )

    def _check_unpublished(self, system_id: str, parts: Parts) -> None:
        if self._publications.touches(system_id, parts):
            raise Forbidden(
                f"{to_path(parts)} is published; only administrators of "
                f"{system_id} may change it."
            )


def check_local(system: Document) -> None:
    """Refuse a system whose files are not on this machine.

    Raises:
        BadRequest: it is one.
    """
    protocol = system.get("storage", {}).get("protocol")
    if protocol != "LOCAL":
        raise BadRequest(
            f"The files of {system['id']} are reached by {protocol}; "
            "the local tenant only has LOCAL storage."
        )


def _from_root(system: Document, path: str) -> Parts:
    if path.startswith("/"):
        return read_parts(path)
    home = str(system.get("storage", {}).get("homeDir") or "/")
    return read_parts(f"{home}/{path}")
