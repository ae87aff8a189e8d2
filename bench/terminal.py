"""How terminals do, beside a bare pty and beside terminado, in the same run.

`python -m bench.terminal [--quick] [--only NAME,…] [--json FILE]` starts terminals of
its own and prints each figure beside

* its aim;
* a floor: a shell on a pty that the measuring process reads itself, with no network;
* terminado, the terminal server of Jupyter, by the same client.

| name | figure |
|---|---|
| start | start to prompt, sandbox host |
| containers | start to prompt, container host |
| echo | a key to its echo, nothing else going on |
| busy | the same beside another terminal in which `yes` runs |
| rate | 100 MB of text |
| interrupt | Ctrl-C under `yes` to the new prompt |
| stall | a client that does not read for 20 s: the server's memory |
| cut | a cut in the middle of 8 MB of output: bytes lost and doubled |
| attach | coming back to a terminal |
| still | memory and processor time of idle terminals |

Time never makes it fail; output that is lost, doubled or wrong does.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.terminals import containers, endurance, latency
from bench.terminals.report import Row, table
from bench.terminals.stage import QUICK, Counts, Stage, machine, stage
from bench.terminals.viewers import WrongResult
from bench.terminals.wire import WireClosed
from iptweb.errors import LaunchFailed
from sandbox import available

FIGURES: dict[str, Callable[[Stage], list[Row]]] = {
    "start": latency.start,
    "containers": containers.start,
    "echo": latency.echo,
    "busy": latency.busy,
    "rate": endurance.rate,
    "interrupt": latency.interrupt,
    "stall": endurance.stall,
    "cut": endurance.cut,
    "attach": endurance.attach,
    "still": endurance.still,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 1 where a result was wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", help="names of figures, parted by commas")
    parser.add_argument("--quick", action="store_true", help="few repetitions")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    names = options.only.split(",") if options.only else list(FIGURES)
    if unknown := set(names) - FIGURES.keys():
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    if reason := available():
        sys.exit(f"Nothing measured: there can be no sandbox here: {reason}.")
    # A terminal outlives whoever started it: being told to stop must end ours too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # A background job of sh ignores it, and so would `yes` in bare shells of ours.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    about = machine()
    with stage(QUICK if options.quick else Counts()) as found:
        rows, wrong = measure(found, names)
    # What others did meanwhile shows in the figures: say how much it was.
    about["load_after"] = machine()["load"]
    print(", ".join(f"{key} {value}" for key, value in about.items()))
    print(table(rows))
    for text in wrong:
        print(f"WRONG: {text}")
    if options.json:
        figures = [{**asdict(row), "verdict": row.verdict} for row in rows]
        values = {"machine": about, "figures": figures, "wrong": wrong}
        options.json.write_text(json.dumps(values, indent=1, default=str), "utf-8")
    return 1 if wrong else 0


def measure(found: Stage, names: Iterable[str]) -> tuple[list[Row], list[str]]:
    """Return the figures, and what was wrong."""
    rows: list[Row] = []
    wrong: list[str] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        try:
            rows += FIGURES[name](found)
        except PermissionError as error:
            rows.append(Row(name, None, note=f"not measured: {error.strerror}"))
        except (WrongResult, WireClosed, OSError) as error:
            wrong.append(f"{name}: {error}")
        except LaunchFailed as error:
            # What the server said last is for operators, and this is one.
            wrong.append(f"{name}: {error} {error.context.get('log', '')}")
        finally:
            found.ours.close()
    return rows, wrong


if __name__ == "__main__":
    sys.exit(main())
