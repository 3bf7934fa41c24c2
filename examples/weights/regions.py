# SPDX-License-Identifier: MIT
"""Regions of pictures as targets: whatever a box shows can be looked for in another cut of the same picture.

    python3 regions.py DATA regions.csv

DATA has stills/coco_tiny/ and train/. Of every still, and of each eighth frame of the sequences, twelve random boxes with
enough structure are written, as `pursuit train` reads stills: image,x,y,w,h. The seed is fixed. Needs Pillow and NumPy.
"""
import csv
import os
import sys
from pathlib import Path

import numpy
from PIL import Image

data, out = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
random = numpy.random.default_rng(1)
pictures = sorted((data / "stills/coco_tiny").rglob("*.jpg"))
for sequence in sorted((data / "train").iterdir()):
    pictures += sorted((sequence / "img").glob("*.jpg"))[::8]

with open(out, "w", newline="") as file:
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["image", "x", "y", "w", "h"])
    for picture in pictures:
        grey = numpy.asarray(Image.open(picture).convert("L"), dtype=numpy.float32)
        height, width = grey.shape
        wanted = 12
        for _ in range(60):
            side = min(height, width) * numpy.exp(random.uniform(numpy.log(0.08), numpy.log(0.5)))
            aspect = numpy.exp(numpy.clip(random.normal(0, 0.4), -1, 1))
            w, h = int(side * aspect), int(side / aspect)
            if w >= width - 1 or h >= height - 1 or min(w, h) < 10:
                continue
            x, y = int(random.integers(0, width - w)), int(random.integers(0, height - h))
            part = grey[y : y + h, x : x + w]
            # Something inside, and something other than the surroundings.
            if part.std() < 25 or min(numpy.abs(numpy.diff(part, axis=a)).mean() for a in (0, 1)) < 4:
                continue
            rows.writerow([os.path.relpath(picture.resolve(), out.parent), x, y, w, h])
            wanted -= 1
            if wanted == 0:
                break
