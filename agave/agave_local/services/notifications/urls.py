"""The addresses of the notifications service."""

from agave_local.call import Route
from agave_local.services.notifications import views

_ALL = "/notifications/v2"
_ONE = f"{_ALL}/<uuid>"
_NO_MAIL = "to http and https addresses; no e-mail is sent"


def routes() -> list[Route]:
    """Return the routes of this service."""
    return [
        Route("GET", _ALL, views.on_list, "notifications.list"),
        Route("POST", _ALL, views.on_add, "notifications.add", note=_NO_MAIL),
        Route("GET", _ONE, views.on_get, "notifications.get"),
        Route("POST", _ONE, views.on_update, "notifications.update"),
        Route("DELETE", _ONE, views.on_delete, "notifications.delete"),
    ]
