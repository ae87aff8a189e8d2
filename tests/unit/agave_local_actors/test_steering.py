"""What a process gets of its execution's variables."""

import pytest

from agave_local.services.actors.runner.steering import (
    IMAGE_DEFAULTS,
    for_process,
    steers,
)


@pytest.mark.parametrize(
    "name",
    [
        *("LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "GLIBC_TUNABLES"),
        *("PYTHONPATH", "PYTHONSTARTUP", "PERL5OPT", "RUBYOPT", "NODE_OPTIONS"),
        *("JAVA_TOOL_OPTIONS", "BASH_ENV", "ENV", "IFS", "SHELLOPTS", "PS4"),
        *("GIT_SSH_COMMAND", "HTTPS_PROXY", "http_proxy", "SSL_CERT_FILE"),
    ],
)
def test_what_steers(name: str) -> None:
    """A variable that decides what runs, or where it connects to, stays outside."""
    assert steers(name)
    assert for_process({name: "x"}, {}) == IMAGE_DEFAULTS


@pytest.mark.parametrize("name", ["MSG", "ENVIRONMENT", "IFSX", "LEVEL", "a b", "é"])
def test_what_does_not(name: str) -> None:
    """Everything else reaches the process."""
    assert for_process({name: "x"}, {})[name] == "x"


def test_path() -> None:
    """The search path is the platform's, unless the operator says another."""
    given = {"PATH": "/evil", "HOME": "/home"}

    assert for_process(given, {}) == {**IMAGE_DEFAULTS, "HOME": "/home"}
    assert for_process(given, {"PATH": "/opt"})["PATH"] == "/opt"


def test_fixed() -> None:
    """What the operator fixed for an image cannot be replaced, whatever it is."""
    fixed = {"PYTHONPATH": "/opt/lib", "A": "operator"}

    assert for_process({"A": "caller"}, fixed) == {**IMAGE_DEFAULTS, **fixed}
