"""Test a function without a tenant: a client, and fakes of everything outside.

```
tenant = FakeTenant()
client = FunctionClient(app, tenant, username="ada")
answer = client.get("/webterm")
assert answer.body["status"] == "PENDING"
```
"""

from .agreement import check_agreement
from .client import Answer, FunctionClient
from .host import FakeHost
from .oauth import FakeOAuth
from .settings import make_configs, make_settings
from .tenant import FakeAgave, FakeTenant
from .terminals import FakeTerminals

__all__ = [
    "Answer",
    "FakeAgave",
    "FakeHost",
    "FakeOAuth",
    "FakeTenant",
    "FakeTerminals",
    "FunctionClient",
    "check_agreement",
    "make_configs",
    "make_settings",
]
