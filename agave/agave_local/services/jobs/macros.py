"""What a wrapper script and an archive path may mention, and what is put there."""

import re
import shlex
from collections.abc import Mapping
from typing import Any

from agave_local.clock import to_iso
from agave_local.records.store import Document
from agave_local.services.jobs.inputs import file_name

_TOKEN = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}", re.ASCII)
_MOST_SLUG = 64
# What a script may tell, by the macro that it uses.
CALLBACKS = {
    "RUNNING": "RUNNING",
    "CLEANING_UP": "CLEANING_UP",
    "ALIVE": "HEARTBEAT",
    "NOTIFICATION": "NOTIFICATION",
    "FAILURE": "FAILED",
}


def to_slug(name: str) -> str:
    """Make a file name of a job's name (spec: Agave v2 conventions)."""
    slug = re.sub(r"[^a-z0-9-]", "", name.lower().replace(" ", "-"))
    return slug[:_MOST_SLUG].strip("-") or "job"


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
    values |= {
        f"CALLBACK_{name}": to_callback(job, base_url, word)
        for name, word in CALLBACKS.items()
    }
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


def to_callback(job: Document, base_url: str, word: str) -> str:
    """Write the command by which a job's script tells the tenant something.

    A job that has no way to the tenant goes on without: the command says nothing and
    never fails.

    Args:
        job: whose script it is.
        base_url: of the tenant.
        word: what the script tells, such as `RUNNING`.
    """
    token = job.get("callbackToken")
    if not token:
        return ":"
    address = f"{base_url}/jobs/v2/trigger/job/{job['id']}/token/{token}/status/{word}"
    return (
        f"{{ curl -fsSk -m 10 -o /dev/null -X POST {shlex.quote(address)} || :; }} "
        "2>/dev/null"
    )


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
