// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <CLI/CLI.hpp>

/// What the user asked for cannot be: exit code 2. Any other pursuit::Error is 1, a failure.
class UsageError : public pursuit::Error {
 public:
  using pursuit::Error::Error;
};

/// Each adds one command with its options; the work happens in the callback. A file each.
void add_track(CLI::App& app);
void add_info(CLI::App& app);
void add_convert(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_trax(CLI::App& app);
void add_report(CLI::App& app);
void add_train(CLI::App& app);
void add_distill(CLI::App& app);
