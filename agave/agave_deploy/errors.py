"""Everything that can go wrong while deploying.

DeployError                a sentence for a person; the command line prints it
├── ManifestError          actors.yaml, a system or an app is not what it should be
├── ProfileError           the description of a tenant is not what it should be
├── RegistryError          a system's file is not what it should be
├── SecretsError           the secrets can't be kept safely
├── StackError             the local stack can't be started or stopped
├── ImageError             an image can't be built
└── TenantError
    ├── RedeployFailed     a function does not run as it should
    ├── TenantOccupied     a name that is needed belongs to somebody else
    ├── TenantUnreachable  no answer
    └── TenantRefused      an answer that is a refusal: operation, status
"""

import subprocess

__all__ = [
    "DeployError",
    "ImageError",
    "ManifestError",
    "ProfileError",
    "RedeployFailed",
    "RegistryError",
    "SecretsError",
    "StackError",
    "TenantError",
    "TenantOccupied",
    "TenantRefused",
    "TenantUnreachable",
    "in_words",
]


class DeployError(Exception):
    """A failure whose message tells a person what to do."""


class ManifestError(DeployError):
    """A registration in the checkout is wrong; the message names file and field."""


class ProfileError(DeployError):
    """A tenant's profile is wrong; the message names the field."""


class RegistryError(DeployError):
    """A system's file is wrong; the message names file, field and what is right."""


class SecretsError(DeployError):
    """The folder of secrets is open to others, or can't be read."""


class StackError(DeployError):
    """The local stack did not start, or did not stop."""


class ImageError(DeployError):
    """An image can't be built; the message says which step failed, and how."""


class TenantError(DeployError):
    """The tenant did not do what it was asked."""


class RedeployFailed(TenantError):
    """A function does not run as it should; the message says what became of it."""


class TenantOccupied(TenantError):
    """Something of ours is somebody else's; whoever owns it could change it."""


class TenantUnreachable(TenantError):
    """The tenant gave no answer."""


class TenantRefused(TenantError):
    """The tenant said no.

    Attributes:
        operation: what was asked, as `POST /systems/v2`.
        status: HTTP status of the answer.
    """

    def __init__(self, operation: str, status: int, message: str) -> None:
        super().__init__(f"The tenant refused {operation} ({status}): {message}")
        self.operation = operation
        self.status = status


def in_words(error: BaseException) -> str:
    """Return why something could not be done, in words that a person knows.

    Args:
        error: of the system, or of a library.
    """
    if isinstance(error, TimeoutError | subprocess.TimeoutExpired):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, EOFError):
        return "the line broke"
    return " ".join(str(error).split()) or "no reason given"
