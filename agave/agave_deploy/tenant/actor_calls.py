"""What deploying asks of Abaco."""

from collections.abc import Mapping
from typing import Any

from agave_deploy.tenant.connection import Connection, Object, to_part

__all__ = ["ActorCalls"]


class ActorCalls(Connection):
    """Actors, aliases, configs and nonces of one account."""

    def actors(self) -> list[Object]:
        """Return the actors that the account may see."""
        return self._list("GET", "/actors/v2")

    def find_actor(self, actor: str) -> Object | None:
        """Return an actor, or None."""
        return self._find("GET", f"/actors/v2/{to_part(actor)}")

    def put_actor(
        self, document: Mapping[str, Any], actor: str | None, *, force: bool = False
    ) -> str:
        """Register an actor, or update the given one; return its id.

        Args:
            document: the whole registration, since what is left out is reset.
            actor: id of the one to update.
            force: start its image anew though the name is the same.
        """
        if actor is None:
            return str(self._object("POST", "/actors/v2", json=document)["id"])
        body = {**document, "force": True} if force else document
        self._call("PUT", f"/actors/v2/{to_part(actor)}", again=not force, json=body)
        return actor

    def delete_actor(self, actor: str) -> bool:
        """End an actor with all that waits for it; false where there was none."""
        return self._delete(f"/actors/v2/{to_part(actor)}")

    def aliases(self) -> dict[str, Object]:
        """Return all aliases by name, each with its actor's id and its owner."""
        entries = self._list("GET", "/actors/v2/aliases")
        return {str(entry["alias"]): entry for entry in entries}

    def put_alias(self, alias: str, actor: str, *, exists: bool) -> None:
        """Let an alias mean an actor."""
        body = {"alias": alias, "actorId": actor}
        if exists:
            path = f"/actors/v2/aliases/{to_part(alias)}"
            self._call("PUT", path, again=True, json={"actorId": actor})
        else:
            self._call("POST", "/actors/v2/aliases", json=body)

    def delete_alias(self, alias: str) -> bool:
        """Take an alias back; false where there was none."""
        return self._delete(f"/actors/v2/aliases/{to_part(alias)}")

    def actor_users(self, actor: str) -> dict[str, str]:
        """Return each user's permission on an actor."""
        entries = self._object("GET", f"/actors/v2/{to_part(actor)}/permissions")
        return {str(user): str(level) for user, level in entries.items()}

    def grant_actor(self, actor: str, user: str) -> None:
        """Let a user send messages to an actor."""
        body = {"user": user, "level": "EXECUTE"}
        path = f"/actors/v2/{to_part(actor)}/permissions"
        self._call("POST", path, again=True, json=body)

    def configs(self) -> dict[str, Object]:
        """Return all configs by name; secrets come back encrypted."""
        entries = self._list("GET", "/actors/v2/configs")
        return {str(entry["name"]): entry for entry in entries}

    def config_users(self, name: str) -> dict[str, str]:
        """Return each user's permission on a config."""
        entries = self._object("GET", f"/actors/v2/configs/{to_part(name)}/permissions")
        return {str(user): str(level) for user, level in entries.items()}

    def put_config(
        self, name: str, value: str, actors: str, *, secret: bool, exists: bool
    ) -> None:
        """Set a config for actors, a list of aliases parted by commas."""
        body = {"name": name, "value": value, "isSecret": secret, "actors": actors}
        if exists:
            path = f"/actors/v2/configs/{to_part(name)}"
            self._call("PUT", path, again=True, json=body)
        else:
            self._call("POST", "/actors/v2/configs", json=body)

    def delete_config(self, name: str) -> bool:
        """Delete a config; false where there was none."""
        return self._delete(f"/actors/v2/configs/{to_part(name)}")

    def nonces(self, alias: str) -> list[Object]:
        """Return the nonces of an alias."""
        return self._list("GET", f"/actors/v2/aliases/{to_part(alias)}/nonces")

    def make_nonce(self, alias: str, description: str) -> str:
        """Make a nonce with which anybody may send messages to an alias."""
        body = {"level": "EXECUTE", "maxUses": -1, "description": description}
        path = f"/actors/v2/aliases/{to_part(alias)}/nonces"
        return str(self._object("POST", path, json=body)["id"])

    def delete_nonce(self, alias: str, nonce: str) -> bool:
        """Take a nonce back; false where there was none."""
        path = f"/actors/v2/aliases/{to_part(alias)}/nonces/{to_part(nonce)}"
        return self._delete(path)
