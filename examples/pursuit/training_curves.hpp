// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

/// Writes one HTML file that shows a training run by its log (log.jsonl): losses and their parts, validation, gradient
/// norm and rate over steps. Everything is in the file. Long runs are drawn as the means of about 800 stretches.
/// Throws pursuit::FileError where the log cannot be read or the page not be written.
void write_training_curves(const std::filesystem::path& log, const std::filesystem::path& page,
                           const std::string& title);
