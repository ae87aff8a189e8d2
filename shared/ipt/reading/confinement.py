"""Lets Clang see a few folders and nothing else of this machine.

What came over a network may name any file: `#include "/etc/passwd"`, a name put
together by macros, `__has_include`, `#pragma GCC dependency`.  No list of such
ways is ever complete, so it is not the text that is looked at: Clang gets a file
system in which nothing else exists.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["confined", "confinement"]

_ARGUMENTS: ContextVar[tuple[str, ...]] = ContextVar("_ARGUMENTS", default=())


def confinement() -> tuple[str, ...]:
    """Return the arguments that confine Clang here; none where nothing does."""
    return _ARGUMENTS.get()


@contextmanager
def confined(overlay: Path, folders: Sequence[str]) -> Iterator[None]:
    """Confine every reading of a program in this block.

    Args:
        overlay: A file to write the description of the file system to.
        folders: What Clang may see, with all that is below.
    """
    roots = [
        {"type": "directory-remap", "name": each, "external-contents": each}
        for folder in folders
        # As it is written, and as Clang finds it to be.
        for each in dict.fromkeys((folder, str(Path(folder).resolve())))
    ]
    description = {
        "version": 0,
        "case-sensitive": True,
        "redirecting-with": "redirect-only",
        "use-external-names": False,  # headers keep the names they are asked for by
        "roots": roots,
    }
    overlay.write_text(json.dumps(description), encoding="utf-8")
    token = _ARGUMENTS.set(("-ivfsoverlay", str(overlay)))
    try:
        yield
    finally:
        _ARGUMENTS.reset(token)
