"""The kinds of what a sign-in leaves in the store, each with its `owner`."""

ACCESS, REFRESH, CODE = "access_token", "refresh_token", "authorization_code"
