"""What the terminal's own shell files do, in a shell of this machine and on hosts."""

import base64
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pexpect
import pytest

from iptweb.terminals.host import Host

IMAGE = Path(__file__).parents[3] / "functions/terminal/image"
PLACE = re.compile(rb"\x1b\]7;file://localhost([^\x07]*)\x07")
OFFER = re.compile(r"\x1b\]7337;download=([A-Za-z0-9_-]+)\x07")

TypeIn = Callable[[Any, str], str]


class Shell:
    """An interactive bash that reads our bashrc, in a home of a test's own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self._bash = pexpect.spawn(
            "/bin/bash",
            ["--noprofile", "--rcfile", str(IMAGE / "bashrc"), "-i"],
            env={
                "HOME": str(home),
                "PATH": "/usr/bin:/bin",
                "TERM": "xterm",
                "USER": "ada",
                "SHLVL": "3",
                **environment,
            },
            cwd=str(home),
            timeout=10,
        )
        self.first = self.run("stty -echo; bind 'set enable-bracketed-paste off'")

    def run(self, line: str) -> bytes:
        """Type a line; return what comes until the prompt after it was shown."""
        self._bash.sendline(line)
        self._bash.sendline("echo ne''xt")
        self._bash.expect(rb"next\r\n")
        said: Any = self._bash.before
        return bytes(said)

    def place(self) -> str:
        """Return the folder that the prompt last told."""
        found = PLACE.findall(self.run("true"))
        return unquote(found[-1].decode("ascii"))

    def close(self) -> None:
        """End it."""
        self._bash.close(force=True)


@pytest.fixture(name="shell")
def _shell(tmp_path: Path) -> Any:
    opened: list[Shell] = []

    def open_shell(bashrc: str = "", **environment: str) -> Shell:
        home = tmp_path / "ho me"
        home.mkdir(exist_ok=True)
        (home / ".bashrc").write_text(bashrc)
        opened.append(Shell(home, **environment))
        return opened[-1]

    yield open_shell
    for shell in opened:
        shell.close()


@pytest.mark.parametrize(
    "name", ["", "/src", "/a b", "/ü€", "/100%", "/a;b\\c", "/~-._x", "/\x1b]0;x\x07"]
)
def test_prompt_tells_folder(shell: Any, tmp_path: Path, name: str) -> None:
    """The prompt tells the folder, as a path below the one home that pages know."""
    (tmp_path / f"ho me{name}").mkdir(parents=True)
    opened = shell(WHERE=f"{tmp_path}/ho me{name}")
    opened.run('cd "$WHERE"')

    assert opened.place() == f"/home/ipt{name}"


def test_prompt_outside_home(shell: Any) -> None:
    """A folder outside the home is told as it is; the home's neighbour is outside."""
    opened = shell()
    opened.run("cd /usr")
    assert opened.place() == "/usr"

    opened.run('mkdir "$HOME"2; cd "$HOME"2')
    assert opened.place().endswith("/ho me2")


@pytest.mark.parametrize(
    "bashrc",
    [
        "PROMPT_COMMAND='echo m''ine=$?'",
        "PROMPT_COMMAND=('echo m''ine=$?' true)",
        "PROMPT_COMMAND='echo m''ine=$?;'",
    ],
)
def test_prompt_command_kept(shell: Any, bashrc: str) -> None:
    """What a person wants at each prompt is done, and sees the true exit status."""
    opened = shell(f"{bashrc}\nPS1='mine> '")

    said = opened.run("(exit 3)")

    assert b"mine=3\r\n" in said
    assert b"mine> " in said
    assert PLACE.search(said)


def test_prompt_twice(shell: Any) -> None:
    """A shell that has it from the shell around it tells its folder once."""
    opened = shell(PROMPT_COMMAND="ipt_tell_folder;true")

    assert b"<ipt_tell_folder;true>" in opened.run('echo "<$PROMPT_COMMAND>"')


def test_prompt_dumb(shell: Any) -> None:
    """A terminal that knows no escape sequences gets none of ours."""
    assert not PLACE.search(shell(TERM="dumb").run("true"))


def test_welcome(tmp_path: Path) -> None:
    """A home without samples gets them once; what is there stays as it is."""
    samples, home = tmp_path / "samples", tmp_path / "home"
    samples.mkdir()
    home.mkdir()
    for name in ("a.c", "b.cpp", "README"):
        (samples / name).write_text(name)
    (home / "a.c").symlink_to("nowhere")
    (home / "b.cpp").write_text("mine")

    for _ in range(2):
        command = ["sh", str(IMAGE / "welcome"), str(samples), str(home)]
        subprocess.run(command, check=True)

        assert (home / "a.c").readlink() == Path("nowhere")
        assert (home / "b.cpp").read_text() == "mine"
        (home / "samples/a.c").unlink(missing_ok=True)

    assert {path.name for path in (home / "samples").iterdir()} == {"b.cpp", "README"}
    assert (home / ".ipt-welcome").exists()


def test_welcome_strange_home(tmp_path: Path) -> None:
    """Where something else is named samples, the programs come all the same."""
    samples, home = tmp_path / "samples", tmp_path / "home"
    samples.mkdir()
    home.mkdir()
    (samples / "a.c").write_text("a")
    (home / "samples").write_text("mine")

    subprocess.run(["sh", str(IMAGE / "welcome"), str(samples), str(home)], check=True)

    assert (home / "a.c").read_text() == "a"
    assert (home / "samples").read_text() == "mine"


def test_welcome_no_room(tmp_path: Path) -> None:
    """If a program can't be copied, no half of it is left, and it is tried again."""
    samples, home, fakes = tmp_path / "samples", tmp_path / "home", tmp_path / "bin"
    for folder in (samples, home, fakes):
        folder.mkdir()
    (samples / "a.c").write_text("a")
    (fakes / "cp").write_text('#!/bin/sh\nfor last; do :; done\n: >"$last"\nexit 1\n')
    (fakes / "cp").chmod(0o755)

    done = subprocess.run(
        ["sh", str(IMAGE / "welcome"), str(samples), str(home)],
        env={"PATH": f"{fakes}:/usr/bin:/bin"},
        check=False,
    )

    assert done.returncode != 0
    assert not list(home.rglob("*.c"))
    assert not (home / ".ipt-welcome").exists()


def test_download_on_hosts(place: Any, host: Host, type_in: TypeIn) -> None:
    """On every host the command is there and offers a file of the home."""
    launched = host.launch(place.request())

    said = type_in(launched, "cd samples; ipt-download heat.c; ipt-download /etc/hosts")

    (offer,) = OFFER.findall(said)
    assert base64.urlsafe_b64decode(offer + "==") == b"samples/heat.c"
    assert "heat.c is offered on the page" in said
    assert "/etc/hosts: that is not in your home folder" in said
    assert shutil.which("ipt-download") is None
