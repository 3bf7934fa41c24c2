#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/roi.safetensors with torchvision's pooling of boxes (0.14 was used)."""
import torch
import torchvision

from networks import save, uniform


def main():
    x = torch.from_numpy(uniform(11, 2 * 9 * 7).reshape(1, 2, 9, 7)).requires_grad_(True)
    corners = torch.from_numpy(uniform(12, 6 * 4).reshape(6, 4) * torch.tensor([60.0, 80, 60, 80]).numpy() - 5)
    boxes = torch.cat([torch.minimum(corners[:, :2], corners[:, 2:]), torch.maximum(corners[:, :2], corners[:, 2:])], 1)
    dy = torch.from_numpy(uniform(13, 6 * 2 * 3 * 2).reshape(6, 2, 3, 2))
    out = {"boxes": boxes}
    kinds = {"align.%d.%d" % (aligned, samples): (torchvision.ops.roi_align, dict(sampling_ratio=samples or -1,
                                                                                  aligned=bool(aligned)))
             for aligned in (0, 1) for samples in (0, 2)}
    kinds["pool"] = (torchvision.ops.roi_pool, {})
    for name, (pool, more) in kinds.items():
        x.grad = None
        y = pool(x, [boxes], (3, 2), spatial_scale=0.125, **more)
        (y * dy).sum().backward()
        out[name + ".y"] = y
        out[name + ".dx"] = x.grad[0].clone()
    save("roi", out)


if __name__ == "__main__":
    main()
