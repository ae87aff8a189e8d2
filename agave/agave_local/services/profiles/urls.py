"""The addresses of the profiles service."""

from agave_local.call import Route
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
        Route("POST", "/profiles/v2", views.on_create, "profiles.create"),
        Route("PUT", "/profiles/v2/<username>", views.on_update, "profiles.update"),
        Route("DELETE", "/profiles/v2/<username>", views.on_delete, "profiles.delete"),
    ]
