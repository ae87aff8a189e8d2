"""The addresses of the metadata service."""

from agave_local.call import Route
from agave_local.services.meta.views import DATA, SCHEMAS

_DATA = "/meta/v2/data"
_ONE = f"{_DATA}/<uuid>"
_PEMS = f"{_ONE}/pems"
_USER = f"{_PEMS}/<username>"
_SCHEMAS = "/meta/v2/schemas"
_SCHEMA = f"{_SCHEMAS}/<uuid>"
_SCHEMA_PEMS = f"{_SCHEMA}/pems"
_SCHEMA_USER = f"{_SCHEMA_PEMS}/<username>"


def routes() -> list[Route]:
    """Return the service's routes."""
    return [*_data(), *_schemas()]


def _data() -> list[Route]:
    view = DATA
    return [
        Route("GET", _DATA, view.on_list, "meta.listMetadata"),
        Route("POST", _DATA, view.on_add, "meta.addMetadata"),
        Route("GET", _ONE, view.on_get, "meta.getMetadata"),
        Route("POST", _ONE, view.on_update, "meta.updateMetadata"),
        Route("DELETE", _ONE, view.on_delete, "meta.deleteMetadata"),
        Route("GET", _PEMS, view.on_list_pems, "meta.listMetadataPermissions"),
        Route("POST", _PEMS, view.on_give, "meta.updateMetadataPermissions"),
        Route("DELETE", _PEMS, view.on_take_all, "meta.deleteMetadataPermission"),
        Route("GET", _USER, view.on_get_pem, "meta.listMetadataPermissionsForUser"),
        Route("POST", _USER, view.on_give, "meta.updateMetadataPermissionsForUser"),
        Route("DELETE", _USER, view.on_take, "meta.deleteMetadataPermissionsForUser"),
    ]


def _schemas() -> list[Route]:
    view = SCHEMAS
    pems, user = _SCHEMA_PEMS, _SCHEMA_USER
    return [
        Route("GET", _SCHEMAS, view.on_list, "meta.searchSchema"),
        Route("POST", _SCHEMAS, view.on_add, "meta.addSchema"),
        Route("GET", _SCHEMA, view.on_get, "meta.getSchema"),
        Route("POST", _SCHEMA, view.on_update, "meta.updateSchema"),
        Route("DELETE", _SCHEMA, view.on_delete, "meta.deleteSchema"),
        Route("GET", pems, view.on_list_pems, "meta.listSchemaPermissions"),
        Route("POST", pems, view.on_give, "meta.updateSchemaPermissions"),
        Route("DELETE", pems, view.on_take_all, "meta.deleteSchemaPermissions"),
        Route("GET", user, view.on_get_pem, "meta.listSchemaPermissionsForUser"),
        Route("POST", user, view.on_give, "meta.updateSchemaPermissionsForUser"),
        Route("DELETE", user, view.on_take, "meta.deleteSchemaPermissionsForUser"),
    ]
