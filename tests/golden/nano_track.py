#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/nano_track.safetensors from the public PyTorch networks.

    nano_track.py SIAMTRACKERS_CHECKOUT WEIGHTS_FOLDER

SIAMTRACKERS_CHECKOUT is a clone of HonglinChu/SiamTrackers, WEIGHTS_FOLDER holds nanotrackv1/2/3.safetensors. Needs
PyTorch (1.13 was used). Inputs and random weights come from the generator of core/random.hpp, so the file holds every
n-th number of features and answers only.
"""
import os
import sys
import types

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


def main():
    checkout, folder = sys.argv[1:]
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
    save("nano_track", tensors)


if __name__ == "__main__":
    main()
