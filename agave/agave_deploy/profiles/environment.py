"""The environment variables of the first IPT on the Web, and what became of each.

That site was configured by its environment; an instance is configured by a profile and
a folder of secrets.  Here are all of those variables: what is honoured becomes a value
of a profile, or a secret; what is not has a replacement, which a warning names.  The
table in docs/live-tenant.md is held against this one by a test.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from agave_deploy.errors import ProfileError

__all__ = ["VARIABLES", "Findings", "Variable", "read_environment"]

Use = Literal["profile", "secret", "systems", "replaced"]
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TRUE: Final = ("true", "1", "yes")
_FALSE: Final = ("false", "0", "no")


@dataclass(frozen=True)
class Variable:
    """One variable.

    Attributes:
        name: as it stands in the environment.
        use: what it becomes: a value of the `profile`, a `secret`; `systems` is read
            by `plan` and `apply` themselves; `replaced`: it is not looked at.
        target: the key of the profile, or the name of the secret.
        instead: what takes its place.
    """

    name: str
    use: Use
    target: str = ""
    instead: str = ""


_APPS: Final = tuple(
    Variable(f"{system}_{kind}_APP_VERSION", "systems", f"{kind.lower()}_app")
    for system in ("STAMPEDE", "LS5", "COMET")
    for kind in ("BUILD", "RUN")
)
_ACCOUNTS: Final = (
    "accounts are the tenant's own: its sign-in page makes and mends them"
)
_NO_SERVER: Final = (
    "no server of ours runs; `agave-deploy status` and Abaco's logs tell"
)
_HOSTS: Final = "settings.terminal_hosts: an entry with engine, ssh://USER@HOST, and"
_ALL: Final = (
    Variable("IPT_INSTANCE", "profile", "instance"),
    Variable("ipt_instance", "profile", "instance"),
    Variable("AGAVE_BASE_URL", "profile", "tenant"),
    Variable("AGAVE_SERVICE_ACCOUNT", "profile", "service_account"),
    Variable("AGAVE_STORAGE_SYSTEM_ID", "profile", "storage_system"),
    Variable("ADMIN_USERS", "profile", "admins"),
    Variable("CALL_ACTOR", "profile", "settings.call_actor"),
    Variable("AGAVE_CLIENT_KEY", "secret", "oauth-client"),
    Variable("AGAVE_CLIENT_SECRET", "secret", "oauth-client"),
    Variable("execution_ssh_key", "secret", "ssh-key"),
    *_APPS,
    Variable(
        "AGAVE_SERVICE_TOKEN",
        "replaced",
        instead="the secret service-account, the account's password: a token ends",
    ),
    Variable(
        "ACTOR_ID",
        "replaced",
        instead="the alias <instance>-terminal, which `apply` makes; nobody copies ids",
    ),
    Variable("execution_ip", "replaced", instead=f"{_HOSTS} its host_key"),
    Variable("execution_ssh_user", "replaced", instead=f"{_HOSTS} its host_key"),
    Variable("TAS_URL", "replaced", instead=_ACCOUNTS),
    Variable("TAS_CLIENT_KEY", "replaced", instead=_ACCOUNTS),
    Variable("TAS_CLIENT_SECRET", "replaced", instead=_ACCOUNTS),
    Variable("NORECAPTCHA_SITE_KEY", "replaced", instead=_ACCOUNTS),
    Variable("NORECAPTCHA_SECRET_KEY", "replaced", instead=_ACCOUNTS),
    Variable("DJANGO_DEBUG", "replaced", instead=_NO_SERVER),
    Variable("DJANGO_SETTINGS_MODULE", "replaced", instead="the profile"),
    Variable(
        "SECRET_KEY",
        "replaced",
        instead="the secret session-key, which the first `apply` makes",
    ),
    Variable(
        "ALLOWED_HOSTS",
        "replaced",
        instead="the profile's tenant: only its own origin may open terminals",
    ),
)
VARIABLES: Final[Mapping[str, Variable]] = {each.name: each for each in _ALL}
"""All variables, by name, in the order of the page."""


@dataclass(frozen=True)
class Findings:
    """What an environment says.

    Attributes:
        fields: of a profile; nothing secret.
        sources: the variable that each of the fields is from, by key.
        secrets: values by the names of secrets, as the folder of secrets has them.
        warnings: a sentence for each variable that is not looked at.
    """

    fields: Mapping[str, Any]
    sources: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    warnings: tuple[str, ...]

    def over(self, profile: Mapping[str, Any]) -> tuple[str, ...]:
        """Return a sentence for each variable that a profile says otherwise than."""
        said = to_flat(profile)
        return tuple(
            f"{name} is {self.fields[key]!r}, but the profile says {key}: "
            f"{said[key]!r}, which counts"
            for key, name in self.sources.items()
            if key in said and said[key] != self.fields[key]
        )


def read_environment(environment: Mapping[str, str]) -> Findings:
    """Return what the variables of the first site say; empty ones say nothing.

    Raises:
        ProfileError: Two say different things, one of a pair is missing, or one is
            malformed; names them, and never shows a secret.
    """
    given = {
        name: environment[name].strip()
        for name in VARIABLES
        if environment.get(name, "").strip()
    }
    fields: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, text in given.items():
        variable = VARIABLES[name]
        if variable.use != "profile":
            continue
        value = _READERS.get(variable.target, _read_text)(name, text)
        if fields.get(variable.target, value) != value:
            raise ProfileError(
                f"{sources[variable.target]} and {name} say different things of "
                f"{variable.target}; unset one of them."
            )
        fields.setdefault(variable.target, value)
        sources.setdefault(variable.target, name)
    warnings = (
        f"{name} is not looked at any more; instead: {VARIABLES[name].instead}"
        for name in given
        if VARIABLES[name].use == "replaced"
    )
    return Findings(fields, sources, _read_secrets(given), tuple(warnings))


def to_nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields as a profile has them: `settings.x` becomes a key of `settings`."""
    nested: dict[str, Any] = {}
    for key, value in fields.items():
        outer, _, inner = key.rpartition(".")
        (nested.setdefault(outer, {}) if outer else nested)[inner] = value
    return nested


