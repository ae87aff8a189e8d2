"""The configuration of a server: its file, and the options that come before it."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from agave_local.configuration.file import (
    KEYS,
    BadConfiguration,
    Configuration,
    configure,
    read_file,
)
from agave_local.entrance.limits import Limits, Rate
from agave_local.entrance.logs import LogFormat
from agave_local.outgoing.policy import FROM_ANYWHERE, FROM_LOOPBACK, Reach
from agave_local.services.actors.runner.images import Program
from agave_local.services.jobs.remote.journey import Patience
from agave_local.services.jobs.remote.watch import Pace
from agave_local.settings import TenantSettings

# What only tests choose, or follows from the rest.
NOT_CHOSEN = {"data", "runner", "password_cost", "neighbours"}
PEM = (
    rsa.generate_private_key(65537, 2048)
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
Write = Callable[[str], Path]


@pytest.fixture(name="write")
def _write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "tenants.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


def _configure(content: dict[str, Any], **options: Any) -> Configuration:
    return configure(content, Path("/etc/agave"), options)


def test_nothing_said() -> None:
    """Without a file and options there is one tenant, as ever."""
    (settings,) = _configure({}).settings(8080)

    assert (settings.base_url, settings.code) == ("http://127.0.0.1:8080", "LOCAL")
    assert Path(".ipt-data").resolve() == settings.data
    assert settings.outgoing == FROM_LOOPBACK
    assert settings.neighbours == {"LOCAL": "http://127.0.0.1:8080"}


def test_every_setting_has_a_key() -> None:
    """Whatever may be chosen of a tenant may be chosen in the file."""
    settings = {field.name for field in fields(TenantSettings)}

    assert settings - NOT_CHOSEN <= KEYS


def test_every_key_is_documented() -> None:
    """The page for operators has every key of the file, and every limit."""
    page = Path(__file__).parents[3] / "docs" / "local-tenant-server.md"
    text = page.read_text("utf-8")

    limits = {field.name for field in fields(Limits)}
    assert {key for key in KEYS | limits if f"`{key}`" not in text} == set()


def test_whole_file(write: Write, tmp_path: Path) -> None:
    """A file says everything of a server and of each of its tenants."""
    (tmp_path / "key.pem").write_text(PEM, "ascii")
    (tmp_path / "images.yaml").write_text("abc: functions.jobs", "utf-8")
    path = write(
        """
        data: kept
        host: "::1"
        port: 0
        log_format: json
        trusted_proxy: 127.0.0.1
        stop_deadline: 2.5
        limits: {user: {per_second: 5, burst: 6}}
        sizes: {message: 1000}
        images: images.yaml
        control: true
        tenants:
          - code: DEV-DEVELOP
            base_url: https://dev.example.org/
            case: snake
            outgoing: [public]
          - code: SD2E
            base_url: http://sd2e.example.org:8443/agave
            gateway_key_file: key.pem
            images: {tool: {command: [/bin/tool]}}
            mounts: [{host_path: /a, container_path: /b, mode: ro}]
            waiting_limit: 5
            job_mib: 8
            job_patience: {fetch: 5}
            job_pace: {look: 1}
            control: false
        """
    )
    configuration = configure(read_file(path), tmp_path, {})

    first, second = configuration.settings(8080)
    assert configuration.log_format is LogFormat.JSON
    assert Limits(user=Rate(5, 6)) == configuration.limits
    assert configuration.sizes.message == 1000
    assert (configuration.stop_deadline, configuration.port) == (2.5, 0)
    assert (first.data, first.case, first.code) == (
        tmp_path / "kept",
        "snake",
        "DEV-DEVELOP",
    )
    assert frozenset({Reach.PUBLIC}) == first.outgoing
    assert first.images == {"abc": Program(package="functions.jobs")}
    assert (first.control, second.control) == (True, False)
    assert tmp_path / "kept" / "tenants" / "SD2E" == second.data
    assert second.images == {"tool": Program(command=("/bin/tool",))}
    assert (second.gateway_key, second.waiting_limit) == (PEM, 5)
    assert (second.job_mib, second.job_patience) == (8, Patience(fetch=5.0))
    assert second.job_pace == Pace(look=1.0)
    assert first.neighbours == {
        "DEV-DEVELOP": "https://dev.example.org",
        "SD2E": "http://sd2e.example.org:8443/agave",
    }
    assert second.neighbours == first.neighbours


def test_options_come_before_the_file() -> None:
    """What the command line says holds, whatever the file says."""
    configuration = _configure(
        {"port": 1, "case": "camel", "tenants": [{"case": "camel"}]},
        port=2,
        case="snake",
        limits="off",
    )

    (settings,) = configuration.settings(2)
    assert (configuration.port, configuration.limits) == (2, None)
    assert settings.case == "snake"


def test_paths_of_options_are_the_callers() -> None:
    """A relative path goes from the file's folder in it, and from here in an option."""
    assert Path("/etc/agave/kept") == _configure({"data": "kept"}).data
    assert Path("kept") == _configure({}, data="kept").data


def test_other_machines_are_not_called_back() -> None:
    """A server for others lets nobody reach its own machine through it."""
    (settings,) = _configure({"host": "0.0.0.0", "allow_remote": True}).settings(1)  # noqa: S104 - which is meant

    assert settings.outgoing == FROM_ANYWHERE


def test_address_with_colons() -> None:
    """The base URL of an IPv6 address has brackets."""
    (settings,) = _configure({"host": "::1"}).settings(80)

    assert settings.base_url == "http://[::1]:80"


