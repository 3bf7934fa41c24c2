#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/images/: small JPEG and PNG files of every kind that the readers know, and hashes.txt with the
pixels that OpenCV reads from each (FNV-1a over rows of BGR, and of grey where the file is grey).

    python3 make_images.py        needs numpy, Pillow, OpenCV's cv2
"""
import pathlib

import cv2
import numpy as np
from PIL import Image

out = pathlib.Path(__file__).parent / "images"
out.mkdir(exist_ok=True)
height, width = 29, 37
y, x = np.mgrid[0:height, 0:width]
waves = np.stack([128 + 120 * np.sin(x / 3.0 + y / 7.0), 128 + 120 * np.cos(x / 5.0 - y / 2.0), (x * 7 + y * 5) % 256], -1)
rgb = np.clip(waves, 0, 255).astype(np.uint8)
alpha = ((x + 2 * y) % 256).astype(np.uint8)
grey = rgb[..., 0]
colour, mono = Image.fromarray(rgb), Image.fromarray(grey)

colour.save(out / "420.jpg", quality=85, subsampling=2)
colour.save(out / "422.jpg", quality=85, subsampling=1)
colour.save(out / "444.jpg", quality=95, subsampling=0)
colour.save(out / "progressive.jpg", quality=80, subsampling=2, progressive=True)
mono.save(out / "grey.jpg", quality=90)
colour.convert("CMYK").save(out / "cmyk.jpg", quality=90)
Image.fromarray(rgb[:1, :1]).save(out / "1x1.jpg", quality=90)

colour.save(out / "rgb.png")
mono.save(out / "grey.png")
mono.point(lambda v: 255 * (v > 128)).convert("1").save(out / "grey1.png")
colour.quantize(200).save(out / "palette.png")
colour.quantize(4).save(out / "palette2.png", bits=2)
Image.fromarray(np.dstack([rgb, alpha])).save(out / "rgba.png")
Image.fromarray(np.dstack([grey, alpha]), "LA").save(out / "grey_alpha.png")
Image.fromarray(rgb[:1, :1]).save(out / "1x1.png")
cv2.imwrite(str(out / "rgb16.png"), rgb.astype(np.uint16) * 257 + 90)
cv2.imwrite(str(out / "grey16.png"), grey.astype(np.uint16) * 250 + 77)


def interlaced(pixels):
    """Pillow writes no interlaced files: Adam7 by hand, 8-bit RGB, filter 0."""
    import struct
    import zlib

    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    raw = b""
    for x0, y0, dx, dy in passes:
        part = pixels[y0::dy, x0::dx]
        if part.shape[1]:
            raw += b"".join(b"\0" + row.tobytes() for row in part)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


(out / "interlaced.png").write_bytes(interlaced(rgb))


def fnv(pixels):
    h = 0xCBF29CE484222325
    for byte in np.ascontiguousarray(pixels).tobytes():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    return h


with open(out / "hashes.txt", "w") as file:
    for path in sorted(p for p in out.iterdir() if p.suffix in (".jpg", ".png") and p.stem != "cmyk"):
        plain = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        is_grey = plain.ndim == 2 or (path.stem == "grey_alpha")
        bgr = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        stored = fnv(bgr[..., 0]) if is_grey else 0
        file.write(f"{path.name} {bgr.shape[1]} {bgr.shape[0]} {1 if is_grey else 3} {fnv(bgr):016x} {stored:016x}\n")
