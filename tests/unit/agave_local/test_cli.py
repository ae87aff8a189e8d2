"""The command `agave-local`."""

import getpass
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from agave_local.cli import main
from agave_local.lock import locked

PASSWORD = "correct horse battery"


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def _run(*arguments: object, typed: str = "") -> int:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        return main([str(argument) for argument in arguments])


def _add(data: Path, name: str, *more: str, typed: str) -> int:
    arguments = ("accounts", "add", name, "--password-stdin", "--data", data, *more)
    return _run(*arguments, typed=typed)


def test_accounts(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Accounts are added with a role, listed, and get new passwords."""
    typed = f"{PASSWORD}\n"
    assert _add(data, "anna", typed=typed) == 0
    assert _add(data, "root", "--role", "admin", typed=typed) == 0
    assert _add(data, "ipt", "--role", "service", typed=typed) == 0
    change = ("accounts", "set-password", "anna", "--password-stdin", "--data", data)
    assert _run(*change, typed="another password") == 0

    assert _run("accounts", "list", "--data", data) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        ["anna"],
        ["root", "Internal/abaco-admin"],
        ["ipt", "Internal/service"],
    ]


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("anna", "short", "A password has at least 8 characters."),
        ("anna", "", "A password has at least 8 characters."),
        ("../x", PASSWORD, "A user name has 1 to 32"),
        ("here", PASSWORD, "There is an account here already."),
    ],
)
def test_refused_account(
    data: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    typed: str,
    message: str,
) -> None:
    """An account that cannot be is refused in one line, with exit code 2."""
    _add(data, "here", typed=PASSWORD)

    assert _add(data, name, typed=typed) == 2

    error = capsys.readouterr().err
    assert error.startswith(f"agave-local: {message}")
    assert len(error.splitlines()) == 1


def test_where_nobody_is(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder without a tenant is said to be one, and is not made by looking."""
    assert _run("accounts", "list", "--data", data) == 0
    assert _run("accounts", "set-password", "anna", "--data", data) == 2

    assert not data.exists()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count(f"There is no tenant in {data}.") == 2

    assert _run("accounts", "add", "anna", "--data", data) == 2
    assert "send a password with --password-stdin" in capsys.readouterr().err

    (tmp_path / "file").touch()
    assert _run("serve", "--data", tmp_path / "file", "--port", 0) == 2
    assert capsys.readouterr().err.endswith("Not a directory.\n")


def test_a_code_that_is_new(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An account of a tenant that is not there yet begins it, and that is said."""
    for name, said in (("anna", f"A new tenant begins in {data}"), ("bob", "")):
        assert _add(data, name, "--tenant-code", "DEV", typed=PASSWORD) == 0
        assert capsys.readouterr().err.startswith(said)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("error", [EOFError, KeyboardInterrupt])
def test_no_password_is_typed(
    data: Path, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who gives up at the password ends the command, and nothing else."""

    def give_up(_: str) -> str:
        raise error

    monkeypatch.setattr(getpass, "getpass", give_up)
    monkeypatch.setattr(sys, "stdin", _Terminal())
    assert main(["accounts", "add", "anna", "--data", str(data)]) in {2, 130}


def test_operations(capsys: pytest.CaptureFixture[str]) -> None:
    """The list of operations ends with how many are here."""
    assert main(["operations"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert "done    meta.listMetadata" in lines
    assert lines[-1].endswith("operations of agavepy 0.9.5 are here.")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("{", "cannot be read"),
        ('{"a": 1}', "it names a package"),
    ],
)
def test_bad_images(
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str | None,
    message: str,
) -> None:
    """A list of images that cannot be read is told before anything starts."""
    images = tmp_path / "images.json"
    if content is not None:
        images.write_text(content, "utf-8")

    code = main(["serve", "--data", str(data), "--images", str(images)])

    assert code == 2
    assert message in capsys.readouterr().err
    assert not data.exists()


def test_serve_to_others_must_be_meant(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tenant is not opened to other machines by accident."""
    assert main(["serve", "--data", str(data), "--host", "0.0.0.0"]) == 2  # noqa: S104 - which is refused

    assert "say --allow-remote" in capsys.readouterr().err


def test_taken_port(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that is taken is told in one line, with exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["serve", "--data", str(data), "--port", str(port)]) == 2

    error = capsys.readouterr().err
    assert (
        f"agave-local: Port {port} on 127.0.0.1 is taken; choose another with --port.\n"
        == error
    )


def test_data_in_use(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A data folder that another tenant holds is told, with the holder."""
    with locked(data):
        assert main(["serve", "--data", str(data), "--port", "0"]) == 2

    assert f"(process {os.getpid()})" in capsys.readouterr().err


@contextmanager
def _served(data: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [
        sys.executable,
        "-c",
        "import sys; from agave_local.cli import main; sys.exit(main())",
        "serve",
        "--data",
        str(data),
        "--port",
        "0",
        *options,
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            yield process, line.split()[-1]
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_and_stop(data: Path, tmp_path: Path, number: signal.Signals) -> None:
    """The tenant answers, sees new accounts at once, and ends when it is told to."""
    images = tmp_path / "images.json"
    images.write_text(json.dumps({"image": "json"}), "utf-8")

    with _served(data, "--images", str(images)) as (process, url):
        assert requests.get(f"{url}/ready", timeout=10).ok
        _add(data, "anna", typed=PASSWORD)
        auth = ("anna", PASSWORD)
        assert requests.get(f"{url}/clients/v2", auth=auth, timeout=10).ok
        process.send_signal(number)
        _, log = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "GET /ready 200" in log
    assert "anna" in log
    assert PASSWORD not in log
    assert log.rstrip().endswith("stopping")


def test_killed_and_started_again(data: Path) -> None:
    """After a `kill -9` the folder is free, and the tenant starts."""
    with _served(data) as (process, url):
        assert requests.get(f"{url}/ready", timeout=10).ok
        process.kill()
        process.wait()

    started = time.monotonic()
    with _served(data) as (_, url):
        assert requests.get(f"{url}/ready", timeout=10).ok
    assert time.monotonic() - started < 10
