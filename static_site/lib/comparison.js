// A serial program against its parallel one: rows for the table and geometry for the chart.

import { listNames } from "./bulk.js";

const SEVERAL = { threads: "threads", ranks: "ranks" };
const ONE = { threads: "thread", ranks: "rank" };
// The chart's own units; the page scales it to its place.
const WIDTH = 480;
const HEIGHT = 320;
const EDGE = { top: 16, right: 16, bottom: 48, left: 52 };
const MOST_TICKS = 6;

/** Return what a run is called: `Serial`, `1 thread`, `4 ranks`. */
export function runName(run, mode) {
  if (!run.count) {
    return "Serial";
  }
  return `${run.count} ${(run.count === 1 ? ONE[mode] : SEVERAL[mode]) ?? "processes"}`;
}

/** Return what a run's output is, in a word: as the serial one's, or why that cannot be said. */
export function sameWord(run) {
  if (!run.count) {
    return "–";
  }
  return run.same === true ? "yes" : run.same === false ? "no" : "not compared";
}

/** Return that outputs differ from the serial program's, for beside the state of the job; or "". */
export function verdictOf({ runs, mode }) {
  const different = groupRuns(runs).filter(({ count, same }) => count && same === false);
  const names = listNames(different.map((run) => runName(run, mode)));
  return names && `The outputs differ: with ${names} it is not that of the serial program.`;
}

/** Return what is wrong with a tolerance as it is typed, or "". */
export function toleranceFault(text) {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() !== "" && Number.isFinite(value) && value >= 0 && value <= 1
    ? ""
    : "The tolerance is a number from 0 to 1, such as 1e-6.";
}

function medianOf(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Return the runs by label, each with its usual time: repeats are one row, in the order in which they were made. */
export function groupRuns(runs) {
  const groups = new Map();
  for (const run of runs) {
    groups.set(run.label, [...(groups.get(run.label) ?? []), run]);
  }
  return [...groups.values()].map((repeats) => {
    const times = repeats.filter((run) => run.exit_code === 0).map(({ seconds }) => seconds);
    const failed = repeats.find((run) => run.exit_code !== 0);
    return {
      ...repeats[0],
      exit_code: failed?.exit_code ?? 0,
      repeats: repeats.length,
      seconds: times.length > 0 ? medianOf(times) : null,
      least: Math.min(...times),
      most: Math.max(...times),
    };
  });
}

/** Return the speed-up of each number of threads or ranks: `[{count, speedUp}]` in rising order. */
export function speedUps(groups) {
  return groups
    .filter(({ count, speed_up: speedUp }) => count > 0 && Number.isFinite(speedUp))
    .map(({ count, speed_up: speedUp }) => ({ count, speedUp }))
    .sort((one, other) => one.count - other.count);
}

/** Return round steps from 0 to at least `most`: 1, 2 or 5 times a power of ten. */
export function ticksOf(most) {
  const rough = most / (MOST_TICKS - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

/** Return the chart of speed-ups: sizes, ticks with their places, points, and the ideal line; null without points. */
export function chartOf(points) {
  if (points.length === 0) {
    return null;
  }
  const counts = points.map(({ count }) => count);
  const most = Math.max(...counts);
  const xTicks = ticksOf(Math.max(most, 2)).filter(Number.isInteger);
  const yTicks = ticksOf(Math.max(most, ...points.map(({ speedUp }) => speedUp), 2));
  const round = (value) => Number(value.toFixed(1));
  const x = (count) => round(EDGE.left + (count / xTicks.at(-1)) * (WIDTH - EDGE.left - EDGE.right));
  const y = (value) => round(HEIGHT - EDGE.bottom - (value / yTicks.at(-1)) * (HEIGHT - EDGE.top - EDGE.bottom));
  const least = Math.min(...counts);
  return {
    width: WIDTH,
    height: HEIGHT,
    left: EDGE.left,
    right: WIDTH - EDGE.right,
    top: EDGE.top,
    bottom: HEIGHT - EDGE.bottom,
    xTicks: xTicks.map((value) => ({ value, at: x(value) })),
    yTicks: yTicks.map((value) => ({ value, at: y(value) })),
    points: points.map(({ count, speedUp }) => ({ count, speedUp, x: x(count), y: y(speedUp) })),
    ideal: { x1: x(least), y1: y(least), x2: x(most), y2: y(most) },
  };
}
