"""The addresses of the systems service."""

from agave_local.call import Route
from agave_local.services.systems import credential_views, views

_ALL = "/systems/v2"
_ONE = f"{_ALL}/<system_id>"
_ROLES = f"{_ONE}/roles"
_USER = f"{_ROLES}/<username>"
_CREDENTIALS = f"{_ONE}/credentials"
_INTERNAL_USER = f"{_CREDENTIALS}/<user>"
_BY_TYPE = f"{_INTERNAL_USER}/<kind>"
_UNTRIED = "its shape is checked and it is kept encrypted, but not tried on the system"


def routes() -> list[Route]:
    """Return the service's routes."""
    return [
        Route("GET", _ALL, views.on_list, "systems.list"),
        Route("POST", _ALL, views.on_add, "systems.add"),
        Route("GET", _ONE, views.on_get, "systems.get"),
        Route("POST", _ONE, views.on_update, "systems.update"),
        Route("PUT", _ONE, views.on_manage, "systems.manage"),
        Route("DELETE", _ONE, views.on_delete, "systems.delete"),
        Route("GET", _ROLES, views.on_list_roles, "systems.listRoles"),
        Route("POST", _ROLES, views.on_give_role, "systems.updateRole"),
        Route("DELETE", _ROLES, views.on_take_roles, "systems.deleteRoles"),
        Route("GET", _USER, views.on_get_role, "systems.getRoleForUser"),
        Route("POST", _USER, views.on_give_role, "systems.updateRoleForUser"),
        Route("DELETE", _USER, views.on_take_role, "systems.deleteRoleForUser"),
        *_credentials(_CREDENTIALS, ""),
        *_credentials(_INTERNAL_USER, "ForInternalUser"),
        *_credentials(_BY_TYPE, "ForInternalUserByType"),
    ]


def _credentials(rule: str, of: str) -> list[Route]:
    view, operation = credential_views, f"Credentials{of}"
    return [
        Route("GET", rule, view.on_list, f"systems.list{operation}"),
        Route("POST", rule, view.on_set, f"systems.update{operation}", note=_UNTRIED),
        Route("DELETE", rule, view.on_delete, f"systems.delete{operation}"),
    ]
