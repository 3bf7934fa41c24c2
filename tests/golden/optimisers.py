#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints what tests/optim/{sgd,adam}.test.cpp expect: three parameters after each of four steps.

Needs PyTorch (1.13 was used). The gradient is that of sum_i (i + 1) p_i^2 / 2, whose steps come from the parameters.
"""
import torch


def run(name, make):
    p = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64, requires_grad=True)
    optimiser = make([p])
    for _ in range(4):
        p.grad = (torch.tensor([1.0, 2.0, 3.0]) * p).detach()
        optimiser.step()
        print(name, ", ".join(f"{v:.17g}" for v in p.tolist()))


run("plain", lambda p: torch.optim.SGD(p, lr=0.1))
run("momentum", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=5e-2))
run("nesterov", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True))
run("adam", lambda p: torch.optim.Adam(p, lr=0.1))
run("decay", lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.5))
