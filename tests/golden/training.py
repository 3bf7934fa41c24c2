#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/training.safetensors: whole networks in training, by automatic differentiation in double.

    training.py CFKD_CHECKOUT

CFKD_CHECKOUT is a clone of danielism97/CFKD. Networks are thin and have the random weights of networks.py. Of each
parameter's gradient and each running statistic, every k-th number is kept, so that there are at most sixteen.
"""
import os
import sys

import torch
from torch import nn

from networks import fill_random, module, pixels, save, uniform


class Block(nn.Module):

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        if inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class ResNet18(nn.Module):
    """Three stages under torchvision's names."""

    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = nn.Sequential(Block(width, width, 1), Block(width, width, 1))
        self.layer2 = nn.Sequential(Block(width, 2 * width, 2), Block(2 * width, 2 * width, 1))
        self.layer3 = nn.Sequential(Block(2 * width, 4 * width, 2), Block(4 * width, 4 * width, 1))

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer2(self.layer1(x))
        return {"layer2": x, "layer3": self.layer3(x)}


def thinned(t):
    return t.reshape(-1)[::-(-t.numel() // 16)]


def main(checkout):
    mobile = module(os.path.join(checkout, "ltr", "models", "backbone", "mobilenet.py"), "mobilenet")
    networks = {
        "resnet18": ResNet18(8),
        "mobilenet_v2": mobile.MobileNetV2(["layer2", "layer3"], num_classes=1, width_mult=0.25, round_nearest=1),
    }
    tensors = {}
    for key, net in networks.items():
        net = fill_random(net, 7, "").double().train()
        x = (pixels(31, (2, 3, 65, 81)).double() / 64 - 2).requires_grad_()
        loss = 0
        for i, (level, y) in enumerate(net(x).items()):
            tensors[f"{key}.{level}"] = thinned(y)
            loss = loss + (y * torch.from_numpy(2 * uniform(32 + i, y.numel()) - 1).reshape(y.shape)).sum()
        loss.backward()
        tensors[f"{key}.dx"] = thinned(x.grad)
        for name, p in net.named_parameters():
            if p.grad is not None:
                tensors[f"{key}.d.{name}"] = thinned(p.grad)
                if name.endswith("bias"):
                    continue
                statistic = name.replace("weight", "running_var")
                if statistic in net.state_dict():
                    tensors[f"{key}.{statistic}"] = thinned(net.state_dict()[statistic])
    save("training", tensors)


if __name__ == "__main__":
    main(*sys.argv[1:])
