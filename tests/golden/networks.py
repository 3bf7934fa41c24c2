#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/{alexnet,alexnet_narrow,dcf_net}.safetensors from the public PyTorch networks.

    networks.py SIAMFC_CHECKOUT DCFNET_CHECKOUT DCFNET_WEIGHTS.safetensors

SIAMFC_CHECKOUT is a clone of huanglianghua/siamfc-pytorch, DCFNET_CHECKOUT one of foolwood/DCFNet_pytorch (in its
track/net.py the last print statement needs parentheses under Python 3). Needs PyTorch (1.13 was used). Inputs, and weights where they are random, come from the generator of core/random.hpp, which is
repeated here, so that the files hold little more than outputs.
"""
import importlib.util
import json
import os
import struct
import sys
import types

import numpy as np
import torch

MASK = (1 << 64) - 1


def stream(state, n):
    """n numbers of SplitMix64 from the given state."""
    with np.errstate(over="ignore"):
        z = np.uint64(state) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(state, n):
    return (stream(state, n) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(state, n):
    u = uniform(state, 2 * n)
    return np.sqrt(-2 * np.log(1 - u[0::2])) * np.cos(6.283185307179586 * u[1::2])


def fork(seed, name):
    h = seed ^ 0xCBF29CE484222325
    for c in name.encode():
        h = ((h ^ c) * 0x100000001B3) & MASK
    return h


def random_tensor(seed, name, shape):
    """What Weights::random(seed).get(name, shape) gives."""
    if name.endswith("bias") or name.endswith("running_mean"):
        return torch.zeros(shape)
    if len(shape) < 2:
        return torch.ones(shape)
    n = int(np.prod(shape))
    values = np.sqrt(2 / (n / shape[0])) * normal(fork(seed, name), n)
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def pixels(seed, shape):
    """Whole numbers of 0 to 255."""
    return torch.from_numpy(np.floor(256 * uniform(seed, int(np.prod(shape)))).astype(np.float32).reshape(shape))


def save(name, tensors):
    header, blob = {}, b""
    for key, value in tensors.items():
        data = np.ascontiguousarray(value.detach().numpy().astype(np.float32))
        header[key] = {"dtype": "F32", "shape": list(data.shape), "data_offsets": [len(blob), len(blob) + data.nbytes]}
        blob += data.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".safetensors")
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + blob)


def load_safetensors(path):
    with open(path, "rb") as f:
        (n,) = struct.unpack("<Q", f.read(8))
        header, blob = json.loads(f.read(n)), f.read()
    return {
        k: torch.from_numpy(np.frombuffer(blob[slice(*v["data_offsets"])], np.float32).reshape(v["shape"]).copy())
        for k, v in header.items() if v.get("dtype") == "F32"
    }


def module(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    m = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(m)
    return m


def every(x, step):
    return x.reshape(-1)[::step]


def fill_random(net, seed, prefix):
    net.load_state_dict({
        k: v if k.endswith("num_batches_tracked") else random_tensor(seed, prefix + k, tuple(v.shape))
        for k, v in net.state_dict().items()
    })
    return net.eval()


def narrow(backbones):
    """AlexNetV1 with a sixteenth of the channels, and numbers in batch norm that are not 0 and 1."""
    real = backbones.nn.Conv2d
    thin = lambda c: c if c == 3 else c // 16
    stand_in = types.SimpleNamespace(**{k: getattr(torch.nn, k) for k in ("Module", "Sequential", "ReLU", "MaxPool2d")})
    stand_in.Conv2d = lambda i, o, *args, **more: real(thin(i), thin(o), *args, **more)
    original, norm = backbones.nn, backbones._BatchNorm2d
    epsilon = norm(1).eps
    backbones.nn, backbones._BatchNorm2d = stand_in, lambda c: torch.nn.BatchNorm2d(thin(c), eps=epsilon)
    net = backbones.AlexNetV1()
    backbones.nn, backbones._BatchNorm2d = original, norm
    torch.manual_seed(3)
    for key, value in net.state_dict().items():
        if key.endswith("running_var"):
            value.uniform_(0.5, 2)
        elif key.endswith("num_batches_tracked"):
            continue
        elif value.dim() == 1:
            value.uniform_(-1, 1)
        else:
            value.normal_(0, (2 / value[0].numel())**0.5)
    return net.eval()


def main():
    siamfc, dcfnet, dcf_weights = sys.argv[1:]
    backbones = module(os.path.join(siamfc, "siamfc", "backbones.py"), "backbones")
    heads = module(os.path.join(siamfc, "siamfc", "heads.py"), "heads")
    net_py = module(os.path.join(dcfnet, "track", "net.py"), "net")
    torch.set_grad_enabled(False)

    net = fill_random(backbones.AlexNetV1(), 7, "backbone.")
    z, x = net(pixels(11, (1, 3, 127, 127))), net(pixels(12, (3, 3, 255, 255)))
    save("alexnet", {"exemplar": every(z, 11), "search": every(x, 251), "response": heads.SiamFC()(z, x)[:, 0]})

    net = narrow(backbones)
    tensors = {"backbone." + k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    tensors["features"] = net(pixels(13, (1, 3, 127, 143)))
    save("alexnet_narrow", tensors)

    mean = torch.tensor([104.0, 117.0, 123.0]).view(1, 3, 1, 1)
    patches = pixels(14, (2, 3, 125, 125)) - mean
    net = fill_random(net_py.DCFNetFeature(), 7, "")
    tensors = {"random": every(net(patches), 499)}
    net.load_state_dict(load_safetensors(dcf_weights))
    tensors["published"] = every(net(patches), 499)
    save("dcf_net", tensors)


if __name__ == "__main__":
    main()
