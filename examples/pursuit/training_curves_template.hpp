// SPDX-License-Identifier: MIT
#pragma once

/// The page of a training run. Its data stand where /*RUN*/ is.
inline constexpr const char training_curves_template[] = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>pursuit</title>
<style>
:root {
  color-scheme: light dark;
  --bg: #f6f7f9; --card: #fff; --ink: #1c2430; --soft: #667085; --line: #e4e7ec; --grid: #eef0f4;
  --training: #3b6df6; --validation: #d9480f; --norm: #8b5cf6; --rate: #0f8a6d;
}
@media (prefers-color-scheme: dark) {
  :root { --bg: #12151b; --card: #1b2028; --ink: #e7eaf0; --soft: #98a2b3; --line: #2b323d; --grid: #262c36; --training: #6f95ff; --validation: #ff8a4c; --norm: #a78bfa; --rate: #34c9a3; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 22px 20px 40px; }
header { display: flex; align-items: baseline; gap: 12px; flex-wrap: wrap; margin-bottom: 14px; }
h1 { font-size: 21px; margin: 0; letter-spacing: -.01em; }
header p { margin: 0; color: var(--soft); flex: 1; }
label { color: var(--soft); white-space: nowrap; display: inline-flex; gap: 5px; align-items: center; cursor: pointer; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
.pad { padding: 14px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 1px; background: var(--line); margin-bottom: 16px; }
.tile { background: var(--card); padding: 11px 14px; }
.tile b { display: block; font-size: 20px; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.tile span { color: var(--soft); font-size: 12px; }
h2 { font-size: 13px; margin: 0 0 6px; font-weight: 600; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px; }
.charts .wide { grid-column: 1 / -1; }
canvas { display: block; width: 100%; cursor: crosshair; }
.legend { display: flex; gap: 14px; flex-wrap: wrap; color: var(--soft); font-size: 12px; margin: 0 0 4px; min-height: 18px; }
.legend b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
.dot { display: inline-block; width: 9px; height: 9px; border-radius: 3px; margin-right: 5px; }
.scroll { max-height: 330px; overflow: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: right; font-weight: 600; font-size: 12px; color: var(--soft); position: sticky; top: 0; background: var(--card); }
th, td { padding: 3px 10px; text-align: right; }
tr.best td { font-weight: 650; }
footer { color: var(--soft); font-size: 12px; margin-top: 18px; }
</style>
</head>
<body>
<main>
<header><h1 id="title"></h1><p id="subtitle"></p><label><input type="checkbox" id="log"> logarithmic</label></header>
<section class="card tiles" id="tiles"></section>
<section class="charts" id="charts"></section>
<footer>The line is the mean of a stretch of steps, the band its least and greatest; dots are means of whole epochs. The best epoch is ringed.</footer>
</main>
<script>
/*RUN*/
'use strict';
const $ = id => document.getElementById(id);
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const epochs = run.epochs, last = epochs[epochs.length - 1];
const bests = epochs.filter(e => e.best), best = bests[bests.length - 1];
const number = v => v === null || v === undefined ? '–' : v === 0 ? '0' : Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3 ? v.toExponential(2) : String(+v.toPrecision(4));
const finalStep = Math.max(1, ...run.step, ...epochs.map(e => e.step));

const charts = [];
let cursor = null;  // a step

// lines: {name, colour, x, mean, least, most}; dots: {name, colour, points: [[step, value]]}
function addChart(title, lines, dots, wide) {
  const card = document.createElement('div');
  card.className = 'card pad' + (wide ? ' wide' : '');
  const head = document.createElement('h2'), legend = document.createElement('p'), canvas = document.createElement('canvas');
  head.textContent = title;
  legend.className = 'legend';
  card.append(head, legend, canvas);
  $('charts').append(card);
  const chart = { canvas, legend, lines, dots, height: wide ? 230 : 130 };
  charts.push(chart);
  const go = e => {
    const box = canvas.getBoundingClientRect();
    cursor = Math.min(1, Math.max(0, (e.clientX - box.left - 58) / (box.width - 70))) * finalStep;
    draw();
  };
  canvas.addEventListener('pointermove', go);
  canvas.addEventListener('pointerdown', go);
  canvas.addEventListener('pointerleave', () => { cursor = null; draw(); });
}

// Of sorted steps: the one nearest to the cursor.
function nearest(x) {
  let low = 0, high = x.length;
  while (low < high) { const mid = (low + high) >> 1; if (x[mid] < cursor) low = mid + 1; else high = mid; }
  return low > 0 && (low === x.length || cursor - x[low - 1] < x[low] - cursor) ? low - 1 : low;
}

function drawLegend(c) {
  c.legend.textContent = '';
  for (const s of [...c.lines, ...c.dots]) {
    const x = s.x || s.points.map(p => p[0]), y = s.mean || s.points.map(p => p[1]);
    if (!x.length) continue;
    const i = cursor === null ? x.length - 1 : nearest(x), item = document.createElement('span'), dot = document.createElement('i'), value = document.createElement('b');
    dot.className = 'dot';
    dot.style.background = s.colour();
    value.textContent = number(y[i]);
    item.append(dot, s.name + ' ', value, ` at step ${Math.round(x[i])}`);
    c.legend.append(item);
  }
}

function ticksOf(low, high, log) {
  if (log) {
    const all = [];
    for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); ++p)
      for (const f of high / low < 30 ? [1, 2, 5] : [1]) all.push(f * 10 ** p);
    const inside = all.filter(v => v >= low * .999 && v <= high * 1.001);
    return inside.filter((v, i) => i % Math.ceil(inside.length / 6) === 0);
  }
  const raw = (high - low) / 4, unit = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].map(f => f * unit).find(f => f >= raw);
  const all = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-6; v += step) all.push(Math.abs(v) < step * 1e-6 ? 0 : v);
  return all;
}

