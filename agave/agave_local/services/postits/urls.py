"""Addresses of the postits service."""

from agave_local.call import Auth, Route
from agave_local.services.postits import views

_ALL, _ONE = "/postits/v2", "/postits/v2/<postit_id>"


def routes() -> list[Route]:
    """Return the routes of this service."""
    return [
        Route("GET", _ALL, views.on_list_postits, "postits.list"),
        Route("POST", _ALL, views.on_create_postit, "postits.create"),
        Route("DELETE", _ONE, views.on_delete_postit, "postits.delete"),
        *(
            Route(method, _ONE, views.on_redeem_postit, "postits.redeem", auth=Auth.OWN)
            for method in ("GET", "POST", "PUT")
        ),
    ]
