"""Where an imported file comes from: another path of this tenant, or the web."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from agave_local.errors import BadRequest
from agave_local.outgoing.policy import Outgoing, Refused
from agave_local.services.files.paths import read_name

_LONGEST = 4_000
_MEDIA = "/files/v2/media/"


@dataclass(frozen=True)
class Inside:
    """A path of a system of this tenant.

    Attributes:
        system_id: None for the caller's default system.
        path: from rootDir with a leading slash, else from homeDir.
    """

    system_id: str | None
    path: str


@dataclass(frozen=True)
class Web:
    """A file on a web server.

    Attributes:
        url: of the file.
    """

    url: str


Origin = Inside | Web


def read_origin(url: str, base_url: str, outgoing: Outgoing) -> Origin:
    """Read the address of a file to import.

    Args:
        url: `agave://…`, `https://…`, `http://…`; the tenant's own addresses of files
            mean the same as `agave://`.
        base_url: of the tenant.
        outgoing: decides what may be called.

    Raises:
        BadRequest: it is no such address, or may not be called.
    """
    if len(url) > _LONGEST or not url.isprintable():
        raise BadRequest(f"urlToIngest has at most {_LONGEST} characters.")
    try:
        parts = urlsplit(url)
        inside = read_own(url, base_url)
    except ValueError as error:
        raise BadRequest("urlToIngest is not a URL.") from error
    if parts.scheme == "agave":
        return Inside(parts.netloc or None, unquote(parts.path).removeprefix("/"))
    if inside is not None:
        return inside
    if parts.scheme not in ("http", "https"):
        raise BadRequest("urlToIngest begins with agave://, https:// or http://.")
    try:
        outgoing.check(url)
    except Refused as error:
        raise BadRequest(f"urlToIngest can't be fetched: {error}") from error
    return Web(url)


def read_own(url: str, base_url: str) -> Inside | None:
    """Read an address of the tenant's own that means a file; None for any other.

    Args:
        url: whose parts are percent-encoded.
        base_url: of the tenant.

    Raises:
        ValueError: what is encoded is no UTF-8.
    """
    own = f"{base_url}{_MEDIA}"
    if not url.startswith(own):
        return None
    rest = urlsplit(f"/{url.removeprefix(own)}").path
    path = unquote(rest, errors="strict").removeprefix("/")
    if path.startswith("system/"):
        system_id, _, path = path.removeprefix("system/").partition("/")
        return Inside(system_id, path)
    return Inside(None, path)


def name_of(origin: Origin) -> str:
    """Return the name that a file has where it comes from.

    Raises:
        BadRequest: it has none that could be one here.
    """
    path = origin.path if isinstance(origin, Inside) else urlsplit(origin.url).path
    bare = path.rstrip("/").rsplit("/", 1)[-1]
    if isinstance(origin, Web):
        bare = unquote(bare)
    if not bare:
        raise BadRequest("The address names no file; send a name as fileName.")
    return read_name(bare)
