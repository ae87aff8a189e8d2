"""What every shell does: commands and single files."""

import os
import stat
import threading
import time
from pathlib import Path

import pytest

from agave_local.errors import PayloadTooLarge
from agave_local.services.jobs.shells.base import Done, Entry, Shell
from agave_local.services.jobs.shells.errors import HostError, HostSilent

AWKWARD = 'it\'s a "file"; with\nnew lines, $HOME and bytes \udcff\udcfe'


def test_command_says_how_it_ended(shell: Shell) -> None:
    """Output, complaints and exit status come apart."""
    done = shell.run("echo out; echo err >&2; exit 7")

    assert done == Done(7, b"out\n", b"err\n")


def test_command_is_a_posix_script(shell: Shell) -> None:
    """Quotes, dollars, new lines and unicode reach the shell as they are."""
    script = "x='a b'\nprintf '%s|%s' \"$x\" 'ü \"$x\" !'\n"

    assert shell.run(script).out == 'a b|ü "$x" !'.encode()


def test_command_reads_its_input(shell: Shell) -> None:
    """Every byte of a large input arrives, and so does every byte of the output."""
    data = os.urandom(3 << 20)

    assert shell.run("cat", stdin=data).out == data
    assert shell.run("wc -c").out.strip() == b"0"


def test_command_that_reads_nothing(shell: Shell) -> None:
    """Input that nobody reads holds up nothing."""
    assert shell.run("exit 3", stdin=b"x" * (4 << 20)).code == 3


def test_command_that_hangs_is_given_up(shell: Shell) -> None:
    """After its seconds a command is silence, and the next one is answered."""
    started = time.monotonic()
    with pytest.raises(HostSilent) as caught:
        shell.run("sleep 30", seconds=0.3)

    assert time.monotonic() - started < 5
    assert caught.value.may_pass
    assert shell.run("echo here").out == b"here\n"


def test_command_leaves_something_behind(shell: Shell) -> None:
    """A program that lives on with the output open holds up nobody."""
    started = time.monotonic()
    done = shell.run("sleep 5 & echo $!")

    assert time.monotonic() - started < 4
    os.kill(int(done.out), 9)


def test_command_that_prints_without_end(shell: Shell) -> None:
    """A machine can't fill the tenant's memory."""
    with pytest.raises(HostError):
        shell.run("head -c 17000000 /dev/zero")


def test_command_killed_by_a_signal(shell: Shell) -> None:
    """It ended badly, and that is no error of the machine."""
    assert shell.run("kill -9 $$").code not in (0, 1)


def test_commands_at_once(shell: Shell) -> None:
    """Many threads use one shell, more than a server has channels."""
    found: list[bytes] = []

    def ask(number: int) -> None:
        found.append(shell.run(f"sleep 0.05; echo {number}").out)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == sorted(f"{i}\n".encode() for i in range(24))


def test_folders_are_made_with_those_above(shell: Shell, far: Path) -> None:
    """They are nobody else's business, and doing it again does no harm."""
    path = str(far / "one/two/three")
    shell.make_folder(path)
    shell.make_folder(path)

    for folder in ("one", "one/two", "one/two/three"):
        assert stat.S_IMODE((far / folder).stat().st_mode) == 0o700


def test_folder_where_a_file_is(shell: Shell, far: Path) -> None:
    """A file is not taken for a folder."""
    (far / "file").touch()

    with pytest.raises((HostError, FileNotFoundError)):
        shell.make_folder(str(far / "file"))
    with pytest.raises((HostError, FileNotFoundError)):
        shell.make_folder(str(far / "file/inner"))


def test_files_are_written_whole(shell: Shell, far: Path) -> None:
    """Content and mode are there at once, in the place of what was there before."""
    path = far / AWKWARD
    path.write_bytes(b"before, and longer than what comes")
    shell.write(str(path), b"content", 0o640)
    shell.write(str(far / "empty"), b"")

    assert path.read_bytes() == b"content"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE((far / "empty").stat().st_mode) == 0o600
    assert len(list(far.iterdir())) == 2


def test_writing_follows_no_link(shell: Shell, far: Path, near: Path) -> None:
    """A link in the place of a file is replaced, and what it leads to stays."""
    (near / "victim").write_text("safe")
    (far / "link").symlink_to(near / "victim")
    shell.write(str(far / "link"), b"new")

    assert (near / "victim").read_text() == "safe"
    assert (far / "link").read_text() == "new"
    assert not (far / "link").is_symlink()


