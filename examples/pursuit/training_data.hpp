// SPDX-License-Identifier: MIT
#pragma once

#include "training_config.hpp"

#include <pursuit/train/training_frames.hpp>

#include <memory>

/// Opens all sources of a configuration. What could not be read is told on standard error. Throws FileError where a
/// source has nothing at all.
std::shared_ptr<const pursuit::TrainingFrames> open_training_data(const TrainingDataConfig& config);
