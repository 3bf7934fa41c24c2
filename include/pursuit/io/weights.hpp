// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/io/tensor_file.hpp>
#include <pursuit/io/tensor_table.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// How the tensors of a file differ from those that a network needs.
struct WeightsFit {
  std::vector<TensorSpec> missing;
  std::vector<std::string> misshapen;  ///< "conv.weight (3,3,3) instead of (8,3,3,3)", or whole numbers
  std::vector<TensorInfo> extra;       ///< without batch norm's step counters (num_batches_tracked)

  bool exact() const { return missing.empty() && misshapen.empty() && extra.empty(); }
  /// Nothing is lacking; there may be more.
  bool enough() const { return missing.empty() && misshapen.empty(); }
};

/// The weights of networks: named tensors of a file, or random ones on demand. Immutable, cheap to copy, safe to read
/// from any number of threads; copies share one file.
class Weights {
 public:
  /// No tensors at all, for trackers that need none.
  Weights() = default;

  /// Tensors somebody made in memory. `source` is what messages call them. The bytes that `table` points at must be
  /// owned by its tensors, by `keeper`, or outlive the weights.
  Weights(TensorTable table, std::string source, std::shared_ptr<const void> keeper = {}) {
    auto store = std::make_shared<Store>();
    store->table = std::move(table);
    store->source = std::move(source);
    store->keeper = std::move(keeper);
    for (const auto& t : store->table.tensors)
      if (!store->by_name.emplace(t.info.name, &t).second)
        throw FileError(concat(store->source, ": tensor ", detail::printable(t.info.name), " comes twice"));
    store_ = std::move(store);
  }

  /// Reads a safetensors or PyTorch (.pth) file, told apart by content. Nothing in a .pth file is executed. A leading
  /// `module.` on all names (DataParallel) is dropped in .pth files. Throws FileError.
  static Weights load(const std::filesystem::path& path) {
    TensorFile opened = open_tensor_file(path);
    return Weights(std::move(opened.table), path.string(), std::move(opened.file));
  }

  /// Weights that have any tensor in any shape asked for: the same numbers for the same seed, name and shape, on every
  /// machine. For timing, for parity tests, and to start training from.
  ///
  /// Names ending in `bias` or `running_mean` are 0; other tensors of rank 0 and 1 (`weight` of a batch norm,
  /// `running_var`) are 1; the rest is normal with variance 2 / fan-in (He et al. 2015), fan-in being the product of
  /// all extents but the first.
  static Weights random(std::uint64_t seed) {
    auto store = std::make_shared<Store>();
    store->seed = seed;
    store->source = concat("random:", seed);
    Weights weights;
    weights.store_ = std::move(store);
    return weights;
  }

  bool empty() const { return !is_random() && store().table.tensors.empty(); }
  bool is_random() const { return store().seed.has_value(); }
  bool contains(std::string_view name) const { return is_random() || find(name) != nullptr; }
  /// The file's path, or random:SEED.
  const std::string& source() const { return store().source; }
  const std::map<std::string, std::string>& metadata() const { return store().table.metadata; }

  /// In the order of the file; empty for random weights.
  std::vector<TensorInfo> tensors() const {
    std::vector<TensorInfo> all;
    for (const auto& t : store().table.tensors) all.push_back(t.info);
    return all;
  }

