#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/{iou_net,box_regressor}.safetensors from the public PyTorch networks.

    box_head.py PYTRACKING_CHECKOUT CFKD_CHECKOUT

PYTRACKING_CHECKOUT is a clone of visionml/pytracking, CFKD_CHECKOUT one of danielism97/CFKD. Needs PyTorch and
torchvision (1.13 and 0.14 were used). The heads have a sixteenth of their published channels; weights and the statistics of batch norm
are random and in the files. Precise pooling, which those projects have for GPUs only, is written here in operations that
PyTorch differentiates.
"""
import importlib.util
import os
import sys
import types

import torch

from networks import save, uniform

THIN = 16


class PrRoIPool2D(torch.nn.Module):
    """out[r,c,p,q] = mean over the bin of the bilinear surface that is 0 beyond the map."""

    def __init__(self, rows, columns, scale):
        super().__init__()
        self.rows, self.columns, self.scale = rows, columns, scale

    @staticmethod
    def overlap(low, high, bins, cells):
        """(R, bins, cells): the integral of each cell's hat over each bin, and the bins' length (R)."""
        length = (high - low) / bins
        edges = low[:, None] + length[:, None] * torch.arange(bins + 1, dtype=low.dtype)
        t = (edges[:, :, None] - torch.arange(cells, dtype=low.dtype)).clamp(-1, 1)
        integral = torch.where(t < 0, (t + 1)**2 / 2, 1 - (1 - t)**2 / 2)
        return integral[:, 1:] - integral[:, :-1], length

    def forward(self, x, rois):
        x1, y1, x2, y2 = (rois[:, 1:] * self.scale).unbind(1)
        wx, w = self.overlap(x1, x2, self.columns, x.shape[3])
        wy, h = self.overlap(y1, y2, self.rows, x.shape[2])
        return torch.einsum("rpi,rcij,rqj->rcpq", wy, x[rois[:, 0].long()], wx) / (w * h)[:, None, None, None]


def stub(name, **members):
    module = types.ModuleType(name)
    module.__path__ = []
    for key, value in members.items():
        setattr(module, key, value)
    sys.modules[name] = module


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def thin(module):
    """Makes the module's layers THIN times narrower than they ask for."""
    conv, block = module.conv, module.LinearBlock
    module.conv = lambda i, o, **more: conv(i // THIN, o // THIN, **more)
    module.LinearBlock = lambda i, o, size: block(i // THIN, o // THIN, size)

    class Linear(torch.nn.Linear):
        def __init__(self, inputs, outputs, **more):
            super().__init__(inputs // THIN, outputs, **more)

    module.nn = types.SimpleNamespace(**{k: getattr(torch.nn, k) for k in dir(torch.nn) if not k.startswith("__")})
    module.nn.Linear = Linear
    return module


def randomised(net, seed):
    torch.manual_seed(seed)
    state = net.state_dict()
    for key, value in state.items():
        if key.endswith("running_var"):
            state[key] = 0.5 + torch.rand(value.shape)
        elif key.endswith(("running_mean", "bias")):
            state[key] = 0.2 * torch.randn(value.shape)
        elif key.endswith("num_batches_tracked"):
            continue
        elif value.dim() == 1:
            state[key] = 0.5 + torch.rand(value.shape)
        else:
            state[key] = torch.randn(value.shape) * (2 / value[0].numel())**0.5
    net.load_state_dict(state)
    return net.eval()


def features(seed, shape):
    return torch.from_numpy(uniform(seed, int(torch.tensor(shape).prod())).astype("float32").reshape(shape))


def golden(name, net, target, boxes, fine, coarse):
    reference = [features(1, fine), features(2, coarse)]
    searched = net.get_iou_feat([features(3, fine), features(4, coarse)])
    learn = net.get_modulation if hasattr(net, "get_modulation") else net.get_filter
    modulation = learn(reference, target[None])
    boxes = boxes[None].clone().requires_grad_(True)
    predict = net.predict_iou if hasattr(net, "predict_iou") else net.predict_box
    answers = predict(modulation, searched, boxes)
    out = {"weights." + k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    out |= {"target": target, "boxes": boxes[0], "answers": answers[0].reshape(boxes.shape[1], -1)}
    out |= {"modulation.fine": modulation[0].reshape(-1), "modulation.coarse": modulation[1].reshape(-1)}
    if out["answers"].shape[1] == 1:
        answers.sum().backward()
        out["gradient"] = boxes.grad[0]
    if name == "iou_net":
        out |= refined(net, modulation, searched)
    save(name, out)


def refined(net, modulation, searched):
    """What ATOM makes of each box alone, in both spaces, with and without moves that are taken back."""
    params = {"box_refinement_iter": 5, "box_refinement_step_length": 4, "box_refinement_step_decay": 1}
    relative = {"box_refinement_space": "relative", "box_refinement_step_length": (0.02, 0.3)}
    kinds = {"absolute": params, "relative": params | relative,
             "absolute.decay": params | {"box_refinement_step_length": 25, "box_refinement_step_decay": 0.5},
             "relative.decay": params | relative | {"box_refinement_step_length": (0.1, 1.5),
                                                    "box_refinement_step_decay": 0.5}}
    out = {}
    for name, settings in kinds.items():

        class Params(types.SimpleNamespace):
            device = "cpu"

            def get(self, key, default=None):
                return getattr(self, key, default)

        tracker = types.SimpleNamespace(params=Params(**settings), iou_predictor=net,
                                        target_feat=[m.detach() for m in modulation])
        features = [f.detach() for f in searched]
        boxes, overlaps = zip(*(ATOM.optimize_boxes(tracker, features, b) for b in START))
        out["refined." + name] = torch.cat(boxes)
        out["overlaps." + name] = torch.cat(overlaps)
    return out


START = torch.tensor([[60, 50, 55, 48], [61.5, 40.25, 70, 30], [100, 60, 43.5, 54]])
BOXES = torch.tensor([[60, 50, 55, 48], [61.5, 40.25, 70, 30], [30, 65, 18, 90.5], [-12, -9.75, 60, 50],
                      [150, 120, 66, 70], [100, 60, 3.5, 4], [0, 0, 208, 176], [20.2, 30.3, 40.4, 50.5]])


def main():
    global ATOM
    root = sys.argv[1]
    sys.path.insert(0, root)
    for name, folder in (("ltr", "ltr"), ("ltr.data", "ltr/data"), ("pytracking.tracker", "pytracking/tracker"),
                         ("pytracking.tracker.atom", "pytracking/tracker/atom")):
        stub(name)
        sys.modules[name].__path__ = [os.path.join(root, folder)]
    for name in "run_tracker", "run_webcam":
        stub("pytracking." + name, **{name: None})
    for name in "jpeg4py", "cv2":
        stub(name)
    stub("pytracking.utils.plotting", show_tensor=None, plot_graph=None)
    stub("pytracking.features", augmentation=None)
    stub("pytracking.features.preprocessing", numpy_to_torch=None)
    stub("pytracking.tracker.base", BaseTracker=object)
    from pytracking.tracker.atom.atom import ATOM

    stub("ltr")
    stub("ltr.external")
    stub("ltr.external.PreciseRoIPooling")
    stub("ltr.external.PreciseRoIPooling.pytorch")
    stub("ltr.external.PreciseRoIPooling.pytorch.prroi_pool", PrRoIPool2D=PrRoIPool2D)
    stub("ltr.models")
    stub("ltr.models.layers")
    target = torch.tensor([70, 55, 52, 44.5])
    for root, name, head, seed in (sys.argv[1], "iou_net", "AtomIoUNet", 5), (sys.argv[2], "box_regressor", "DirectReg", 6):
        sys.modules["ltr.models.layers.blocks"] = load(os.path.join(root, "ltr/models/layers/blocks.py"), "blocks")
        module = thin(load(os.path.join(root, "ltr/models/bbreg/atom_iou_net.py"), name))
        net = randomised(getattr(module, head)(input_dim=(128, 256)), seed)
        golden(name, net, target, BOXES, (1, 8, 22, 26), (1, 16, 11, 13))


if __name__ == "__main__":
    main()