def to_flat(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile's fields with those of `settings` among them."""
    settings = profile.get("settings")
    inner = settings if isinstance(settings, Mapping) else {}
    return {**profile, **{f"settings.{key}": value for key, value in inner.items()}}


def _read_secrets(given: Mapping[str, str]) -> dict[str, str]:
    secrets = {}
    key, secret = given.get("AGAVE_CLIENT_KEY"), given.get("AGAVE_CLIENT_SECRET")
    if key and secret:
        secrets["oauth-client"] = json.dumps({"key": key, "secret": secret})
    elif key or secret:
        raise ProfileError(
            "AGAVE_CLIENT_KEY and AGAVE_CLIENT_SECRET belong together; one is missing."
        )
    if "execution_ssh_key" in given:
        secrets["ssh-key"] = given["execution_ssh_key"] + "\n"
    return secrets


def _read_text(_name: str, text: str) -> str:
    return text


def _read_flag(name: str, text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ProfileError(f"{name} must be True or False.")


def _read_names(name: str, text: str) -> list[str]:
    names: Iterable[str] = re.split(r"[\s,]+", text.strip(","))
    wrong = [each for each in names if not _NAME.fullmatch(each)]
    if wrong:
        raise ProfileError(f"{name} must be user names with commas between them.")
    return [*dict.fromkeys(names)]


def _read_address(_name: str, text: str) -> str:
    return text.rstrip("/")


_READERS: Final[Mapping[str, Callable[[str, str], Any]]] = {
    "settings.call_actor": _read_flag,
    "admins": _read_names,
    "tenant": _read_address,
}
