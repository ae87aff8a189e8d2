"""A declaration that becomes one without a value, and an assignment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ipt.errors import TransformRefused
from ipt.findings import Finding
from ipt.source import Replacement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.model import Declarator
    from ipt.source import Edit
    from ipt.transform.lines import StatementLines

__all__ = ["split_declaration"]

_EQUALS = re.compile(rb"[ \t]*=[ \t]*")


def split_declaration(
    declarator: Declarator, lines: StatementLines, directives: Sequence[str]
) -> Edit:
    """Return the edit that splits `int x = f();` in front of its call.

    Args:
        declarator: It has a call as its initial value.
        lines: Where the declaration stands.
        directives: The lines that go before the call.

    Raises:
        TransformRefused: More than a name stands before the call.
    """
    init = declarator.init
    assert init is not None  # noqa: S101 - the analysis took it for a call
    source = init.span.source
    name = declarator.variable.name
    start = source.data.rfind(name.encode(), lines.start, init.span.start)
    begin = start + len(name)
    if start < 0 or not _EQUALS.fullmatch(source.data, begin, init.span.start):
        raise TransformRefused(
            [
                Finding(
                    "IPT337",
                    f"the declaration of {name} cannot be split before its call.",
                    declarator.span.place,
                    way_out=f"Declare {name} first, and assign it then.",
                )
            ]
        )
    text = "".join(f"\n{lines.indent}{each}" for each in (*directives, f"{name} = "))
    return Replacement(begin, init.span.start, f";{text}".encode())
