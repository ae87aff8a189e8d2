"""The operations we need of a tenant, as interfaces.

`AgaveClient` and `OAuthService` do them for real; `iptweb.testing` ships fakes.
Every method may raise an `UpstreamError`; a 404 is `AgaveRefused` with that
`upstream_status`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from iptweb.secret import Secret

from .models import FileItem, MetadataItem, Profile, Slice, Tokens

__all__ = ["Agave", "Job", "OAuth"]

# Agave's job objects stay as they are: their fields differ between versions.
Job = Mapping[str, Any]


class Agave(Protocol):
    """One tenant, seen with one token."""

    def my_profile(self) -> Profile:
        """Return the owner of the token."""
        ...

    def find_metadata(
        self, query: Mapping[str, Any], *, limit: int = 100, offset: int = 0
    ) -> list[MetadataItem]:
        """Return the documents that match a Mongo-style query."""
        ...

    def add_metadata(self, name: str, value: Mapping[str, Any]) -> MetadataItem:
        """Add a document."""
        ...

    def update_metadata(
        self, uuid: str, name: str, value: Mapping[str, Any]
    ) -> MetadataItem:
        """Replace a document."""
        ...

    def delete_metadata(self, uuid: str) -> None:
        """Delete a document."""
        ...

    def share_metadata(self, uuid: str, username: str, permission: str) -> None:
        """Let somebody else read or write a document."""
        ...

    def list_files(
        self, system: str, path: str, *, limit: int, offset: int = 0
    ) -> list[FileItem]:
        """List a folder, or one file; a folder's first entry is itself, named `.`."""
        ...

    def make_folder(self, system: str, parent: str, name: str) -> None:
        """Make a folder."""
        ...

    def rename_file(self, system: str, path: str, name: str) -> None:
        """Give a file or folder another name in the same place."""
        ...

    def delete_file(self, system: str, path: str) -> None:
        """Delete a file, or a folder with all that is in it."""
        ...

    def media_url(self, system: str, path: str) -> str:
        """Return the address of a file's bytes, for a browser with a token."""
        ...

    def read_file(self, system: str, path: str, most: int) -> bytes:
        """Return a file, but no more than `most` bytes and one of it."""
        ...

    def write_file(self, system: str, folder: str, name: str, data: bytes) -> None:
        """Write a file into a folder; one of that name there is replaced."""
        ...

    def submit_job(self, document: Mapping[str, Any]) -> Job:
        """Submit a job."""
        ...

    def list_jobs(self, *, limit: int, offset: int = 0) -> list[Job]:
        """Return job summaries, the newest first."""
        ...

    def find_jobs(
        self,
        terms: Mapping[str, str | Sequence[str]],
        *,
        limit: int,
        offset: int = 0,
    ) -> list[Job]:
        """Return the jobs that satisfy all terms of a search, the newest first.

        Args:
            terms: As Agave has them: `status`, `name.like` and so on, and their
                values; of several values of one term each has to hold.
            limit: How many at most.
            offset: How many to leave out at the beginning.
        """
        ...

    def get_job(self, job_id: str) -> Job:
        """Return one job in full."""
        ...

    def job_history(self, job_id: str) -> list[Mapping[str, Any]]:
        """Return the events of a job, the oldest first."""
        ...

    def list_outputs(
        self, job_id: str, path: str = "", *, limit: int = 250
    ) -> list[FileItem]:
        """List the output folder of a job, wherever it is now."""
        ...

    def read_output(self, job_id: str, path: str, offset: int, length: int) -> Slice:
        """Return a part of an output file."""
        ...

    def outputs_url(self, job_id: str) -> str:
        """Return what addresses of a job's files begin with, up to their names."""
        ...

    def find_notifications(self, uuid: str) -> list[Mapping[str, Any]]:
        """Return the caller's notifications about a thing, the oldest first."""
        ...

    def share_job(self, job_id: str, username: str, permission: str) -> None:
        """Let somebody else read a job."""
        ...

    def stop_job(self, job_id: str) -> None:
        """Cancel a job."""
        ...

    def delete_job(self, job_id: str) -> None:
        """Hide a job from the list."""
        ...

    def grant_system(self, system: str, username: str, role: str) -> None:
        """Give somebody a role on a system."""
        ...

    def grant_app(self, app: str, username: str, permission: str) -> None:
        """Give somebody a permission on an app."""
        ...

    def grant_actor(self, actor: str, username: str, level: str) -> None:
        """Give somebody a level on an actor, by id or alias."""
        ...

    def ask_actor(self, actor: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send a message to an actor, by id or alias, and wait for its answer.

        Returns:
            The frame of one of our functions: `status`, `headers` and `body`.
        """
        ...

    def send_message(self, actor: str, message: Mapping[str, Any]) -> str:
        """Send a message to an actor, by id or alias; return the execution's id."""
        ...


class OAuth(Protocol):
    """The tenant's OAuth2 endpoints, as one client."""

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """Return where a browser signs in."""
        ...

    def exchange(self, code: str, redirect_uri: str) -> Tokens:
        """Trade an authorization code for tokens.

        Raises:
            Unauthorized: The code is wrong, spent or too old.
        """
        ...

    def refresh(self, refresh_token: Secret) -> Tokens:
        """Trade a refresh token for new tokens.

        Raises:
            Unauthorized: It is wrong, spent or revoked.
        """
        ...

    def revoke(self, token: Secret) -> None:
        """Make a token worthless; one that already is, is no error."""
        ...
