"""An administrator of the invented instance, and what they ask for."""

import itertools
from typing import Any

from functions.admin.app import app
from functions.terminal.app import app as terminal_app
from iptweb.testing import Answer, FakeHost, FakeTenant, FunctionClient

from .terminal_actor import Terminals


class Administrator:
    """Grace, with the functions `admin` and `terminal` on one tenant.

    Args:
        tenant: With the records.
        host: Where terminals run.
        settings: Changes to the instance's settings.

    Attributes:
        client: Of the function `admin`.
        terminals: The actor of the function `terminal`.
    """

    def __init__(self, tenant: FakeTenant, host: FakeHost, **settings: Any) -> None:
        self.tenant = tenant
        self.host = host
        self.settings = settings
        self.terminals = Terminals(tenant, host, **settings)
        tenant.actors["test-terminal"] = self.terminals
        self.client = self.as_user("grace")
        self._numbers = itertools.count(1)

    def as_user(self, username: str) -> FunctionClient:
        """Return the function `admin` as somebody calls it."""
        return FunctionClient(
            app, self.tenant, host=self.host, username=username, **self.settings
        )

    def start(self, *users: str) -> None:
        """Have users press Start."""
        for user in users:
            client = FunctionClient(
                terminal_app,
                self.tenant,
                host=self.host,
                username=user,
                **self.settings,
            )
            assert client.send("{'command': 'START'}").status == 200

    def get(self, path: str, **query: Any) -> Answer:
        """Ask for something."""
        return self.client.get(path, authorized=False, **query)

    def do(self, path: str, *, method: str = "POST", **body: Any) -> Answer:
        """Ask for an action, under an id of its own where none is given."""
        body.setdefault("request_id", f"request-{next(self._numbers):04}")
        return self.client.request(method, path, body=body, authorized=False)

    def delete(self, user: str, **body: Any) -> Answer:
        """Ask for a record to be deleted."""
        return self.do(f"/terminals/{user}/record", method="DELETE", **body)

    def audited(self, **query: Any) -> list[tuple[str, str, str]]:
        """Return action, target and result of the audit record, the newest first."""
        entries = self.get("/audit", **query).body["entries"]
        return [(one["action"], one["target"], one["result"]) for one in entries]
