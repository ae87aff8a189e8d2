"""What the tests of functions share."""

import pytest

from iptweb.testing import FakeHost, FakeTenant

from .administrator import Administrator


@pytest.fixture(name="tenant")
def _tenant() -> FakeTenant:
    """Return a tenant in which ada has a home with two files."""
    tenant = FakeTenant()
    tenant.files |= {
        "ada": None,
        "ada/heat.c": b"int main(void) { return 0; }\n",
        "ada/src": None,
        "ada/src/a.c": b"",
        "bob": None,
        "bob/secret.c": b"",
    }
    return tenant


@pytest.fixture(name="host")
def _host() -> FakeHost:
    return FakeHost()


@pytest.fixture(name="grace")
def _grace(tenant: FakeTenant, host: FakeHost) -> Administrator:
    """Return the administrator of the instance."""
    return Administrator(tenant, host)
