// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/augmentation.hpp>
#include <pursuit/core/bf16.hpp>
#include <pursuit/core/box.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/core/crop.hpp>
#include <pursuit/core/device.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/features.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/core/version.hpp>
#include <pursuit/core/xtensor.hpp>
