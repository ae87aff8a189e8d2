"""Routes of `culler`."""

from typing import Any

from iptweb.http import App
from iptweb.runtime import CRON_CALLER, Call, inline, warm

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("culler")
run_inline = inline(app)


@app.route("/sweep", methods=["POST"], cron=True)
def sweep_terminals(call: Call) -> dict[str, Any]:
    """Bring all records of terminals in line with the hosts."""
    if call.username != CRON_CALLER:
        call.check_caretaker()
    swept = call.culler().sweep()
    call.log.write("swept", **swept)
    return swept
