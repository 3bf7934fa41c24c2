// SPDX-License-Identifier: MIT
// The program `pursuit`: visual tracking for people who want no C++.
#include "commands.hpp"
#include "source.hpp"

#include <exception>
#include <iostream>
#include <new>
#include <string>

#include <pursuit/core/version.hpp>

int main(int argc, char** argv) {
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
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::Success& e) {  // --help, --version
    return app.exit(e);
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
