#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/update_net.safetensors: a chain of exemplars from UpdateNet as PyTorch layers, 16 channels.

Needs PyTorch (1.13 was used). Inputs and weights come from the generator of core/random.hpp, see networks.py.
"""
import torch

from networks import fill_random, pixels, save

CHANNELS = 16


class UpdateNet(torch.nn.Module):

    def __init__(self):
        super().__init__()
        hidden = 3 * CHANNELS // 8
        self.update = torch.nn.Sequential(torch.nn.Conv2d(3 * CHANNELS, hidden, 1), torch.nn.ReLU(),
                                          torch.nn.Conv2d(hidden, CHANNELS, 1))

    def forward(self, first, before, now):
        return first + self.update(torch.cat([first, before, now], 1))


def main():
    torch.set_grad_enabled(False)
    net = fill_random(UpdateNet(), 7, "")
    seen = pixels(31, (4, CHANNELS, 6, 5)) / 255
    exemplar, tensors = seen[:1], {}
    for t in (1, 2, 3):
        exemplar = net(seen[:1], exemplar, seen[t:t + 1])
        tensors[f"exemplar.{t}"] = exemplar
    save("update_net", tensors)


if __name__ == "__main__":
    main()
