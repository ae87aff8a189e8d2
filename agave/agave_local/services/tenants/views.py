"""What the tenants service answers."""

from agave_local.call import Answer, Call


def on_list(call: Call) -> Answer:
    """Return the one tenant there is."""
    settings = call.tenant.settings
    return Answer(
        [
            {
                "id": settings.code.lower(),
                "name": "Local tenant",
                "code": settings.code.lower(),
                "baseUrl": f"{settings.base_url}/",
                "status": "LIVE",
                "contact": [],
                "_links": {
                    "self": {"href": f"{settings.base_url}/tenants"},
                },
            }
        ]
    )
