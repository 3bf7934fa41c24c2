#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/nano_track.safetensors from the public PyTorch networks and the public tracker.

    nano_track.py SIAMTRACKERS_CHECKOUT WEIGHTS_FOLDER DATA_FOLDER

SIAMTRACKERS_CHECKOUT is a clone of HonglinChu/SiamTrackers, WEIGHTS_FOLDER holds nanotrackv1/2/3.safetensors,
DATA_FOLDER the OTB sequences that are named below. Needs PyTorch (1.13 was used) and OpenCV. Inputs and random weights
come from the generator of core/random.hpp, so the file holds every n-th number of features and answers, and boxes.
"""
import glob
import os
import sys
import types

import cv2
import numpy as np
import torch

from networks import every, fill_random, load_safetensors, module, pixels, save


class Network(torch.nn.Module):
    """Backbone and head of one version, under the published names; boxes before the exponential."""

    def __init__(self, backbones, heads, version):
        super().__init__()
        self.backbone = backbones.mobilenetv3_small_v3() if version == 3 else backbones.mobilenetv3_small()
        self.ban_head = heads.DepthwiseBAN(48, 48) if version == 2 else heads.DepthwiseBAN()
        self.ban_head.bbox_pred.register_forward_hook(self.keep)

    def keep(self, _layer, _inputs, output):
        self.boxes = output.clone()

    def forward(self, z, x):
        z, x = self.backbone(z), self.backbone(x)
        classes, _ = self.ban_head(z, x)
        return {"exemplar": every(z, 7), "search": every(x, 31), "classes": every(classes, 2),
                "boxes": every(self.boxes, 3)}


class Model:
    """What the public tracker asks for."""

    def __init__(self, net):
        self.net = net

    def eval(self):
        pass

    def template(self, z):
        self.z = self.net.backbone(z)

    def track(self, x):
        classes, boxes = self.net.ban_head(self.z, self.net.backbone(x))
        return {"cls": classes, "loc": boxes}


SETTINGS = {1: (0.148, 0.462, 0.390, 16), 2: (0.150, 0.490, 0.385, 16), 3: (0.138, 0.455, 0.348, 15)}


def tracker(models, net, version):
    """The public tracker. Of its package it needs the settings and one function of its utilities."""
    penalty, influence, rate, size = SETTINGS[version]
    track = types.SimpleNamespace(PENALTY_K=penalty, WINDOW_INFLUENCE=influence, LR=rate, OUTPUT_SIZE=size,
                                  EXEMPLAR_SIZE=127, INSTANCE_SIZE=255, CONTEXT_AMOUNT=0.5)
    config, boxes = types.ModuleType("config"), types.ModuleType("bbox")
    config.cfg = types.SimpleNamespace(TRACK=track, POINT=types.SimpleNamespace(STRIDE=16), CUDA=False)
    boxes.corner2center = lambda b: ((b[0] + b[2]) / 2, (b[1] + b[3]) / 2, b[2] - b[0], b[3] - b[1])
    for name in ("nanotrack.utils", "nanotrack.tracker"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["nanotrack.core.config"] = config
    sys.modules["nanotrack.utils.bbox"] = boxes
    folder = os.path.join(models, "tracker")
    sys.modules["nanotrack.tracker.base_tracker"] = module(os.path.join(folder, "base_tracker.py"), "base_tracker")
    return module(os.path.join(folder, "nano_tracker.py"), "nano_tracker").NanoTracker(Model(net))


def follow(tracker, folder, frames):
    """Boxes and scores of the first frames of an OTB sequence, whose own boxes count from 1."""
    with open(os.path.join(folder, "groundtruth_rect.txt")) as f:
        x, y, w, h = [float(v) for v in f.readline().replace(",", " ").split()]
    files = sorted(glob.glob(os.path.join(folder, "img", "*.jpg")))[:frames]
    tracker.init(cv2.imread(files[0]), [x - 1, y - 1, w, h])
    rows = [[x - 1, y - 1, w, h, 1]]
    for file in files[1:]:
        found = tracker.track(cv2.imread(file))
        rows.append([*found["bbox"], found["best_score"]])
    return torch.from_numpy(np.array(rows, np.float32))


def main():
    checkout, folder, data = sys.argv[1:]
    models = os.path.join(checkout, "NanoTrack", "nanotrack")
    # The heads import one module of their package, which needs nothing else of it.
    for name in ("nanotrack", "nanotrack.core"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["nanotrack.core.xcorr"] = module(os.path.join(models, "core", "xcorr.py"), "xcorr")
    backbones = module(os.path.join(models, "models", "backbone", "mobile_v3.py"), "mobile_v3")
    torch.set_grad_enabled(False)

    z, x = pixels(21, (1, 3, 127, 127)), pixels(22, (1, 3, 255, 255))
    tensors = {}
    for version in (1, 2, 3):
        heads = module(os.path.join(models, "models", "head", f"ban_v{version}.py"), f"ban_v{version}")
        net = fill_random(Network(backbones, heads, version), 7, "")
        for key, value in net(z, x).items():
            tensors[f"v{version}.random.{key}"] = value
        file = load_safetensors(os.path.join(folder, f"nanotrackv{version}.safetensors"))
        net.load_state_dict({k: file.get(k, v) for k, v in net.state_dict().items()})
        for key, value in net(z, x).items():
            tensors[f"v{version}.published.{key}"] = value
        for name in ("Crossing", "Skiing"):
            tensors[f"v{version}.{name}"] = follow(tracker(models, net, version), os.path.join(data, name), 50)
    save("nano_track", tensors)


if __name__ == "__main__":
    main()
