"""Abaco's routes. `<actor_id>` is an actor's id or an alias, everywhere."""

from agave_local.call import Auth, Flavour, Route, View
from agave_local.services.actors.views import (
    actors,
    aliases,
    configs,
    executions,
    messages,
    nonces,
    overview,
    permissions,
    search,
    workers,
)

_ACTOR = "/actors/<actor_id>"
_EXECUTION = f"{_ACTOR}/executions/<execution_id>"
_ALIAS = "/actors/aliases/<alias>"
_CONFIG = "/actors/configs/<name>"


def routes() -> list[Route]:
    """Return the routes of this service."""
    return [
        _route("GET", "/actors", actors.on_list, "list"),
        _route("POST", "/actors", actors.on_add, "add"),
        _route("GET", _ACTOR, actors.on_get, "get"),
        _route("PUT", _ACTOR, actors.on_update, "update"),
        _route("DELETE", _ACTOR, actors.on_delete, "delete"),
        _route("GET", f"{_ACTOR}/state", actors.on_get_state, "getState"),
        _route("POST", f"{_ACTOR}/state", actors.on_set_state, "updateState"),
        *_messages_and_executions(),
        *_permissions_and_nonces(),
        *_aliases_and_configs(),
        *_workers_and_overview(),
    ]


def _messages_and_executions() -> list[Route]:
    mailbox, past = f"{_ACTOR}/messages", f"{_ACTOR}/executions"
    results = f"{_EXECUTION}/results"
    return [
        _route("GET", mailbox, messages.on_count, "getMessages"),
        _route("POST", mailbox, messages.on_send, "sendMessage"),
        # The same address; which of the two it is, the body says.
        _route("POST", mailbox, messages.on_send, "sendBinaryMessage"),
        _route("DELETE", mailbox, messages.on_purge, "deleteMessages"),
        _route("GET", past, executions.on_list, "listExecutions"),
        _route("POST", past, executions.on_add, "addExecution"),
        _route("GET", _EXECUTION, executions.on_get, "getExecution"),
        _route("DELETE", _EXECUTION, executions.on_kill, "deleteExecution"),
        _route("GET", f"{_EXECUTION}/logs", executions.on_get_log, "getExecutionLogs"),
        _route("GET", results, executions.on_take_result, "getOneExecutionResult"),
    ]


def _permissions_and_nonces() -> list[Route]:
    pems, on_alias = f"{_ACTOR}/permissions", f"{_ALIAS}/permissions"
    on_config, keys = f"{_CONFIG}/permissions", f"{_ACTOR}/nonces"
    key, alias_keys = f"{keys}/<nonce_id>", f"{_ALIAS}/nonces"
    alias_key = f"{alias_keys}/<nonce_id>"
    return [
        _route("GET", pems, permissions.on_get_of_actor, "getPermissions"),
        _route("POST", pems, permissions.on_grant_on_actor, "updatePermissions"),
        _route("GET", on_alias, permissions.on_get_of_alias, "getAliasPermissions"),
        _route(
            "POST", on_alias, permissions.on_grant_on_alias, "updateAliasPermissions"
        ),
        _route("GET", on_config, permissions.on_get_of_config, "getConfigPermissions"),
        _route(
            "POST",
            on_config,
            permissions.on_grant_on_config,
            "updateConfigPermissions",
        ),
        _route("GET", keys, nonces.on_list_of_actor, "listNonces"),
        _route("POST", keys, nonces.on_add_to_actor, "addNonce"),
        _route("GET", key, nonces.on_get_of_actor, "getNonce"),
        _route("DELETE", key, nonces.on_delete_from_actor, "deleteNonce"),
        _route("GET", alias_keys, nonces.on_list_of_alias, "listAliasNonces"),
        _route("POST", alias_keys, nonces.on_add_to_alias, "addAliasNonce"),
        _route("GET", alias_key, nonces.on_get_of_alias, "getAliasNonce"),
        _route("DELETE", alias_key, nonces.on_delete_from_alias, "deleteAliasNonce"),
    ]


def _aliases_and_configs() -> list[Route]:
    return [
        _route("GET", "/actors/aliases", aliases.on_list, "listAliases"),
        _route("POST", "/actors/aliases", aliases.on_add, "addAlias"),
        _route("GET", _ALIAS, aliases.on_get, "getAlias"),
        _route("PUT", _ALIAS, aliases.on_update, "updateAlias"),
        _route("DELETE", _ALIAS, aliases.on_delete, "deleteAlias"),
        _route("GET", "/actors/configs", configs.on_list, "listConfigs"),
        _route("POST", "/actors/configs", configs.on_add, "addConfig"),
        _route("GET", _CONFIG, configs.on_get, "getConfig"),
        _route("PUT", _CONFIG, configs.on_update, "updateConfig"),
        _route("DELETE", _CONFIG, configs.on_delete, "deleteConfig"),
    ]


def _workers_and_overview() -> list[Route]:
    every, one = f"{_ACTOR}/workers", f"{_ACTOR}/workers/<worker_id>"
    admin = "/actors/admin"
    return [
        _route("GET", every, workers.on_list, "listWorkers"),
        _route("POST", every, workers.on_add, "addWorker"),
        _route("GET", one, workers.on_get, "getWorker"),
        _route("DELETE", one, workers.on_delete, "deleteWorker"),
        _route("GET", "/actors/search/<search_type>", search.on_search, "search"),
        _route("GET", "/actors/utilization", overview.on_utilization, "getUtilization"),
        _route("GET", admin, overview.on_actors, "listAllActors"),
        _route("GET", f"{admin}/workers", overview.on_workers, "listAllWorkers"),
        _route(
            "GET", f"{admin}/executions", overview.on_executions, "listAllExecutions"
        ),
    ]


def _route(method: str, rule: str, view: View, operation: str) -> Route:
    return Route(
        method,
        rule,
        view,
        f"actors.{operation}",
        auth=Auth.OWN,
        flavour=Flavour.ABACO,
    )
