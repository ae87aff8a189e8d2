"""Sign-in: where to go, from code to session, refresh, sign-out.

The only function that holds the OAuth client's secret and the session key.  It is
called before anybody is signed in, by a nonce on its alias, so nothing here trusts
`_abaco_username`; who somebody is comes from the token that the platform gave them.
Tokens go to the browser, refresh tokens never do.
"""
