"""Abaco's identifiers: Hashids of one number, so that an alias never looks like one.

A Hashid is a lottery character followed by the number in a base whose digits were
shuffled by the salt and the lottery character (spec: Abaco, A.3).
"""

import functools
import math
import secrets
from collections.abc import Callable

_SALT = "eJa5wZlEX4eWU"  # public, the same at every Abaco; it hides nothing
_SEPARATORS = "cfhistuCFHISTU"
_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890"
_GUARD_RATIO = 12
_ID_LENGTH = 13
_ID_BITS = 64
_SECRET_BITS = 128
_SHORTEST, _LONGEST = 2, 64  # a lottery character and a digit; beyond any of ours


class ActorIds:
    """Makes identifiers of actors, executions, workers and nonces.

    Args:
        random_bits: draws a number of so many bits.
    """

    def __init__(self, random_bits: Callable[[int], int] = secrets.randbits) -> None:
        self._random_bits = random_bits

    def new(self) -> str:
        """Return a new identifier of 13 characters."""
        while True:
            identifier = _encode(self._random_bits(_ID_BITS))
            if len(identifier) == _ID_LENGTH:
                return identifier

    def secret(self) -> str:
        """Return an unguessable identifier, for nonces.

        Abaco makes them of the time of day, which a stranger can guess.
        """
        return _encode(self._random_bits(_SECRET_BITS))


def is_identifier(text: str) -> bool:
    """Tell whether Abaco would read the text as an identifier and not as an alias."""
    if not _SHORTEST <= len(text) <= _LONGEST or not set(text) <= set(_DIGITS):
        return False
    return _encode(_decode(text)) == text


def _shuffled(characters: str, salt: str) -> str:
    letters = list(characters)
    place = total = 0
    for last in range(len(letters) - 1, 0, -1):
        number = ord(salt[place])
        total += number
        other = (number + place + total) % last
        letters[last], letters[other] = letters[other], letters[last]
        place = (place + 1) % len(salt)
    return "".join(letters)


def _make_digits() -> str:
    letters = "".join(c for c in _CHARACTERS if c not in _SEPARATORS)
    letters = _shuffled(letters, _SALT)
    return letters[math.ceil(len(letters) / _GUARD_RATIO) :]


_DIGITS = _make_digits()


@functools.cache
def _digits_for(lottery: str) -> str:
    return _shuffled(_DIGITS, (lottery + _SALT + _DIGITS)[: len(_DIGITS)])


def _encode(number: int) -> str:
    # The first number of a list is taken modulo 100 for the lottery character.
    lottery = _DIGITS[number % 100 % len(_DIGITS)]
    digits = _digits_for(lottery)
    text = ""
    while True:
        number, digit = divmod(number, len(digits))
        text = digits[digit] + text
        if not number:
            return lottery + text


def _decode(text: str) -> int:
    digits = _digits_for(text[0])
    number = 0
    for character in text[1:]:
        number = number * len(digits) + digits.index(character)
    return number
