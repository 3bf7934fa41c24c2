// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/io/weights.hpp>

#include <filesystem>
#include <string>
#include <vector>

/// Weights::load(); the readers of weight files are compiled once for all tests that use this.
pursuit::Weights load_weights(const std::filesystem::path& file);

/// A tensor of a safetensors file of doubles. Throws pursuit::Error where there is none of that name.
std::vector<double> load_doubles(const std::filesystem::path& file, const std::string& name);
