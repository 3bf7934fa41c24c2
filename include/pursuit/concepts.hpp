// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/backbone.hpp>
#include <pursuit/concepts/classifier.hpp>
#include <pursuit/concepts/device.hpp>
#include <pursuit/concepts/loss.hpp>
#include <pursuit/concepts/optimizer.hpp>
#include <pursuit/concepts/state_estimator.hpp>
