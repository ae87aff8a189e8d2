"""Files over SFTP: of a real server, and of one that lies."""

import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sshlink import Attributes, Open, SshFileError, SshFiles, SshSilent
from sshlink.packets import Answer, Ask, number, packet, text

AWKWARD = b'it\'s\n"one" \xff\xfe'
real = pytest.mark.needs("sshd")


@real
def test_what_is_known(files: SshFiles, tmp_path: Path) -> None:
    """Size, owner, mode and time; of a link only where it is asked for itself."""
    (tmp_path / "file").write_bytes(b"12345")
    os.utime(tmp_path / "file", (1_000_000_000, 1_100_000_000))
    (tmp_path / "link").symlink_to("file")

    known = files.stat(str(tmp_path / "link"))

    assert (known.size, known.modified) == (5, 1_100_000_000)
    assert (known.uid, known.gid) == (os.getuid(), os.getgid())
    assert known.is_file
    assert not known.is_folder
    assert files.lstat(str(tmp_path / "link")).is_link
    assert files.stat(str(tmp_path)).is_folder


@real
def test_names_of_all_kinds(files: SshFiles, tmp_path: Path) -> None:
    """Names are bytes, and one that is no text hides nothing."""
    folder = os.fsencode(tmp_path)
    Path(os.fsdecode(folder + b"/" + AWKWARD)).touch()
    for index in range(500):
        (tmp_path / str(index)).touch()

    names = {name for name, _ in files.entries(folder)}

    assert names == {AWKWARD, *(str(index).encode() for index in range(500))}
    assert files.stat(folder + b"/" + AWKWARD).is_file


@real
def test_changes(files: SshFiles, tmp_path: Path) -> None:
    """Folders, links, names, modes and owners are made and changed."""
    at = f"{tmp_path}/"
    files.mkdir(f"{at}folder", 0o700)
    files.symlink(f"{at}link", b"folder/../x")
    with files.open(f"{at}file", Open.WRITE | Open.CREATE | Open.NEW) as handle:
        assert files.write(handle, [b"ab", b"", b"c" * 100_000]) == 100_002
        assert files.known(handle).size == 100_002
    files.set(f"{at}file", Attributes(mode=0o640, modified=1_000_000_000))
    files.chown(f"{at}file", os.getuid(), os.getgid())
    (tmp_path / "victim").touch()
    files.rename(f"{at}file", f"{at}victim")

    assert files.readlink(f"{at}link") == b"folder/../x"
    status = (tmp_path / "victim").stat()
    assert (status.st_size, stat.S_IMODE(status.st_mode)) == (100_002, 0o640)
    assert int(status.st_mtime) == 1_000_000_000
    files.remove(f"{at}victim")
    files.rmdir(f"{at}folder")
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


@real
def test_reading(files: SshFiles, tmp_path: Path) -> None:
    """Any part, as far as there is one; a reader may stop at any time."""
    data = os.urandom(5_000_000)
    (tmp_path / "file").write_bytes(data)
    with files.open(str(tmp_path / "file"), Open.READ) as handle:
        assert b"".join(files.read(handle, 0, 1 << 40)) == data
        assert (
            b"".join(files.read(handle, 1_234_567, 1_000_000))
            == (data[1_234_567:2_234_567])
        )
        for _ in files.read(handle, 0, 5_000_000):
            break
        assert b"".join(files.read(handle, 6_000_000, 10)) == b""
    assert files.is_usable


@real
def test_refusals(files: SshFiles, tmp_path: Path) -> None:
    """Each is an error of its kind, and the channel can be used on."""
    (tmp_path / "folder/inner").mkdir(parents=True)

    with pytest.raises(FileNotFoundError):
        files.stat(str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError):
        list(files.entries(str(tmp_path / "none")))
    with pytest.raises(SshFileError):
        files.rmdir(str(tmp_path / "folder"))
    with pytest.raises(SshFileError):
        files.readlink(str(tmp_path / "folder"))
    with (
        pytest.raises(SshFileError),
        files.open(str(tmp_path / "folder"), Open.READ) as handle,
    ):
        list(files.read(handle, 0, 10))
    assert files.is_usable
    files.close()
    assert not files.is_usable


class Liar:
    """A channel behind which somebody plays a server.

    Args:
        play: returns what is said to a request: its kind, number and the rest.
        piece: how many bytes arrive at once.
    """

    def __init__(
        self, play: Callable[[int, bytes, bytes], bytes], piece: int = 1 << 20
    ) -> None:
        self._play = play
        self._piece = piece
        self._said = b""
        self.closed = False
        self.asked: list[int] = []

    def settimeout(self, seconds: float) -> None:
        """Wait for nothing."""
        assert seconds > 0

    def sendall(self, data: bytes) -> None:
        """Take a request."""
        kind = data[4]
        self.asked.append(kind)
        if kind == Ask.INIT:
            self._said += packet(Answer.VERSION, number(3))
            return
        self._said += self._play(kind, data[5:9], data[9:])

    def recv(self, count: int) -> bytes:
        """Say a part of the answer."""
        if not self._said:
            raise TimeoutError("nothing is said")
        said, self._said = (
            self._said[: min(count, self._piece)],
            self._said[min(count, self._piece) :],
        )
        return said

    def close(self) -> None:
        """End it."""
        self.closed = True


