"""The launch file."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from webterm.launch import BadLaunch, Launch, from_values, read_launch, take_launch
from webterm.testing import example_launch

LAUNCH = example_launch(Ed25519PrivateKey.generate(), socket_fd=3)
VALUES = json.loads(json.dumps(asdict(LAUNCH)))
ONE_SOCKET = "one of socket_fd and handover must be there, and not both"
BAD_KEY = "ticket_public_key must be an Ed25519 public key in PEM"
# X25519: as long, and for something else.
OTHER_KEY = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VuAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
-----END PUBLIC KEY-----
"""


def test_launch_file_is_read(tmp_path: Path) -> None:
    """What a host wrote comes back as it was."""
    file = tmp_path / "launch.json"
    file.write_text(json.dumps(VALUES), encoding="utf-8")

    assert read_launch(str(file)) == LAUNCH


def test_values_have_defaults() -> None:
    """Origins, replay, start pipe and limits may be left out."""
    optional = {"origins", "replay_bytes", "start_fd", "handover", "idle_s"}
    optional.add("max_age_s")
    launch = from_values({key: VALUES[key] for key in VALUES if key not in optional})

    assert (launch.origins, launch.replay_bytes, launch.start_fd) == ((), 1 << 20, None)
    assert (launch.handover, launch.idle_s, launch.max_age_s) == ("", 0, 0)


def test_socket_may_be_handed_over() -> None:
    """A Unix socket takes the place of the descriptor."""
    values = {**VALUES, "handover": "/run/ipt/door.sock", "idle_s": 60, "max_age_s": 90}
    del values["socket_fd"]
    launch = from_values(values)

    assert (launch.socket_fd, launch.handover) == (None, "/run/ipt/door.sock")
    assert (launch.idle_s, launch.max_age_s) == (60, 90)


def test_launch_variable_is_taken_out_of_the_environment() -> None:
    """The shell's programs do not see what the server was told."""
    environ = {"IPT_LAUNCH": json.dumps(VALUES), "PATH": "/bin"}

    assert take_launch(environ, "IPT_LAUNCH") == LAUNCH
    assert environ == {"PATH": "/bin"}


def test_launch_variable_that_is_not_set_is_refused() -> None:
    """A variable that is not there is said not to be there."""
    with pytest.raises(BadLaunch, match="is not set"):
        take_launch({}, "IPT_LAUNCH")


def test_replay_has_a_least_size() -> None:
    """A ring too small for the flow control to work is made larger."""
    assert from_values({**VALUES, "replay_bytes": 1}).replay_bytes == 512 * 1024


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "name must be a text"),
        ({"user": None}, "user must be a text"),
        ({"launch": 5}, "launch must be a text"),
        ({"shell": []}, "shell must name a program"),
        ({"shell": "/bin/bash"}, "shell must be a list of texts"),
        ({"origins": [1]}, "origins must be a list of texts"),
        ({"socket_fd": -1}, "socket_fd must be a whole number"),
        ({"socket_fd": True}, "socket_fd must be a whole number"),
        ({"start_fd": "4"}, "start_fd must be a whole number"),
        ({"replay_bytes": 1.5}, "replay_bytes must be a whole number"),
        ({"idle_s": -1}, "idle_s must be a whole number"),
        ({"max_age_s": "1"}, "max_age_s must be a whole number"),
        ({"handover": 5}, "handover must be a text"),
        ({"handover": "/door"}, ONE_SOCKET),
        ({"socket_fd": None}, ONE_SOCKET),
        ({"ticket_public_key": "key"}, BAD_KEY),
        ({"ticket_public_key": OTHER_KEY}, BAD_KEY),
        ({"ticket_public_key": OTHER_KEY.replace("A", "!")}, BAD_KEY),
    ],
)
def test_bad_value_is_named(change: dict[str, object], message: str) -> None:
    """Each value of the wrong kind is refused by its name."""
    with pytest.raises(BadLaunch) as refusal:
        from_values({**VALUES, **change})

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("text", "message"), [("{", "is not JSON"), ("[]", "is not a JSON object")]
)
def test_file_that_is_no_object_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    """Only a JSON object is a launch."""
    file = tmp_path / "launch.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(BadLaunch) as refusal:
        read_launch(str(file))

    assert str(refusal.value) == message


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there is said not to be there."""
    with pytest.raises(BadLaunch, match="can't be read: No such file"):
        read_launch(str(tmp_path / "launch.json"))


def test_launch_shows_its_fields() -> None:
    """A launch is a plain value."""
    assert Launch(**{**asdict(LAUNCH), "shell": LAUNCH.shell}) == LAUNCH
