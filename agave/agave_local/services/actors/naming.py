"""The two ways in which an Abaco writes the names of its fields (spec: Abaco, A.4)."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

_CAPITAL = re.compile("[A-Z]")


class Naming(StrEnum):
    """How fields are written, in requests and in answers."""

    CAMEL = "camel"
    SNAKE = "snake"

    def write(self, name: str) -> str:
        """Return the name of a field as callers know it.

        Args:
            name: in camel case, as records have it.
        """
        return name if self is Naming.CAMEL else _to_snake(name)

    def show(self, fields: Mapping[str, Any], *, nulls: bool = False) -> dict[str, Any]:
        """Return the fields of a thing as callers see them.

        Camel case leaves out what has no value, snake case shows it.

        Args:
            fields: by name in camel case.
            nulls: whether camel case shows them too, as in searches and summaries.
        """
        if self is Naming.SNAKE:
            return {_to_snake(name): value for name, value in fields.items()}
        return {n: value for n, value in fields.items() if nulls or value is not None}


def _to_snake(name: str) -> str:
    return _CAPITAL.sub(lambda found: "_" + found.group().lower(), name)