def test_writing_where_no_folder_is(shell: Shell, far: Path) -> None:
    """A missing folder is a missing file."""
    with pytest.raises(FileNotFoundError):
        shell.write(str(far / "no/file"), b"x")


def test_reading_parts(shell: Shell, far: Path) -> None:
    """Any part of a file is read, as far as there is one."""
    data = os.urandom(300_000)
    path = str(far / "data")
    Path(path).write_bytes(data)

    assert shell.read(path) == data
    assert shell.read(path, 100_000, 150_000) == data[100_000:250_000]
    assert shell.read(path, 299_990, 100) == data[-10:]
    assert shell.read(path, 400_000, 10) == b""
    assert shell.read(path, 400_000) == b""
    assert shell.read(path, 0, 0) == b""


def test_reading_what_is_no_file(shell: Shell, far: Path) -> None:
    """Links, folders and pipes are not read, and a missing file is missing."""
    (far / "file").touch()
    (far / "link").symlink_to("file")
    os.mkfifo(far / "pipe")

    for name in ("link", "pipe", ""):
        with pytest.raises((HostError, FileNotFoundError)):
            shell.read(str(far / name))
    for name in ("none", "none/none", "file/none"):
        with pytest.raises(FileNotFoundError):
            shell.read(str(far / name))


def test_reading_a_giant(shell: Shell, far: Path) -> None:
    """A file that is too large for memory is read in parts only."""
    with (far / "giant").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(PayloadTooLarge):
        shell.read(str(far / "giant"))
    assert shell.read(str(far / "giant"), 1 << 39, 10) == bytes(10)


def test_entries_by_name(shell: Shell, far: Path) -> None:
    """Each is named as it is, with what it is; links are not followed."""
    (far / AWKWARD).write_bytes(b"12345")
    (far / "folder").mkdir()
    (far / "link").symlink_to("/")
    os.mkfifo(far / "pipe")
    os.utime(far / AWKWARD, (1_000_000_000, 1_000_000_000))

    found = {entry.name: entry for entry in shell.entries(str(far))}

    assert {name: entry.kind for name, entry in found.items()} == {
        AWKWARD: "file",
        "folder": "folder",
        "link": "link",
        "pipe": "other",
    }
    assert list(found) == sorted(found)
    assert found[AWKWARD] == Entry(AWKWARD, "file", 5, 1_000_000_000.0)
    assert shell.entry(str(far / AWKWARD)) == found[AWKWARD]
    assert shell.entry(str(far / "link")).kind == "link"
    assert shell.entry(f"{far}/").kind == "folder"
    assert shell.entry("/").kind == "folder"


def test_entries_of_many(shell: Shell, far: Path) -> None:
    """A folder with thousands of files is listed whole."""
    for number in range(3000):
        (far / f"{number:05}").touch()

    assert [entry.name for entry in shell.entries(str(far))] == [
        f"{number:05}" for number in range(3000)
    ]


def test_entries_of_what_is_no_folder(shell: Shell, far: Path) -> None:
    """A file or nothing at all has none."""
    (far / "file").touch()

    for name in ("file", "none"):
        with pytest.raises(FileNotFoundError):
            shell.entries(str(far / name))
    with pytest.raises(FileNotFoundError):
        shell.entry(str(far / "none"))


def test_removing(shell: Shell, far: Path, near: Path) -> None:
    """Folders go with all in them, links alone; what is gone is gone."""
    (near / "victim").touch()
    tree = far / AWKWARD
    (tree / "inner").mkdir(parents=True)
    (tree / "inner/file").touch()
    (tree / "link").symlink_to(near)
    (far / "link").symlink_to(near)

    for path in (str(tree), str(far / "link"), str(far / "none"), str(tree / "x")):
        shell.remove(path)

    assert list(far.iterdir()) == []
    assert (near / "victim").exists()


def test_removing_what_is_bottomless(shell: Shell, far: Path) -> None:
    """A program can't make a folder too deep to be removed, or close it for good."""
    name = "a" * 20
    script = f"cd {far}; i=0; while [ $i -lt 400 ]; do mkdir {name}; cd {name}; "
    script += "i=$((i+1)); done"
    assert shell.run(script).code == 0
    (far / "closed/inner").mkdir(parents=True)
    (far / "closed").chmod(0)

    shell.remove(str(far))

    assert not far.exists()


def test_closed_shell_signs_in_again(shell: Shell) -> None:
    """Closing it is no end."""
    shell.close()
    shell.close()

    assert shell.run("echo again").out == b"again\n"
