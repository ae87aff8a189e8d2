"""Addresses of the files service."""

from agave_local.call import Auth, Flavour, Route, View
from agave_local.services.files import views


def routes() -> list[Route]:
    """Return the routes of this service."""
    return [
        *_both("GET", "listings", views.on_list, "list", "listOnDefaultSystem"),
        *_both(
            "GET", "media", views.on_download, "download", "downloadFromDefaultSystem"
        ),
        *_both("POST", "media", views.on_import, "importData", "importToDefaultSystem"),
        *_both("PUT", "media", views.on_manage, "manage", "manageOnDefaultSystem"),
        *_both("DELETE", "media", views.on_delete, "delete", "deleteFromDefaultSystem"),
        *_both(
            "GET",
            "history",
            views.on_history,
            "getHistory",
            "getHistoryOnDefaultSystem",
        ),
        *_both(
            "GET",
            "pems",
            views.on_list_pems,
            "listPermissions",
            "listPermissionsOnDefaultSystem",
        ),
        *_both(
            "POST",
            "pems",
            views.on_update_pems,
            "updatePermissions",
            "updatePermissionsOnDefaultSystem",
        ),
        *_both(
            "DELETE",
            "pems",
            views.on_delete_pems,
            "deletePermissions",
            "deletePermissionsOnDefaultSystem",
        ),
        Route(
            "GET",
            "/files/v2/download/<owner>/system/<system_id>/<path:path>",
            views.on_public_download,
            "files.downloadPublic",
            auth=Auth.OWN,
            flavour=Flavour.AGAVE,
        ),
    ]


def _both(
    method: str, kind: str, view: View, operation: str, default_operation: str
) -> list[Route]:
    """Return the routes of an operation, with and without a system's id."""
    prefix = f"/files/v2/{kind}"
    return [
        Route(method, rule, view, f"files.{name}")
        for rule, name in (
            (f"{prefix}/system/<system_id>", operation),
            (f"{prefix}/system/<system_id>/<path:path>", operation),
            (prefix, default_operation),
            (f"{prefix}/<path:path>", default_operation),
        )
    ]
