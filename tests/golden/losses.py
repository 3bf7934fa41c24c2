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
    big_t, big_z = noise(15, (3, 4, 5, 5)).detach(), noise(16, (3, 4, 8, 7)).detach()
    weight, big_weight = q / q.sum(), correlate(big_t, big_z)
    big_weight = big_weight / big_weight.sum()
    response = F.mse_loss(total(t), total(big_t)) + F.mse_loss(total(z * weight[:, None]),
                                                               total(big_z * big_weight[:, None]))
    bell = g / g.sum()
    labelled = F.mse_loss(total(t), total(big_t)) + F.mse_loss(total(z * bell[:, None]), total(big_z * bell[:, None]))
    lifted = torch.einsum("oc,nchw->nohw", noise(21, (6, 3)).detach(), student)
    return {
        "target_response": (response, [t, z]),
        "target_response.label": (labelled, [t, z]),
        "lifted_fidelity": (F.mse_loss(lifted, teacher), [student]),
        "fidelity": (F.mse_loss(total(student), total(teacher)), [student]),
        "filter.batch": (F.mse_loss(q / q.max(), g), [t, z]),
        "filter.map": (F.mse_loss(q / q.amax((1, 2), keepdim=True), g), [t, z]),
    }


def filter_tracking():
    """The filter of the first patch, channel by channel on the second."""
    x, z = noise(22, (3, 4, 8, 7)), noise(23, (3, 4, 8, 7))
    y, g = label(8, 7, BOXES, 8, 0.25), label(8, 7, BOXES[::-1], 8, 0.25)
    hat = torch.fft.fft2
    w = hat(y).conj()[:, None] * hat(x) / ((hat(x).abs()**2).sum(1, keepdim=True) + 1e-5)
    r = torch.fft.ifft2(w.conj() * hat(z)).real
    return {"filter_tracking": (F.mse_loss(r, g[:, None].expand_as(r)), [x, z])}


def filters():
    """A filter solved within the network: two images of three channels, two frames with three surroundings each."""
    x, z, y, d = noise(17, (2, 3, 6, 5)), noise(18, (2, 2, 4, 3, 6, 5)), noise(19, (2, 2, 6, 5)), noise(20, (2, 3, 6, 5))
    y, d = y.detach(), d.detach()
    hat, beta, l1, l2 = torch.fft.fft2, torch.tensor([0.75, 0.5], dtype=torch.float64), 0.01, 0.1
    zh, yh = hat(z), hat(y)
    share = torch.tensor([1, l2, l2, l2], dtype=torch.float64)[:, None, None, None]
    energy = (zh.abs()**2 * share).sum(2)  # frames of channels
    b = (beta[:, None, None, None] * zh[:, :, 0] * yh.conj()[:, :, None]).sum(1)
    shared = (beta[:, None, None] * (energy.sum(2) + l1)).sum(1)[:, None]
    alone = (beta[:, None, None, None] * (energy + l1)).sum(1)
    back = lambda g: torch.fft.ifft2(g).real
    maps = {
        "shared": back(((b / shared).conj() * hat(x)).sum(1, keepdim=True)),
        "alone": back(((b / alone).conj() * hat(x)).mean(1, keepdim=True)),
        "each": back((b / shared).conj() * hat(x)),
    }
    return {f"layer.{k}": ((g * d[:, :g.shape[1]]).sum(), [x, z]) for k, g in maps.items()}


def layers():
    """Sums of results times noise, with the gradients of inputs and parameters."""
    x, w, b = noise(31, (2, 4, 4, 5)), noise(32, (4, 3, 3, 3)), noise(33, (6,))
    y = F.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1, groups=2)
    z, reduce, expand = noise(34, (2, 4, 3, 5)), noise(35, (3, 4)), noise(36, (4, 3))
    reduce_bias, expand_bias = noise(37, (3,)), noise(38, (4,))
    hidden = F.relu(z.mean((2, 3)) @ reduce.T + reduce_bias)
    gated = torch.sigmoid(hidden @ expand.T + expand_bias)[:, :, None, None] * z
    up, of_gated = noise(39, y.shape).detach(), noise(40, gated.shape).detach()
    return {
        "conv_transpose": ((y * up).sum(), [x, w, b]),
        "squeeze_excitation": ((gated * of_gated).sum(), [z, reduce, reduce_bias, expand, expand_bias]),
    }


def main():
    tensors = {"label": label(8, 7, BOXES, 8)}
    for name, (value, inputs) in {**predictions(), **maps(), **filters(), **filter_tracking(), **layers()}.items():
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
