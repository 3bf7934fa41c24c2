#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes eval/ope.json, vot.json and long_term.json: made-up results and what the public toolkits say of them.

Wants checkouts of got-10k/toolkit, STVIR/pysot (with its region extension built in place) and visionml/pytracking, and
the package vot-toolkit:

    python3 make_eval.py got10k=DIR pysot=DIR vot       # numpy, shapely, matplotlib, vot-toolkit
    python3 make_eval.py pytracking=DIR                 # adds its numbers; torch

The made-up results depend on the seed below only, so the parts can be made one after the other.
"""
import json
import os
import random
import sys
import types

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "eval")
WIDTH, HEIGHT = 320, 240


def walk(rng, frames, digits):
    """A target that wanders inside the picture."""
    w, h = rng.randint(12, 60), rng.randint(12, 60)
    x, y = rng.uniform(20, WIDTH - w - 20), rng.uniform(20, HEIGHT - h - 20)
    boxes = []
    for _ in range(frames):
        x = min(max(x + rng.uniform(-4, 4), 6), WIDTH - w - 16)
        y = min(max(y + rng.uniform(-4, 4), 6), HEIGHT - h - 16)
        boxes.append([round(v, digits) if digits else int(v) for v in (x, y, w, h)])
    return boxes


def ope_sequences():
    rng = random.Random(11)
    sequences = []
    for i in range(20):
        frames = rng.randint(25, 60)
        truth = walk(rng, frames, 1)
        boxes, ex, ey = [], 0.0, 0.0
        for t in truth:
            ex, ey = ex + rng.uniform(-3, 3), ey + rng.uniform(-3, 3)
            s = rng.uniform(0.7, 1.3)
            boxes.append([round(v, 1) for v in (t[0] + ex, t[1] + ey, t[2] * s, t[3] * s)])
        sequence = {"name": f"s{i:02d}", "truth": truth, "boxes": boxes}
        sequence["cover"] = [0 if rng.random() < 0.1 else rng.randint(1, 8) for _ in truth]
        sequence["visible"] = [1 if f == 0 or rng.random() > 0.15 else 0 for f in range(frames)]
        if i >= 12:  # frames whose truth has no size; a box without size; another number of boxes
            for f in rng.sample(range(2, frames), 4):
                truth[f] = rng.choice([[0, 0, 0, 0], [truth[f][0], truth[f][1], 0, 0], [-3.5, 20.5, 18, 22]])
            boxes[rng.randint(3, frames - 1)][2] = 0
        sequences.append(sequence)
    return sequences


def vot_sequences():
    rng = random.Random(23)
    sequences = []
    for i in range(20):
        frames = rng.randint(60, 150) if i < 15 else rng.randint(200, 330)
        truth = walk(rng, frames, 0)
        runs = []
        for _ in range(2):
            run, f, start = [], 0, 0
            while f < frames:
                if f == start:
                    run.append([1])
                elif rng.random() < 0.012:
                    run.append([2])
                    run += [[0]] * min(4, frames - f - 1)
                    f = start = f + 5
                    continue
                else:
                    t = truth[f]
                    run.append([t[0] + rng.randint(-5, 5), t[1] + rng.randint(-5, 5), t[2] + rng.randint(-4, 4),
                                t[3] + rng.randint(-4, 4)])
                f += 1
            runs.append(run[:frames])
        sequences.append({"name": f"v{i:02d}", "truth": truth, "runs": runs})
    return sequences


def of_got10k(sequences):
    import numpy as np
    from got10k.experiments import ExperimentGOT10k, ExperimentLaSOT, ExperimentOTB
    from got10k.utils.metrics import center_error, normalized_center_error, rect_iou

    otb, lasot, got = (object.__new__(c) for c in (ExperimentOTB, ExperimentLaSOT, ExperimentGOT10k))
    otb.nbins_iou, otb.nbins_ce = 21, 51
    lasot.nbins_iou, lasot.nbins_ce, lasot.nbins_nce = 21, 51, 51
    got.nbins_iou = 101
    success, precision, normalized, pooled = [], [], [], []
    for s in sequences[:12]:  # this toolkit says nothing of frames without a target
        truth, boxes = np.array(s["truth"], float), np.array(s["boxes"], float)
        boxes[0] = truth[0]
        a, b = otb._calc_curves(rect_iou(boxes, truth), center_error(boxes, truth))
        *_, c = lasot._calc_curves(rect_iou(boxes, truth), center_error(boxes, truth),
                                   normalized_center_error(boxes, truth))
        success.append(a), precision.append(b), normalized.append(c)
        bounded = rect_iou(np.array(s["boxes"], float)[1:], truth[1:].copy(), bound=(WIDTH, HEIGHT))
        pooled.append(bounded[np.array(s["cover"])[1:] > 0])
    ao, sr50, _, curve = got._evaluate(np.concatenate(pooled), np.array([1.0]))
    mean = lambda rows: np.mean(rows, axis=0).tolist()
    return {"success": mean(success), "precision": mean(precision), "normalized": mean(normalized),
            "sequence_auc": [float(np.mean(s)) for s in success],
            "ao": float(ao), "sr50": float(sr50), "sr75": float(np.mean(np.concatenate(pooled) > 0.75)),
            "got10k_curve": curve.tolist()}


def of_pysot(sequences):
    import numpy as np
    from toolkit.evaluation import OPEBenchmark

    def numbers(with_absent):
        class Dataset(list):
            tracker_names = ["made_up"]
        dataset = Dataset()
        for s in sequences:
            video = types.SimpleNamespace(name=s["name"], gt_traj=s["truth"], pred_trajs={"made_up": s["boxes"]})
            if with_absent:
                video.absent = np.array(s["visible"])
            dataset.append(video)
        bench = OPEBenchmark(dataset)
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = (bench.eval_success(), bench.eval_precision(), bench.eval_norm_precision())
        return dict(zip(("success", "precision", "normalized"),
                        (np.mean(list(p["made_up"].values()), axis=0).tolist() for p in parts)))

    return {"plain": numbers(False), "absent": numbers(True)}


def of_pytracking(sequences, root):
    import torch
    source = open(os.path.join(root, "pytracking/analysis/extract_results.py")).read()
    scope = {"torch": torch}
    exec(source[source.index("def calc_err_center"):source.index("def extract_results(")], scope)
    curves = {"success": [], "precision": [], "normalized": []}
    thresholds = {"success": torch.arange(0.0, 1.05, 0.05, dtype=torch.float64),
                  "precision": torch.arange(0, 51, dtype=torch.float64),
                  "normalized": torch.arange(0, 51, dtype=torch.float64) / 100.0}
    for s in sequences:
        overlap, center, normalized, _ = scope["calc_seq_err_robust"](
            torch.tensor(s["boxes"], dtype=torch.float64), torch.tensor(s["truth"], dtype=torch.float64), "otb")
        n = len(s["truth"])
        curves["success"].append((overlap[:, None] > thresholds["success"]).sum(0) / n)
        curves["precision"].append((center[:, None] <= thresholds["precision"]).sum(0) / n)
        curves["normalized"].append((normalized[:, None] <= thresholds["normalized"]).sum(0) / n)
    return {k: torch.stack(v).double().mean(0).tolist() for k, v in curves.items()}


def vot_of_pysot(sequences):
    import numpy as np
    from toolkit.evaluation import AccuracyRobustnessBenchmark, EAOBenchmark
    from toolkit.utils import calculate_accuracy

    class Dataset(list):
        tracker_names, name = ["made_up"], "VOT2019"

        def __getitem__(self, key):
            return next(v for v in self if v.name == key) if isinstance(key, str) else list.__getitem__(self, key)
    dataset, rng, tags = Dataset(), random.Random(31), ["occlusion", "motion_change"]
    for s in sequences:
        frames = len(s["truth"])
        s["tags"] = {}
        for tag in tags:  # one stretch in two of three sequences
            first, last = sorted(rng.sample(range(frames), 2))
            s["tags"][tag] = [int(first <= f < last) for f in range(frames)] if rng.random() < 0.67 else [0] * frames
        dataset.append(types.SimpleNamespace(
            name=s["name"], gt_traj=s["truth"], pred_trajs={"made_up": s["runs"]}, width=WIDTH, height=HEIGHT,
            select_tag=lambda tag, start, end, s=s: s["tags"].get(tag, [1] * len(s["truth"]))[start:end]))
        s["pysot_overlaps"] = [[None if o != o else round(o, 9) for o in calculate_accuracy(
            run, s["truth"], bound=(WIDTH - 1, HEIGHT - 1))[1]] for run in s["runs"]]
        for run, kept in zip(s["runs"], s["pysot_overlaps"]):  # the two bounds of pysot must not matter here
            other = calculate_accuracy(run, s["truth"], bound=(WIDTH, HEIGHT))[1]
            assert all(o != o or abs(o - k) < 1e-8 for o, k in zip(other, kept))
    result = AccuracyRobustnessBenchmark(dataset).eval()["made_up"]
    overlaps = [o for v in result["overlaps"].values() for o in v]
    failures = np.sum(np.array(list(result["failures"].values())), axis=0)
    short = EAOBenchmark(dataset)
    short.low, short.high = 20, 60
    return {"eao_short": float(short.eval()["made_up"]["all"]),
            "accuracy": float(np.nanmean(overlaps)), "robustness": float(np.mean(failures / len(overlaps)) * 100),
            "lost": float(np.mean(failures)), "eao": float(EAOBenchmark(dataset).eval()["made_up"]["all"]),
            "eao_of_tag": {t: float(v) for t, v in EAOBenchmark(dataset, tags=tags).eval()["made_up"].items()}}


def vot_of_toolkit(sequences):
    import numpy as np
    from vot.analysis.supervised import AccuracyRobustness, AverageAccuracyRobustness, EAOCurve
    from vot.region import Polygon, Rectangle, Special, calculate_overlap
    from vot.region import calculate_overlaps

    region = lambda r: Special(r[0]) if len(r) == 1 else Rectangle(*r)

    class Sequence:
        def __init__(self, s):
            self.truth, self.size = [region(r) for r in s["truth"]], (WIDTH, HEIGHT)
            self.runs = [types.SimpleNamespace(regions=lambda run=run: [region(r) for r in run]) for run in s["runs"]]

        def groundtruth(self):
            return self.truth

        def __len__(self):
            return len(self.truth)
    experiment = types.SimpleNamespace(gather=lambda tracker, sequence: sequence.runs)
    fakes = [Sequence(s) for s in sequences]
    single = [AccuracyRobustness().subcompute(experiment, None, s, []) for s in fakes]
    accuracy, failures, (x, _), _ = AverageAccuracyRobustness().aggregate(None, fakes, single)
    curve = EAOCurve().subcompute(experiment, None, fakes, [])[0]
    rng, pairs = random.Random(5), []
    for _ in range(60):  # overlaps of rectangles and polygons, inside, across and outside the picture
        regions = []
        for kind in (rng.randint(0, 1), rng.randint(0, 1)):
            cx, cy = rng.uniform(-20, WIDTH * 0.3), rng.uniform(-20, HEIGHT * 0.3)
            if kind:
                points = []
                for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                    points.append((round(cx + sx * rng.uniform(5, 45), 2), round(cy + sy * rng.uniform(5, 45), 2)))
                regions.append([v for p in points for v in p])
            else:
                regions.append([round(v, 2) for v in (cx, cy, rng.uniform(1, 80), rng.uniform(1, 80))])
        made = [Rectangle(*r) if len(r) == 4 else Polygon([tuple(r[i:i + 2]) for i in range(0, 8, 2)]) for r in regions]
        pairs.append(regions + [calculate_overlap(*made, (WIDTH, HEIGHT)), calculate_overlap(*made)])
    # "short": a range that ends before the longest sequence does
    years = {"2016": (108, 371), "2018": (100, 356), "2019": (46, 291), "short": (20, 60)}
    return {"accuracy": float(accuracy), "failures": float(failures), "ar_x": float(x),
            "sequence": [[float(a), float(f)] for a, f, *_ in single],
            "eao": {y: float(np.mean(curve[low:high + 1])) for y, (low, high) in years.items()},
            "curve": [round(float(v), 8) for v in curve[1::10]], "overlaps": pairs}


def long_term_sequences():
    rng = random.Random(41)
    sequences = []
    for i in range(8):
        frames = rng.randint(30, 60)
        truth = walk(rng, frames, 0)
        boxes = [[t[0] + rng.randint(-9, 9), t[1] + rng.randint(-9, 9), t[2], t[3]] for t in truth]
        hidden = set(rng.sample(range(1, frames), rng.randint(0, 12)))
        sequences.append({"name": f"l{i}", "truth": [[] if f in hidden else t for f, t in enumerate(truth)],
                          "boxes": boxes, "confidence": [round(rng.random(), 4) for _ in truth]})
    return sequences


def long_term_of_toolkit(sequences):
    from vot.analysis.longterm import compute_tpr_curves, determine_thresholds
    from vot.region import Rectangle, Special

    thresholds = determine_thresholds([c for s in sequences for c in s["confidence"]], 100)
    precision, recall = [0.0] * len(thresholds), [0.0] * len(thresholds)
    for s in sequences:
        truth = [Rectangle(*t) if t else Special(0) for t in s["truth"]]
        fake = types.SimpleNamespace(groundtruth=lambda truth=truth: truth, size=(WIDTH, HEIGHT))
        p, r = compute_tpr_curves([Rectangle(*b) for b in s["boxes"]], s["confidence"], fake, thresholds)
        precision = [a + float(b) / len(sequences) for a, b in zip(precision, p)]
        recall = [a + float(b) / len(sequences) for a, b in zip(recall, r)]
    f = [2 * p * r / (p + r) for p, r in zip(precision, recall)]
    best = f.index(max(f))
    return {"precision": precision[best], "recall": recall[best], "f": f[best], "precision_curve": precision,
            "recall_curve": recall}


def load(name, sequences):
    path = os.path.join(HERE, name)
    if os.path.exists(path):
        kept = json.load(open(path))
        return kept
    return {"size": [WIDTH, HEIGHT], "sequences": sequences}


def main():
    parts = dict((a.split("=", 1) + [""])[:2] for a in sys.argv[1:])
    for root in parts.values():
        if root:
            sys.path.insert(0, root)
    ope, vot = load("ope.json", ope_sequences()), load("vot.json", vot_sequences())
    long_term = load("long_term.json", long_term_sequences())
    if "got10k" in parts:
        ope["got10k"] = of_got10k(ope["sequences"])
    if "pysot" in parts:
        ope["pysot"] = of_pysot(ope["sequences"])
        vot["pysot"] = vot_of_pysot(vot["sequences"])
    if "pytracking" in parts:
        ope["pytracking"] = of_pytracking(ope["sequences"], parts["pytracking"])
    if "vot" in parts:
        vot["toolkit"] = vot_of_toolkit(vot["sequences"])
        long_term["toolkit"] = long_term_of_toolkit(long_term["sequences"])
    os.makedirs(HERE, exist_ok=True)
    for name, content in (("ope.json", ope), ("vot.json", vot), ("long_term.json", long_term)):
        with open(os.path.join(HERE, name), "w") as out:
            out.write(json.dumps(content, separators=(",", ":")).replace(',{"name"', ',\n{"name"') + "\n")


if __name__ == "__main__":
    main()