function drawChart(c) {
  const ratio = window.devicePixelRatio || 1, width = c.canvas.clientWidth, plot = c.height, height = plot + 32;
  c.canvas.style.height = height + 'px';
  c.canvas.width = Math.round(width * ratio);
  c.canvas.height = Math.round(height * ratio);
  const g = c.canvas.getContext('2d');
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  const seen = [...c.lines.flatMap(s => s.mean), ...c.dots.flatMap(s => s.points.map(p => p[1]))].filter(v => v !== null && v !== undefined);
  const log = $('log').checked && seen.some(v => v > 0);
  const usable = log ? seen.filter(v => v > 0) : seen;
  // A few wild steps do not set the scale: the first values of a run may be hundreds of times the others.
  const sorted = [...usable].sort((a, b) => a - b), most = sorted[sorted.length - 1] ?? 1;
  let low = log ? sorted[0] : Math.min(0, sorted[0] ?? 0), high = log ? most : Math.min(most, (sorted[Math.floor(.98 * (sorted.length - 1))] ?? 1) * 1.6);
  if (!(high > low)) { high = low === 0 ? 1 : low + Math.abs(low); if (log) { low /= 2; } }
  const left = 58, right = width - 12, X = s => left + (right - left) * s / finalStep;
  const at = v => log ? (Math.log(v) - Math.log(low)) / (Math.log(high) - Math.log(low)) : (v - low) / (high - low);
  const Y = v => 8 + plot * (1 - Math.max(log && v <= 0 ? 0 : at(v), -.02));
  g.font = '11px system-ui, sans-serif';
  g.lineWidth = 1;
  for (const v of ticksOf(low, high, log)) {
    g.strokeStyle = css('--grid'); g.beginPath(); g.moveTo(left, Y(v)); g.lineTo(right, Y(v)); g.stroke();
    g.fillStyle = css('--soft'); g.textAlign = 'right'; g.fillText(String(+v.toPrecision(3)), left - 7, Y(v) + 4);
  }
  g.textAlign = 'center';
  for (const v of ticksOf(0, finalStep, false)) { g.fillStyle = css('--soft'); g.fillText(v >= 1e4 ? v / 1e3 + 'k' : v, Math.min(X(v), right - 8), height - 6); }
  g.save();
  g.beginPath(); g.rect(left - 1, 2, right - left + 8, plot + 7); g.clip();
  for (const s of c.lines) {
    g.fillStyle = s.colour(); g.globalAlpha = .18; g.beginPath();
    let from = 0;
    const band = until => {
      if (until - from < 2) return;
      g.moveTo(X(s.x[from]), Y(s.most[from]));
      for (let i = from + 1; i < until; ++i) g.lineTo(X(s.x[i]), Y(s.most[i]));
      for (let i = until; i-- > from;) g.lineTo(X(s.x[i]), Y(s.least[i]));
      g.closePath();
    };
    if (run.length > 1) for (let i = 0; i <= s.mean.length; ++i) if (i === s.mean.length || s.mean[i] === null) { band(i); from = i + 1; }
    g.fill();
    g.globalAlpha = 1; g.strokeStyle = s.colour(); g.lineWidth = 1.5; g.lineJoin = 'round'; g.beginPath();
    let drawn = false;
    s.mean.forEach((v, i) => {
      if (v === null) { drawn = false; return; }
      if (drawn) g.lineTo(X(s.x[i]), Y(v)); else g.moveTo(X(s.x[i]), Y(v));
      drawn = true;
    });
    g.stroke();
  }
  for (const s of c.dots) {
    g.strokeStyle = g.fillStyle = s.colour(); g.lineWidth = 1.5; g.beginPath();
    s.points.forEach((p, i) => i ? g.lineTo(X(p[0]), Y(p[1])) : g.moveTo(X(p[0]), Y(p[1])));
    g.stroke();
    for (const p of s.points) {
      g.beginPath(); g.arc(X(p[0]), Y(p[1]), s.points.length > 60 ? 2 : 3.2, 0, 7); g.fill();
      if (s.ring && best && p[0] === best.step) { g.strokeStyle = css('--ink'); g.beginPath(); g.arc(X(p[0]), Y(p[1]), 6.5, 0, 7); g.stroke(); }
    }
  }
  g.restore();
  if (cursor !== null) { g.strokeStyle = css('--ink'); g.globalAlpha = .5; g.lineWidth = 1; g.beginPath(); g.moveTo(X(cursor), 8); g.lineTo(X(cursor), 8 + plot); g.stroke(); }
}
function draw() { for (const c of charts) { drawChart(c); drawLegend(c); } }

