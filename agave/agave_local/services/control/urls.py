"""The addresses by which the tenant itself is watched and steered."""

from agave_local.call import Auth, Flavour, Route
from agave_local.services.control import seeding, views


def routes() -> list[Route]:
    """Return the service's routes; each looks for the caller itself."""
    return [
        Route("GET", "/", views.on_root, "local.root", Auth.OWN),
        *_watching("/health", "/ready"),
        *_watching("/healthz", "/readyz"),
        Route("GET", "/metrics", views.on_metrics, "local.metrics", Auth.OWN),
        Route("POST", "/local/reset", views.on_reset, "local.reset", Auth.OWN),
        Route("POST", "/local/seed", seeding.on_seed, "local.seed", Auth.OWN),
        Route("GET", "/local/clock", seeding.on_get_clock, "local.clock", Auth.OWN),
        Route("POST", "/local/clock", seeding.on_move_clock, "local.clock", Auth.OWN),
        Route("GET", "/local/faults", views.on_list_faults, "local.faults", Auth.OWN),
        Route("POST", "/local/faults", views.on_add_fault, "local.faults", Auth.OWN),
        Route(
            "DELETE", "/local/faults", views.on_clear_faults, "local.faults", Auth.OWN
        ),
    ]


def _watching(health: str, ready: str) -> list[Route]:
    plain = Flavour.PLAIN
    return [
        Route("GET", health, views.on_health, "local.health", Auth.OWN, plain),
        Route("GET", ready, views.on_ready, "local.ready", Auth.OWN, plain),
    ]
