"""Routes of `culler`."""

from iptweb.http import App
from iptweb.reference import offer_schema
from iptweb.runtime import CRON_CALLER, Call, inline, warm
from iptweb.terminals.answers import Sweep

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("culler")
run_inline = inline(app)
offer_schema(app)


@app.route("/sweep", methods=["POST"], cron=True)
def sweep_terminals(call: Call) -> Sweep:
    """Bring all records of terminals in line with the hosts.

    The platform's schedule calls it; the service account and administrators may, too.

    Raises:
        Forbidden: The caller is none of these.
        AgaveRefused: The function `terminal` can't sweep.
    """
    if call.username != CRON_CALLER:
        call.check_caretaker()
    swept = call.culler().sweep()
    call.log.write("swept", **swept)
    return swept
