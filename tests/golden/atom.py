#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/atom.safetensors: boxes of the public trackers on two sequences, with nothing random in them.

    atom.py CFKD_CHECKOUT DATA
    atom.py CFKD_CHECKOUT DATA time atom|matom|drnet|mdrnet FRAMES    # prints milliseconds, with all that is random

CFKD_CHECKOUT is a clone of danielism97/CFKD, which holds ATOM, mATOM, DRNet and mDRNet; DATA has sequences val/NAME and
train/NAME. Needs PyTorch (1.13 was used) and OpenCV. The networks have the random weights of networks.py, the statistics
of their batch norms are those of a few pictures of DATA (they are in the file), and what they say of boxes is weakened,
so that boxes stay boxes. Filter and projection begin as those of pursuit::OnlineFilter with seed 0; the first frame is
seen once, and boxes are not scattered. The solution for one sample alone depends on the last digits of everything, so on
other sequences (Crossing, Bolt) the public tracker in float parts from itself in double within a few frames.

What the public code no longer finds in today's PyTorch is put beside it here: transforms of real maps, whole-number
division when it crops, precise RoI pooling, GPUs.
"""
import importlib
import json
import os
import sys
import time
import types
from unittest.mock import MagicMock

import cv2
import numpy as np
import torch

from networks import fill_random, fork, normal, save

KINDS = {
    "atom": ("atom", "atom_resnet18", "atom.default", "atom.atom", "ATOM"),
    "matom": ("atom", "atom_mobilenetsmall", "atom.mobilenetsmall", "atom.atom", "ATOM"),
    "drnet": ("DRNet", "drnet_resnet50", "drnet.default", "drnet.drnet", "DRNet"),
    "mdrnet": ("DRNet", "drnet_mobilenetsmall", "drnet.mobilenetsmall", "drnet.drnet", "DRNet"),
}
SEQUENCES, FRAMES, SEED = ("Couple", "Surfer"), 12, 7


class PrRoIPool2D(torch.nn.Module):
    """The mean of the bilinearly interpolated map over each bin, as sums of integrals along the two axes."""

    def __init__(self, height, width, scale):
        super().__init__()
        self.bins, self.scale = (height, width), scale

    def forward(self, features, rois):
        x0, y0, x1, y1 = (rois[:, 1:] * self.scale).unbind(1)

        def integrals(first, last, bins, cells):
            step = (last - first) / bins
            edges = first[:, None] + torch.arange(bins + 1, dtype=first.dtype) * step[:, None]
            t = (edges[:, :, None] - torch.arange(cells, dtype=first.dtype)).clamp(-1, 1)
            up_to = torch.where(t < 0, (1 + t)**2 / 2, 1 - (1 - t)**2 / 2)
            return up_to[:, 1:] - up_to[:, :-1], step

        rows, height = integrals(y0, y1, self.bins[0], features.shape[2])
        columns, width = integrals(x0, x1, self.bins[1], features.shape[3])
        sums = torch.einsum("nph,nchw,nqw->ncpq", rows, features[rois[:, 0].long()], columns)
        return sums / (height * width)[:, None, None, None]


def stand_ins(checkout):
    sys.path.insert(0, checkout)
    for name in ("matplotlib", "matplotlib.pyplot", "matplotlib.patches", "matplotlib.collections", "pandas", "tqdm",
                 "visdom", "visdom.server", "skimage", "jpeg4py", "tikzplotlib", "pytracking.run_tracker"):
        sys.modules[name] = MagicMock()
    parent = "ltr.external"
    for name in ("", ".PreciseRoIPooling", ".PreciseRoIPooling.pytorch", ".PreciseRoIPooling.pytorch.prroi_pool"):
        sys.modules[parent + name] = types.ModuleType(parent + name)
        sys.modules[parent + name].__path__ = []
    sys.modules[parent + ".PreciseRoIPooling.pytorch.prroi_pool"].PrRoIPool2D = PrRoIPool2D
    six = types.ModuleType("torch._six")
    six.int_classes, six.string_classes, six.container_abcs = int, str, importlib.import_module("collections.abc")
    sys.modules["torch._six"] = six
    torch.Tensor.cuda = torch.nn.Module.cuda = lambda self, *a, **k: self
    torch.rfft = lambda a, d: torch.view_as_real(torch.fft.rfft2(a))
    torch.irfft = lambda a, d, signal_sizes=None: torch.fft.irfft2(
        torch.view_as_complex(a.contiguous()), s=tuple(signal_sizes or (a.shape[-3], 2 * a.shape[-2] - 1)))
    importlib.import_module("pytracking")
    crops = importlib.import_module("pytracking.features.preprocessing")
    with open(crops.__file__) as f:
        text = f.read()
    for old, new in (("(posl - os) / df", "(posl - os) // df"), ("(szl - 1)/2", "(szl - 1)//2"),
                     ("posl + szl/2", "posl + szl//2")):
        assert old in text
        text = text.replace(old, new)
    exec(compile(text, crops.__file__, "exec"), crops.__dict__)


def read(path):
    return np.ascontiguousarray(cv2.imread(path)[:, :, ::-1])


def network(kind, data):
    """The network and the statistics of its batch norms."""
    file, maker = KINDS[kind][:2]
    net = getattr(importlib.import_module("ltr.models.bbreg." + file), maker)(backbone_pretrained=False)
    fill_random(net, SEED, "")
    regresses = file == "DRNet"
    pictures = []
    for name in ("cows", "libby", "dog", "parkour", "vot13_car", "goat"):
        picture = read(os.path.join(data, "train", name, "img", "0001.jpg"))
        side = min(picture.shape[:2])
        top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
        pictures.append(cv2.resize(picture[top:top + side, left:left + side], (288, 288)))
    x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    x = (x - torch.tensor([.485, .456, .406]).view(1, 3, 1, 1)) / torch.tensor([.229, .224, .225]).view(1, 3, 1, 1)
    for m in net.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            m.momentum = None  # a plain mean
            m.reset_running_stats()
    head = net.bb_regressor
    with torch.no_grad():
        net.train()
        levels = list(net.feature_extractor(x, ["layer2", "layer3"]).values())
        boxes = torch.tensor([[115.0, 115, 58, 58]]).repeat(6, 1)
        modulation = (head.get_filter if regresses else head.get_modulation)(levels, boxes)
        moved = boxes.view(6, 1, 4) + torch.tensor([[0.0, 0, 0, 0], [5, -4, 3, 2], [-6, 2, -8, 9], [3, 8, 6, -7]])
        (head.predict_box if regresses else head.predict_iou)(modulation, head.get_iou_feat(levels), moved)
        (head.box_predictor if regresses else head.iou_predictor).weight.mul_(0.1)
    net.eval()
    return net, {k: v for k, v in net.state_dict().items() if k.endswith(("running_mean", "running_var"))
                 and "layer4" not in k}


def start_like_ours():
    def normal_(self, mean=0, std=1):
        name = "filter" if self.shape[0] == 1 else "projection"
        values = normal(fork(0, name), self.numel()) * std
        return self.copy_(torch.from_numpy(values.astype(np.float32)).view(self.shape))

    torch.Tensor.normal_ = normal_


def tracker(kind, net, plain):
    deep = importlib.import_module("pytracking.features.deep")
    deep.load_network = lambda *a, **k: net
    for maker in ("drnet_resnet50", "drnet_mobilenetsmall"):
        setattr(deep, maker, lambda *a, **k: net)
    deep.env_settings = lambda: types.SimpleNamespace(network_path="/")
    torch.load = lambda *a, **k: {"net": net.state_dict()}
    parameters, module, name = KINDS[kind][2:]
    params = importlib.import_module("pytracking.parameter." + parameters).parameters()
    params.use_gpu, params.device, params.debug, params.visualization = False, "cpu", 0, False
    for feature in params.features.features:
        feature.use_gpu = False
    if plain:
        params.augmentation, params.num_init_random_boxes, params.random_shift_factor = {}, 0, 0
        params.alpha = params.beta = 0  # the gradient of hard samples' weights, which OnlineFilter leaves out
    made = getattr(importlib.import_module("pytracking.tracker." + module), name)(params)
    made.visdom = None
    return made


def run(kind, net, folder, frames, plain):
    """Boxes and seconds of each frame; longer runs begin anew at the first frame's picture."""
    with open(os.path.join(folder, "groundtruth_rect.txt")) as f:
        box = [float(v) for v in f.readline().replace("\t", ",").split(",")]
    box[0] -= 1
    box[1] -= 1
    files = sorted(os.listdir(os.path.join(folder, "img")))
    one, boxes, seconds = tracker(kind, net, plain), [box], []
    for i in range(frames):
        picture = read(os.path.join(folder, "img", files[i % len(files)]))
        start = time.time()
        if i == 0:
            one.initialize(picture, {"init_bbox": box})
        else:
            boxes.append(list(one.track(picture, {})["target_bbox"]))
        seconds.append(time.time() - start)
    return boxes, seconds


def main(checkout, data, mode="golden", kind="atom", frames="300"):
    torch.set_num_threads(1)
    stand_ins(checkout)
    if mode == "time":
        net, _ = network(kind, data)
        seconds = run(kind, net, os.path.join(data, "val", "Crossing"), int(frames), False)[1]
        last = sorted(seconds[-50:])
        print(json.dumps({"kind": kind, "init_s": seconds[0], "mean_ms": 1e3 * sum(last) / len(last),
                          "median_ms": 1e3 * last[len(last) // 2], "max_ms": 1e3 * last[-1]}))
        return
    start_like_ours()
    tensors = {}
    for kind in ("matom", "atom"):
        net, statistics = network(kind, data)
        tensors.update({f"{kind}.{k}": v for k, v in statistics.items()})
        for name in SEQUENCES:
            boxes, _ = run(kind, net, os.path.join(data, "val", name), FRAMES, True)
            tensors[f"{kind}.{name}"] = torch.tensor(boxes)
    save("atom", tensors)


if __name__ == "__main__":
    main(*sys.argv[1:])
