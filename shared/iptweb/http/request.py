"""What a caller asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iptweb.errors import BadRequest
from iptweb.secret import Secret

__all__ = ["Request"]


@dataclass(frozen=True)
class Request:
    """One message, taken apart (docs/architecture.md §5).

    Attributes:
        method: In capitals.
        path: Begins with a slash.
        query: Values are texts, as in a URL.
        body: A JSON object, empty if there was none.
        token: The user's own token, where the message has one.
    """

    method: str = "GET"
    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    token: Secret | None = None

    def text(self, name: str, default: str = "", *, max_length: int = 1000) -> str:
        """Return a query value.

        Raises:
            BadRequest: It is longer than allowed.
        """
        value = self.query.get(name, default)
        if len(value) > max_length:
            raise BadRequest(
                f"{name} is longer than {max_length} characters.", field=name
            )
        return value

    def number(self, name: str, default: int, *, least: int = 0, most: int) -> int:
        """Return a whole number of the query, inside its bounds.

        Raises:
            BadRequest: It is not a number, or outside the bounds.
        """
        text = self.query.get(name)
        if text is None:
            return default
        wanted = f"{name} must be a whole number from {least} to {most}."
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
            raise BadRequest(wanted, field=name)
        if not least <= int(text) <= most:
            raise BadRequest(wanted, field=name)
        return int(text)

    def choice(self, name: str, allowed: tuple[str, ...], default: str = "") -> str:
        """Return a query value that must be one of a few.

        Raises:
            BadRequest: It is another one.
        """
        value = self.query.get(name, default)
        if value != default and value not in allowed:
            raise BadRequest(f"{name} must be one of {', '.join(allowed)}.", field=name)
        return value
