"""How the gateway refuses a token: a fault, in JSON or in XML.

Either form makes agavepy refresh its token and try again (spec: agavepy, C.2).
"""

import json
from xml.sax.saxutils import escape

from werkzeug.wrappers import Request, Response

from agave_local.errors import NotSubscribed, Unauthorized

_MESSAGES = {
    900901: "Invalid Credentials",
    900902: "Missing Credentials",
    900904: "Invalid Credentials. Access token expired",
    900908: "Resource forbidden",
}
_JSON, _XML = "application/json", ("application/xml", "text/xml")
_NAMESPACE = "http://wso2.org/apimanager/security"


def to_fault(
    error: Unauthorized | NotSubscribed, request: Request | None = None
) -> Response:
    """Write a refusal as the gateway's fault.

    Args:
        error: the refusal.
        request: that is refused; XML is for those who ask for it.
    """
    message = _MESSAGES[error.fault]
    wanted = _JSON
    if request is not None:
        offered = (_JSON, *_XML)
        wanted = request.accept_mimetypes.best_match(offered, _JSON) or _JSON
    if wanted in _XML:
        body = (
            f'<ams:fault xmlns:ams="{_NAMESPACE}"><ams:code>{error.fault}</ams:code>'
            f"<ams:message>{escape(message)}</ams:message>"
            f"<ams:description>{escape(error.message)}</ams:description></ams:fault>"
        )
        return Response(body, error.status, mimetype=wanted)
    fault = {"code": error.fault, "message": message, "description": error.message}
    return Response(json.dumps({"fault": fault}), error.status, mimetype=_JSON)
