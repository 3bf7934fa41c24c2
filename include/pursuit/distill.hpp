// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/distill/box_batch.hpp>
#include <pursuit/distill/box_head_objective.hpp>
#include <pursuit/distill/box_head_task.hpp>
#include <pursuit/distill/box_network.hpp>
#include <pursuit/distill/box_teacher.hpp>
