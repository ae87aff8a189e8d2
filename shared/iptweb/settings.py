"""The settings of a function, read from Abaco configs and from nowhere else.

Plain environment variables can be set by whoever sends a message, so they are never
settings (docs/architecture.md §5.1).  The platform hands all configs of an actor
over in one variable, `_actor_configs`, as the Python repr of `{name: value}`.
"""

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from iptweb.errors import ConfigError
from iptweb.secret import Secret

__all__ = ["Configs", "OAuthClient", "Settings"]

TerminalHost = Literal["auto", "sandbox", "process"]
_HOSTS: tuple[TerminalHost, ...] = ("auto", "sandbox", "process")
_SETTINGS = "-settings"


@dataclass(frozen=True)
class OAuthClient:
    """The OAuth client that sign-in uses."""

    key: str
    secret: Secret


@dataclass(frozen=True)
class Settings:
    """`<instance>-settings`, typed; the fields are those of docs/architecture.md §5.1.

    `service_account` may be empty: then the owner of the service token is asked for.
    """

    instance: str
    site_origin: str
    callback_url: str
    storage_system: str
    admin_users: tuple[str, ...]
    systems: tuple[Mapping[str, Any], ...]
    functions: tuple[str, ...]
    terminal_host: TerminalHost
    terminal_home_root: Path
    terminal_dir: Path
    terminal_address: str
    terminal_ws_scheme: str
    terminal_deadline_s: int
    ticket_public_key: str
    ipt_python: str
    call_actor: bool
    service_account: str = ""

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins of the sites that may open a terminal."""
        return (self.site_origin,)

    def is_admin(self, username: str) -> bool:
        """Return whether this user administers the instance."""
        return username in self.admin_users


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
        names = [name for name in self._values if name.endswith(_SETTINGS)]
        if len(names) != 1:
            raise ConfigError("Setting <instance>-settings must be given once.")
        return read_settings(self._object(names[0]), names[0].removesuffix(_SETTINGS))

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


def read_settings(raw: Mapping[str, Any], instance: str) -> Settings:
    """Check the object of `<instance>-settings` and return it typed.

    Raises:
        ConfigError: A key is missing or malformed; names it.
    """
    read = _Reader(raw, instance + _SETTINGS)
    if read.text("instance") != instance:
        raise ConfigError(f"Setting {instance}{_SETTINGS}: instance is another one.")
    scheme = read.text("terminal_ws_scheme", "ws")
    if scheme not in {"ws", "wss"}:
        raise read.bad("terminal_ws_scheme", "'ws' or 'wss'")
    return Settings(
        instance=instance,
        site_origin=read.origin("site_origin"),
        callback_url=read.text("callback_url"),
        storage_system=read.text("storage_system"),
        admin_users=read.texts("admin_users"),
        systems=read.objects("systems"),
        functions=read.texts("functions"),
        terminal_host=read.host("terminal_host"),
        terminal_home_root=Path(read.text("terminal_home_root")),
        terminal_dir=Path(read.text("terminal_dir")),
        terminal_address=read.text("terminal_address", "127.0.0.1"),
        terminal_ws_scheme=scheme,
        terminal_deadline_s=read.positive("terminal_deadline_s", 120),
        ticket_public_key=read.text("ticket_public_key"),
        ipt_python=read.text("ipt_python"),
        call_actor=read.flag("call_actor", default=True),
        service_account=read.optional("service_account"),
    )


class _Reader:
    """Takes typed values out of one settings object and names what is wrong."""

    def __init__(self, raw: Mapping[str, Any], setting: str) -> None:
        self._raw = raw
        self._setting = setting

    def bad(self, key: str, wanted: str) -> ConfigError:
        return ConfigError(f"Setting {self._setting}: {key} must be {wanted}.")

    def text(self, key: str, default: str | None = None) -> str:
        value = self._raw.get(key, default)
        if value is None:
            raise ConfigError(f"Setting {self._setting}: {key} is missing.")
        if not isinstance(value, str) or not value:
            raise self.bad(key, "a text")
        return value

    def optional(self, key: str) -> str:
        return self.text(key) if self._raw.get(key) else ""

    def origin(self, key: str) -> str:
        value = self.text(key)
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise self.bad(key, "scheme://host:port")
        if value != f"{parts.scheme}://{parts.netloc}":
            raise self.bad(key, "scheme://host:port without a path")
        return value

    def host(self, key: str) -> TerminalHost:
        value = self.text(key, "auto")
        for known in _HOSTS:
            if value == known:
                return known
        raise self.bad(key, "one of " + ", ".join(_HOSTS))

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.bad(key, "a list of texts")
        return tuple(value)

    def objects(self, key: str) -> tuple[Mapping[str, Any], ...]:
        value = self._raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.bad(key, "a list of objects")
        return tuple(value)

    def positive(self, key: str, default: int) -> int:
        value = self._raw.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            raise self.bad(key, "a positive number")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._raw.get(key, default)
        if not isinstance(value, bool):
            raise self.bad(key, "true or false")
        return value
