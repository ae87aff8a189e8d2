"""Which operations of agavepy the tenant has, computed from the routes."""

from importlib import resources

from agave_local.app import all_routes


def coverage() -> list[tuple[str, bool]]:
    """Return each operation of agavepy 0.9.5, and whether it is here."""
    done = {route.operation for route in all_routes() if route.is_implemented}
    return [(operation, operation in done) for operation in known_operations()]


def known_operations() -> list[str]:
    """Return the names of agavepy's operations, such as `meta.listMetadata`."""
    text = resources.files("agave_local").joinpath("operations.txt").read_text("utf-8")
    return text.split()
