"""The command that submits a document without us, for a person's own scripts."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

__all__ = ["to_curl"]


def to_curl(document: Mapping[str, Any], api_server: str) -> str:
    """Return a command for any POSIX shell that submits a document.

    It holds no token: whoever runs it has put theirs into `$TOKEN`.  All of it is
    ASCII, so that it survives every clipboard and locale.
    """
    body = json.dumps(document, indent=2)
    address = f"{api_server}/jobs/v2/"
    return (
        f"curl -sS -X POST {shlex.quote(address)} \\\n"
        '  -H "Authorization: Bearer $TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  --data-raw {shlex.quote(body)}"
    )
