"""What answers at the addresses of the postits service."""

from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from werkzeug.wrappers import Request, Response

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, Gone, NotFound
from agave_local.reading.bodies import read_object, read_page
from agave_local.services.files.body import SEND_FILE
from agave_local.services.postits.models import Errand

_TOKEN_S = 60.0
# Of the redeemer: who they are is nothing to the request, nor what is known of them.
_LEFT_OUT = (
    "HTTP_AUTHORIZATION",
    "HTTP_X_JWT",
    "HTTP_ASSERTION",
    "HTTP_COOKIE",
    "werkzeug.",
    "agave_local.",
)
# Set in the environment of the request that a postit makes.
_REDEEMED = "agave_local.postit"


def on_list_postits(call: Call) -> Answer:
    """Answer with the caller's postits that can still be used."""
    postits = call.tenant.postits
    found = postits.list(call.identity, *read_page(call.request))
    return Answer([postits.to_public(postit) for postit in found])


def on_create_postit(call: Call) -> Answer:
    """Make a postit."""
    postits = call.tenant.postits
    postit = postits.create(call.identity, read_object(call.request))
    return Answer(postits.to_public(postit), 201)


def on_delete_postit(call: Call) -> Answer:
    """End a postit."""
    postits = call.tenant.postits
    return Answer(
        postits.to_public(postits.delete(call.identity, call.args["postit_id"]))
    )


def on_redeem_postit(call: Call) -> Response:
    """Make the request that a postit stands for; asks for no token.

    HEAD only tells whether it could be made: programs that look at a link before
    anybody follows it must not use it up.
    """
    postits, uuid = call.tenant.postits, call.args["postit_id"]
    if call.request.environ.get(_REDEEMED):
        raise BadRequest("A postit can't redeem another one.")
    if call.request.method == "HEAD":
        postits.check(uuid)
        return Response(status=200)
    errand = postits.redeem(uuid, call.request.method)
    return call.forward(_to_request(call, errand))


def _to_request(call: Call, errand: Errand) -> Request:
    """Return the request of an errand, with what the redeemer sent as its body."""
    outer = call.request
    environ: dict[str, Any] = {
        key: value
        for key, value in outer.environ.items()
        if key == SEND_FILE or not key.startswith(_LEFT_OUT)
    }
    environ |= {
        "REQUEST_METHOD": errand.method,
        "PATH_INFO": unquote_to_bytes(errand.path).decode("latin-1"),
        "QUERY_STRING": errand.query,
        _REDEEMED: True,
    }
    if errand.method != outer.method:
        environ |= {
            "CONTENT_LENGTH": "0",
            "CONTENT_TYPE": "",
            "wsgi.input": BytesIO(),
        }
    if errand.creator is not None:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {_mint(call, errand.creator)}"
    return Request(environ)


def _mint(call: Call, creator: str) -> str:
    try:
        return call.tenant.oauth.mint(creator, _TOKEN_S)
    except NotFound as error:
        raise Gone("The account of this postit's creator is gone.") from error
