// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone.hpp>
#include <pursuit/check.hpp>
#include <pursuit/classifier.hpp>
#include <pursuit/concepts.hpp>
#include <pursuit/core.hpp>
#include <pursuit/data.hpp>
#include <pursuit/distill.hpp>
#include <pursuit/estimator.hpp>
#include <pursuit/eval.hpp>
#include <pursuit/io.hpp>
#include <pursuit/kernels.hpp>
#include <pursuit/loss.hpp>
#include <pursuit/nn.hpp>
#include <pursuit/optim.hpp>
#include <pursuit/track.hpp>
#include <pursuit/train.hpp>
#include <pursuit/zoo.hpp>
