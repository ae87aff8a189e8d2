"""The addresses of the admin service; only administrators are answered."""

from dataclasses import replace

from werkzeug.wrappers import Response

from agave_local.call import Answer, Call, Route, View
from agave_local.errors import Forbidden
from agave_local.services.admin import api_views, views

_ACCOUNTS = "/admin/v2/service_accounts"
_ACCOUNT = f"{_ACCOUNTS}/<account>"
_ROLES = "/admin/v2/service_roles"
# The names of the tenant's own roles have a slash: `Internal/everyone`.
_ROLE = f"{_ROLES}/<path:role>"
_APIS = "/admin/v2/apis"
_API = f"{_APIS}/<api_id>"
_KEPT = "the record is kept and clients subscribe to it; its url is never called"


def routes() -> list[Route]:
    """Return the service's routes."""
    rows = (*_accounts(), *_roles(), *_registry())
    return [replace(row, view=_administered(row.view)) for row in rows]


def _accounts() -> list[Route]:
    roles = f"{_ACCOUNT}/roles"
    return [
        Route("GET", _ACCOUNTS, views.on_list_accounts, "admin.listAccounts"),
        Route("POST", _ACCOUNTS, views.on_add_account, "admin.addAccount"),
        Route("GET", _ACCOUNT, views.on_get_account, "admin.getAccount"),
        Route("PUT", _ACCOUNT, views.on_update_account, "admin.updateAccount"),
        Route("DELETE", _ACCOUNT, views.on_delete_account, "admin.deleteAccount"),
        Route("GET", roles, views.on_list_account_roles, "admin.listAccountRoles"),
        Route("POST", roles, views.on_give_role, "admin.addRoleToAccount"),
        Route(
            "DELETE",
            f"{roles}/<path:role>",
            views.on_take_role,
            "admin.deleteRoleFromAccount",
        ),
    ]


def _roles() -> list[Route]:
    accounts = f"{_ROLE}/service_accounts"
    return [
        Route("GET", _ROLES, views.on_list_roles, "admin.listRoles"),
        Route("POST", _ROLES, views.on_add_role, "admin.addRole"),
        Route("GET", _ROLE, views.on_get_role, "admin.getRole"),
        Route("DELETE", _ROLE, views.on_delete_role, "admin.deleteRole"),
        Route("GET", accounts, views.on_list_role_accounts, "admin.listAccountsInRole"),
        Route("POST", accounts, views.on_give_role, "admin.addAccountToRole"),
        Route(
            "DELETE",
            f"{accounts}/<account>",
            views.on_take_role,
            "admin.deleteAccountFromRole",
        ),
    ]


def _registry() -> list[Route]:
    clients = "/admin/v2/clients"
    return [
        Route("GET", clients, api_views.on_list_clients, "admin.listClients"),
        Route("GET", _APIS, api_views.on_list_apis, "admin.listApis"),
        Route("POST", _APIS, api_views.on_add_api, "admin.addApi", note=_KEPT),
        Route("GET", _API, api_views.on_get_api, "admin.getApi"),
        Route("PUT", _API, api_views.on_set_api_status, "admin.updateApiStatus"),
        Route("DELETE", _API, api_views.on_delete_api, "admin.deleteApi"),
    ]


def _administered(view: View) -> View:
    """Answer administrators only, before anything of the request is looked at."""

    def checked(call: Call) -> Answer | Response:
        if not call.identity.is_admin:
            raise Forbidden("Only an administrator may do this.")
        return view(call)

    return checked
