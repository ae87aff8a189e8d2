"""`<instance>-settings`, the settings that all functions share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from iptweb.errors import ConfigError

from .reader import Reader
from .terminals import TerminalSettings, read_terminal_settings

__all__ = ["SUFFIX", "Settings", "read_settings"]

SUFFIX = "-settings"


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
    terminals: TerminalSettings
    ticket_public_key: str
    ipt_python: str
    call_actor: bool
    service_account: str = ""
    ticket_mark: str = ""

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins of the sites that may open a terminal."""
        return (self.site_origin,)

    def is_admin(self, username: str) -> bool:
        """Return whether this user administers the instance."""
        return username in self.admin_users


def read_settings(raw: Mapping[str, Any], instance: str) -> Settings:
    """Check the object of `<instance>-settings` and return it typed.

    Raises:
        ConfigError: A key is missing or malformed; names it.
    """
    read = Reader(raw, instance + SUFFIX)
    if read.text("instance") != instance:
        raise ConfigError(f"Setting {instance}{SUFFIX}: instance is another one.")
    return Settings(
        instance=instance,
        site_origin=read.origin("site_origin"),
        callback_url=read.text("callback_url"),
        storage_system=read.text("storage_system"),
        admin_users=read.texts("admin_users"),
        systems=read.objects("systems"),
        functions=read.texts("functions"),
        terminals=read_terminal_settings(read),
        ticket_public_key=read.text("ticket_public_key"),
        ipt_python=read.text("ipt_python"),
        call_actor=read.flag("call_actor", default=True),
        service_account=read.optional("service_account"),
        ticket_mark=read.optional("ticket_mark"),
    )
