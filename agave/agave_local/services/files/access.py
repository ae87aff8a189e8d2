"""Who may go where: system roles and paths become places with one fixed jail."""

from dataclasses import dataclass

from agave_local.call import Identity
from agave_local.errors import BadRequest, Forbidden
from agave_local.permissions import Permission, to_name
from agave_local.records.store import Document
from agave_local.services.files.ledger import Site
from agave_local.services.files.paths import Parts, read_parts, to_path
from agave_local.services.files.publication import Publications
from agave_local.services.files.sharing import Shares
from agave_local.services.systems.models import Systems
from agave_local.services.systems.roles import Role


@dataclass(frozen=True)
class Place:
    """A path that its caller may use.

    Attributes:
        system_id: of the storage system.
        parts: names from the system's rootDir.
        jail: how many of them lead to the folder that links must not leave.
        role: of the caller there.
        owner: of what is there.
        shared: what the owner of the path lets the caller do; None where the caller's
            role decides.
        links: whether links are followed at all.
        deep: whether the caller may do the same with all that is below.
    """

    system_id: str
    parts: Parts
    jail: int
    role: Role
    owner: str = ""
    shared: Permission | None = None
    links: bool = True
    deep: bool = True

    @property
    def path(self) -> str:
        """The path from rootDir."""
        return to_path(self.parts)

    @property
    def site(self) -> Site:
        """The path, whoever asks."""
        return Site(self.system_id, self.parts)

    @property
    def right(self) -> Permission:
        """What the caller may do there."""
        if self.shared is not None:
            return self.shared
        return Permission.ALL if self.role >= Role.USER else Permission.READ

    @property
    def permission(self) -> str:
        """What the caller may do there, in Agave's word."""
        return to_name(self.right)

    @property
    def is_owned(self) -> bool:
        """Whether the caller may let others do something there."""
        return self.shared is None and self.role >= Role.USER


class Access:
    """Decides about paths.

    On a system that is for many users (public, or for execution) a user has only
    `/<username>`, which is the jail too; its administrators have everything.  On a
    private storage system, roles decide.  Beyond that, a user has what the owners of
    paths share; the highest shared path is the jail then.  Somebody who has no role
    on a private system has nothing there, whatever is shared.

    Args:
        systems: roles and records of the systems.
        publications: what is published, which only administrators change.
        shares: what owners let others do.
    """

    def __init__(
        self, systems: Systems, publications: Publications, shares: Shares
    ) -> None:
        self._systems = systems
        self._publications = publications
        self._shares = shares

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
            Forbidden: the caller's role is too low, or the system is disabled.
            Conflict: the system is described as not being up.
        """
        if system_id is None:
            system_id = str(self._systems.default(identity)["id"])
        system = self._systems.use(identity, system_id, Role.GUEST)
        check_local(system)
        role = self._systems.role(identity, system_id)
        parts = _from_root(system, path)
        for_many = bool(system["public"]) or system["type"] == "EXECUTION"
        if write and role < Role.ADMIN:
            self._check_unpublished(system_id, parts)
        owner = parts[0] if for_many and parts else str(system["owner"])
        jail = 1 if for_many and parts else 0
        if _may_by_role(identity, role, parts, for_many=for_many, write=write):
            return Place(system_id, parts, jail, role, owner)
        right = Permission.WRITE if write else Permission.READ
        held = self._shares.held(Site(system_id, parts), identity.username, right)
        if held.permission:
            jail = len(held.base)
            return Place(
                system_id, parts, jail, role, owner, held.permission, deep=held.deep
            )
        if for_many:
            raise Forbidden(
                f"On {system_id}, which many use, you may only use "
                f"/{identity.username} and what others share with you."
            )
        raise Forbidden(
            f"You have the role {role.name} on {system_id}; this needs USER or more, "
            "or a permission on the path."
        )

    def _check_unpublished(self, system_id: str, parts: Parts) -> None:
        if self._publications.touches(system_id, parts):
            raise Forbidden(
                f"{to_path(parts)} is published; only administrators of "
                f"{system_id} may change it."
            )


def _may_by_role(
    identity: Identity, role: Role, parts: Parts, *, for_many: bool, write: bool
) -> bool:
    if role >= Role.ADMIN:
        return True
    if for_many and parts[:1] != (identity.username,):
        return False
    return role >= (Role.USER if write else Role.GUEST)


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
