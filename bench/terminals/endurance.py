"""The figures about much, about breaking, and about nothing at all going on."""

import os
import statistics
from functools import partial

from bench.terminals import broken, flow, idle
from bench.terminals.loopback import loopback, measure_connect
from bench.terminals.processes import MB, memory
from bench.terminals.report import Aim, Compare, Row, Runs
from bench.terminals.sides import PROMPT, open_new, terminado
from bench.terminals.stage import Stage, server_and_family
from bench.terminals.viewers import WrongResult, read_until

P50, P95 = 0.5, 0.95
_REPLAYED = 1000


def rate(stage: Stage) -> list[Row]:
    """Measure how fast a large file of text goes through."""
    text = stage.folder / "text"
    size = flow.write_text(text, stage.counts.text)
    terminal = stage.ours.launch()
    homes = stage.floor.folder, stage.ours.home(terminal.name)
    for home in homes:
        os.link(text, home / text.name)
    viewers = [
        open_new(stage.floor),
        stage.ours.open(terminal),
        open_new(stage.terminado),
    ]
    try:
        sides = stage.turns(
            viewers,
            lambda viewer: [flow.measure_rate(viewer, text.name, size)],
            stage.counts.texts,
        )
    finally:
        for viewer in viewers:
            viewer.close()
        for place in (stage.folder, *homes):
            (place / text.name).unlink()
    floor, ours, peer = sides
    pairs = zip(ours.runs, floor.runs, strict=True)
    return [
        Row(
            f"{stage.counts.text // 10**6} MB of text, MiB/s",
            ours.quantile(P50),
            Aim(Compare.OF_FLOOR, 0.9),
            floor.quantile(P50),
            peer.quantile(P50),
            turns=statistics.median(mine / bare for (mine,), (bare,) in pairs),
        )
    ]


def stall(stage: Stage) -> list[Row]:
    """Measure what a client that stops reading costs."""
    terminal = stage.ours.launch()
    ours, peer = (
        broken.measure_stall(viewer, server, stage.counts.stall_s)
        for viewer, server in (
            (stage.ours.open(terminal), stage.server(terminal.name)),
            (open_new(stage.terminado), stage.terminado.pid),
        )
    )
    if not ours.kept:
        raise WrongResult("a client that had stopped reading lost its session")
    figure = f"client stalled for {stage.counts.stall_s:g} s: server's {{}}, MB"
    aim = Aim(Compare.MOST, 2.0)
    note = f"ours keeps the session, terminado {'too' if peer.kept else 'loses it'}"
    return [
        Row(figure.format("own PSS"), ours.own, aim, None, peer.own, note),
        Row(figure.format("RSS"), ours.there, aim, None, peer.there),
    ]


def cut(stage: Stage) -> list[Row]:
    """Count what a cut in the middle of 8 MB of output loses and doubles."""
    counts = range(stage.counts.cuts)
    ours = [_cut_ours(stage) for _ in counts]
    peer = [_cut_theirs(stage) for _ in counts]
    lost, doubled = (max(one.lost for one in ours), max(one.doubled for one in ours))
    if lost or doubled:
        raise WrongResult(f"a cut lost {lost} bytes and doubled {doubled}")
    aim = Aim(Compare.MOST, 0)
    return [
        Row(
            "cut in 8 MB of output: bytes lost, at most",
            lost,
            aim,
            None,
            max(one.lost for one in peer),
        ),
        Row(
            "cut in 8 MB of output: bytes doubled, at most",
            doubled,
            aim,
            None,
            max(one.doubled for one in peer),
        ),
    ]


def _cut_ours(stage: Stage) -> broken.Damage:
    terminal = stage.ours.launch()
    viewer = stage.ours.open(terminal)
    damage = broken.measure_cut(
        viewer, lambda: stage.ours.way(terminal, viewer.seen).open()
    )
    stage.ours.stop(terminal.name)
    return damage


def _cut_theirs(stage: Stage) -> broken.Damage:
    way = stage.terminado.named()
    viewer = way.open()
    read_until(viewer, PROMPT)
    return broken.measure_cut(viewer, way.open)


def attach(stage: Stage) -> list[Row]:
    """Measure how soon a viewer that comes back sees something."""
    terminal = stage.ours.launch()
    viewer = stage.ours.open(terminal)
    viewer.type(b"seq 1 1000\r")
    read_until(viewer, PROMPT)
    seen = viewer.seen - _REPLAYED
    viewer.close()
    named = stage.terminado.named()
    read_until(named.open(), PROMPT)
    floor, ours, peer = [], [], []
    with loopback() as url:
        for _ in range(stage.counts.attaches):
            floor.append(measure_connect(url))
            ours.append(broken.measure_attach(stage.ours.way(terminal, seen)))
            peer.append(broken.measure_attach(named))
    return [
        Row(
            "back to a terminal: first byte, p95, ms",
            Runs([ours]).quantile(P95),
            Aim(Compare.MOST, 100),
            Runs([floor]).quantile(P95),
            Runs([peer]).quantile(P95),
            "the floor is a WebSocket of its own on loopback",
        )
    ]


def still(stage: Stage) -> list[Row]:
    """Measure what idle terminals cost."""
    with idle.least_keeper() as keeper:
        floor = memory(keeper).share / MB
    rows = []
    for number in (1, stage.counts.terminals):
        seconds = stage.counts.idle_s if number > 1 else 0.0
        ours = idle.measure_idle(stage.ours, number, seconds, stage.our_processes)
        stage.ours.close()
        # A new one: what other measurements have left in its memory is not idle.
        with terminado(stage.floor.folder) as server:
            peer = idle.measure_idle(
                server, number, seconds, partial(server_and_family, server.pid)
            )
        rows += _idle_rows(number, ours, floor, peer)
    return rows


def _idle_rows(
    number: int, ours: idle.Idle, floor: float, peer: idle.Idle
) -> list[Row]:
    rows = [
        Row(
            f"PSS of the server per idle terminal, {number} of them, MB",
            ours.server,
            Aim(Compare.MOST, 15),
            floor,
            peer.server,
            f"{ours.whole:.1f} MB with the shell and the sandbox's own process; "
            "the floor is an interpreter that reads a pty; "
            "terminado is one process for all terminals of one user",
        )
    ]
    if ours.processor is not None:
        rows.append(
            Row(
                f"{number} idle terminals, % of a core in all",
                100 * ours.processor,
                Aim(Compare.MOST, 1.0),
                None,
                None if peer.processor is None else 100 * peer.processor,
            )
        )
    return rows
