"""Who called, where the platform is, and what this actor was given."""

from collections.abc import Mapping
from dataclasses import dataclass

from iptweb.errors import ConfigError
from iptweb.secret import Secret
from iptweb.settings import Configs

__all__ = ["Context"]


@dataclass(frozen=True)
class Context:
    """What the platform says about one execution, verified by it.

    Attributes:
        username: Who sent the message.
        execution_id: Also the request id in answers and logs.
        api_server: The tenant's base address, without a slash at its end.
        service_token: A token of the actor's owner.
        configs: All configs of the actor.
    """

    username: str
    execution_id: str
    api_server: str
    service_token: Secret
    configs: Configs

    @classmethod
    def from_environment(cls, taken: Mapping[str, str]) -> "Context":
        """Read the context out of the platform's variables.

        Raises:
            ConfigError: The address is missing, or the configs are unreadable.
        """
        api_server = taken.get("_abaco_api_server", "").rstrip("/")
        if not api_server.startswith(("http://", "https://")):
            raise ConfigError("The platform did not say where it is.")
        return cls(
            username=taken.get("_abaco_username", ""),
            execution_id=taken.get("_abaco_execution_id", ""),
            api_server=api_server,
            service_token=Secret(taken.get("_abaco_access_token", "")),
            configs=Configs.from_repr(taken.get("_actor_configs", "")),
        )
