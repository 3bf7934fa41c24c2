#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the PyTorch files that tests/io/pth.test.cpp reads. Needs PyTorch (made with 1.13); the tests do not."""
import collections
import io
import os
import zipfile

import torch

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pth")
os.makedirs(here, exist_ok=True)


def path(name):
    return os.path.join(here, name)


def numbers(*shape, dtype=torch.float32):
    count = 1
    for extent in shape:
        count *= extent
    return (torch.arange(count, dtype=torch.float32) * 0.25 - 1).reshape(shape).to(dtype)


class Settings:
    """Something that only the training program knows."""

    def __init__(self):
        self.rate = 0.1
        self.itself = [self]


state = collections.OrderedDict()
state["conv.weight"] = numbers(2, 3, 2, 2)
state["conv.bias"] = numbers(2, dtype=torch.float16)
state["bn.running_mean"] = numbers(3, dtype=torch.bfloat16)
state["bn.running_var"] = numbers(3, dtype=torch.float64)
state["bn.num_batches_tracked"] = torch.tensor(5)
state["transposed"] = numbers(2, 3).t()
state["part"] = numbers(10)[3:6]
state["channels_last"] = numbers(1, 2, 2, 3).contiguous(memory_format=torch.channels_last)
state["parameter"] = torch.nn.Parameter(numbers(2, 2))
state["none"] = torch.zeros(0, 3)

torch.save(state, path("zip.pth"))
torch.save(state, path("legacy.pth"), _use_new_zipfile_serialization=False)
torch.save(state, path("protocol4.pth"), pickle_protocol=4)

checkpoint = {
    "epoch": 12,
    "net_type": "Toy",
    "settings": Settings(),
    "state_dict": {"module." + name: value for name, value in state.items()},
    "optimizer": {"state": {0: {"momentum": numbers(2, 3, 2, 2)}}},
}
torch.save(checkpoint, path("checkpoint.pth"))

module = torch.nn.Sequential(collections.OrderedDict(conv=torch.nn.Conv2d(1, 2, 1), bn=torch.nn.BatchNorm2d(2)))
with torch.no_grad():
    module.conv.weight.copy_(numbers(2, 1, 1, 1))
    module.conv.bias.copy_(numbers(2))
torch.save(module, path("module.pth"))

plain = zipfile.ZipFile(path("zip.pth"))
with zipfile.ZipFile(path("deflated.pth"), "w", zipfile.ZIP_DEFLATED) as packed:
    for name in plain.namelist():
        packed.writestr(zipfile.ZipInfo(name), plain.read(name), zipfile.ZIP_DEFLATED)
