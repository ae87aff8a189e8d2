"""Routes of `webterm`."""

from dataclasses import dataclass
from typing import cast

from iptweb.errors import BadRequest
from iptweb.http import App, read_query, text
from iptweb.reference import offer_schema
from iptweb.runtime import Call, inline, warm
from iptweb.terminals import Status
from iptweb.terminals.answers import TerminalTicket
from iptweb.terminals.tickets import sign_ticket

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("webterm")
run_inline = inline(app)
offer_schema(app)


@dataclass(frozen=True)
class TerminalQuery:
    """Whose terminal, and from where it is to be opened.

    Attributes:
        user_name: Somebody else's name; for administrators, and without a ticket.
        origin: Of the page that opens it, as browsers send it; empty for a client that
            is no browser.
    """

    user_name: str = text(default="", max_length=64)
    origin: str = text(default="", max_length=200)


@app.route("/webterm", query=TerminalQuery)
def show_terminal(call: Call) -> TerminalTicket:
    """Show the caller's terminal, with a ticket when it is ready.

    The ticket is the first frame on the WebSocket at `url`: docs/terminal-protocol.md.

    Raises:
        Forbidden: Only an administrator may name somebody else.
    """
    query = read_query(TerminalQuery, call.request.query)
    user = call.target_user(query.user_name)
    origin = query.origin
    if origin not in {"", *call.settings.origins}:
        raise BadRequest("No terminal can be opened from that origin.", field="origin")
    record = call.terminals().show(user)
    answer = cast("TerminalTicket", record.to_answer())
    if record.status is Status.READY and user == call.username:
        ticket = sign_ticket(
            call.secret("ticket-key"),
            user=user,
            name=record.name,
            launch=record.launch,
            origin=origin,
            now=call.platform.clock(),
            ticket_id=call.platform.new_id(),
        )
        answer["ticket"] = ticket.text.reveal()
        answer["ticket_expires"] = ticket.expires
    return answer
