#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/mobilenet_v2.safetensors.

    mobilenet_v2.py CFKD_CHECKOUT MOBILENET_V2_IMAGENET.safetensors

CFKD_CHECKOUT is a clone of danielism97/CFKD. Its network has a quarter of the published channels and the random weights
of networks.py. Keras' network, with batch norm folded, is written down here with functions of PyTorch; its weights are
either random or the ones of the file.
"""
import os
import sys

import torch
import torch.nn.functional as F

from networks import every, fill_random, load_safetensors, module, pixels, random_tensor, save


def numbers(seed, shape):
    return pixels(seed, shape) / 64 - 2


def distilled(checkout):
    mobile = module(os.path.join(checkout, "ltr", "models", "backbone", "mobilenet.py"), "mobilenet")
    net = mobile.MobileNetV2(["layer2", "layer3"], num_classes=1, width_mult=0.25, round_nearest=1)
    with torch.no_grad():
        levels = fill_random(net, 7, "feature_extractor.")(numbers(21, (2, 3, 79, 101)))
    return {f"random.{k}": every(v, 7) for k, v in levels.items()}


def half(x, weight, bias, groups=1):
    """A 3 x 3 convolution in steps of two with as many zeros as ceil(extent / 2) outputs need, the odd one last."""
    zeros = lambda extent: (1, 1) if extent % 2 else (0, 1)
    return F.conv2d(F.pad(x, zeros(x.shape[3]) + zeros(x.shape[2])), weight, bias, stride=2, groups=groups)


def keras(get, x, thinner, last):
    relu6 = lambda y: y.clamp(0, 6)
    x = relu6(half(x, *get("features.0.0", (32 // thinner, 3, 3, 3))))
    block, inputs, kept = 0, 32 // thinner, {}
    for expansion, width, count, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1)):
        for i in range(count):
            block += 1
            if block > last:
                return kept
            name, inner, outputs = f"features.{block}.conv.", inputs * expansion, width // thinner
            y, k = x, 0
            if expansion > 1:
                y, k = relu6(F.conv2d(y, *get(name + "0.0", (inner, inputs, 1, 1)))), 1
            weight, bias = get(f"{name}{k}.0", (inner, 1, 3, 3))
            if stride == 2 and i == 0:
                y = half(y, weight, bias, inner)
            else:
                y = F.conv2d(y, weight, bias, padding=1, groups=inner)
            y = F.conv2d(relu6(y), *get(f"{name}{k + 1}", (outputs, inner, 1, 1)))
            x = x + y if inputs == outputs and not (stride == 2 and i == 0) else y
            inputs = outputs
            kept[block] = x
    return kept


def main(checkout, imagenet):
    tensors = distilled(checkout)
    random = lambda name, shape: (random_tensor(7, name + ".weight", shape), torch.zeros(shape[0]))
    weights = load_safetensors(imagenet)
    trained = lambda name, shape: (weights[name + ".weight"], weights[name + ".bias"])
    for key, get, thinner, last in (("folded", random, 4, 10), ("imagenet", trained, 1, 13)):
        levels = keras(get, numbers(22, (1, 3, 78, 101)), thinner, last)
        for block in (6, last):
            tensors[f"{key}.{block}"] = every(levels[block], 7)
    save("mobilenet_v2", tensors)


if __name__ == "__main__":
    main(*sys.argv[1:])
