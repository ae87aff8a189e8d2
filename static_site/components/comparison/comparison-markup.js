// The markup of a comparison: the table of runs, the chart of the speed-up, and the first differences.

import { chartOf, groupRuns, runName, sameWord, speedUps } from "../../lib/comparison.js";
import { formatSeconds } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { exitSentence } from "../../lib/job-words.js";

const AXES = { threads: "Threads", ranks: "Ranks" };

/** The parts that the answers go into. */
export function frameMarkup() {
  return html`<h2 id="comparison-title">Before and after</h2>
    <p id="comparison-message" class="hint" role="status"></p>
    <div id="chart"></div>
    <div id="runs"></div>
    <form id="tolerance-form" novalidate>
      <div class="field small">
        <label for="tolerance">Tolerance</label>
        <input id="tolerance" value="1e-6" autocomplete="off" spellcheck="false" inputmode="text"
          aria-describedby="tolerance-hint tolerance-fault" />
      </div>
      <button type="submit" class="button">Compare again</button>
      <p class="hint" id="tolerance-hint">Numbers in the outputs may differ by this fraction of their size; 1e-6 is a millionth.</p>
      <p class="fault" id="tolerance-fault" role="alert"></p>
    </form>
    <div id="differences"></div>`;
}

/** A number stays with its unit. */
const measure = (text) => html`<span class="measure">${text}</span>`;
const factor = (value) => (Number.isFinite(value) ? `${value.toFixed(2)} ×` : "–");
const percent = (value) => (Number.isFinite(value) ? `${Math.round(value * 100)} %` : "–");

function ending(run) {
  return run.exit_code === 0 ? "" : html`<span class="stuck">${exitSentence(run.exit_code)}</span>`;
}

function timeMarkup({ seconds, repeats, least, most }) {
  const time = measure(formatSeconds(seconds) || "–");
  const times = html`${measure(`${repeats} runs,`)} ${measure(formatSeconds(least))} to ${measure(formatSeconds(most))}`;
  return repeats > 1 && seconds !== null ? html`<span>${time} <span class="hint">${times}</span></span>` : time;
}

function runMarkup(run, mode) {
  return html`<tr role="row">
    <th role="rowheader" scope="row" data-label="Run">${runName(run, mode)} ${ending(run)}</th>
    <td role="cell" data-label="Time">${timeMarkup(run)}</td>
    <td role="cell" data-label="Speed-up">${measure(run.count ? factor(run.speed_up) : "–")}</td>
    <td role="cell" data-label="Efficiency">${measure(run.count ? percent(run.efficiency) : "–")}</td>
    <td role="cell" data-label="Same">${sameWord(run)}</td>
  </tr>`;
}

/** All runs, in the order in which they were made; the time of several is the one in the middle. */
export function runsMarkup({ runs, mode }) {
  return html`<div class="table-box">
    <table role="table">
      <caption class="visually-hidden">Times of the serial and the parallel program</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">Run</th>
          <th role="columnheader" scope="col">Time</th>
          <th role="columnheader" scope="col">Speed-up</th>
          <th role="columnheader" scope="col">Efficiency</th>
          <th role="columnheader" scope="col">Same output</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${groupRuns(runs).map((run) => runMarkup(run, mode))}
      </tbody>
    </table>
  </div>`;
}

function axesMarkup(chart, mode) {
  const { left, right, top, bottom } = chart;
  return html`${chart.yTicks.map(
    ({ value, at }) =>
      html`<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}" />
        <text class="tick" x="${left - 8}" y="${at + 4}" text-anchor="end">${value}</text>`,
  )}
  ${chart.xTicks.map(
    ({ value, at }) =>
      html`<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}" />
        <text class="tick" x="${at}" y="${bottom + 18}" text-anchor="middle">${value}</text>`,
  )}
  <text class="axis" x="${(left + right) / 2}" y="${bottom + 38}" text-anchor="middle">${AXES[mode] ?? "Processes"}</text>
  <text class="axis" x="14" y="${(top + bottom) / 2}" text-anchor="middle"
    transform="rotate(-90 14 ${(top + bottom) / 2})">Speed-up</text>`;
}

/** The speed-up over threads or ranks, with the line that it cannot usually pass; the table says the same in text. */
export function chartMarkup({ runs, mode }) {
  const points = speedUps(groupRuns(runs));
  const chart = chartOf(points);
  if (!chart) {
    return html``;
  }
  const best = points.reduce((one, other) => (other.speedUp > one.speedUp ? other : one));
  const words = `At best ${factor(best.speedUp)} with ${runName(best, mode)}. The table below has all numbers.`;
  const { ideal } = chart;
  return html`<figure class="chart">
    <svg viewBox="0 0 ${chart.width} ${chart.height}" role="img"
      aria-labelledby="chart-title" aria-describedby="chart-words">
      <title id="chart-title">Speed-up over ${(AXES[mode] ?? "Processes").toLowerCase()}</title>
      <desc id="chart-words">${words}</desc>
      ${axesMarkup(chart, mode)}
      <line class="ideal" x1="${ideal.x1}" y1="${ideal.y1}" x2="${ideal.x2}" y2="${ideal.y2}" />
      <polyline class="measured" points="${chart.points.map(({ x, y }) => `${x},${y}`).join(" ")}" />
      ${chart.points.map(({ x, y }) => html`<circle class="point" cx="${x}" cy="${y}" r="4.5" />`)}
    </svg>
    <figcaption>
      <span class="key measured-key">measured</span> <span class="key ideal-key">ideal</span>
      <span class="hint">${words.split(". ")[0]}.</span>
    </figcaption>
  </figure>`;
}

function sideMarkup(title, text) {
  return html`<div>
    <dt>${title}</dt>
    <dd>${text ? html`<code>${text}</code>` : html`<span class="muted">nothing</span>`}</dd>
  </div>`;
}

function differenceWords({ line, word, relative, serial_lines: serial, parallel_lines: parallel }) {
  if (word === 0 && Number.isInteger(serial) && Number.isInteger(parallel)) {
    return `line ${line} is in one of them only: they have ${serial} and ${parallel} lines.`;
  }
  const place = word > 0 ? `word ${word} of line ${line}` : `line ${line}`;
  const far = Number.isFinite(relative) && relative > 0;
  return `${place} differs${far ? ` by ${Number(relative.toPrecision(2))} of its size` : ""}.`;
}

function differenceMarkup({ difference, ...run }, mode) {
  const name = runName(run, mode);
  return html`<li>
    <p>With ${name}, ${differenceWords(difference)}</p>
    <dl class="sides">${sideMarkup("Serial", difference.serial)} ${sideMarkup(name, difference.parallel)}</dl>
  </li>`;
}

/** Where each output first differs from the serial one, side by side. */
export function differencesMarkup({ runs, mode }) {
  const groups = groupRuns(runs);
  const different = groups.filter(({ difference }) => difference);
  if (different.length > 0) {
    return html`<h3>First differences</h3>
      <ul class="differences">${different.map((run) => differenceMarkup(run, mode))}</ul>`;
  }
  const parallel = groups.filter(({ count }) => count > 0);
  const isSame = parallel.length > 0 && parallel.every(({ same }) => same === true);
  return isSame ? html`<p class="same">All outputs are the same within the tolerance.</p>` : html``;
}
