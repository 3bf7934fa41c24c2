#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/online_filter.safetensors from the public optimiser classes and the public tracker's bookkeeping.

    online_filter.py PYTRACKING_CHECKOUT

PYTRACKING_CHECKOUT is a clone of visionml/pytracking. Needs PyTorch (1.13 was used). Inputs are made in float, so that the
file holds them exactly; the sums are done in double.
"""
import sys
import types
from unittest import mock

import torch

from networks import save

CHANNELS, OUTPUTS, SIDE, KERNEL = 8, 4, 6, 4
FIRST, SLOTS = 5, 8


def noise(*shape):
    return torch.randn(*shape).float().double()


def main():
    sys.path.insert(0, sys.argv[1])
    for name in ("pytracking.run_tracker", "pytracking.run_webcam", "pytracking.utils.plotting", "matplotlib",
                 "matplotlib.pyplot", "matplotlib.patches", "cv2", "visdom", "visdom.server",
                 "pytracking.features.preprocessing", "pytracking.features.augmentation", "pytracking.features",
                 "ltr", "ltr.data", "ltr.data.bounding_box_utils", "ltr.models", "ltr.models.layers",
                 "ltr.models.layers.activation"):
        sys.modules.setdefault(name, mock.MagicMock())
    from pytracking import TensorList, dcf
    from pytracking.libs.optimization import ConjugateGradient, GaussNewtonCG
    from pytracking.tracker.atom.atom import ATOM
    from pytracking.tracker.atom.optim import ConvProblem, FactorizedConvProblem

    torch.manual_seed(5)
    mlu = lambda x: torch.nn.functional.elu(torch.nn.functional.leaky_relu(x, 1 / 0.05), 0.05)
    same = lambda x: x
    one = lambda v: TensorList([torch.tensor([v]).double()])
    label = lambda y, x: dcf.label_function_spatial(torch.tensor([SIDE, SIDE]), torch.tensor([0.9, 0.9]),
                                                    torch.tensor([y, x])).float().double()

    # The first frame.
    x = noise(FIRST, CHANNELS, SIDE, SIDE)
    y = torch.cat([label(0.5 + 0.7 * i, 0.5 - 0.4 * i) for i in range(FIRST)])
    w, m = (noise(1, OUTPUTS, KERNEL, KERNEL) / 64).float().double(), noise(OUTPUTS, CHANNELS, 1, 1)
    m = (m / CHANNELS**0.5).float().double()
    tensors = {"samples": x, "labels": y[:, 0], "filter": w[0], "projection": m[:, :, 0, 0]}
    variable = TensorList([w.clone(), m.clone()])
    problem = FactorizedConvProblem(TensorList([x]), TensorList([y]), one(0.1), one(1e-4), None, one(1 / FIRST),
                                    same, mlu)
    GaussNewtonCG(problem, variable).run(10, 6)
    w, m = variable[0].detach(), variable[1].detach()
    tensors["joint_filter"], tensors["joint_projection"] = w[0], m[:, :, 0, 0]

    # Later frames: the memory's weights, and the filter after each update.
    samples = torch.zeros(SLOTS, OUTPUTS, SIDE, SIDE).double()
    samples[:FIRST] = torch.nn.functional.conv2d(x, m)
    labels = torch.zeros(SLOTS, 1, SIDE, SIDE).double()
    labels[:FIRST] = y
    weights = torch.zeros(SLOTS).double()
    weights[:FIRST] = 1 / FIRST
    new = noise(6, OUTPUTS, SIDE, SIDE)
    tensors["new_samples"] = new
    tensors["new_labels"] = torch.stack([label(0.3 * i, 0.5)[0, 0] for i in range(6)])
    rates = [0.01, 0.01, 0.02, 0.3, 0.5, 0.01]
    for name, minimum, reeves, factor in (("kept", 0.25, False, 0), ("replaced", None, False, 0),
                                          ("reeves", 0.25, True, 0), ("forgetting", 0.25, False, 0.6)):
        params = types.SimpleNamespace(learning_rate=0.01, init_samples_minimum_weight=minimum)
        stored, marks, all_weights = samples.clone(), labels.clone(), weights.clone()
        variable, previous, slots, history, filters = TensorList([w.clone()]), [None], [], [], []
        solver = ConjugateGradient(
            ConvProblem(TensorList([stored]), TensorList([marks]), one(0.1), TensorList([all_weights]),
                        mlu), variable, fletcher_reeves=reeves, direction_forget_factor=factor)
        for i, rate in enumerate(rates):
            previous = ATOM.update_sample_weights(None, TensorList([all_weights]), previous, [FIRST + i], [FIRST],
                                                  [params], rate)
            stored[previous[0]], marks[previous[0], 0] = new[i], tensors["new_labels"][i]
            slots.append(previous[0])
            history.append(all_weights.clone())
            if i % 2 == 1:
                solver.run(5)
                filters.append(variable[0][0].detach().clone())
        if not reeves and factor == 0:
            tensors[name + "_slots"] = torch.tensor(slots).double()
            tensors[name + "_weights"] = torch.stack(history)
        tensors[name + "_filters"] = torch.stack(filters)
    save("online_filter", tensors)


if __name__ == "__main__":
    main()
