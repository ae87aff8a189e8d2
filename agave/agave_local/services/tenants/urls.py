"""The addresses of the tenants service."""

from agave_local.call import Auth, Route
from agave_local.services.tenants import views


def routes() -> list[Route]:
    """Return the service's routes; agavepy asks before anybody has signed in."""
    return [
        Route("GET", "/tenants", views.on_list, "tenants.list", Auth.OWN),
        Route("GET", "/tenants/<code>", views.on_get, "tenants.getByCode", Auth.OWN),
    ]
