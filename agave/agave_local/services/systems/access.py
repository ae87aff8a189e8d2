"""Who may do what on a system, and whether it can be used at all."""

from agave_local.call import SERVICE_ROLE, Identity
from agave_local.errors import Conflict, Forbidden
from agave_local.records.store import Document
from agave_local.services.systems.roles import Role

_UNUSABLE = ("DOWN", "MAINTENANCE")
_WHERE = ("protocol", "host", "port", "proxy", "hostKey")


def role_of(system: Document, identity: Identity) -> Role:
    """Return what a caller is on a system.

    Everybody is a user of a public system; the tenant's administrators run all.
    """
    if identity.username == system["owner"]:
        return Role.OWNER
    given = Role[system["roles"].get(identity.username, "NONE")]
    if identity.is_admin:
        return max(given, Role.ADMIN)
    return max(given, Role.USER) if system["public"] else given


def check_usable(system: Document) -> None:
    """Refuse a system that nobody can use now.

    Raises:
        Forbidden: it is disabled.
        Conflict: it is described as not being up.
    """
    check_enabled(system)
    status = system.get("status", "UP")
    if status in _UNUSABLE:
        raise Conflict(f"{system['id']} is {status}; try again later.")


def check_enabled(system: Document) -> None:
    """Refuse a system that is disabled.

    Raises:
        Forbidden: it is.
    """
    if not system["available"]:
        raise Forbidden(
            f"The system {system['id']} is disabled; who administers it can enable it."
        )


def check_local(identity: Identity, description: Document) -> None:
    """Refuse the tenant's own machine to those who must not describe it.

    Raises:
        Forbidden: the system is this machine, and the caller an ordinary user.
    """
    protocols = {
        description[part].get("protocol")
        for part in ("storage", "login")
        if isinstance(description.get(part), dict)
    }
    if "LOCAL" in protocols and not is_trusted(identity):
        raise Forbidden(
            "Only a service account or an administrator registers systems on "
            "the tenant's own machine (protocol LOCAL)."
        )


def check_published(identity: Identity, old: Document, new: Document) -> None:
    """Refuse to lead a system elsewhere that somebody has vouched for.

    A system that is published is called wherever it is, the tenant's own network
    included.

    Raises:
        Forbidden: the system is published, the caller an ordinary user, and the new
            description leads to another machine.
    """
    if not old["public"] or is_trusted(identity):
        return
    for part in ("storage", "login"):
        before, after = old.get(part) or {}, new.get(part) or {}
        if any(before.get(field) != after.get(field) for field in _WHERE):
            raise Forbidden(
                f"{old['id']} is published, so only a service account or an "
                f"administrator changes where it is ({part}: {', '.join(_WHERE)})."
            )


def is_trusted(identity: Identity) -> bool:
    """Tell whether a caller may speak for the whole tenant."""
    return identity.is_admin or SERVICE_ROLE in identity.roles


def check_trusted(identity: Identity) -> None:
    """Refuse who may not speak for the whole tenant.

    Raises:
        Forbidden: the caller is neither service account nor administrator.
    """
    if not is_trusted(identity):
        raise Forbidden("Only a service account or an administrator may do this.")
