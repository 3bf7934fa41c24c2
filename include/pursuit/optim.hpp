// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/optim/conjugate_gradient.hpp>
#include <pursuit/optim/gauss_newton.hpp>
#include <pursuit/optim/residual_problem.hpp>
