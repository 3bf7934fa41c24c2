// SPDX-License-Identifier: MIT
#pragma once

#include "bytes.hpp"
#include "temporary_folder.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace test {

struct Outcome {
  int code = -1;  ///< exit code, or -1 after a signal
  std::string out;
  std::string err;
};

inline bool program_is_there() { return std::filesystem::exists(PURSUIT_PROGRAM); }

/// Runs the program `pursuit` by the shell, without a display; `arguments` may redirect, `environment` holds
/// NAME=VALUE. Pre: program_is_there().
inline Outcome run_program(const std::string& arguments, const std::string& environment = {}) {
  const TemporaryFolder folder;
  const std::string out = (folder / "out").string(), err = (folder / "err").string();
  const int status = std::system(("env -u DISPLAY -u WAYLAND_DISPLAY " + environment + " '" PURSUIT_PROGRAM "' >'" +
                                  out + "' 2>'" + err + "' " + arguments)
                                     .c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out), read_file(err)};
}

}  // namespace test
