// SPDX-License-Identifier: MIT
#include <pursuit/pursuit.hpp>

#include <cstdio>

double iou_elsewhere(const pursuit::Box& a, const pursuit::Box& b);  // other.cpp, which includes the same headers

int main() {
  const pursuit::Box a{0, 0, 4, 2}, b{2, 1, 4, 2};
  std::printf("pursuit %s\n", pursuit::version);
  return iou_elsewhere(a, b) == pursuit::iou(a, b) ? 0 : 1;
}
