// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/cpu/thin_product.hpp>
