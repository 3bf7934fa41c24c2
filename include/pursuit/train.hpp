// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/train/learning_task.hpp>
#include <pursuit/train/loss_values.hpp>
