#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/losses.safetensors: losses and their gradients by automatic differentiation, in double.

Needs PyTorch (1.13 was used). Inputs come from the generator of core/random.hpp, see networks.py.
"""
import json
import os
import struct

import torch
import torch.nn.functional as F

from networks import uniform


def noise(seed, shape, low=-1.0, high=1.0):
    """What check::noise(n, seed, low, high) gives, with a gradient."""
    n = 1
    for extent in shape:
        n *= extent
    values = low + (high - low) * uniform(seed, n)
    return torch.from_numpy(values).reshape(shape).requires_grad_()


def total(u):
    return u.abs().sum(1)


def correlate(t, z):
    p = (t.shape[2] - 1) // 2
    return torch.cat([F.conv2d(z[i:i + 1], t[i:i + 1], padding=p) for i in range(len(z))])[:, 0]


def label(h, w, boxes, stride, sigma=0.15):
    def bell(n, centre):
        k = torch.arange(-(n - 1) / 2, (n + 1) / 2, dtype=torch.float64)
        return torch.exp(-(k - (centre / stride - 0.5 * n))**2 / (2 * (sigma * n)**2))

    return torch.stack([bell(h, y + b / 2)[:, None] * bell(w, x + a / 2)[None, :] for x, y, a, b in boxes])


def predictions():
    student, teacher, truth = noise(1, (24,), -2, 2), noise(2, (24,), -2, 2).detach(), noise(3, (24,), -2, 2).detach()
    score, positive = noise(4, (24,), -3, 3), (noise(5, (24,)) > 0.5).double()
    weight = torch.where(positive > 0, 0.5 / positive.sum(), 0.5 / (24 - positive.sum()))
    return {
        "smooth_l1": (F.smooth_l1_loss(student, truth), [student]),
        "smooth_l1.half": (F.smooth_l1_loss(student, truth, beta=0.5), [student]),
        "mean_squared": (F.mse_loss(student, truth), [student]),
        "logistic": (F.binary_cross_entropy_with_logits(score, positive, weight, reduction="sum"), [score]),
        "hard.teacher": (F.smooth_l1_loss(teacher.requires_grad_(), truth), [teacher]),
    }


BOXES = [(8, 12, 20, 16), (20, 6, 16, 22), (14, 20, 10, 30)]


def maps():
    student, teacher = noise(11, (2, 3, 4, 5)), noise(12, (2, 6, 4, 5)).detach()
    t, z = noise(13, (3, 5, 5, 5)), noise(14, (3, 5, 8, 7))
    g = label(8, 7, BOXES, 8)
    q = correlate(t, z)
    return {
        "fidelity": (F.mse_loss(total(student), total(teacher)), [student]),
        "filter.batch": (F.mse_loss(q / q.max(), g), [t, z]),
        "filter.map": (F.mse_loss(q / q.amax((1, 2), keepdim=True), g), [t, z]),
    }


def main():
    tensors = {"label": label(8, 7, BOXES, 8)}
    for name, (value, inputs) in {**predictions(), **maps()}.items():
        tensors[name] = value.detach().reshape(1)
        for i, d in enumerate(torch.autograd.grad(value, inputs, retain_graph=True)):
            tensors[f"{name}.d{i}"] = d
    header, data = {}, b""
    for name, t in tensors.items():
        raw = t.detach().contiguous().numpy().astype("<f8").tobytes()
        header[name] = {"dtype": "F64", "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "losses.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    main()
