"""Abaco's refusals, in its own words (spec: Abaco, A.2, A.9 and A.10)."""

from agave_local.errors import BadRequest, LocalTenantError, NotFound

NO_CREDENTIALS = "No JWT or nonce provided."
NO_ROLE = "Not authorized -- missing required role."
NO_CONFIG_ACCESS = "You do not have sufficient access to this actor config."
NO_STAFFING = "Not authorized -- only admins are authorized to update workers."
NO_ADMIN = "Abaco Admin role required."
NO_PROCESS = (
    "Not authorized -- only service accounts and administrators may use images "
    "that run as processes of the tenant."
)
NOT_SERIALIZED = (
    "message POST body could not be serialized. "
    "Pass JSON data or use the message attribute."
)
QUEUE_NOT_EMPTY = "Cannot issue synchronous execution when actor message queue > 0."


def no_access(thing: str) -> BadRequest:
    """Return the refusal of a caller without permission.

    Args:
        thing: `actor`, `alias` or `alias and actor`.
    """
    return BadRequest(f"Not authorized -- you do not have access to this {thing}.")


def no_actor(identifier: str, *, known_as: str = "id") -> NotFound:
    """Return the refusal of a well-formed id that no actor has."""
    return NotFound(f"No actor found with {known_as}: {identifier}.")


def no_execution(actor_id: str, execution_id: str) -> BadRequest:
    """Return the refusal of an unknown execution; Abaco answers 400 here."""
    return BadRequest(
        f"No executions found with actor id of {actor_id} "
        f"and execution id of {execution_id}."
    )


class NotInTime(LocalTenantError):
    """A synchronous execution did not end in the time that a gateway waits."""

    status = 504
    code = "timeout"


class Unrecognized(LocalTenantError):
    """What Abaco answers where it did not expect its own exception.

    Args:
        exception: Python's name of it.
        words: that it has.
    """

    status = 500
    code = "unrecognized"

    def __init__(self, exception: str, words: str) -> None:
        super().__init__(
            f"Unrecognized exception type: <class '{exception}'>. Exception: {words}"
        )
