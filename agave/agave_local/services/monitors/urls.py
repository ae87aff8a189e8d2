"""Addresses of the monitors service."""

from agave_local.call import Route
from agave_local.services.monitors import views

_ALL, _ONE = "/monitors/v2", "/monitors/v2/<monitor_id>"


def routes() -> list[Route]:
    """Return the routes of this service."""
    return [
        Route("GET", _ALL, views.on_list_monitors, "monitors.list"),
        Route("POST", _ALL, views.on_add_monitor, "monitors.add"),
        Route("GET", _ONE, views.on_get_monitor, "monitors.get"),
        Route("POST", _ONE, views.on_update_monitor, "monitors.update"),
        Route("DELETE", _ONE, views.on_delete_monitor, "monitors.delete"),
        Route("GET", f"{_ONE}/checks", views.on_list_checks, "monitors.listChecks"),
        Route("POST", f"{_ONE}/checks", views.on_run_check, "monitors.runCheck"),
        Route(
            "GET", f"{_ONE}/checks/<check_id>", views.on_get_check, "monitors.getCheck"
        ),
    ]
