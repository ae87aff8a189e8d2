"""Refusals of the token endpoint, in the words of RFC 6749 section 5.2."""

from agave_local.errors import LocalTenantError


class OAuthError(LocalTenantError):
    """A refusal with an OAuth error code.

    Attributes:
        code: of RFC 6749.
    """

    status = 400
    code = "invalid_request"


class InvalidGrant(OAuthError):
    """The password, code or refresh token is no good."""

    code = "invalid_grant"


class InvalidClient(OAuthError):
    """The client's key and secret are no good."""

    status = 401
    code = "invalid_client"


class UnauthorizedClient(OAuthError):
    """The client, or who speaks through it, may not use this grant."""

    code = "unauthorized_client"


class UnsupportedGrantType(OAuthError):
    """A grant that the tenant does not have."""

    code = "unsupported_grant_type"
