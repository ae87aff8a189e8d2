"""Operations of the contract that the tenant does not have yet answer 501."""

from agave_local.call import Answer, Call, Route
from agave_local.errors import NotImplementedHere


def not_implemented(method: str, rule: str, operation: str) -> Route:
    """Return the route of an operation that says that it is not here.

    Args:
        method: HTTP method.
        rule: werkzeug rule.
        operation: agavepy's name for it.
    """

    def view(_: Call) -> Answer:
        raise NotImplementedHere(operation)

    return Route(method, rule, view, operation, is_implemented=False)
