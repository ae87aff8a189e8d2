"""What an operator writes into the configuration file of a server.

```yaml
data: /var/lib/agave          # beside the file where it is relative
log_format: json
images: images.yaml           # or the table itself
limits: {sign_in: {per_second: 5, burst: 50}}
tenants:                      # without it, there is one
  - {code: DEV-DEVELOP, base_url: "https://dev.example.org", case: snake}
  - {code: SD2E, base_url: "https://sd2e.example.org", gateway_key_file: sd2e.pem}
```

What stands above `tenants` holds for each of them that does not say otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from agave_local.configuration.values import (
    BadValue,
    read_case,
    read_code,
    read_count,
    read_images,
    read_key,
    read_key_file,
    read_limits,
    read_log_format,
    read_mounts,
    read_pace,
    read_path,
    read_patience,
    read_port,
    read_reaches,
    read_seconds,
    read_sizes,
    read_switch,
    read_text,
    read_url,
)
from agave_local.entrance.gateway import header_name
from agave_local.entrance.limits import Limits
from agave_local.entrance.logs import LogFormat
from agave_local.outgoing.policy import FROM_ANYWHERE, FROM_LOOPBACK
from agave_local.services.actors.runner.options import READERS as RUNNER_READERS
from agave_local.services.jobs.containers.options import READERS as JOB_READERS
from agave_local.settings import TenantSettings
from agave_local.transports.guarded import Sizes
from agave_local.transports.served import is_loopback

Reader = Callable[[Any, Path], Any]

_SERVER: Mapping[str, Reader] = {
    "data": read_path,
    "host": read_text,
    "port": read_port,
    "allow_remote": read_switch,
    "log_format": read_log_format,
    "limits": read_limits,
    "sizes": read_sizes,
    "stop_deadline": read_seconds,
    "trusted_proxy": read_text,
}
_TENANT: Mapping[str, Reader] = {
    "code": read_code,
    "base_url": read_url,
    "images": read_images,
    "control": read_switch,
    "unconfined_jobs": read_switch,
    "job_mib": read_count,
    "job_patience": read_patience,
    "job_pace": read_pace,
    "outgoing": read_reaches,
    "gateway_key": read_key,
    "gateway_key_file": read_key_file,
    "case": read_case,
    "abaco_version": read_text,
    "mounts": read_mounts,
    "autoscaling": read_switch,
    "waiting_limit": read_count,
    **RUNNER_READERS,
    **JOB_READERS,
}
# Where these say the same for two tenants, they could not be told apart.
_OF_ONE = ("code", "base_url")
_TENANTS = "tenants"
_LONGEST = 2**20
KEYS = frozenset({*_SERVER, *_TENANT, _TENANTS})


class BadConfiguration(Exception):
    """The server cannot be run like that; the message names the key."""


@dataclass(frozen=True)
class Configuration:
    """How a server is to be run.

    Attributes:
        data: folder of everything that it keeps.
        host: address to listen at.
        port: to listen at.
        allow_remote: whether other machines may reach it.
        log_format: text or JSON.
        limits: how often callers may call; as often as they like where None.
        sizes: of the largest bodies.
        stop_deadline: seconds that calls under way have when it is stopped.
        trusted_proxy: address of a proxy whose word on its callers is taken.
        tenants: fields of the settings of each, but for its folder.
    """

    data: Path = Path(".ipt-data")
    host: str = "127.0.0.1"
    port: int = 8080
    allow_remote: bool = False
    log_format: LogFormat = LogFormat.TEXT
    limits: Limits | None = field(default_factory=Limits)
    sizes: Sizes = field(default_factory=Sizes)
    stop_deadline: float = 10.0
    trusted_proxy: str = ""
    tenants: tuple[Mapping[str, Any], ...] = ({},)

    def settings(self, port: int) -> list[TenantSettings]:
        """Return the settings of each tenant; the first one's data are at the top.

        Args:
            port: that the server listens at.
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        outgoing = FROM_LOOPBACK if is_loopback(self.host) else FROM_ANYWHERE
        data = self.data.resolve()
        known = {"base_url": f"http://{host}:{port}", "outgoing": outgoing}
        every = [known | dict(tenant) for tenant in self.tenants]
        default = TenantSettings.code
        neighbours = {one.get("code", default): one["base_url"] for one in every}
        return [
            TenantSettings(
                data=data if number == 0 else data / "tenants" / one["code"],
                neighbours=neighbours,
                **one,
            )
            for number, one in enumerate(every)
        ]