def status(ticket: bytes, code: int = 0) -> bytes:
    """Return a status, as a server says it."""
    return packet(Answer.STATUS, ticket + number(code) + text(b"why") + text(b""))


def talk(
    play: Callable[[int, bytes, bytes], bytes], **options: Any
) -> tuple[SshFiles, Liar]:
    """Talk to somebody who plays a server."""
    channel: Any = Liar(play, options.pop("piece", 1 << 20))
    return SshFiles(channel, 1.0, **options), channel


@pytest.mark.parametrize(
    "said",
    [
        b"\xff\xff\xff\xff",
        b"\0\0\0\0",
        packet(Answer.ATTRS, b"\0"),
        packet(Answer.ATTRS, number(1)),
        packet(Answer.ATTRS, number(1) + number(4)),
        packet(Answer.HANDLE, number(1) + text(b"x")),
        packet(99, number(1)),
        packet(Answer.DATA, number(999) + text(b"unasked")) * 5,
        struct.pack(">I", 40) + b"cut off",
        b"",
    ],
)
def test_answers_that_are_none(said: bytes) -> None:
    """Whatever is said in place of an answer, it ends, and the channel with it."""
    files, _ = talk(lambda *_: said)

    with pytest.raises(SshSilent) as caught:
        files.stat("/")
    assert caught.value.begun


def test_answers_of_the_wrong_kind() -> None:
    """A handle is no status, and the other way round."""
    handle = lambda _kind, ticket, _rest: packet(Answer.HANDLE, ticket + text(b"h"))  # noqa: E731 - as short as it is
    for ask in (
        lambda files: files.mkdir("/x", 0o700),
        lambda files: files.readlink("/x"),
        lambda files: files.stat("/x"),
        lambda files: list(files.read(b"h", 0, 10)),
    ):
        files, _ = talk(handle)
        with pytest.raises(SshSilent):
            ask(files)
    files, _ = talk(lambda _kind, ticket, _rest: status(ticket))
    with pytest.raises(SshSilent):
        files.handle(files.ask_open("/x", Open.READ))


def test_data_beyond_what_was_asked() -> None:
    """A server that gives more than was asked for is no server."""
    files, _ = talk(
        lambda _kind, ticket, _rest: packet(Answer.DATA, ticket + text(b"x" * 11))
    )

    with pytest.raises(SshSilent):
        list(files.read(b"h", 0, 10))


def test_data_in_small_pieces() -> None:
    """A server may give less than was asked for, and the rest is asked for again."""
    content = os.urandom(100_000)

    def play(_kind: int, ticket: bytes, rest: bytes) -> bytes:
        (at, size) = struct.unpack(">QI", rest[-12:])
        data = content[at : at + min(size, 1000)]
        return packet(Answer.DATA, ticket + text(data)) if data else status(ticket, 1)

    files, _ = talk(play, piece=700)

    assert b"".join(files.read(b"h", 0, 200_000)) == content


def test_names_that_lead_elsewhere() -> None:
    """Names that are none are never shown to anybody."""
    names = [b"good", b"..", b".", b"", b"a/b", b"../x", b"\0", b"/etc"]

    def play(kind: int, ticket: bytes, _rest: bytes) -> bytes:
        if kind == Ask.OPENDIR:
            return packet(Answer.HANDLE, ticket + text(b"h"))
        if kind == Ask.READDIR and play.first:  # type: ignore[attr-defined]
            play.first = False  # type: ignore[attr-defined]
            listed = b"".join(
                text(name) + text(b"") + number(0x80000000) + number(1) + text(b"a") * 2
                for name in names
            )
            return packet(Answer.NAME, ticket + number(len(names)) + listed)
        return status(ticket, 1 if kind == Ask.READDIR else 0)

    play.first = True  # type: ignore[attr-defined]
    files, _ = talk(play)

    assert [name for name, _ in files.entries("/")] == [b"good"]


def test_time_is_over() -> None:
    """What is under way ends at its deadline, however fast each answer comes."""
    now = [0.0]

    def play(_kind: int, ticket: bytes, _rest: bytes) -> bytes:
        now[0] += 1
        return packet(Answer.DATA, ticket + text(b"x"))

    files, channel = talk(play, clock=lambda: now[0])
    files.deadline = 50.0

    with pytest.raises(SshSilent, match="too long"):
        list(files.read(b"h", 0, 10_000))
    assert len(channel.asked) < 60
    files.shut(b"h")
    files.forget([1, 2])


def test_refused_write_is_told_once() -> None:
    """Of many writes under way the first refusal is raised, and the others are read."""

    def play(kind: int, ticket: bytes, _rest: bytes) -> bytes:
        return status(ticket, 4 if kind == Ask.WRITE else 0)

    files, _ = talk(play)

    with pytest.raises(SshFileError, match="why"):
        files.write(b"h", [b"x" * 1_000_000])
    files.mkdir("/x", 0o700)
    assert files.is_usable


def test_greeting_that_is_none() -> None:
    """Who prints something when signed in to speaks no SFTP."""
    channel: Any = Liar(lambda *_: b"")
    channel.sendall = lambda _data: setattr(channel, "_said", b"Welcome to the machine")

    with pytest.raises(SshSilent, match="SFTP"):
        SshFiles(channel, 1.0)
