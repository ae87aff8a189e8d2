"""What callers get of signing in (docs/architecture.md §5.3)."""

from typing import TypedDict

__all__ = ["AccessToken", "NewSession", "SignInPlace"]


class SignInPlace(TypedDict):
    """Where to sign in.

    Attributes:
        url: Address of the tenant's sign-in page.
        state: Comes back with the code; the site compares it.
    """

    url: str
    state: str


class AccessToken(TypedDict):
    """A right to act as a user for a while.

    Attributes:
        access_token: A bearer token of the tenant's.
        expires_in: For how many seconds it is good.
        username: Whose it is.
        is_admin: Whether they administer the instance.
    """

    access_token: str
    expires_in: int
    username: str
    is_admin: bool


class NewSession(AccessToken):
    """A session that has just begun, with its first access token.

    Attributes:
        full_name: Of the user, as the tenant has it; may be empty.
        session: What the next access token is asked for with; good for 14 days.
    """

    full_name: str
    session: str
