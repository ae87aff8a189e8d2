"""The addresses of the metadata service."""

from agave_local.call import Route
from agave_local.not_implemented import not_implemented
from agave_local.services.meta import views

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
    return [
        Route("GET", _DATA, views.on_list, "meta.listMetadata"),
        Route("POST", _DATA, views.on_add, "meta.addMetadata"),
        Route("GET", _ONE, views.on_get, "meta.getMetadata"),
        Route("POST", _ONE, views.on_update, "meta.updateMetadata"),
        Route("DELETE", _ONE, views.on_delete, "meta.deleteMetadata"),
        Route("GET", _PEMS, views.on_list_pems, "meta.listMetadataPermissions"),
        Route("POST", _PEMS, views.on_give, "meta.updateMetadataPermissions"),
        Route("DELETE", _PEMS, views.on_take_all, "meta.deleteMetadataPermission"),
        Route("GET", _USER, views.on_get_pem, "meta.listMetadataPermissionsForUser"),
        Route("POST", _USER, views.on_give, "meta.updateMetadataPermissionsForUser"),
        Route("DELETE", _USER, views.on_take, "meta.deleteMetadataPermissionsForUser"),
        not_implemented("GET", _SCHEMAS, "meta.searchSchema"),
        not_implemented("POST", _SCHEMAS, "meta.addSchema"),
        not_implemented("GET", _SCHEMA, "meta.getSchema"),
        not_implemented("POST", _SCHEMA, "meta.updateSchema"),
        not_implemented("DELETE", _SCHEMA, "meta.deleteSchema"),
        not_implemented("GET", _SCHEMA_PEMS, "meta.listSchemaPermissions"),
        not_implemented("POST", _SCHEMA_PEMS, "meta.updateSchemaPermissions"),
        not_implemented("DELETE", _SCHEMA_PEMS, "meta.deleteSchemaPermissions"),
        not_implemented("GET", _SCHEMA_USER, "meta.listSchemaPermissionsForUser"),
        not_implemented("POST", _SCHEMA_USER, "meta.updateSchemaPermissionsForUser"),
        not_implemented("DELETE", _SCHEMA_USER, "meta.deleteSchemaPermissionsForUser"),
    ]
