"""What a wrapper script and an archive path may mention, and what is put there."""

import re
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from agave_local.clock import to_iso
from agave_local.errors import BadRequest
from agave_local.store import Document

_TOKEN = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}", re.ASCII)
_MOST_SLUG = 64


def to_slug(name: str) -> str:
    """Make a file name of a job's name (spec: Agave v2 conventions)."""
    slug = re.sub(r"[^a-z0-9-]", "", name.lower().replace(" ", "-"))
    return slug[:_MOST_SLUG].strip("-") or "job"


def split_address(address: str) -> tuple[str, str]:
    """Split `agave://system/path` into the system and the path.

    One slash after the system means its homeDir, two its rootDir.

    Raises:
        BadRequest: it is another kind of address.
    """
    if not address.isprintable():
        raise BadRequest("An address may not hold control characters.")
    try:
        parts = urlsplit(address.strip())
        path = unquote(parts.path.removeprefix("/"), errors="strict")
    except ValueError as error:
        raise BadRequest(f"{address} is not an address.") from error
    if parts.scheme != "agave" or not parts.netloc or parts.query or parts.fragment:
        raise BadRequest(
            f"{address} can't be read: inputs are addresses such as "
            "agave://system/path, with other letters percent-encoded."
        )
    return parts.netloc, path


def to_macros(job: Document, tenant: str, base_url: str) -> dict[str, str]:
    """Return what the macros of a job stand for, each with and without `AGAVE_`."""
    system, path = job.get("archiveSystem") or "", job.get("archivePath") or ""
    url = f"{base_url}/files/v2/media/system/{system}/{path.lstrip('/')}"
    memory = job["memoryPerNode"]
    values = {
        "NAME": to_slug(job["name"]),
        "NAME_RAW": job["name"],
        "ID": job["id"],
        "APP_ID": job["appId"],
        "TENANT": tenant,
        "ARCHIVE": "1" if job["archive"] else "",
        "ARCHIVE_SYSTEM": system,
        "ARCHIVE_PATH": path,
        "ARCHIVE_URL": url if system else "",
        "BATCH_QUEUE": job["batchQueue"],
        "EXECUTION_SYSTEM": job["executionSystem"],
        "SUBMIT_TIME": to_iso(job["created"]),
        "OWNER": job["owner"],
        "NODE_COUNT": str(job["nodeCount"]),
        "PROCESSORS_PER_NODE": str(job["processorsPerNode"]),
        "MEMORY_PER_NODE": "" if memory is None else f"{memory:g}",
    }
    # There is no network in a job, so calling back is nothing at all (`:`).
    calls = ("RUNNING", "CLEANING_UP", "ALIVE", "NOTIFICATION", "FAILURE")
    values |= {f"CALLBACK_{name}": ":" for name in calls}
    return {
        f"{prefix}JOB_{name}": value
        for name, value in values.items()
        for prefix in ("AGAVE_", "")
    }


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of their tokens, once; unknown tokens stay as they are."""
    return _TOKEN.sub(lambda found: values.get(found.group(1), found.group(0)), text)


def to_tokens(app: Document, job: Document) -> dict[str, str]:
    """Return what each input and parameter of the app is replaced by in its wrapper."""
    inputs = {
        item["id"]: _write(
            item, [file_name(one) for one in job["inputs"].get(item["id"], [])]
        )
        for item in app["inputs"]
    }
    parameters = {
        item["id"]: _write(item, job["parameters"].get(item["id"], []))
        for item in app["parameters"]
    }
    return inputs | parameters


def file_name(address: str) -> str:
    """Return the name that an input gets in the work folder.

    Raises:
        BadRequest: the address names no file.
    """
    _, path = split_address(address)
    name = path.rstrip("/").rsplit("/", 1)[-1]
    if name in ("", ".", ".."):
        raise BadRequest(f"{address} names no file or folder.")
    return name


def _write(item: Document, values: list[Any]) -> str:
    """Write the values of one input or parameter as the wrapper gets them."""
    details, value = item["details"], item["value"]
    argument = str(details.get("argument") or "")
    if value.get("type") == "flag":
        return argument if True in values else ""
    words = [_word(one) for one in values]
    if value.get("enquote"):
        words = [shlex.quote(word) for word in words]
    if not words or not details.get("showArgument"):
        return " ".join(words)
    if details.get("repeatArgument"):
        return " ".join(f"{argument}{word}" for word in words)
    return argument + " ".join(words)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value)
