"""The addresses of the clients service; callers give name and password."""

from dataclasses import replace

from agave_local.call import Auth, Route
from agave_local.services.clients import views

_ONE = "/clients/v2/<name>"


def routes() -> list[Route]:
    """Return the service's routes."""
    rows = [
        Route("GET", "/clients/v2", views.on_list, "clients.list"),
        Route(
            "POST",
            "/clients/v2",
            views.on_create,
            "clients.create",
            note="its tier is kept and shown, and slows nobody down",
        ),
        Route("GET", _ONE, views.on_get, "clients.getClientByName"),
        Route("DELETE", _ONE, views.on_delete, "clients.delete"),
        Route(
            "GET",
            f"{_ONE}/subscriptions",
            views.on_list_subscriptions,
            "clients.listSubscriptionsForClient",
        ),
        Route(
            "POST",
            f"{_ONE}/subscriptions",
            views.on_subscribe,
            "clients.addSubscriptionForClient",
        ),
        Route(
            "DELETE",
            f"{_ONE}/subscriptions",
            views.on_unsubscribe,
            "clients.deleteSubscriptionsForClient",
        ),
    ]
    return [replace(row, auth=Auth.BASIC) for row in rows]
