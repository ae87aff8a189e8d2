"""One mapping of a system's file, read field by field.

Each error names the file, the field and what would be right.  Fields that there are
not are refused first: most of the time one that has to be there was spelled wrong.
"""

import difflib
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final

from agave_deploy.errors import RegistryError

__all__ = ["RUN_TIME", "Fields", "Rule", "to_seconds"]

_LONGEST: Final = 2000


class Rule:
    """What a text must look like, as an expression and in words.

    Args:
        pattern: that the whole text matches.
        wanted: completes "must be …".
    """

    def __init__(self, pattern: str, wanted: str) -> None:
        self._pattern = re.compile(pattern, re.ASCII)
        self.wanted = wanted

    def holds(self, text: str) -> bool:
        """Tell whether a text is as it must be."""
        return bool(self._pattern.fullmatch(text))


RUN_TIME: Final = Rule(
    r"(?!0+:00:00)[0-9]{1,3}:[0-5][0-9]:[0-5][0-9]",
    "a time HH:MM:SS in quotes, such as '02:00:00'",
)


def to_seconds(run_time: str) -> int:
    """Return the seconds of HH:MM:SS."""
    hours, minutes, seconds = map(int, run_time.split(":"))
    return 3600 * hours + 60 * minutes + seconds


class Fields:
    """The fields of one mapping; call `only` before any is asked for.

    Args:
        file: name of the file.
        place: of the mapping in the file, such as `queues[0].`; empty at the top.
        value: what stands there.

    Raises:
        RegistryError: It is no mapping.
    """

    def __init__(self, file: str, place: str, value: Any) -> None:
        self._file = file
        self._place = place
        if not isinstance(value, Mapping) or not all(isinstance(k, str) for k in value):
            raise RegistryError(
                f"{file}: {place.rstrip('.') or 'it'} must be a mapping of fields."
            )
        self._value: Mapping[str, Any] = value

    def wrong(self, key: str, wanted: str) -> RegistryError:
        """Return the error of a field that must be something else."""
        return RegistryError(f"{self._file}: {self._place}{key} must be {wanted}.")

    def fault(self, key: str, sentence: str) -> RegistryError:
        """Return the error of a field with a sentence about it."""
        return RegistryError(f"{self._file}: {self._place}{key} {sentence}")

    def check_words(self, key: str, command: str) -> None:
        """Refuse a command that can't be split into words.

        Raises:
            RegistryError: A quotation mark has no partner.
        """
        try:
            shlex.split(command)
        except ValueError as error:
            sentence = "has a quotation mark without its partner."
            raise self.fault(key, sentence) from error

    def has(self, key: str) -> bool:
        """Tell whether a field is given."""
        return self._value.get(key) is not None

    def text(
        self, key: str, default: str | None = None, rule: Rule | None = None
    ) -> str:
        """Return a line of text.

        Args:
            key: of the field.
            default: where it is left out; None where it must be there.
            rule: that a text which is given keeps, unless it is the default.

        Raises:
            RegistryError: It is missing, or something else.
        """
        value = self._value.get(key)
        wanted = rule.wanted if rule else "a line of text"
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (not value.strip() and default is None):
            raise self.wrong(key, wanted)
        if not value.isprintable() or len(value) > _LONGEST:
            raise self.wrong(key, f"one line of at most {_LONGEST} characters")
        if rule and value != default and not rule.holds(value):
            raise self.wrong(key, wanted)
        return value

    def choice(
        self, key: str, choices: Sequence[str], default: str | None = None
    ) -> str:
        """Return one of some words.

        Raises:
            RegistryError: It is missing, or another one.
        """
        value = self._value.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or value not in choices:
            raise self.wrong(key, f"one of {', '.join(choices)}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false.

        Raises:
            RegistryError: It is something else.
        """
        value = self._value.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def count(self, key: str, default: int | None = None, most: int = 10**7) -> int:
        """Return a whole number from 1 up.

        Raises:
            RegistryError: It is missing, or something else.
        """
        value: Any = self._value.get(key)
        if value is None and default is not None:
            return default
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if not is_number or not 1 <= value <= most:
            raise self.wrong(key, f"a whole number from 1 to {most}")
        return int(value)

    def part(self, key: str) -> "Fields":
        """Return the fields of a mapping; none where it is left out.

        Raises:
            RegistryError: It is no mapping.
        """
        value = self._value.get(key)
        place = f"{self._place}{key}."
        return Fields(self._file, place, {} if value is None else value)

    def parts(self, key: str) -> list["Fields"]:
        """Return the mappings of a list; none where it is left out.

        Raises:
            RegistryError: It is no list of mappings.
        """
        return [
            Fields(self._file, f"{self._place}{key}[{number}].", value)
            for number, value in enumerate(self._list(key))
        ]

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return a list of lines of text.

        Raises:
            RegistryError: It is something else.
        """
        if not self.has(key):
            return default
        values = self._list(key)
        for number, value in enumerate(values):
            if not isinstance(value, str) or (value and not value.isprintable()):
                raise self.wrong(f"{key}[{number}]", "a line of text in quotes")
        return tuple(values)

    def only(self, *known: str) -> None:
        """Refuse all fields but some.

        Raises:
            RegistryError: There is another; names it and the one that may be meant.
        """
        for key in self._value:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"; is {near[0]} meant?" if near else "."
                raise RegistryError(
                    f"{self._file}: there is no field {self._place}{key}{hint}"
                )

    def _list(self, key: str) -> list[Any]:
        value = self._value.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(key, "a list")
        return value
