"""How somebody signs in at a system: what of it is shown, and what is secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agave_local.records.store import Document
from agave_local.services.systems.fields import (
    check_choice,
    check_host,
    check_port,
    check_text,
    pick,
    read_part,
)

TYPES = frozenset(
    (
        "PASSWORD",
        "SSHKEYS",
        "PAM",
        "X509",
        "TOKEN",
        "APIKEYS",
        "LOCAL",
        "KERBEROSE",
        "ANONYMOUS",
    )
)
_SECRET = frozenset(("username", "password", "publicKey", "privateKey", "credential"))
_SERVER = frozenset(("name", "endpoint", "port", "protocol"))
# A credential of its own must be whole; a description may be sent again without the
# secrets, which its sender was never shown.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "PASSWORD": ("username", "password"),
    "PAM": ("username", "password"),
    "SSHKEYS": ("username", "publicKey", "privateKey"),
    "X509": ("credential",),
    "TOKEN": ("credential",),
    "APIKEYS": ("publicKey", "privateKey"),
    "KERBEROSE": ("username",),
}
_LONGEST_SECRET = 16_384


@dataclass(frozen=True)
class Auth:
    """A checked way of signing in.

    Attributes:
        shown: the type and the server.
        secrets: everything else; never shown.
    """

    shown: Document
    secrets: Document = field(default_factory=dict, repr=False)


def read_auth(body: Mapping[str, Any], within: str, *, whole: bool = False) -> Auth:
    """Check how somebody signs in.

    Args:
        body: type, secrets and server.
        within: what to put before the names of fields.
        whole: whether every secret that the type needs must be there.

    Raises:
        BadRequest: naming the field, and never a value.
    """
    auth = dict(body)
    check_choice(auth, "type", TYPES, within)
    secrets = pick(auth, _SECRET)
    needed = (
        _NEEDED.get(auth["type"], ()) if whole and auth.get("server") is None else ()
    )
    for name in (*secrets, *needed):
        check_text(
            auth, name, within, empty=name not in needed, longest=_LONGEST_SECRET
        )
    shown = {"type": auth["type"]}
    if auth.get("server") is not None:
        shown["server"] = _read_server(read_part(auth, "server", within), within)
    return Auth(shown, secrets)


def _read_server(server: Document, within: str) -> Document:
    within = f"{within}server."
    server = pick(server, _SERVER)
    check_host(server, "endpoint", within)
    for name in ("name", "protocol"):
        if name in server:
            check_text(server, name, within)
    check_port(server, within)
    return server
