// SPDX-License-Identifier: MIT
#pragma once

/// The page of `track --page`. The data of the run stands where /*RUN*/ is.
inline constexpr const char page_template[] = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>pursuit</title>
<style>
:root {
  --bg: #f6f7f9; --card: #fff; --ink: #1c2430; --soft: #667085; --line: #e4e7ec; --grid: #eef0f4;
  --box: #ff7a1a; --truth: #17b890; --score: #3b6df6; --time: #8b5cf6;
  --tracking: #22a06b; --uncertain: #e2a400; --lost: #e5484d; --bad_frame: #98a2b3;
}
@media (prefers-color-scheme: dark) {
  :root { --bg: #12151b; --card: #1b2028; --ink: #e7eaf0; --soft: #98a2b3; --line: #2b323d; --grid: #262c36; --score: #6f95ff; --time: #a78bfa; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 22px 20px 40px; }
header { display: flex; align-items: baseline; gap: 12px; flex-wrap: wrap; margin-bottom: 14px; }
h1 { font-size: 21px; margin: 0; letter-spacing: -.01em; }
header p { margin: 0; color: var(--soft); }
.top { display: grid; grid-template-columns: minmax(0, 1fr) 290px; gap: 16px; align-items: start; }
@media (max-width: 860px) { .top { grid-template-columns: 1fr; } }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
.stage { background: #0b0d11; display: block; width: 100%; cursor: pointer; }
.controls { display: flex; gap: 10px; align-items: center; padding: 10px 12px; flex-wrap: wrap; }
.controls input[type=range] { flex: 1 1 160px; min-width: 120px; accent-color: var(--box); }
button { font: inherit; border: 1px solid var(--line); background: var(--bg); color: var(--ink); border-radius: 8px; padding: 4px 12px; min-width: 74px; cursor: pointer; }
button:hover { border-color: var(--soft); }
label { color: var(--soft); white-space: nowrap; display: inline-flex; gap: 5px; align-items: center; cursor: pointer; }
.swatch { width: 14px; height: 3px; border-radius: 2px; display: inline-block; }
.now { font-variant-numeric: tabular-nums; color: var(--soft); min-width: 92px; }
.tiles { display: grid; grid-template-columns: 1fr 1fr; gap: 1px; background: var(--line); }
.tile { background: var(--card); padding: 11px 14px; }
.tile:last-child:nth-child(odd) { grid-column: 1 / -1; }
.tile b { display: block; font-size: 20px; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.tile span { color: var(--soft); font-size: 12px; }
h2 { font-size: 13px; margin: 0 0 8px; font-weight: 600; }
.pad { padding: 14px; }
.side { display: grid; gap: 16px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
td { padding: 3px 0; }
td:nth-child(2) { width: 42%; padding: 0 10px; }
td:last-child { text-align: right; white-space: nowrap; color: var(--soft); }
.bar { height: 7px; border-radius: 4px; background: var(--score); min-width: 1px; }
.charts { display: grid; gap: 16px; margin-top: 16px; }
.charts canvas { display: block; width: 100%; cursor: crosshair; }
.legend { display: flex; gap: 14px; flex-wrap: wrap; color: var(--soft); font-size: 12px; margin: 0 0 6px; }
.dot { display: inline-block; width: 9px; height: 9px; border-radius: 3px; margin-right: 5px; }
footer { color: var(--soft); font-size: 12px; margin-top: 18px; }
</style>
</head>
<body>
<main>
<header><h1 id="title"></h1><p id="subtitle"></p></header>
<section class="top">
  <div class="card">
    <canvas class="stage" id="stage"></canvas>
    <div class="controls">
      <button id="play">Play</button>
      <input id="seek" type="range" min="0" value="0" aria-label="frame">
      <span class="now" id="now"></span>
      <label><input type="checkbox" id="showPath" checked><i class="swatch" style="background:var(--box)"></i>path</label>
      <label id="truthLabel"><input type="checkbox" id="showTruth" checked><i class="swatch" style="background:var(--truth)"></i>truth</label>
    </div>
  </div>
  <div class="side">
    <div class="card tiles" id="tiles"></div>
    <div class="card pad"><h2>Where a frame's time goes</h2><table id="stages"></table></div>
    <div class="card pad"><h2>This frame</h2><table id="frame"></table></div>
  </div>
</section>
<section class="charts" id="charts"></section>
<footer>Space plays and stops; the arrow keys step; a click in a chart goes there. Times exclude decoding.</footer>
</main>
<script>
/*RUN*/
'use strict';
const $ = id => document.getElementById(id);
const count = run.boxes.length, shown = run.shown;
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const overlap = (a, b) => {
  if (!a || !b || b[2] <= 0 || b[3] <= 0) return null;
  const w = Math.max(0, Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]));
  const h = Math.max(0, Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]));
  return w * h / (a[2] * a[3] + b[2] * b[3] - w * h);
};
const iou = run.truth.length ? run.boxes.map((b, i) => overlap(b, run.truth[i])) : [];
const hasTruth = iou.some((v, i) => i > 0 && v !== null);
const ms = [null, ...run.ms];
const pictures = run.jpeg.map(data => { const i = new Image(); i.src = 'data:image/jpeg;base64,' + data; return i; });
// The picture of a frame, or the last one before it that was kept.
const pictureOf = frame => {
  let low = 0, high = shown.length;
  while (low < high) { const mid = (low + high) >> 1; if (shown[mid] <= frame) low = mid + 1; else high = mid; }
  return low - 1;
};

const stage = $('stage'), pen = stage.getContext('2d');
let frame = 0, playing = false;

function strokeBox(b, colour, dashed) {
  if (!b) return;
  pen.setLineDash(dashed ? [6, 4] : []);
  pen.lineWidth = 4; pen.strokeStyle = 'rgba(0,0,0,.45)'; pen.strokeRect(b[0] * k, b[1] * k, b[2] * k, b[3] * k);
  pen.lineWidth = 2.25; pen.strokeStyle = colour; pen.strokeRect(b[0] * k, b[1] * k, b[2] * k, b[3] * k);
  pen.setLineDash([]);
}
let k = 1;  // canvas pixels (CSS) to one pixel of the frame
function drawStage() {
  const ratio = window.devicePixelRatio || 1, width = stage.clientWidth, height = width * facts.height / facts.width;
  if (stage.width !== Math.round(width * ratio)) {
    stage.width = Math.round(width * ratio);
    stage.height = Math.round(height * ratio);
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  k = width / facts.width;
  const at = pictureOf(frame);
  pen.fillStyle = '#0b0d11'; pen.fillRect(0, 0, width, height);
  if (at >= 0 && pictures[at].complete) pen.drawImage(pictures[at], 0, 0, width, height);
  else if (at >= 0) pictures[at].onload = drawStage;
  if ($('showPath').checked) {
    const from = Math.max(0, frame - 60);
    for (let i = from + 1; i <= frame; ++i) {
      const a = run.boxes[i - 1], b = run.boxes[i];
      pen.beginPath();
      pen.moveTo((a[0] + a[2] / 2) * k, (a[1] + a[3] / 2) * k);
      pen.lineTo((b[0] + b[2] / 2) * k, (b[1] + b[3] / 2) * k);
      pen.globalAlpha = (i - from) / (frame - from) * .9;
      pen.strokeStyle = css('--box'); pen.lineWidth = 2; pen.stroke();
    }
    pen.globalAlpha = 1;
  }
  if (hasTruth && $('showTruth').checked) strokeBox(run.truth[frame], css('--truth'), true);
  const name = facts.statuses[run.status[frame]];
  strokeBox(run.boxes[frame], run.status[frame] === 0 ? css('--box') : css('--' + name), false);
  if (run.status[frame] !== 0) {
    const text = name.replace('_', ' ');
    pen.font = '600 13px system-ui, sans-serif';
    pen.fillStyle = css('--' + name); pen.fillRect(10, 10, pen.measureText(text).width + 16, 24);
    pen.fillStyle = '#fff'; pen.fillText(text, 18, 27);
  }
}

const charts = [];
function addChart(title, series, colour, top, digits, unit, strip) {
  const card = document.createElement('div');
  card.className = 'card pad';
  card.innerHTML = `<h2>${title}</h2>` + (strip ? '<p class="legend">' + facts.statuses.map((s, i) =>
    run.status.includes(i) ? `<span><i class="dot" style="background:var(--${s})"></i>${s.replace('_', ' ')}</span>` : '').join('') + '</p>' : '');
  const canvas = document.createElement('canvas');
  card.append(canvas);
  $('charts').append(card);
  const chart = { canvas, series, colour, top, digits, unit, strip };
  charts.push(chart);
  const go = e => {
    const box = canvas.getBoundingClientRect(), x = (e.clientX - box.left - 44) / (box.width - 56);
    show(Math.round(Math.min(1, Math.max(0, x)) * (count - 1)));
  };
  canvas.addEventListener('pointerdown', e => { canvas.setPointerCapture(e.pointerId); go(e); });
  canvas.addEventListener('pointermove', e => { if (e.buttons) go(e); });
}
function drawChart(c) {
  const ratio = window.devicePixelRatio || 1, width = c.canvas.clientWidth, plot = 92, bottom = c.strip ? 38 : 24, height = plot + bottom + 8;
  c.canvas.style.height = height + 'px';
  c.canvas.width = Math.round(width * ratio);
  c.canvas.height = Math.round(height * ratio);
  const g = c.canvas.getContext('2d');
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  const left = 44, right = width - 12, X = i => left + (right - left) * (count > 1 ? i / (count - 1) : 0), Y = v => 8 + plot * (1 - Math.min(v, c.top) / c.top);
  g.font = '11px system-ui, sans-serif'; g.lineWidth = 1;
  for (let i = 0; i <= 2; ++i) {
    const v = c.top * i / 2;
    g.strokeStyle = css('--grid'); g.beginPath(); g.moveTo(left, Y(v)); g.lineTo(right, Y(v)); g.stroke();
    g.fillStyle = css('--soft'); g.textAlign = 'right'; g.fillText(v.toFixed(c.digits), left - 7, Y(v) + 4);
  }
  g.textAlign = 'center';
  const raw = count / 8, unit = 10 ** Math.floor(Math.log10(Math.max(raw, 1))), tick = [1, 2, 5, 10].map(f => f * unit).find(f => f >= raw) || unit;
  for (let i = 0; i < count; i += tick) g.fillText(i + 1, X(i), height - 4);
  if (c.strip) for (let i = 0; i < count; ++i) {
    g.fillStyle = css('--' + facts.statuses[run.status[i]]);
    g.fillRect(X(i - .5), plot + 14, X(1) - X(0) + .7, 6);
  }
  g.save(); g.beginPath(); g.rect(left - 1, 0, right - left + 2, plot + 9); g.clip();
  g.strokeStyle = c.colour; g.lineWidth = 1.6; g.lineJoin = 'round'; g.beginPath();
  let drawn = false;
  c.series.forEach((v, i) => {
    if (v === null || v === undefined) { drawn = false; return; }
    if (drawn) g.lineTo(X(i), Y(v)); else g.moveTo(X(i), Y(v));
    drawn = true;
  });
  g.stroke(); g.restore();
  g.strokeStyle = css('--ink'); g.globalAlpha = .55; g.lineWidth = 1; g.beginPath(); g.moveTo(X(frame), 8); g.lineTo(X(frame), 8 + plot); g.stroke(); g.globalAlpha = 1;
  const v = c.series[frame];
  if (v !== null && v !== undefined) {
    g.fillStyle = c.colour; g.beginPath(); g.arc(X(frame), Y(v), 3.5, 0, 7); g.fill();
    const text = v.toFixed(c.digits + 1) + c.unit, flip = X(frame) > right - 60;
    g.font = '600 12px system-ui, sans-serif'; g.textAlign = flip ? 'right' : 'left';
    g.fillText(text, X(frame) + (flip ? -8 : 8), Math.max(20, Y(v) - 6));
  }
}

function show(f) {
  frame = Math.min(count - 1, Math.max(0, f));
  $('seek').value = frame;
  $('now').textContent = `${frame + 1} / ${count}`;
  const b = run.boxes[frame], rows = [['box', b.map(v => v.toFixed(1)).join(', ')], ['score', run.score[frame].toFixed(3)],
    ['status', facts.statuses[run.status[frame]].replace('_', ' ')]];
  if (hasTruth) rows.push(['overlap', iou[frame] === null ? 'no truth' : iou[frame].toFixed(3)]);
  if (frame > 0) rows.push(['time', ms[frame].toFixed(2) + ' ms']);
  $('frame').innerHTML = rows.map(r => `<tr><td>${r[0]}</td><td></td><td>${r[1]}</td></tr>`).join('');
  drawStage();
  charts.forEach(drawChart);
}

$('title').textContent = `${facts.tracker} on ${facts.source}`;
document.title = $('title').textContent;
$('subtitle').textContent = `${count} frames of ${facts.width} x ${facts.height}` +
  (shown.length < count ? `, ${shown.length} of them shown` : '');
const tiles = [[facts.fps.toFixed(facts.fps < 20 ? 1 : 0), 'frames / s'], [facts.mean_ms.toFixed(2) + ' ms', `a frame; longest ${facts.max_ms.toFixed(1)}`]];
if ('auc' in facts) tiles.push([facts.auc.toFixed(3), 'success AUC'], [facts.precision20.toFixed(3), 'precision at 20 px'], [facts.mean_iou.toFixed(3), 'mean overlap']);
const troubled = run.status.filter(s => s !== 0).length;
tiles.push([(100 * (1 - troubled / count)).toFixed(0) + ' %', 'of frames tracking']);
$('tiles').innerHTML = tiles.map(t => `<div class="tile"><b>${t[0]}</b><span>${t[1]}</span></div>`).join('');
const most = Math.max(...Object.values(facts.stages), 1e-9);
$('stages').innerHTML = Object.entries(facts.stages).map(([name, t]) =>
  `<tr><td>${name}</td><td><div class="bar" style="width:${(100 * t / most).toFixed(1)}%"></div></td><td>${t.toFixed(t < 10 ? 3 : 1)} ms</td></tr>`).join('');
if (!hasTruth) $('truthLabel').remove();
$('seek').max = count - 1;
$('seek').addEventListener('input', e => show(+e.target.value));
for (const id of ['showPath', 'showTruth']) if ($(id)) $(id).addEventListener('change', drawStage);

addChart('Score and status', run.score, css('--score'), 1, 1, '', true);
if (hasTruth) addChart('Overlap with the truth (IoU)', iou, css('--truth'), 1, 1, '', false);
const sorted = [...run.ms].sort((a, b) => a - b), high = sorted.length ? sorted[Math.floor(.98 * (sorted.length - 1))] * 1.4 : 1;
const digits = high < 2 ? 2 : 1;
addChart('Time of each frame (ms)', ms, css('--time'), high || 1, digits, ' ms', false);

let last = 0;
function tick(now) {
  if (!playing) return;
  if (now - last >= 1000 / facts.rate - 2) {
    last = now;
    if (frame + 1 >= count) { toggle(); return; }
    show(frame + 1);
  }
  requestAnimationFrame(tick);
}
function toggle() {
  playing = !playing;
  $('play').textContent = playing ? 'Pause' : 'Play';
  if (playing) { if (frame + 1 >= count) show(0); requestAnimationFrame(tick); }
}
$('play').addEventListener('click', toggle);
stage.addEventListener('click', toggle);
addEventListener('keydown', e => {
  if (e.code === 'Space') { e.preventDefault(); toggle(); }
  else if (e.code === 'ArrowRight') { e.preventDefault(); show(frame + 1); }
  else if (e.code === 'ArrowLeft') { e.preventDefault(); show(frame - 1); }
});
addEventListener('resize', () => show(frame));
addEventListener('hashchange', () => show((parseInt(location.hash.slice(1)) || 1) - 1));  // page.html#120
show((parseInt(location.hash.slice(1)) || 1) - 1);
</script>
</body>
</html>
)html";
