"""Who is calling, and whether they may (spec: Abaco, A.2 and A.3).

A gateway stands before Abaco: it turns a good token into an identity and refuses a
bad one itself. Without a token, Abaco looks for a nonce.
"""

from dataclasses import dataclass

from agave_local.call import SERVICE_ROLE, Call, Identity
from agave_local.errors import BadRequest, NotFound
from agave_local.records.store import Document
from agave_local.services.actors.errors import (
    NO_CONFIG_ACCESS,
    NO_CREDENTIALS,
    NO_PROCESS,
    NO_ROLE,
    no_access,
    no_actor,
)
from agave_local.services.actors.identifiers import is_identifier
from agave_local.services.actors.permissions import Level, may

_ROLES = frozenset(
    {
        "Internal/abaco-admin",
        "Internal/abaco-privileged",
        "Internal/abaco-user",
        "Internal/abaco-limited",
        "Internal/everyone",
    }
)


# Executors of messages that nobody posted: schedules and events.
PLATFORM = frozenset({"cron", "Abaco Event"})


@dataclass(frozen=True)
class Visit:
    """A caller at an actor that they may use as they ask.

    Attributes:
        identity: the caller, or the owner of the nonce.
        actor: the actor.
        identifier: the id or alias that the caller used.
        by_nonce: whether the caller has only a nonce, and could be anybody.
    """

    identity: Identity
    actor: Document
    identifier: str
    by_nonce: bool


def identify(call: Call, identifier: str = "", level: Level = Level.NONE) -> Identity:
    """Return the caller.

    Args:
        call: with an assertion of the gateway, a bearer token, or a nonce of the
            actor or alias.
        identifier: of the actor or alias; nonces open nothing else.
        level: that a nonce must have.

    Raises:
        Unauthorized: for a token that the gateway refuses.
        BadRequest: for neither token nor nonce, a nonce that is not good, or a
            caller without any role here.
    """
    identity = call.tenant.gateway.identify(call.request)
    token = _bearer(call)
    if identity is None and token:
        identity = call.tenant.oauth.identify(token, "/actors")
    if identity is not None:
        call.recognize(identity)
    else:
        nonce = call.request.args.get("x-nonce")
        if not nonce:
            raise BadRequest(NO_CREDENTIALS)
        identity = call.tenant.actors.nonces.use(identifier, nonce, level)
    if not identity.roles & _ROLES:
        raise BadRequest(NO_ROLE)
    return identity


def visit(call: Call, level: Level, *, known_as: str = "id") -> Visit:
    """Return the caller at the actor of the address.

    Raises:
        NotFound: where there is no such actor.
        BadRequest: where the caller lacks the level.
    """
    identifier = call.args["actor_id"]
    identity = identify(call, identifier, level)
    actor = call.tenant.actors.find(identifier)
    if actor is None:
        raise unknown(call, identifier, known_as)
    check_actor(identity, actor, level)
    return Visit(identity, actor, identifier, by_nonce=not call.is_recognized)


def unknown(call: Call, identifier: str, known_as: str = "id") -> NotFound:
    """Return the refusal of an identifier that names no actor."""
    alias = call.tenant.actors.aliases.find(identifier)
    if alias is not None:
        return no_actor(alias["actorId"], known_as=known_as)
    if is_identifier(identifier):
        return no_actor(identifier, known_as=known_as)
    return NotFound(f"Actor with identifier '{identifier}' not found")


def check_actor(identity: Identity, actor: Document, level: Level) -> None:
    """Let a caller through to an actor.

    Raises:
        BadRequest: where the caller lacks the level.
    """
    if not allows(identity, actor, level):
        raise no_access("actor")


def check_alias(
    identity: Identity, alias: Document, level: Level, actor: Document | None = None
) -> None:
    """Let a caller through to an alias, and to its actor where one is given.

    Raises:
        BadRequest: where the caller lacks the level on either.
    """
    if actor is None:
        if not allows(identity, alias, level):
            raise no_access("alias")
    elif not (allows(identity, alias, level) and allows(identity, actor, level)):
        raise no_access("alias and actor")


def check_config(identity: Identity, config: Document, level: Level) -> None:
    """Let a caller through to a config.

    Raises:
        BadRequest: where the caller lacks the level.
    """
    if not allows(identity, config, level):
        raise BadRequest(NO_CONFIG_ACCESS)


def allows(identity: Identity, thing: Document, level: Level) -> bool:
    """Tell whether a caller has a level on an actor, an alias or a config."""
    return identity.is_admin or may(thing["permissions"], identity.username, level)


def may_read(visited: Visit, execution: Document) -> bool:
    """Tell whether a caller may read an execution, its log and its results.

    It is its executor's; what it sends may be meant for nobody else.
    """
    return readable_of(visited) in {None, execution["executor"]}


def readable_of(visited: Visit) -> str | None:
    """Return whose executions a caller may read; everybody's where None.

    Nobody's for a caller with only a nonce, which the empty name stands for.
    """
    if visited.by_nonce:
        return ""
    if allows(visited.identity, visited.actor, Level.UPDATE):
        return None
    return own_name(visited.identity)


def own_name(identity: Identity) -> str:
    """Return the executor whose executions are a caller's; nobody's where empty.

    An account that is called as the platform calls itself has none of its own.
    """
    return "" if identity.username in PLATFORM else identity.username


def is_trusted(identity: Identity) -> bool:
    """Tell whether a caller may have processes of the tenant run."""
    return identity.is_admin or SERVICE_ROLE in identity.roles


def check_image(call: Call, image: str, *, trusted: bool) -> None:
    """Let a caller have an image that runs as a process of the tenant.

    Raises:
        BadRequest: where it is one, and the caller is not trusted.
    """
    if image in call.tenant.settings.images and not trusted:
        raise BadRequest(NO_PROCESS)


def _bearer(call: Call) -> str:
    scheme, _, token = call.request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