  /// The tensor as float, converted from F64, F16 or BF16 where the file has those. Throws FileError naming the file,
  /// the tensor, what came and what was needed: no such tensor, another shape, whole numbers, NaN or infinity.
  template <std::size_t N>
  Tensor<float, N> get(std::string_view name, const Shape<N>& shape) const {
    std::size_t bytes = 0;
    if (!detail::byte_count(shape, sizeof(float), bytes))
      throw ShapeError(concat("Weights: no tensor ", detail::printable(name), " can have the shape ", shape));
    const StoredTensor* found = is_random() ? nullptr : &at(name, shape);
    auto tensor = make_tensor<float, N>(shape);
    const std::span<float> values(tensor.data(), bytes / sizeof(float));
    if (found == nullptr) {
      fill_random(name, shape, values);
      return tensor;
    }
    detail::convert_to_float(found->info.dtype, found->bytes, values);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!std::isfinite(values[i]))
        throw FileError(concat(source(), ": tensor ", detail::printable(name), " holds ", values[i], " at element ", i,
                               ": need finite numbers"));
    return tensor;
  }

  /// Compares with what a network needs. Random weights fit everything.
  WeightsFit compare(std::span<const TensorSpec> needed) const {
    WeightsFit fit;
    if (is_random()) return fit;
    std::map<std::string_view, const TensorSpec*> wanted;
    for (const auto& spec : needed) {
      wanted.emplace(spec.name, &spec);
      const StoredTensor* found = find(spec.name);
      if (found == nullptr) {
        fit.missing.push_back(spec);
      } else if (found->info.shape != spec.shape) {
        fit.misshapen.push_back(concat(spec.name, " ", detail::shape_text(found->info.shape), " instead of ",
                                       detail::shape_text(spec.shape)));
      } else if (!is_floating(found->info.dtype)) {
        fit.misshapen.push_back(
            concat(spec.name, " of ", to_string(found->info.dtype), " instead of F64, F32, F16 or ", "BF16"));
      }
    }
    for (const auto& t : store().table.tensors)
      if (!wanted.contains(t.info.name) && !t.info.name.ends_with("num_batches_tracked")) fit.extra.push_back(t.info);
    return fit;
  }

  /// Throws FileError with one message that lists every tensor that is missing, of another shape, or extra.
  void require_only(std::span<const TensorSpec> needed) const {
    const WeightsFit fit = compare(needed);
    if (fit.exact()) return;
    std::string message = source() + ": the tensors do not fit the network:";
    for (const auto& t : fit.missing) message += "\n  missing: " + t.name + " " + detail::shape_text(t.shape);
    for (const auto& text : fit.misshapen) message += "\n  shape:   " + text;
    for (const auto& t : fit.extra) message += "\n  extra:   " + t.name + " " + detail::shape_text(t.shape);
    throw FileError(message);
  }

 private:
  struct Store {
    TensorTable table;
    std::string source = "no weights";
    std::shared_ptr<const void> keeper;
    std::map<std::string_view, const StoredTensor*> by_name;
    std::optional<std::uint64_t> seed;
  };

  const Store& store() const {
    static const Store none;
    return store_ ? *store_ : none;
  }

  const StoredTensor* find(std::string_view name) const {
    const auto found = store().by_name.find(name);
    return found == store().by_name.end() ? nullptr : found->second;
  }

  const StoredTensor& at(std::string_view name, std::span<const Index> shape) const {
    const StoredTensor* found = find(name);
    const auto where = [&] { return concat(source(), ": tensor ", detail::printable(name)); };
    if (found == nullptr)
      throw FileError(concat(where(), " is missing: need one of shape ", detail::shape_text(shape)));
    if (!std::ranges::equal(found->info.shape, shape))
      throw FileError(concat(where(), " has shape ", detail::shape_text(found->info.shape), " (",
                             to_string(found->info.dtype), "): need ", detail::shape_text(shape)));
    if (!is_floating(found->info.dtype))
      throw FileError(concat(where(), " is of dtype ", to_string(found->info.dtype), ": need F64, F32, F16 or BF16"));
    return *found;
  }

  void fill_random(std::string_view name, std::span<const Index> shape, std::span<float> values) const {
    if (name.ends_with("bias") || name.ends_with("running_mean")) return;
    if (shape.size() < 2) {
      std::ranges::fill(values, 1.0F);
      return;
    }
    if (values.empty()) return;
    const double fan_in = static_cast<double>(values.size()) / static_cast<double>(shape[0]);
    const double deviation = std::sqrt(2 / fan_in);
    Random numbers = Random(*store().seed).fork(name);
    for (float& v : values) v = static_cast<float>(deviation * numbers.normal());
  }

  std::shared_ptr<const Store> store_;
};

}  // namespace pursuit::inline v0
