#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/training_crops.safetensors from the public training code, on frames of noise.

    training_crops.py LTR_CHECKOUT SIAMFC_CHECKOUT

LTR_CHECKOUT holds ltr/ (visionml/pytracking, or danielism97/CFKD); SIAMFC_CHECKOUT is huanglianghua/siamfc-pytorch.
"""
import os
import sys
import types

import cv2
import numpy
import torch

from networks import every, pixels, save

# Frame (height, width), target, and the box that is cut around, in the test as well: shrunk, blown up, over the upper
# left corner, over the lower right one.
ATOM = [((90, 120), (40.25, 30.5, 22, 15), (43.5, 28.25, 18.5, 16.25)),
        ((60, 80), (30, 25, 7, 8), (31.5, 24.75, 6.5, 7.25)),
        ((60, 81), (4.5, 3.25, 15, 22), (-3.25, -5.5, 17, 19.5)),
        ((60, 80), (60.5, 40, 16, 17), (63.25, 44.5, 15, 18))]
SIDE = 64
# Frame (height, width), box counted from 0.
SIAMFC = [((90, 120), (40.25, 30.5, 22, 15)), ((60, 80), (50, 5.5, 20, 24))]


def module(path, changes=()):
    with open(path) as f:
        text = f.read()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    code = types.ModuleType(os.path.basename(path))
    exec(compile(text, path, "exec"), code.__dict__)
    return code


def frame(i, size):
    return numpy.ascontiguousarray(pixels(41 + i, (1, *size, 3))[0].numpy().astype(numpy.uint8))


def flat(image, step):
    return every(torch.from_numpy(image.astype(numpy.float32)).permute(2, 0, 1).contiguous(), step)


def main(ltr, siamfc):
    crops = module(os.path.join(ltr, "ltr", "data", "processing_utils.py"),
                   [("from .bounding_box_utils import rect_to_rel, rel_to_rect\n", "")])
    tensors = {}
    for i, (size, target, around) in enumerate(ATOM):
        image = frame(i, size)
        (crop,), (box,), _ = crops.jittered_center_crop([image], [torch.Tensor(around)], [torch.Tensor(target)], 5, SIDE)
        tensors[f"atom.{i}.crop"], tensors[f"atom.{i}.box"] = flat(crop, 11), box
    squares = module(os.path.join(siamfc, "siamfc", "ops.py"))
    for i, (size, (x, y, w, h)) in enumerate(SIAMFC):
        image = frame(10 + i, size)
        context = 0.5 * (w + h)
        side = numpy.sqrt((w + context) * (h + context)) * 255 / 127
        crop = squares.crop_and_resize(image, numpy.array([y + (h - 1) / 2, x + (w - 1) / 2]), side, 255,
                                       border_value=image.mean(axis=(0, 1)), interp=cv2.INTER_LINEAR)
        # What training can see: the middle 247 pixels, of which it takes 239.
        tensors[f"siamfc.{i}"] = flat(crop[4:-4, 4:-4], 97)
    save("training_crops", tensors)


if __name__ == "__main__":
    main(*sys.argv[1:])
