// SPDX-License-Identifier: MIT
#include "weight_files.hpp"

#include <pursuit/core/error.hpp>
#include <pursuit/io/tensor_file.hpp>

#include <cstring>

pursuit::Weights load_weights(const std::filesystem::path& file) { return pursuit::Weights::load(file); }

std::vector<double> load_doubles(const std::filesystem::path& file, const std::string& name) {
  const pursuit::TensorFile open = pursuit::open_tensor_file(file);
  for (const pursuit::StoredTensor& t : open.table.tensors) {
    if (t.info.name != name) continue;
    if (t.info.dtype != pursuit::Dtype::f64) throw pursuit::Error(file.string() + ": " + name + " is not of doubles");
    std::vector<double> values(t.bytes.size() / sizeof(double));
    std::memcpy(values.data(), t.bytes.data(), t.bytes.size());
    return values;
  }
  throw pursuit::Error(file.string() + ": no tensor " + name);
}
