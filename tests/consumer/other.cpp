// SPDX-License-Identifier: MIT
#include <pursuit/pursuit.hpp>

double iou_elsewhere(const pursuit::Box& a, const pursuit::Box& b);
double iou_elsewhere(const pursuit::Box& a, const pursuit::Box& b) { return pursuit::iou(a, b); }
