// SPDX-License-Identifier: MIT
// The program `pursuit`: visual tracking for people who want no C++.
#include "commands.hpp"
#include "source.hpp"

#include <fcntl.h>

#include <exception>
#include <iostream>
#include <new>
#include <string>

#include <pursuit/core/error.hpp>
#include <pursuit/core/version.hpp>

namespace {

/// Where a standard stream is closed, the next file that is opened would take its number, and get what is printed.
/// What stands there instead can be opened, and not written to: printing still fails.
void occupy_standard_streams() {
  int file = 0;
  while (file >= 0 && file <= 2) file = ::open("/dev/null", O_RDONLY);
}

/// Refuses for every option what would be taken for something else: an empty text (a script's variable that is not set)
/// for an option that is not there, -1 for the largest whole number.
void check_values(CLI::App& app) {
  const auto text = [](const std::string& value) { return std::string(value.empty() ? "the value is empty" : ""); };
  const auto count = [](const std::string& value) {
    const bool digits = value.find_first_not_of("0123456789") == value.npos;
    return digits && value.size() < 20 ? std::string() : value + ": need a whole number, not negative";
  };
  for (CLI::App* command : app.get_subcommands(nullptr))
    for (CLI::Option* option : command->get_options()) {
      if (option->get_type_name() == "UINT") option->check(count, "");
      option->check(text, "");
    }
}

/// What was printed must have arrived.
void flush_output() {
  if (!(std::cout << std::flush)) throw pursuit::FileError("standard output: writing failed");
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_streams();
  CLI::App app("Follows one target through a video, from a box in the first frame.\n", "pursuit");
  app.set_version_flag("--version", pursuit::version);
  app.require_subcommand(1);
  app.footer("\nTry it:  pursuit track --source demo --page demo.html");
  add_track(app);
  add_info(app);
  add_convert(app);
  add_evaluate(app);
  add_report(app);
  add_trax(app);
  add_train(app);
  add_distill(app);
  check_values(app);

  if (argc < 2) {
    std::cerr << app.help();
    return 2;
  }
  quiet_opencv();
  try {
    const std::string command = argv[1];
    const auto named = [&](const CLI::App* c) { return c->get_name() == command; };
    if (!command.starts_with('-') && app.get_subcommands(named).empty())
      throw UsageError(command + ": there is no such command; pursuit --help names them");
    try {
      app.parse(argc, argv);
    } catch (const CLI::Success& e) {  // --help, --version
      app.exit(e);
    }
    flush_output();
    return 0;
  } catch (const CLI::ParseError& e) {
    app.exit(e, std::cerr, std::cerr);
    return 2;
  } catch (const UsageError& e) {
    std::cerr << "pursuit: " << e.what() << '\n';
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr << "pursuit: out of memory\n";
  } catch (const std::exception& e) {
    std::cerr << "pursuit: " << e.what() << '\n';
  }
  return 1;
}
