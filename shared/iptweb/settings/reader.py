"""Takes typed values out of one settings object and names what is wrong."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from iptweb.errors import ConfigError

__all__ = ["Reader"]


class Reader:
    """Every method raises `ConfigError` where the value is missing or malformed.

    Args:
        raw: The object.
        setting: What it is called in errors.
    """

    def __init__(self, raw: Mapping[str, Any], setting: str) -> None:
        self._raw = raw
        self._setting = setting

    def bad(self, key: str, wanted: str) -> ConfigError:
        """Return the error that names a key and what it must be."""
        return ConfigError(f"Setting {self._setting}: {key} must be {wanted}.")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text that is not empty; a key without a default must be there."""
        value = self._raw.get(key, default)
        if value is None:
            raise ConfigError(f"Setting {self._setting}: {key} is missing.")
        if not isinstance(value, str) or not value:
            raise self.bad(key, "a text")
        return value

    def optional(self, key: str) -> str:
        """Return a text, empty where there is none."""
        return self.text(key) if self._raw.get(key) else ""

    def origin(self, key: str) -> str:
        """Return `scheme://host:port`."""
        value = self.text(key)
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise self.bad(key, "scheme://host:port")
        if value != f"{parts.scheme}://{parts.netloc}":
            raise self.bad(key, "scheme://host:port without a path")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.bad(key, "a list of texts")
        return tuple(value)

    def objects(self, key: str) -> tuple[Mapping[str, Any], ...]:
        """Return a list of objects."""
        value = self._raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.bad(key, "a list of objects")
        return tuple(value)

    def positive(self, key: str, default: int) -> int:
        """Return a whole number above 0."""
        value = self._raw.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            raise self.bad(key, "a positive number")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._raw.get(key, default)
        if not isinstance(value, bool):
            raise self.bad(key, "true or false")
        return value

    def count(self, key: str, default: int) -> int:
        """Return a whole number that is not negative."""
        value = self._raw.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.bad(key, "a whole number, 0 or greater")
        return value

    def number(self, key: str, default: float) -> float:
        """Return a number above 0."""
        value = self._raw.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise self.bad(key, "a number greater than 0")
        return float(value)

    def nested(self, key: str) -> "Reader":
        """Return what reads an object inside this one."""
        value = self._raw.get(key, {})
        if not isinstance(value, dict):
            raise self.bad(key, "an object")
        return self.entry(key, value)

    def entry(self, place: str, value: Mapping[str, Any]) -> "Reader":
        """Return what reads an object that stands at a place of this one."""
        return Reader(value, f"{self._setting}: {place}")

    def only(self, known: Collection[str]) -> None:
        """Refuse keys that are not known."""
        unknown = sorted(self._raw.keys() - set(known))
        if unknown:
            raise ConfigError(
                f"Setting {self._setting}: there is no key {unknown[0][:64]!r}."
            )
