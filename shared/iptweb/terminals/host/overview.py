"""Questions about all terminals to a host, be it one or a pool of several."""

from .base import Ended, Host
from .census import Census
from .pool import HostPool

__all__ = ["end_launch", "find_ended", "take_census"]


def take_census(host: Host) -> Census:
    """Return what lives on a host, whatever it is, and who did not answer.

    Raises:
        HostUnreachable: It is a single host and does not answer.
    """
    if isinstance(host, HostPool):
        return host.census()
    return Census(tuple(host.living()), {})


def end_launch(host: Host, name: str, launch: str) -> bool:
    """End the terminal of that name only where it is of that launch.

    Raises:
        HostUnreachable: The host can't be asked.
    """
    if isinstance(host, HostPool):
        return host.end_launch(name, launch)
    living = host.inspect(name)
    return living is not None and living.launch == launch and host.stop(name)


def find_ended(host: Host, name: str, launch: str) -> Ended | None:
    """Return how one launch of a terminal ended, None if nothing is known.

    Raises:
        HostUnreachable: The host can't be asked.
    """
    if isinstance(host, HostPool):
        known = host.endings(name)
    else:
        ended = host.ended(name)
        known = [] if ended is None else [ended]
    return next((ended for ended in known if ended.launch == launch), None)
