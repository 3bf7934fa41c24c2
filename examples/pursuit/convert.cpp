// SPDX-License-Identifier: MIT
#include "commands.hpp"

#include <pursuit/io/safetensors.hpp>
#include <pursuit/io/tensor_file.hpp>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>

namespace {

struct ConvertOptions {
  std::string in;
  std::string out;
};

void convert(const ConvertOptions& options) {
  std::error_code missing;
  if (std::filesystem::equivalent(options.in, options.out, missing))
    throw UsageError(options.out + ": this is the file to read: need another name for the result");
  const auto ending = std::filesystem::path(options.out).extension();
  if (ending == ".pth" || ending == ".pt")
    throw UsageError(options.out + ": only safetensors can be written: need a name that ends in .safetensors");
  const pursuit::TensorFile file = pursuit::open_tensor_file(options.in);
  pursuit::save_safetensors(options.out, file.table.tensors, file.table.metadata);
  std::cout << options.out << ": " << file.table.tensors.size() << " tensors, "
            << std::filesystem::file_size(options.out) << " bytes (" << options.in << ": " << file.format << ", "
            << file.file->bytes().size() << " bytes)\n";
  if (const auto skipped = file.table.metadata.find("skipped"); skipped != file.table.metadata.end())
    std::cerr << "pursuit: note: tensors of types that safetensors has no name for were left out: " << skipped->second
              << '\n';
}

}  // namespace

void add_convert(CLI::App& app) {
  CLI::App* command = app.add_subcommand("convert", "Turn PyTorch weights into a safetensors file");
  const auto options = std::make_shared<ConvertOptions>();
  command->add_option("IN", options->in, "PyTorch (.pth) or safetensors file; nothing in it is executed")->required();
  command->add_option("OUT", options->out, "safetensors file to write; appears whole or not at all")->required();
  command->footer(
      "\nExample:\n"
      "  pursuit convert checkpoint.pth weights.safetensors\n"
      "\nTakes the state_dict out of a checkpoint and drops a leading `module.`; numbers stay as they are, bit by "
      "bit.\n"
      "Exit code: 0, 1 (a file cannot be read or written), 2 (wrong usage).");
  command->callback([options] { convert(*options); });
}