const line = (name, curve, colour) => {
  const [mean, least, most] = run.curves[curve];
  return { name, colour: () => css(colour), x: run.step, mean, least, most };
};
const dots = (name, value, colour, ring) =>
  ({ name, colour: () => css(colour), ring, points: epochs.map(e => [e.step, value(e)]).filter(p => p[1] !== undefined && p[1] !== null) });
const validated = epochs.some(e => e.validation);

if (run.curves.loss) {
  const means = validated ? [dots('validation', e => e.validation?.loss, '--validation', true)] : [dots('epoch', e => e.training.loss, '--validation', true)];
  addChart('Loss', [line('training', 'loss', '--training')], means, true);
  const parts = Object.keys(run.curves).filter(n => n.startsWith('part: '));
  if (parts.length > 1) for (const curve of parts) {
    const name = curve.slice(6);
    addChart(name, [line('training', curve, '--training')], validated ? [dots('validation', e => e.validation?.parts[name], '--validation')] : [], false);
  }
  addChart('Length of the gradient', [line('before it is clipped', 'gradient norm', '--norm')], [], false);
  addChart('Rate', [line('rate', 'rate', '--rate')], [], false);
}
if (epochs.length) {
  const card = document.createElement('div');
  card.className = 'card pad wide';
  card.innerHTML = '<h2>Epochs</h2><div class="scroll"><table><thead><tr><th>epoch</th><th>training</th><th>validation</th><th>rate</th><th>seconds</th></tr></thead><tbody>' +
    [...epochs].reverse().map(e => `<tr${e === best ? ' class="best"' : ''}><td>${e.epoch}</td><td>${number(e.training.loss)}</td><td>${number(e.validation?.loss)}</td><td>${number(e.rate)}</td><td>${e.seconds.toFixed(1)}</td></tr>`).join('') + '</tbody></table></div>';
  $('charts').append(card);
}
$('title').textContent = document.title = run.title;
$('subtitle').textContent = run.logged ? `${finalStep} steps` + (run.length > 1 ? `, drawn in stretches of ${run.length} logged ones` : '') : 'no step is logged yet';
const tiles = [[epochs.length, epochs.length === 1 ? 'epoch' : 'epochs']];
if (best) tiles.push([number(best.validation ? best.validation.loss : best.training.loss), `best ${validated ? 'validation' : 'training'} loss, epoch ${best.epoch}`]);
if (last) tiles.push([number(last.training.loss), 'last training loss'], [number(last.rate), 'rate'], [last.seconds.toFixed(last.seconds < 10 ? 1 : 0) + ' s', 'the last epoch']);
for (const [value, what] of tiles) {
  const tile = document.createElement('div'), b = document.createElement('b'), span = document.createElement('span');
  tile.className = 'tile'; b.textContent = value; span.textContent = what;
  tile.append(b, span);
  $('tiles').append(tile);
}
$('log').checked = location.hash === '#log';  // page.html#log
$('log').addEventListener('change', draw);
addEventListener('resize', draw);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
draw();
</script>
</body>
</html>
)html";
