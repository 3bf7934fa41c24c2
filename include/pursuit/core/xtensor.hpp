// SPDX-License-Identifier: MIT
#pragma once

// The one place that knows where xtensor keeps its headers: they moved at 0.26, without forwarders.
#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif
