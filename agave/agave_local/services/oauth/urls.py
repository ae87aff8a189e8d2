"""The addresses of the OAuth service."""

from agave_local.call import Auth, Flavour, Route, View
from agave_local.services.oauth import sign_in, views


def routes() -> list[Route]:
    """Return the service's routes; each looks for the caller itself."""
    return [
        _route("POST", "/token", views.on_token, "oauth.token"),
        _route("POST", "/revoke", views.on_revoke, "oauth.revoke"),
        _route("GET", "/authorize", sign_in.on_show, "oauth.authorize"),
        _route("POST", "/authorize", sign_in.on_sign_in, "oauth.signIn"),
    ]


def _route(method: str, rule: str, view: View, operation: str) -> Route:
    return Route(method, rule, view, operation, Auth.OWN, Flavour.PLAIN)
