"""The addresses by which the tenant itself is watched and steered."""

from agave_local.call import Auth, Flavour, Route
from agave_local.services.control import views


def routes() -> list[Route]:
    """Return the service's routes; each looks for the caller itself."""
    return [
        Route("GET", "/", views.on_root, "local.root", Auth.OWN),
        Route("GET", "/health", views.on_health, "local.health", Auth.OWN, _PLAIN),
        Route("GET", "/ready", views.on_ready, "local.ready", Auth.OWN, _PLAIN),
        Route("POST", "/local/reset", views.on_reset, "local.reset", Auth.OWN),
        Route("GET", "/local/faults", views.on_list_faults, "local.faults", Auth.OWN),
        Route("POST", "/local/faults", views.on_add_fault, "local.faults", Auth.OWN),
        Route(
            "DELETE", "/local/faults", views.on_clear_faults, "local.faults", Auth.OWN
        ),
    ]


_PLAIN = Flavour.PLAIN
