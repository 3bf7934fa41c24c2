#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/{resnet,siamrpnpp,dasiamrpn}.safetensors from the public PyTorch networks.

    siamese.py PYSOT_CHECKOUT DASIAMRPN_CHECKOUT

PYSOT_CHECKOUT is a clone of STVIR/pysot, DASIAMRPN_CHECKOUT one of foolwood/DaSiamRPN. Needs PyTorch and torchvision
(1.13 and 0.14 were used). All networks have a sixteenth of their published channels and the random weights of
networks.py, so that the files hold nothing but outputs.
"""
import os
import sys
import types

import torch
import torchvision

from networks import every, fill_random, module, pixels, save


def modules(channels):
    """torch.nn with convolutions and batch norms of channels(c) channels where c are asked for."""

    class Conv2d(torch.nn.Conv2d):
        def __init__(self, inputs, outputs, *args, **more):
            super().__init__(channels(inputs), channels(outputs), *args, **more)

    class BatchNorm2d(torch.nn.BatchNorm2d):
        def __init__(self, c, *args, **more):
            super().__init__(channels(c), *args, **more)

    stand_in = types.SimpleNamespace(**{k: getattr(torch.nn, k) for k in dir(torch.nn) if not k.startswith("__")})
    stand_in.Conv2d, stand_in.BatchNorm2d = Conv2d, BatchNorm2d
    return stand_in


def thin_modules():
    return modules(lambda c: c if c == 3 else c // 16)


def resnets():
    tensors = {}
    for name, depth in (("resnet18", 18), ("resnet50", 50)):
        kind = torchvision.models.resnet
        real, kind.nn = kind.nn, thin_modules()
        net = getattr(kind, name)(norm_layer=kind.nn.BatchNorm2d, num_classes=16)
        kind.nn = real
        net = fill_random(net, 7, "")
        x = pixels(21, (2, 3, 79, 101))
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        for i in (1, 2, 3, 4):
            x = getattr(net, f"layer{i}")(x)
            tensors[f"{name}.{i}"] = every(x, 7)
    save("resnet", tensors)


def siamrpnpp(pysot):
    sys.path.insert(0, pysot)
    atrous = module(os.path.join(pysot, "pysot", "models", "backbone", "resnet_atrous.py"), "atrous")
    from pysot.models.head.rpn import MultiRPN
    from pysot.models.neck.neck import AdjustAllLayer
    atrous.nn = thin_modules()
    net = torch.nn.Module()
    net.backbone = atrous.resnet50(used_layers=[2, 3, 4])
    net.neck = AdjustAllLayer([32, 64, 128], [16, 16, 16])
    net.rpn_head = MultiRPN(5, [16, 16, 16], weighted=True)
    net = fill_random(net, 7, "")
    net.rpn_head.cls_weight.data = torch.tensor([0.2, -0.5, 1.0])
    net.rpn_head.loc_weight.data = torch.tensor([-0.3, 0.4, 0.1])
    z = net.neck(net.backbone(pixels(22, (1, 3, 127, 127))))
    x = net.neck(net.backbone(pixels(23, (1, 3, 255, 255))))
    cls, loc = net.rpn_head(z, x)
    tensors = {f"exemplar.{i}": every(v, 5) for i, v in enumerate(z)}
    tensors.update({f"search.{i}": every(v, 29) for i, v in enumerate(x)})
    tensors.update({"cls": every(cls, 7), "loc": every(loc, 11)})
    save("siamrpnpp", tensors)


def dasiamrpn(checkout):
    net_py = module(os.path.join(checkout, "code", "net.py"), "dasiamrpn_net")
    net_py.nn = modules(int)
    net = fill_random(net_py.SiamRPN(size=1 / 16, feature_out=16), 7, "")
    net.temple(pixels(24, (1, 3, 127, 127)))
    loc, cls = net(pixels(25, (1, 3, 271, 271)))
    save("dasiamrpn", {"cls": every(cls, 3), "loc": every(loc, 5)})


def main():
    torch.set_grad_enabled(False)
    resnets()
    siamrpnpp(sys.argv[1])
    dasiamrpn(sys.argv[2])


if __name__ == "__main__":
    main()
