"""The figures about waiting: for a prompt, for a key's echo, for Ctrl-C."""

from bench.terminals import flow, starting
from bench.terminals.busy import busy_neighbour
from bench.terminals.loopback import loopback, measure_way
from bench.terminals.report import Aim, Compare, Row, Runs
from bench.terminals.stage import Stage

P50, P95 = 0.5, 0.95


def start(stage: Stage) -> list[Row]:
    """Measure start to prompt of the sandbox host."""
    home = stage.ours.home(stage.ours.request().name)
    ours, floor, peer = [], [], []
    for _ in range(stage.counts.starts):
        ours.append(starting.measure_start(stage.ours, stage.plan))
        floor.append(starting.measure_sandbox(home))
        peer.append(starting.measure_new(stage.terminado))
    prompts = Runs([[one.prompt for one in ours]])
    launched = Runs([[one.launched for one in ours]])
    return [
        Row(
            "start to prompt, sandbox host, p50, ms",
            prompts.quantile(P50),
            Aim(Compare.MOST, 400),
            Runs([floor]).quantile(P50),
            Runs([peer]).quantile(P50),
            "terminado's server runs already, and its shell has no walls",
        ),
        Row(
            "start to prompt, sandbox host, p95, ms",
            prompts.quantile(P95),
            None,
            Runs([floor]).quantile(P95),
            Runs([peer]).quantile(P95),
        ),
        Row("of it until `launch` returns, p50, ms", launched.quantile(P50)),
    ]


def echo(stage: Stage) -> list[Row]:
    """Measure the echo of a key while nothing else happens."""
    keys = stage.counts.keys
    with stage.viewers() as viewers, loopback() as url:
        sides = stage.turns(viewers, lambda viewer: flow.measure_echo(viewer, keys))
        way = Runs([measure_way(url, keys)])
    aims = {"p50": Aim(Compare.ABOVE_FLOOR, 0.8), "p95": Aim(Compare.ABOVE_FLOOR, 2.0)}
    note = (
        "the client and loopback alone take "
        f"{way.quantile(P50):.2f} ms, p95 {way.quantile(P95):.2f} ms"
    )
    return compare("echo, {}, ms", sides, aims, note)


def busy(stage: Stage) -> list[Row]:
    """Measure the echo of a key while `yes` runs in another terminal of that side."""
    sides = (Runs(), Runs(), Runs())
    with stage.viewers() as viewers:
        for _ in range(stage.counts.rounds):
            for side, runs, viewer in zip(stage.sides, sides, viewers, strict=True):
                with busy_neighbour(side):
                    runs.add(flow.measure_echo(viewer, stage.counts.keys))
    aims = {"p95": Aim(Compare.MOST, 5.0)}
    return compare("echo beside another's `yes`, {}, ms", sides, aims)


def interrupt(stage: Stage) -> list[Row]:
    """Measure Ctrl-C under `yes`."""
    with stage.viewers() as viewers:
        times = range(stage.counts.interrupts)
        sides = stage.turns(
            viewers, lambda viewer: [flow.measure_interrupt(viewer) for _ in times]
        )
    aims = {"p95": Aim(Compare.MOST, 50)}
    return compare("Ctrl-C under `yes` to the prompt, {}, ms", sides, aims)


def compare(
    figure: str, sides: tuple[Runs, Runs, Runs], aims: dict[str, Aim], note: str = ""
) -> list[Row]:
    """Return the middle and the slow end of what the sides took.

    Args:
        figure: With a place for which of the two it is.
        sides: Of the floor, of ours, of terminado.
        aims: For either.
        note: What else is to be said.
    """
    floor, ours, peer = sides
    return [
        Row(
            figure.format(name),
            ours.quantile(share),
            aims.get(name),
            floor.quantile(share),
            peer.quantile(share),
            note,
        )
        for name, share in (("p50", P50), ("p95", P95))
    ]
