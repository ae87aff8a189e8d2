"""What a container sees: the variables of one execution (spec: Abaco, A.7).

The actor's default environment, then the message's query parameters, then the names
that the platform reserves, which nobody can replace.
"""

import threading
from collections.abc import Mapping
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock
from agave_local.errors import Unauthorized
from agave_local.records.store import Document
from agave_local.services.actors.access import allows
from agave_local.services.actors.aliases import Aliases
from agave_local.services.actors.configs import Configs
from agave_local.services.actors.permissions import Level
from agave_local.services.oauth.models import OAuth

TOKEN_LIFETIME_S = 14_400
_LEAST_LIFETIME_S = 1_800
RESERVED = frozenset(
    {
        "MSG",
        "_actor_configs",
        "_abaco_access_token",
        "_abaco_actor_dbid",
        "_abaco_actor_id",
        "_abaco_actor_name",
        "_abaco_actor_revision",
        "_abaco_actor_state",
        "_abaco_api_server",
        "_abaco_binary_data",
        "_abaco_container_repo",
        "_abaco_Content_Type",
        "_abaco_execution_id",
        "_abaco_jwt_header_name",
        "_abaco_results_socket",
        "_abaco_username",
        "_abaco_worker_id",
    }
)


class Environments:
    """Composes the environment of each execution.

    Args:
        oauth: mints the tokens of actors that want one.
        aliases: under which configs may name an actor.
        configs: their values.
        clock: renews tokens in time.
        api_server: address of the tenant.
        code: of the tenant.
    """

    def __init__(
        self,
        oauth: OAuth,
        *,
        aliases: Aliases,
        configs: Configs,
        clock: Clock,
        api_server: str,
        code: str,
    ) -> None:
        self._oauth = oauth
        self._aliases = aliases
        self._configs = configs
        self._clock = clock
        self._api_server = api_server
        self._code = code
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[str, float]] = {}
        self._values: dict[str, tuple[Mapping[str, str], str]] = {}
        self._generation = 0

    def of(self, actor: Document, execution: Document) -> dict[str, str]:
        """Return all variables of an execution that is about to run."""
        message = execution["message"]
        given = {**actor["defaultEnvironment"], **message["query"]}
        reserved = {
            "_abaco_access_token": self._token(actor),
            "_abaco_actor_dbid": f"{self._code}_{actor['id']}",
            "_abaco_actor_id": actor["id"],
            "_abaco_actor_name": actor["name"],
            "_abaco_actor_state": actor["state"],
            "_abaco_actor_revision": actor["revision"],
            "_abaco_api_server": self._api_server,
            "_abaco_container_repo": actor["image"],
            "_abaco_Content_Type": message["content_type"],
            "_abaco_execution_id": execution["id"],
            "_abaco_jwt_header_name": f"X-Jwt-Assertion-{self._code.title()}",
            "_abaco_username": execution["executor"],
            "_abaco_worker_id": execution["workerId"],
            "_actor_configs": self._config_values(actor),
        }
        if message["text"] is not None:
            reserved["MSG"] = message["text"]
        return {**_allowed(given), **{k: str(v) for k, v in reserved.items()}}

    def forget_configs(self) -> None:
        """Read configs again: one of them, or an alias, has changed."""
        with self._lock:
            self._generation += 1
            self._values.clear()

    def forget(self, actor_id: str) -> None:
        """Keep nothing for an actor that is gone."""
        with self._lock:
            self._values.pop(actor_id, None)

    def _config_values(self, actor: Document) -> str:
        actor_id, permissions = actor["id"], actor["permissions"]
        with self._lock:
            generation = self._generation
            known = self._values.get(actor_id)
        if known is not None and known[0] == permissions:
            return known[1]
        names = {actor_id, *self._aliases.names_of(actor_id)}
        values = repr(
            self._configs.values_for(names, lambda owner: self._may_feed(owner, actor))
        )
        with self._lock:
            if generation == self._generation:
                self._values[actor_id] = (permissions, values)
        return values

    def _may_feed(self, owner: str, actor: Document) -> bool:
        identity = self._oauth.find_identity(owner) or Identity(owner, frozenset())
        return allows(identity, actor, Level.UPDATE)

    def _token(self, actor: Mapping[str, Any]) -> str:
        """Return a token of the actor's owner, the one in use while it is good."""
        if actor["token"] is not True:
            return ""
        owner = actor["owner"]
        token, expires = self._tokens.get(owner, ("", 0.0))
        now = self._clock.now()
        if expires - now >= _LEAST_LIFETIME_S and self._is_good(token):
            return token
        token = self._oauth.mint(owner, TOKEN_LIFETIME_S)
        self._tokens[owner] = (token, now + TOKEN_LIFETIME_S)
        return token

    def _is_good(self, token: str) -> bool:
        try:
            self._oauth.identify(token)
        except Unauthorized:
            return False
        return True


def _allowed(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(v) for name, v in given.items() if name not in RESERVED}
