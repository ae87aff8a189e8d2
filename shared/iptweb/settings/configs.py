"""All configs that the platform gave to an actor, in one variable, `_actor_configs`."""

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from iptweb.errors import ConfigError
from iptweb.secret import Secret

from .instance import SUFFIX, Settings, read_settings

__all__ = ["Configs", "OAuthClient"]


@dataclass(frozen=True)
class OAuthClient:
    """The OAuth client that sign-in uses."""

    key: str
    secret: Secret


class Configs:
    """All configs that the platform gave to this actor.

    Args:
        values: Config name to value.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    @classmethod
    def from_repr(cls, text: str) -> "Configs":
        """Read `_actor_configs`, a Python repr (or JSON) of a dict.

        Raises:
            ConfigError: It is not a dict of strings.
        """
        try:
            values = json.loads(text or "{}")
        except ValueError:
            try:
                values = ast.literal_eval(text)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                raise ConfigError("The configs of this actor are unreadable.") from None
        if not isinstance(values, dict):
            raise ConfigError("The configs of this actor are not a mapping.")
        return cls({str(name): str(value) for name, value in values.items()})

    def settings(self) -> Settings:
        """Return the one `<instance>-settings` config, checked.

        Raises:
            ConfigError: It is missing, or one of its keys is missing or malformed.
        """
        names = [name for name in self._values if name.endswith(SUFFIX)]
        if len(names) != 1:
            raise ConfigError("Setting <instance>-settings must be given once.")
        return read_settings(self._object(names[0]), names[0].removesuffix(SUFFIX))

    def oauth_client(self, instance: str) -> OAuthClient:
        """Return the OAuth client.

        Raises:
            ConfigError: `<instance>-oauth-client` is missing or malformed.
        """
        name = f"{instance}-oauth-client"
        fields = self._object(name)
        key, secret = fields.get("key"), fields.get("secret")
        if not (isinstance(key, str) and isinstance(secret, str) and key and secret):
            raise ConfigError(f"Setting {name} needs a key and a secret.")
        return OAuthClient(key, Secret(secret))

    def secret(self, instance: str, name: str) -> Secret:
        """Return a secret config such as `session-key`.

        Raises:
            ConfigError: It is missing.
        """
        full = f"{instance}-{name}"
        value = self._values.get(full, "")
        if not value:
            raise ConfigError(f"Setting {full} is missing.")
        return Secret(value)

    def _object(self, name: str) -> dict[str, Any]:
        text = self._values.get(name)
        if text is None:
            raise ConfigError(f"Setting {name} is missing.")
        try:
            value = json.loads(text)
        except ValueError:
            raise ConfigError(f"Setting {name} is not JSON.") from None
        if not isinstance(value, dict):
            raise ConfigError(f"Setting {name} is not a JSON object.")
        return value

    def __repr__(self) -> str:
        return f"Configs({sorted(self._values)})"
