// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/loss/adaptive_hard.hpp>
#include <pursuit/loss/cfkd.hpp>
#include <pursuit/loss/channel_sum.hpp>
#include <pursuit/loss/correlation_filter.hpp>
#include <pursuit/loss/fidelity.hpp>
#include <pursuit/loss/filter_response.hpp>
#include <pursuit/loss/filter_tracking.hpp>
#include <pursuit/loss/lifted_fidelity.hpp>
#include <pursuit/loss/logistic.hpp>
#include <pursuit/loss/mean_squared.hpp>
#include <pursuit/loss/response_l2.hpp>
#include <pursuit/loss/smooth_l1.hpp>
#include <pursuit/loss/target_response.hpp>
#include <pursuit/loss/teacher_soft.hpp>
