"""The `limit` and `offset` of a listing."""

import re
from collections.abc import Mapping

from agave_local.errors import BadRequest

_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


def read_page(query: Mapping[str, str]) -> tuple[int | None, int]:
    """Read how many entries are wanted, and from which one on.

    Args:
        query: of the request; listings of files are not paged where it has no limit.

    Raises:
        BadRequest: they are not whole numbers, or negative.
    """
    limit, offset = query.get("limit"), query.get("offset")
    return (
        None if limit in (None, "") else _read(limit, "limit"),
        0 if offset in (None, "") else _read(offset, "offset"),
    )


def _read(text: str | None, field: str) -> int:
    if text is None or not _NUMBER.fullmatch(text):
        raise BadRequest(f"`{field}` must be a whole number, not negative.")
    return int(text)
