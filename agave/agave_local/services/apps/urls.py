"""The addresses of the apps service."""

from agave_local.call import Route
from agave_local.services.apps import views

_ALL = "/apps/v2"
_ONE = f"{_ALL}/<app_id>"
_PEMS = f"{_ONE}/pems"
_USER = f"{_PEMS}/<username>"


def routes() -> list[Route]:
    """Return the service's routes."""
    return [
        Route("GET", _ALL, views.on_list, "apps.list"),
        Route("POST", _ALL, views.on_add, "apps.add"),
        Route("GET", _ONE, views.on_get, "apps.get"),
        Route("POST", _ONE, views.on_update, "apps.update"),
        Route("PUT", _ONE, views.on_manage, "apps.manage"),
        Route("DELETE", _ONE, views.on_delete, "apps.delete"),
        Route("GET", _PEMS, views.on_list_pems, "apps.listPermissions"),
        Route("POST", _PEMS, views.on_give, "apps.updateApplicationPermissions"),
        Route("DELETE", _PEMS, views.on_take_all, "apps.deletePermissions"),
        Route("GET", _USER, views.on_get_pem, "apps.listPermissionsForUser"),
        Route("POST", _USER, views.on_give, "apps.updatePermissionsForUser"),
        Route("DELETE", _USER, views.on_take, "apps.deletePermissionsForUser"),
        Route("GET", f"{_ALL}/name/<name>", views.on_list, "apps.listByName"),
        Route("GET", f"{_ALL}/tag/<tag>", views.on_list, "apps.listByTag"),
        Route(
            "GET", f"{_ALL}/system/<system_id>", views.on_list, "apps.listBySystemId"
        ),
        Route(
            "GET", f"{_ALL}/ontology/<term>", views.on_list, "apps.listByOntologyTerm"
        ),
        Route("GET", f"{_ONE}/form", views.on_form, "apps.getJobSubmissionForm"),
        Route("GET", f"{_ONE}/history", views.on_history, "history.ofApp"),
    ]
