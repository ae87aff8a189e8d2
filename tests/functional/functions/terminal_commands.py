"""Ada's terminal, and how tests send its commands."""

from iptweb.testing import Answer, FunctionClient

NAME = "ada-test-IPT"


def command(client: FunctionClient, name: str, **more: str) -> Answer:
    """Send one command in the long form."""
    return client.post("/terminals", authorized=False, command=name, **more)


def status_of(client: FunctionClient, name: str) -> str:
    """Return the state after one command."""
    return str(command(client, name).body["status"])