def read_file(path: Path) -> dict[str, Any]:
    """Return what a configuration file says, its values not looked at yet.

    Raises:
        BadConfiguration: where it cannot be read, or is no mapping.
    """
    # Who runs a tenant without a file needs no YAML.
    import yaml  # noqa: PLC0415

    try:
        content = yaml.safe_load(path.read_text("utf-8")[:_LONGEST])
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise BadConfiguration(f"{path} cannot be read: {why}") from error
    if not isinstance(content, dict):
        raise BadConfiguration(f"{path} is a mapping of keys to values.")
    return content


def configure(
    content: Mapping[str, Any], folder: Path, options: Mapping[str, Any]
) -> Configuration:
    """Return the configuration that a file and a command line describe.

    Args:
        content: of the file; empty where there is none.
        folder: of the file, from which relative paths in it go.
        options: of the command line by key; they come before the file.

    Raises:
        BadConfiguration: for a key that is not known, or a value that cannot be.
    """
    content = dict(content)
    listed = content.pop(_TENANTS, None)
    common = _read(content, {**_SERVER, **_TENANT}, folder, "")
    given = _read(options, {**_SERVER, **_TENANT}, Path(), "")
    server = {key: value for key, value in common.items() if key in _SERVER}
    server |= {key: value for key, value in given.items() if key in _SERVER}
    own = {key: value for key, value in given.items() if key in _TENANT}
    shared = {key: value for key, value in common.items() if key in _TENANT}
    tenants = [{}] if listed is None else _read_tenants(listed, folder)
    if len(tenants) > 1:
        _check_apart(tenants, {**shared, **own})
    merged = [_to_fields({**shared, **one, **own}) for one in tenants]
    configuration = Configuration(**server, tenants=tuple(merged))
    if not is_loopback(configuration.host) and not configuration.allow_remote:
        raise BadConfiguration(
            f"Other machines could reach {configuration.host}, in plain HTTP; "
            "say --allow-remote if that is meant."
        )
    return configuration


def _read_tenants(listed: Any, folder: Path) -> list[dict[str, Any]]:
    if not isinstance(listed, list) or not listed:
        raise BadConfiguration("tenants is a list of one tenant or more.")
    tenants = []
    for number, one in enumerate(listed, start=1):
        where = f"tenants, number {number}: "
        if not isinstance(one, dict):
            raise BadConfiguration(f"{where}a tenant is a mapping of keys to values.")
        tenants.append(_read(one, _TENANT, folder, where))
    return tenants


def _read(
    content: Mapping[Any, Any], readers: Mapping[str, Reader], folder: Path, where: str
) -> dict[str, Any]:
    read = {}
    for key, value in content.items():
        if key not in readers:
            raise BadConfiguration(f"{where}there is no key {key!r}.")
        try:
            read[key] = readers[key](value, folder)
        except BadValue as error:
            raise BadConfiguration(f"{where}{key} {error}") from error
    return read


def _check_apart(tenants: list[dict[str, Any]], shared: Mapping[str, Any]) -> None:
    """Make sure that several tenants can be told apart.

    Raises:
        BadConfiguration: where two of them have the same code or address.
    """
    for key in _OF_ONE:
        if key in shared:
            raise BadConfiguration(f"{key} is for each of several tenants to say.")
    for number, one in enumerate(tenants[1:], start=2):
        for key in _OF_ONE:
            if key not in one:
                raise BadConfiguration(f"tenants, number {number}: say its {key}.")
    codes = [header_name(one.get("code", TenantSettings.code)) for one in tenants]
    urls = [one["base_url"] for one in tenants if "base_url" in one]
    for key, values in (("code", codes), ("base_url", urls)):
        if len(set(values)) < len(values):
            raise BadConfiguration(f"Two tenants have the same {key}.")


def _to_fields(tenant: dict[str, Any]) -> dict[str, Any]:
    """Return a tenant's keys as fields of its settings."""
    fields_of_settings = {each.name for each in fields(TenantSettings)}
    key = tenant.get("gateway_key_file")
    tenant = {**tenant, "gateway_key": key} if key is not None else tenant
    return {name: value for name, value in tenant.items() if name in fields_of_settings}
