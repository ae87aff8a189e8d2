"""Clients, profiles and metadata from their beginning to their end, by agavepy."""

import json
from typing import Any

import pytest
import requests

# agavepy 0.9.5 leaves the files that it reads its resources from open.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "number"}}}


def _status(error: pytest.ExceptionInfo[requests.HTTPError]) -> int:
    return error.value.response.status_code


def test_clients(life: Any) -> None:
    """A client is made, subscribed, read and deleted."""
    clients = life.client("anna").clients

    clients.create(body={"clientName": "mine", "callbackUrl": "https://a.test/"})
    assert "mine" in [one["name"] for one in clients.list()]
    assert clients.getClientByName(clientName="mine")
    before = clients.listSubscriptionsForClient(clientName="mine")
    clients.deleteSubscriptionsForClient(clientName="mine")
    assert clients.listSubscriptionsForClient(clientName="mine") == []
    clients.addSubscriptionForClient(clientName="mine", body={"apiName": "*"})
    assert len(clients.listSubscriptionsForClient(clientName="mine")) == len(before)
    clients.delete(clientName="mine")
    with pytest.raises(requests.HTTPError) as refusal:
        clients.getClientByName(clientName="mine")

    assert _status(refusal) == 404
    assert life.missed("clients") == set()


def test_profiles(life: Any) -> None:
    """An administrator makes an account, changes it and takes it away again."""
    profiles = life.client("admin").profiles
    body = {
        "username": "carl",
        "password": "a good long password",
        "email": "carl@example.org",
        "first_name": "Carl",
        "last_name": "Example",
    }

    assert profiles.get()["username"] == "admin"
    profiles.create(body=json.dumps(body))
    assert [one["username"] for one in profiles.list(username="carl")] == ["carl"]
    profiles.update(username="carl", body=json.dumps({**body, "last_name": "Other"}))
    assert profiles.listByUsername(username="carl")["last_name"] == "Other"
    profiles.delete(username="carl")

    assert profiles.list(username="carl") == []
    assert life.missed("profiles") == set()


def test_metadata(life: Any) -> None:
    """A document is added, found, shared, changed, taken back and deleted."""
    anna, bert = life.client("anna").meta, life.client("bert").meta
    uuid = anna.addMetadata(body={"name": "note", "value": {"n": 1}})["uuid"]

    found = anna.listMetadata(q=json.dumps({"value.n": {"$gt": 0}}))
    assert [one["uuid"] for one in found] == [uuid]
    pem = {"username": "bert", "permission": "READ"}
    anna.updateMetadataPermissions(uuid=uuid, body=pem)
    assert bert.getMetadata(uuid=uuid)["name"] == "note"
    anna.updateMetadataPermissionsForUser(
        uuid=uuid, username="bert", body={"permission": "READ_WRITE"}
    )
    bert.updateMetadata(uuid=uuid, body={"name": "note", "value": {"n": 2}})
    assert len(anna.listMetadataPermissions(uuid=uuid)) == 2
    assert anna.listMetadataPermissionsForUser(uuid=uuid, username="bert")
    anna.deleteMetadataPermissionsForUser(uuid=uuid, username="bert")
    with pytest.raises(requests.HTTPError) as refusal:
        bert.getMetadata(uuid=uuid)
    anna.deleteMetadataPermission(uuid=uuid)
    anna.deleteMetadata(uuid=uuid)

    assert _status(refusal) == 404
    assert anna.listMetadata() == []
    assert {name for name in life.missed("meta") if "Schema" not in name} == set()


def test_schemas(life: Any) -> None:
    """A schema is added, shared, holds documents to itself, and is deleted."""
    anna, bert = life.client("anna").meta, life.client("bert").meta
    uuid = anna.addSchema(body=json.dumps(SCHEMA))["uuid"]
    pem = {"username": "bert", "permission": "READ"}

    assert anna.searchSchema(uuid=uuid)
    anna.updateSchemaPermissions(uuid=uuid, body=pem)
    assert bert.getSchema(uuid=uuid)["uuid"] == uuid
    anna.updateSchemaPermissionsForUser(
        uuid=uuid, username="bert", body={"permission": "READ_WRITE"}
    )
    bert.updateSchema(uuid=uuid, body=json.dumps({**SCHEMA, "title": "Numbers"}))
    assert len(anna.listSchemaPermissions(uuid=uuid)) == 2
    assert anna.listSchemaPermissionsForUser(uuid=uuid, username="bert")
    anna.addMetadata(body={"name": "good", "value": {"n": 1}, "schemaId": uuid})
    with pytest.raises(requests.HTTPError) as refusal:
        anna.addMetadata(body={"name": "bad", "value": {"m": 1}, "schemaId": uuid})
    anna.deleteSchemaPermissionsForUser(uuid=uuid, username="bert")
    anna.deleteSchemaPermissions(uuid=uuid)
    for record in anna.listMetadata():
        anna.deleteMetadata(uuid=record["uuid"])
    anna.deleteSchema(uuid=uuid)

    assert _status(refusal) == 400
    assert {name for name in life.missed("meta") if "Schema" in name} == set()


def test_admin(life: Any) -> None:
    """Accounts, roles and APIs are added, bound to each other, and taken away."""
    admin = life.client("admin").admin
    account = {"id": "robot", "password": "a good long password"}

    account_id = admin.addAccount(body=account)["id"]
    assert admin.getAccount(accountId=account_id)
    assert len(admin.listAccounts()) > 1
    admin.updateAccount(accountId=account_id, body={**account, "email": "r@a.test"})
    role_id = admin.addRole(body={"id": "testers"})["id"]
    assert admin.getRole(roleId=role_id)
    assert role_id in [role["id"] for role in admin.listRoles()]
    admin.addRoleToAccount(accountId=account_id, body={"id": role_id})
    assert admin.listAccountRoles(accountId=account_id)
    assert admin.listAccountsInRole(roleId=role_id)
    admin.deleteRoleFromAccount(accountId=account_id, roleId=role_id)
    admin.addAccountToRole(roleId=role_id, body={"account_id": account_id})
    admin.deleteAccountFromRole(roleId=role_id, accountId=account_id)
    admin.deleteRole(roleId=role_id)
    admin.deleteAccount(accountId=account_id)
    described = {"api_name": "things", "context": "/things", "url": "http://a.test/"}
    api_id = admin.addApi(body=described)["id"]
    assert admin.getApi(apiId=api_id)
    assert admin.listApis()
    admin.updateApiStatus(apiId=api_id, body={"status": "PUBLISHED"})
    admin.deleteApi(apiId=api_id)
    assert admin.listClients()

    assert life.missed("admin") == set()
