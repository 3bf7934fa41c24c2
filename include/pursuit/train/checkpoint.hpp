// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/optimizer.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/io/safetensors.hpp>
#include <pursuit/io/tensor_table.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/train/learning_task.hpp>
#include <pursuit/train/loss_values.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// Where a training run stands, beside its weights and what its optimiser keeps.
struct TrainingState {
  std::int64_t step = 0;         ///< steps made
  MeanLoss epoch;                ///< of the steps made in an epoch that is not over
  int best_epoch = 0;            ///< from 1; 0: none is over
  double best = 0;               ///< its loss
  std::uintmax_t log_bytes = 0;  ///< of the log when the checkpoint was made
};

/// What a run's numbers depend on, by name: a run goes on only with the settings that it began with.
using TrainingSettings = std::map<std::string, std::string>;

namespace detail {

template <class Tensor>
StoredTensor stored_tensor(const std::string& name, const Tensor& tensor) {
  return {{name, Dtype::f32, {tensor.shape().begin(), tensor.shape().end()}},
          std::as_bytes(std::span(tensor.data(), tensor.size()))};
}

template <LearningTask Task>
std::vector<StoredTensor> task_tensors(Task& task) {
  std::vector<StoredTensor> all;
  task.tensors([&](const std::string& name, const auto& tensor) { all.push_back(stored_tensor(name, tensor)); });
  return all;
}

inline void save_finite(const std::filesystem::path& path, const std::vector<StoredTensor>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  for (const StoredTensor& t : tensors)
    if (!is_finite(t))
      throw Error(concat(path.string(), ": not written, because ", t.info.name, " holds numbers that are not finite"));
  save_safetensors(path, tensors, metadata);
}

inline const char* state_key() { return "trainer.state"; }
inline const char* settings_key() { return "trainer.settings"; }

inline std::string state_text(const TrainingState& s) {
  nlohmann::ordered_json parts = nlohmann::ordered_json::array();
  for (const auto& [name, value] : s.epoch.sums().parts) parts.push_back({name, value});
  return nlohmann::ordered_json{{"step", s.step},
                                {"epoch_examples", s.epoch.examples()},
                                {"epoch_loss", s.epoch.sums().total},
                                {"epoch_parts", std::move(parts)},
                                {"best_epoch", s.best_epoch},
                                {"best", s.best},
                                {"log_bytes", s.log_bytes}}
      .dump();
}

inline std::string settings_text(const TrainingSettings& settings) { return nlohmann::json(settings).dump(); }

inline TrainingState state_of(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  LossValues sums{json.at("epoch_loss"), {}};
  for (const auto& part : json.at("epoch_parts")) sums.parts.emplace_back(part.at(0), part.at(1));
  return {json.at("step"), MeanLoss(std::move(sums), json.at("epoch_examples")), json.at("best_epoch"), json.at("best"),
          json.at("log_bytes")};
}

inline void require_same_settings(const std::filesystem::path& path, const TrainingSettings& was,
                                  const TrainingSettings& is) {
  const auto text = [](const TrainingSettings& settings, const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string("none") : found->second;
  };
  TrainingSettings all = was;
  all.insert(is.begin(), is.end());
  std::string different;
  for (const auto& [name, unused] : all) {
    const std::string before = text(was, name), now = text(is, name);
    if (before == now) continue;
    different += (different.empty() ? "" : ", ") + name;
    if (before.size() < 40 && now.size() < 40) different += " (" + before + ", now " + now + ")";
  }
  if (different.empty()) return;
  throw FileError(
      concat(path.string(), ": the run was begun with another ", different,
             ": go on with what it had, take another folder, or begin anew (resume = false, or --restart)"));
}

}  // namespace detail

/// Writes the task's tensors alone, under their published names: a weight file for trackers. Throws FileError where the
/// disk fails, Error where a number is not finite; an older file is then as it was.
template <LearningTask Task>
void save_weights(const std::filesystem::path& path, Task& task, const std::map<std::string, std::string>& metadata) {
  detail::save_finite(path, detail::task_tensors(task), metadata);
}

/// Writes all that a run needs to go on: the weight file's tensors, what the optimiser keeps as "optimizer.*", and the
/// rest as metadata. Throws as save_weights() does.
template <LearningTask Task, ResumableOptimizer O>
void save_checkpoint(const std::filesystem::path& path, Task& task, O& optimizer, const TrainingState& state,
                     const TrainingSettings& settings) {
  auto tensors = detail::task_tensors(task);
  optimizer.state([&](const std::string& name, const std::vector<float>& numbers) {
    tensors.push_back(
        stored("optimizer." + name, TensorView<const float, 1>(numbers.data(), {static_cast<Index>(numbers.size())})));
  });
  detail::save_finite(
      path, tensors,
      {{detail::state_key(), detail::state_text(state)}, {detail::settings_key(), detail::settings_text(settings)}});
}

/// Brings back what save_checkpoint() wrote. Throws FileError where the file is no checkpoint, has other tensors than
/// the task and its optimiser, or was begun with other settings.
template <LearningTask Task, ResumableOptimizer O>
TrainingState load_checkpoint(const std::filesystem::path& path, Task& task, O& optimizer,
                              const TrainingSettings& settings) {
  const Weights file = Weights::load(path);
  TrainingState state;
  try {
    state = detail::state_of(file.metadata().at(detail::state_key()));
    detail::require_same_settings(
        path, nlohmann::json::parse(file.metadata().at(detail::settings_key())).get<TrainingSettings>(), settings);
  } catch (const FileError&) {
    throw;
  } catch (const std::exception& e) {
    throw FileError(concat(path.string(), ": is not a checkpoint of a training run (", e.what(), ")"));
  }

  auto& gradients = task.gradients();
  for (std::size_t slot = 0; slot < gradients.size(); ++slot) optimizer.prepare(slot, gradients[slot].parameter.size());
  std::vector<TensorSpec> specs;
  for (const StoredTensor& t : detail::task_tensors(task)) specs.push_back({t.info.name, t.info.shape});
  optimizer.state([&](const std::string& name, const std::vector<float>& numbers) {
    specs.push_back({"optimizer." + name, {static_cast<Index>(numbers.size())}});
  });
  file.require_only(specs);
  task.tensors([&](const std::string& name, auto& tensor) {
    Shape<std::tuple_size_v<std::remove_cvref_t<decltype(tensor.shape())>>> shape{};
    std::copy(tensor.shape().begin(), tensor.shape().end(), shape.begin());
    const auto values = file.get(name, shape);
    std::copy(values.data(), values.data() + values.size(), tensor.data());
  });
  optimizer.state([&](const std::string& name, std::vector<float>& numbers) {
    const auto values = file.get<1>("optimizer." + name, {static_cast<Index>(numbers.size())});
    std::copy(values.data(), values.data() + values.size(), numbers.begin());
  });
  return state;
}

}  // namespace pursuit::inline v0
