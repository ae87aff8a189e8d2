"""The hostile environment."""

from iptweb.runtime.environment import FIXED, take_environment


def test_only_the_platform_s_names_are_taken() -> None:
    """Whatever a caller adds is dropped, and nothing is left for child processes."""
    environ = {
        "MSG": "{}",
        "_abaco_username": "ada",
        "_abaco_access_token": "secret",
        "_abaco_surprise": "x",
        "PATH": "/evil",
        "HTTP_PROXY": "http://evil",
        "https_proxy": "http://evil",
        "REQUESTS_CA_BUNDLE": "/evil.pem",
        "LD_PRELOAD": "/evil.so",
        "PYTHONPATH": "/evil",
        "HOME": "/evil",
    }

    taken = take_environment(environ)

    assert taken == {
        "MSG": "{}",
        "_abaco_username": "ada",
        "_abaco_access_token": "secret",
    }
    assert environ == FIXED
