"""What a function's own code does not know of it: what the manifest says."""

from dataclasses import dataclass

__all__ = ["Facts"]


@dataclass(frozen=True)
class Facts:
    """What stands in `actors.yaml` about a function.

    Attributes:
        name: With hyphens, as in its alias.
        description: One sentence.
        grants: Who may send messages: `members`, `admins`, `nobody`.
        nonce: Whether callers who have not signed in reach it.
        cron: Its schedule, empty for none.
        workers: Messages that it answers at a time; None where nothing is said.
    """

    name: str
    description: str
    grants: str
    nonce: bool = False
    cron: str = ""
    workers: int | None = None