def test_unlimited() -> None:
    """Callers may call as often as they like where the operator says so."""
    assert _configure({"limits": False}).limits is None


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("hots", "x", "there is no key 'hots'."),
        ("data", "", "data is a path."),
        ("host", 1, "host is a text."),
        ("host", "0.0.0.0", "say --allow-remote"),  # noqa: S104 - which is refused
        ("port", 65536, "port is a whole number from 0 to 65535."),
        ("port", True, "port is a whole number"),
        ("port", "80", "port is a whole number"),
        ("control", "yes", "control is true or false."),
        ("log_format", "xml", "log_format is one of text, json."),
        ("case", "kebab", "case is one of camel, snake."),
        ("case", [], "case is one of camel, snake."),
        ("code", "a/b", "code has 1 to 64 letters"),
        ("code", "..", "code has 1 to 64 letters"),
        ("code", "-a", "code has 1 to 64 letters"),
        ("code", 1, "code has 1 to 64 letters"),
        ("base_url", "dev.example.org", "base_url is an address such as"),
        ("base_url", "ftp://dev.example.org", "base_url is an address such as"),
        ("base_url", "https://a@dev.example.org", "base_url is an address such as"),
        ("base_url", "https://dev.example.org?a", "base_url is an address such as"),
        ("base_url", "https://dev.example.org:x", "base_url is an address such as"),
        ("base_url", 1, "base_url is an address such as"),
        ("outgoing", "public", "outgoing is a list of"),
        ("outgoing", ["moon"], "outgoing is one of"),
        ("images", "nothing.json", "images cannot be used. The image list"),
        ("images", [], "images cannot be used. The image list is an object"),
        ("images", {"a": 1}, "images cannot be used. The image list's entry 'a'"),
        ("gateway_key", "abc", "gateway_key cannot be used. The gateway's key"),
        ("gateway_key_file", "nothing.pem", "gateway_key_file cannot be read"),
        ("gateway_key_file", 1, "gateway_key_file is a path."),
        ("mounts", {}, "mounts is a list of mappings with host_path"),
        ("mounts", [{"host_path": "/a"}], "mounts is a list of mappings"),
        (
            "mounts",
            [{"host_path": "/a", "container_path": "/b", "mode": "x"}],
            "mounts is a list of mappings",
        ),
        ("waiting_limit", 0, "waiting_limit is a whole number from 1"),
        ("waiting_limit", 1.5, "waiting_limit is a whole number from 1"),
        ("job_mib", 0, "job_mib is a whole number from 1"),
        ("job_patience", 5, "job_patience is a mapping with some of dispatch, watch"),
        ("job_patience", {"fetch": -1}, "job_patience has a bad fetch: it is a number"),
        ("job_pace", {"look": 0}, "job_pace has a bad look: it is a number"),
        ("stop_deadline", -1, "stop_deadline is a number of seconds"),
        ("stop_deadline", float("inf"), "stop_deadline is a number of seconds"),
        ("stop_deadline", True, "stop_deadline is a number of seconds"),
        ("limits", [], "limits is a mapping with some of user, anonymous, nonce"),
        ("limits", {"usr": {}}, "limits is a mapping with some of"),
        ("limits", {"user": 5}, "limits has a bad user: it is a mapping of"),
        (
            "limits",
            {"user": {"per_second": 0, "burst": 5}},
            "limits has a bad user: it is a mapping of per_second and burst",
        ),
        (
            "limits",
            {"user": {"per_second": "1", "burst": 5}},
            "limits has a bad user",
        ),
        ("sizes", {"file": "large"}, "sizes has a bad file: it is a whole number"),
        ("tenants", {}, "tenants is a list of one tenant or more."),
        ("tenants", [], "tenants is a list of one tenant or more."),
        ("tenants", ["DEV"], "tenants, number 1: a tenant is a mapping"),
        ("tenants", [{"port": 1}], "tenants, number 1: there is no key 'port'."),
        ("tenants", [{1: 2}], "tenants, number 1: there is no key 1."),
        ("tenants", [{}, {}], "tenants, number 2: say its code."),
        ("tenants", [{}, {"code": "B"}], "tenants, number 2: say its base_url."),
        (
            "tenants",
            [{"code": "A-B"}, {"code": "a_b", "base_url": "http://b"}],
            "Two tenants have the same code.",
        ),
        (
            "tenants",
            [{}, {"code": "local", "base_url": "http://b"}],
            "Two tenants have the same code.",
        ),
        (
            "tenants",
            [
                {"code": "A", "base_url": "http://a"},
                {"code": "B", "base_url": "http://a/"},
            ],
            "Two tenants have the same base_url.",
        ),
    ],
)
def test_refused(key: str, value: Any, message: str) -> None:
    """What cannot be is refused by its key, with what could be."""
    with pytest.raises(BadConfiguration) as refusal:
        _configure({key: value})

    assert str(refusal.value).startswith(message) or message in str(refusal.value)


def test_code_of_all_tenants() -> None:
    """A code for all of several tenants is refused: it could be of one only."""
    tenants = [{}, {"code": "B", "base_url": "http://b"}]

    with pytest.raises(BadConfiguration, match="for each of several tenants"):
        _configure({"tenants": tenants}, base_url="http://a")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "cannot be read"),
        ("- a", "is a mapping of keys to values."),
        ("", "is a mapping of keys to values."),
        ("a: !!python/object/apply:os.getcwd []", "cannot be read"),
    ],
)
def test_bad_file(write: Write, text: str, message: str) -> None:
    """A file that is no YAML mapping is refused in one line."""
    with pytest.raises(BadConfiguration, match=message) as refusal:
        read_file(write(text))

    assert len(str(refusal.value).splitlines()) == 1


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there is told by its name."""
    with pytest.raises(BadConfiguration, match=r"nothing\.yaml cannot be read"):
        read_file(tmp_path / "nothing.yaml")
