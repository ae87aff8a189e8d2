"""Finds known secrets in whatever a run leaves behind, in all forms that they take.

    secrets ─▶ forms: plain, base64 at any place, in an address, in JSON, in hex
            ─▶ Search ─▶ texts, files, folders, grep ─▶ leaks, which never show them

It is for tests, and for whoever wants to look through a log before it is sent away.
"""

import base64
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote, quote_plus

__all__ = ["Leak", "Search", "to_forms"]

_SHORTEST: Final = 12
_LONG_LINE: Final = 24
_PART: Final = 1 << 22


@dataclass(frozen=True)
class Leak:
    """A secret where it does not belong.

    Attributes:
        secret: its name.
        form: that it was found in.
        place: where.
    """

    secret: str
    form: str
    place: str

    def __str__(self) -> str:
        return f"{self.secret} ({self.form}) in {self.place}"


def to_forms(value: str, common: Collection[str] = ()) -> dict[str, tuple[bytes, ...]]:
    """Return what to look for, by the name of the form.

    A text of several lines, such as a key, is looked for as a whole and by each long
    line of it, as whatever prints it may indent, join or cut the lines.

    Args:
        value: the secret.
        common: lines that it shares with others, as keys of one kind begin alike.
    """
    lines = [line for line in value.splitlines() if len(line) >= _LONG_LINE]
    lines = [line for line in lines if not line.startswith("-----")]
    pieces = [piece.encode() for piece in {value.strip(), *lines} - {*common}]
    return {
        "plain": tuple(pieces),
        "base64": tuple({form for piece in pieces for form in _to_base64(piece)}),
        "address": tuple(
            {form for piece in pieces for form in _to_address(piece)} - {*pieces}
        ),
        "JSON": tuple(
            {form for piece in pieces for form in _to_json(piece)} - {*pieces}
        ),
        "hex": tuple(
            {
                form
                for piece in pieces
                for form in (piece.hex().encode(), piece.hex().upper().encode())
            }
        ),
    }


def _to_base64(piece: bytes) -> Iterator[bytes]:
    """Yield what base64 makes of a piece, wherever in a longer text it stands.

    Its first and last letters depend on what stands beside it, and are left out.
    """
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + piece)
        first = -(-before * 4 // 3)
        last = len(whole) - (4 if whole.endswith(b"=") else 0)
        middle = whole[first:last]
        yield middle
        yield middle.translate(bytes.maketrans(b"+/", b"-_"))


def _to_address(piece: bytes) -> Iterator[bytes]:
    for whole in (quote(piece, safe=""), quote(piece), quote_plus(piece)):
        yield whole.encode()
        yield _with_small_escapes(whole).encode()


def _with_small_escapes(text: str) -> str:
    first, *others = text.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in others)])


def _to_json(piece: bytes) -> Iterator[bytes]:
    text = piece.decode()
    for _ in range(3):  # JSON in JSON in JSON, as messages and their logs are
        text = json.dumps(text)[1:-1]
        yield text.encode()
        yield text.replace("/", "\\/").encode()
    yield repr(piece.decode())[1:-1].encode()


class Search:
    """Looks for secrets.

    Args:
        secrets: values by their names.

    Raises:
        ValueError: A secret is so short that it would be found anywhere.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._needles: list[tuple[str, str, bytes]] = []
        counted = Counter(
            line
            for value in set(secrets.values())
            for line in {*value.splitlines()} - {value.strip()}
        )
        common = {line for line, count in counted.items() if count > 1}
        for name, value in secrets.items():
            if len(value.strip()) < _SHORTEST:
                raise ValueError(f"the secret {name} is too short to be looked for")
            self._needles += [
                (name, form, needle)
                for form, needles in to_forms(value, common).items()
                for needle in needles
            ]
        self._longest = max((len(needle) for *_, needle in self._needles), default=0)

    @property
    def names(self) -> frozenset[str]:
        """The names of all secrets."""
        return frozenset(name for name, *_ in self._needles)

    def in_bytes(
        self, content: bytes, place: str, allowed: Collection[str] = ()
    ) -> list[Leak]:
        """Return what is found in some bytes.

        Args:
            content: to look through.
            place: where they are, for the leaks.
            allowed: names of secrets that belong there.
        """
        found = {
            (name, form)
            for name, form, needle in self._needles
            if name not in allowed and needle in content
        }
        return [Leak(name, form, place) for name, form in sorted(found)]

    def in_text(
        self, content: str, place: str, allowed: Collection[str] = ()
    ) -> list[Leak]:
        """Return what is found in a text."""
        return self.in_bytes(content.encode(errors="surrogateescape"), place, allowed)

    def in_stream(
        self, stream: IO[bytes], place: str, allowed: Collection[str] = ()
    ) -> list[Leak]:
        """Return what is found in a stream of any length."""
        found: set[Leak] = set()
        kept = b""
        while part := stream.read(_PART):
            found.update(self.in_bytes(kept + part, place, allowed))
            kept = (kept + part)[-self._longest :]
        return sorted(found, key=str)

    @property
    def patterns(self) -> bytes:
        """What `grep -F -f` may look for where no Python is, one a line."""
        lines = {needle for *_, needle in self._needles if b"\n" not in needle}
        return b"\n".join(sorted(lines)) + b"\n"

    def identify(self, matches: bytes, place: str) -> list[Leak]:
        """Return what `grep --only-matching` has found by the patterns.

        Args:
            matches: that it printed, one a line.
            place: where it looked.
        """
        lines = set(matches.splitlines())
        found = {
            (name, form) for name, form, needle in self._needles if needle in lines
        }
        return [Leak(name, form, place) for name, form in sorted(found)]

    def in_folder(
        self,
        folder: Path,
        allowed: Collection[str] = (),
        left_out: Iterable[Path] = (),
    ) -> list[Leak]:
        """Return what is found in the names and contents of all files of a folder.

        Links are read as such and not followed.

        Args:
            folder: to look through.
            allowed: names of secrets that belong there.
            left_out: files and folders that are not looked at.
        """
        skipped = set(left_out)
        found: list[Leak] = []
        for path in sorted(folder.rglob("*")):
            if not skipped.isdisjoint([path, *path.parents]):
                continue
            place = str(path.relative_to(folder))
            target = str(path.readlink()) if path.is_symlink() else ""
            found += self.in_text(f"{place}\n{target}", f"the name {place}", allowed)
            if path.is_file() and not target:
                with path.open("rb") as stream:
                    found += self.in_stream(stream, place, allowed)
        return found
