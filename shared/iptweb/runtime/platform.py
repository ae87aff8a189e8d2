"""The doors to the outside: everything a test replaces, in one place."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iptweb.agave import Agave, AgaveClient, OAuth, OAuthService
from iptweb.agave.failures import Acting
from iptweb.secret import Secret
from iptweb.settings import OAuthClient, Settings

if TYPE_CHECKING:
    from iptweb.terminals.host import HostPool

__all__ = ["Platform"]


def _choose_host(
    settings: Settings,
    secret: Callable[[str], Secret],
    report: Callable[..., None],
) -> "HostPool":
    # Only the function `terminal` needs it.
    from iptweb.terminals.host import choose_host  # noqa: PLC0415

    return choose_host(settings, ssh_key=lambda: secret("ssh-key"), report=report)


def _new_id() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Platform:
    """What a function reaches the world through; the defaults are the real ones.

    Attributes:
        connect_agave: Gives a tenant with a token: address, token, whose it is.
        connect_oauth: Gives a tenant's token endpoints: address, client.
        choose_host: Gives the hosts where terminals run: settings, what gives a secret
            config by its name, and what writes an event to the log.
        clock: Seconds since the epoch.
        new_id: Makes what nobody can guess.
        sleep: Waits for some seconds.
    """

    connect_agave: Callable[[str, Secret, Acting], Agave] = AgaveClient
    connect_oauth: Callable[[str, OAuthClient], OAuth] = OAuthService
    choose_host: Callable[
        [Settings, Callable[[str], Secret], Callable[..., None]], "HostPool"
    ] = _choose_host
    clock: Callable[[], float] = time.time
    new_id: Callable[[], str] = _new_id
    sleep: Callable[[float], None] = time.sleep
