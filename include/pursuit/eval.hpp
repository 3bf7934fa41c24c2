// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/eval/ope.hpp>
