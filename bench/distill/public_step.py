#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Times training steps of the public CFKD code on the CPU, to stand beside box_head_task.bench.cpp.

    public_step.py CFKD_CHECKOUT [STEPS]

A step: mATOM learns from ATOM, eight pairs of 288 pixels with 16 proposals, all four losses, forward and backward, Adam.
Prints seconds and processor seconds of each step, and the peak of memory in MiB. CFKD_CHECKOUT is a clone of
danielism97/CFKD. Precise RoI pooling, which is written for GPUs there, is that of tests/golden/atom.py.
"""
import importlib
import os
import resource
import sys
import time
import types

import torch

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tests/golden"))
from atom import PrRoIPool2D, stand_ins  # noqa: E402


def main():
    torch.set_num_threads(2)
    torch.manual_seed(1)
    stand_ins(sys.argv[1])
    functional = types.ModuleType("functional")
    functional.prroi_pool2d = lambda x, rois, h, w, scale: PrRoIPool2D(h, w, scale)(x, rois)
    sys.modules["ltr.external.PreciseRoIPooling.pytorch.prroi_pool.functional"] = functional
    models = importlib.import_module("ltr.models.bbreg.atom")
    distillation = importlib.import_module("ltr.models.loss.distillation")
    actors = importlib.import_module("ltr.actors.bbreg")
    student = models.atom_mobilenetsmall(backbone_pretrained=False)
    teacher = models.atom_resnet18(backbone_pretrained=False)
    objective = distillation.CFKDLoss(reg_loss=torch.nn.MSELoss(), w_cf=0.01, w_fd=100,
                                      cf_layers=["conv1", "layer1", "layer2", "layer3"])
    actor = actors.AtomCompressionActor(student, teacher, objective)
    actor.train(True)
    for p in teacher.parameters():
        p.requires_grad_(False)
    optimizer = torch.optim.Adam(student.parameters(), lr=1e-3)
    batch, proposals = 8, 16
    boxes = torch.tensor([110., 115., 60., 55.]).expand(1, batch, 4).clone()
    data = {"train_images": torch.randn(1, batch, 3, 288, 288), "test_images": torch.randn(1, batch, 3, 288, 288),
            "train_anno": boxes, "test_anno": boxes + torch.rand(1, batch, 4),
            "test_proposals": boxes[:, :, None] + 10 * torch.rand(1, batch, proposals, 4),
            "proposal_iou": torch.rand(1, batch, proposals)}
    for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 3):
        start, worked = time.perf_counter(), time.process_time()
        optimizer.zero_grad()
        loss, _ = actor(data)
        loss.backward()
        optimizer.step()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{time.perf_counter() - start:.2f} s, {time.process_time() - worked:.2f} s of processors, "
              f"peak {peak:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
