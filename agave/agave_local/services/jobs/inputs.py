"""Where a job's input comes from: a path of this tenant, or the web."""

from urllib.parse import unquote, urlsplit

from agave_local.errors import BadRequest
from agave_local.services.files.origins import Inside, Web, read_own
from agave_local.services.files.paths import read_name

Source = Inside | Web


def read_source(address: str, base_url: str | None = None) -> Source:
    """Read the address of an input.

    `agave://system/path` names a path from the system's homeDir, two slashes after the
    system one from its rootDir. The tenant's own addresses of files mean the same, and
    a bare path is one on the owner's default system.

    Args:
        address: as the request has it.
        base_url: of the tenant; None where only the name matters.

    Raises:
        BadRequest: it is another kind of address.
    """
    if not address.isprintable():
        raise BadRequest("An address may not hold control characters.")
    address = address.strip()
    try:
        inside = None if base_url is None else read_own(address, base_url)
        if inside is not None:
            return inside
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.netloc:
            return Web(address)
        if not parts.scheme and not parts.netloc and not address.startswith("?"):
            return Inside(None, unquote(address, errors="strict"))
        if parts.scheme == "agave" and not (parts.query or parts.fragment):
            path = unquote(parts.path.removeprefix("/"), errors="strict")
            return Inside(parts.netloc or None, path)
    except ValueError as error:
        raise BadRequest(f"{address} is not an address.") from error
    raise BadRequest(
        f"{address} can't be read: inputs are addresses such as agave://system/path or "
        "https://example.org/file, with other letters percent-encoded."
    )


def file_name(address: str) -> str:
    """Return the name that an input gets in the work folder.

    Raises:
        BadRequest: the address names no file.
    """
    source = read_source(address)
    path = source.path if isinstance(source, Inside) else urlsplit(source.url).path
    name = path.rstrip("/").rsplit("/", 1)[-1]
    if isinstance(source, Web):
        name = unquote(name)
    if name in ("", ".", ".."):
        raise BadRequest(f"{address} names no file or folder.")
    return read_name(name)
