"""What can go wrong with a machine on which jobs run; each says it in words.

HostError
├── HostSilent      it does not answer, or the line broke: trying again may help
├── HostRefused     it does not let the tenant in, or not as this account
├── HostKeyChanged  it is not the machine that the system's description names
├── HostFull        it has no room, or the account may use no more
└── HostDenied      it lets the account neither read nor write there
"""

# What reading an answer of a machine may raise, where it is none.
NONSENSE = (ArithmeticError, LookupError, RecursionError, ValueError)


class HostError(Exception):
    """Something about the machine of a system.

    Attributes:
        message: sentence for the job's owner, without addresses, paths or secrets.
        may_pass: whether trying again later may help.
    """

    may_pass = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class HostSilent(HostError):
    """It does not answer, or the line broke in the middle."""

    may_pass = True


class HostRefused(HostError):
    """It does not let the tenant in."""


class HostKeyChanged(HostError):
    """It shows another key than the one that the system's description names."""


class HostFull(HostError):
    """It has no room, or the account may use no more."""


class HostDenied(HostError):
    """It lets the account neither read nor write there."""
