"""Routes of `webterm`."""

from typing import Any

from iptweb.errors import BadRequest
from iptweb.http import App
from iptweb.runtime import Call, inline, warm
from iptweb.terminals import Status, sign_ticket

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("webterm")
run_inline = inline(app)


@app.route("/webterm")
def show_terminal(call: Call) -> dict[str, Any]:
    """Show the caller's terminal, with a ticket when it is ready."""
    user = call.target_user(call.request.text("user_name", max_length=64))
    origin = call.request.text("origin", max_length=200)
    if origin not in {"", *call.settings.origins}:
        raise BadRequest("No terminal can be opened from that origin.", field="origin")
    record = call.terminals().show(user)
    answer: dict[str, Any] = dict(record.to_answer())
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
        answer |= {"ticket": ticket.text.reveal(), "ticket_expires": ticket.expires}
    return answer
