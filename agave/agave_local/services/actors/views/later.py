"""What Abaco has and this tenant does not have yet; each says so by name."""

from agave_local.call import Answer, Call, View
from agave_local.errors import NotImplementedHere
from agave_local.services.actors.access import identify


def missing(operation: str) -> View:
    """Return a view that names the operation, to callers who are somebody."""

    def on_missing(call: Call) -> Answer:
        identify(call)
        raise NotImplementedHere(operation)

    return on_missing
