// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/optim/adam.hpp>
#include <pursuit/optim/clip.hpp>
#include <pursuit/optim/conjugate_gradient.hpp>
#include <pursuit/optim/gauss_newton.hpp>
#include <pursuit/optim/residual_problem.hpp>
#include <pursuit/optim/schedule.hpp>
#include <pursuit/optim/sgd.hpp>
