// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/cpu/blocks.hpp>
#include <pursuit/kernels/cpu/box_pooling.hpp>
