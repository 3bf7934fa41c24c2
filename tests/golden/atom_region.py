#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/atom_region.safetensors from the public PyTorch code.

    atom_region.py PYTRACKING_CHECKOUT

PYTRACKING_CHECKOUT is a clone of visionml/pytracking. Its cropping divides whole numbers; under today's PyTorch that
gives fractions, so the division is put back to what it was when the tracker was published.
"""
import math
import os
import sys
import types

import torch

from networks import every, pixels, save


def sample_patch(checkout):
    with open(os.path.join(checkout, "pytracking", "features", "preprocessing.py")) as f:
        text = f.read()
    for old, new in (("(posl - os) / df", "(posl - os) // df"), ("(szl - 1) / 2", "(szl - 1) // 2"),
                     ("posl + szl/2", "posl + szl // 2")):
        assert old in text
        text = text.replace(old, new)
    code = types.ModuleType("preprocessing")
    exec(compile(text, "preprocessing.py", "exec"), code.__dict__)
    return code.sample_patch


# Frame (height, width), box (x, y, w, h), in the test as well: upsampled, across a corner, thinned out by 2, by 3 and
# across the other corner, a centre beyond the left edge.
CASES = [((60, 80), (30.25, 20.5, 9, 7)), ((60, 81), (-4, -3.25, 15, 22)), ((150, 170), (50, 40.5, 33, 30)),
         ((203, 301), (250.75, 150.5, 61, 47)), ((60, 80), (-11.5, 20, 16, 17))]
PATCH, PADDING = 64, 5


def main(checkout):
    sample, tensors = sample_patch(checkout), {}
    for i, ((height, width), (x, y, w, h)) in enumerate(CASES):
        frame = pixels(31 + i, (1, height, width, 3)).permute(0, 3, 1, 2)
        pos = torch.Tensor([y + (h - 1) / 2, x + (w - 1) / 2])
        scale = math.sqrt((w * PADDING) * (h * PADDING) / PATCH**2)
        size = PATCH * torch.ones(2)
        search, _ = sample(frame, pos, scale * size, size)
        large, _ = sample(frame, pos.round(), scale * 2 * size, 2 * size)
        middle = large[..., PATCH // 2:-(PATCH // 2), PATCH // 2:-(PATCH // 2)]
        tensors[f"{i}.search"], tensors[f"{i}.exemplar"] = every(search, 11), every(middle, 11)
    save("atom_region", tensors)


if __name__ == "__main__":
    main(*sys.argv[1:])
