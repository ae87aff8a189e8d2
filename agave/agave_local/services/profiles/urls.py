"""The addresses of the profiles service."""

from agave_local.call import Route
from agave_local.not_implemented import not_implemented
from agave_local.services.profiles import views


def routes() -> list[Route]:
    """Return the service's routes."""
    return [
        Route("GET", "/profiles/v2", views.on_list, "profiles.list"),
        Route("GET", "/profiles/v2/me", views.on_get_me, "profiles.get"),
        Route(
            "GET",
            "/profiles/v2/<username>",
            views.on_get,
            "profiles.listByUsername",
        ),
        not_implemented("POST", "/profiles/v2", "profiles.create"),
        not_implemented("PUT", "/profiles/v2/<username>", "profiles.update"),
        not_implemented("DELETE", "/profiles/v2/<username>", "profiles.delete"),
    ]
