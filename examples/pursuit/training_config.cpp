// SPDX-License-Identifier: MIT
#include "training_config.hpp"

#include "commands.hpp"

#include <pursuit/io/file_bytes.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <string_view>
#include <type_traits>
#include <utility>

namespace {

using Json = nlohmann::ordered_json;
using pursuit::concat;

/// In how many letters two words differ.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t corner = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t other = corner + (a[i] == b[j] ? 0U : 1U);
      corner = row[j + 1];
      row[j + 1] = std::min({other, row[j] + 1, corner + 1});
    }
  }
  return row.back();
}

/// An object of the file, whose keys are all to be asked for.
class Section {
 public:
  Section(const Json& json, std::string name, const std::filesystem::path& file)
      : json_(json), name_(std::move(name)), file_(file) {
    if (!json.is_object()) fail("", "need an object { ... }");
  }

  /// The value of a key, where it is there.
  const Json* find(const char* key) {
    known_.emplace_back(key);
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }
  void read(const char* key, std::string& to) {
    if (const Json* v = find(key)) {
      if (!v->is_string() || v->get_ref<const std::string&>().empty()) fail(key, "need a text");
      to = v->get<std::string>();
    }
  }
  void read(const char* key, bool& to) {
    if (const Json* v = find(key)) {
      if (!v->is_boolean()) fail(key, "need true or false");
      to = v->get<bool>();
    }
  }
  void read(const char* key, double& to, double least = 0) {
    if (const Json* v = find(key)) {
      if (!v->is_number() || !(v->get<double>() >= least) || !std::isfinite(v->get<double>()))
        fail(key, concat("need a number of at least ", least));
      to = v->get<double>();
    }
  }
  template <class Whole>
  requires(std::is_integral_v<Whole>) void read(const char* key, Whole& to, Whole least = 0) {
    if (const Json* v = find(key)) {
      const bool fits = v->is_number_unsigned() && v->get<std::uint64_t>() >= static_cast<std::uint64_t>(least) &&
                        v->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<Whole>::max());
      if (!fits) fail(key, concat("need a whole number of at least ", least));
      to = v->get<Whole>();
    }
  }
  void read(const char* key, std::filesystem::path& to) {
    std::string text;
    read(key, text);
    if (!text.empty()) to = from_file(text);
  }
  /// One of some words.
  template <class Value>
  void read(const char* key, Value& to, const std::map<std::string, Value>& words) {
    std::string text;
    read(key, text);
    if (text.empty()) return;
    const auto found = words.find(text);
    std::string all;
    for (const auto& [word, value] : words) all += (all.empty() ? "" : ", ") + word;
    if (found == words.end()) fail(key, "need one of " + all);
    to = found->second;
  }
  void section(const char* key, const std::function<void(Section&)>& read) {
    if (const Json* v = find(key)) {
      Section part(*v, path(key), file_);
      read(part);
      part.finish();
    }
  }
  /// Paths with weights: "folder", {"path": "folder", "weight": 2}, or a list of such.
  void read(const char* key, std::vector<TrainingDataConfig::Source>& to) {
    const Json* v = find(key);
    if (v == nullptr) return;
    const auto add = [&](const Json& entry, const std::string& name) {
      TrainingDataConfig::Source source;
      if (entry.is_string()) {
        if (entry.get_ref<const std::string&>().empty()) throw_at(name, " is \"\"", "need a text");
        source.path = from_file(entry.get<std::string>());
      } else {
        Section part(entry, name, file_);
        part.read("path", source.path);
        part.read("weight", source.weight);
        part.finish();
        if (source.path.empty()) part.fail("path", "is missing");
      }
      to.push_back(std::move(source));
    };
    if (!v->is_array()) return add(*v, path(key));
    for (std::size_t i = 0; i < v->size(); ++i) add((*v)[i], concat(path(key), "[", i, "]"));
  }

  /// Throws UsageError where there is a key that nobody asked for.
  void finish() const {
    for (const auto& [key, value] : json_.items()) {
      if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
      const auto nearest = std::min_element(
          known_.begin(), known_.end(),
          [&, k = std::string_view(key)](const auto& a, const auto& b) { return distance(k, a) < distance(k, b); });
      const bool near = nearest != known_.end() && distance(key, *nearest) <= key.size() / 2;
      std::string all;
      for (const auto& k : known_) all += (all.empty() ? "" : ", ") + k;
      fail(key, near ? "there is no such key; did you mean \"" + *nearest + "\"?"
                     : "there is no such key: need one of " + all);
    }
  }

  [[noreturn]] void fail(const std::string& key, const std::string& what) const {
    const std::string at = key.empty() ? name_ : path(key);
    const auto found = json_.is_object() ? json_.find(key) : json_.end();
    std::string came;
    if (json_.is_object() && found != json_.end() && found->is_primitive()) came = " is " + found->dump();
    throw_at(at.empty() ? "the file" : at, came, what);
  }

 private:
  [[noreturn]] void throw_at(const std::string& at, const std::string& came, const std::string& need) const {
    throw UsageError(concat(file_.string(), ": ", at, came, ": ", need));
  }
  std::string path(const std::string& key) const { return name_.empty() ? key : name_ + "." + key; }
  std::filesystem::path from_file(const std::string& text) const { return file_.parent_path() / text; }

  const Json& json_;
  std::string name_;
  std::filesystem::path file_;
  std::vector<std::string> known_;
};

void read_data(Section& s, TrainingDataConfig& data) {
  s.read("sequences", data.sequences);
  s.read("stills", data.stills);
  s.section("rendered", [&](Section& r) {
    r.read("count", data.rendered.count);
    r.read("frames", data.rendered.frames, 20);
    r.read("seed", data.rendered.seed);
    r.read("weight", data.rendered.weight);
  });
  s.read("flip", data.flip);
  if (data.flip > 1) s.fail("flip", "need a probability, 0 to 1");
  s.section("colours", [&](Section& c) {
    auto& colours = data.colours.emplace();
    const auto read_share = [&](const char* key, double& to) {
      c.read(key, to);
      if (to > 1) c.fail(key, "need 0 to 1");
    };
    read_share("grey", colours.grey);
    read_share("brightness", colours.brightness);
    read_share("contrast", colours.contrast);
    read_share("tint", colours.tint);
    c.read("blur", colours.blur);
    if (colours.blur > 20) c.fail("blur", "need a deviation of at most 20 pixels");
  });
  s.read("cache_megabytes", data.cache_megabytes);
  if (data.sequences.empty() && data.stills.empty() && data.rendered.count == 0)
    s.fail("", "need one of sequences, stills and rendered");
}

void read_losses(Section& s, TrainingConfig& config) {
  using TruthLoss = pursuit::distill::BoxHeadObjective::TruthLoss;
  auto& losses = config.losses.emplace();
  losses.truth = 0;
  s.read("truth", losses.truth);
  if (s.find("truth_loss") != nullptr)
    s.read("truth_loss", config.truth_loss.emplace(),
           {{"mean_squared", TruthLoss::mean_squared}, {"smooth_l1", TruthLoss::smooth_l1}});
  s.read("soft", losses.soft);
  s.read("hard", losses.hard);
  s.read("fidelity", losses.fidelity);
  s.read("filter", losses.filter);
  s.read("response", losses.response);
  s.read("maximum", losses.maximum_of_map, {{"of_map", true}, {"of_batch", false}});
}

/// The keys that the numbers depend on, but for those that the trainer knows.
pursuit::TrainingSettings settings_of(const Json& json, const ScheduleConfig& schedule) {
  pursuit::TrainingSettings settings;
  for (const auto& [key, value] : json.items()) settings[key] = value.dump();
  for (const char* key : {"out", "threads", "loaders", "patience", "save_every", "log_every"}) settings.erase(key);
  for (const char* key : {"seed", "steps", "batch", "validation", "clip", "rate"}) settings.erase(key);
  if (schedule.kind != ScheduleConfig::Kind::log) settings.erase("epochs");
  return settings;
}

}  // namespace

TrainingConfig read_training_config(const std::filesystem::path& path) {
  Json json;
  try {
    json = Json::parse(pursuit::read_text(path), nullptr, true, true);
  } catch (const Json::exception& e) {
    throw UsageError(concat(path.string(), ": ", e.what()));
  }
  TrainingConfig c;
  Section s(json, "", path);
  s.read("tracker", c.tracker);
  if (c.tracker.empty()) s.fail("tracker", "is missing");
  if (s.find("data") == nullptr) s.fail("data", "is missing");
  s.section("data", [&](Section& d) { read_data(d, c.data); });
  s.section("validation_data", [&](Section& d) {
    read_data(d, c.validation_data.emplace());
    if (c.validation_data->colours) d.fail("colours", "validation has the published ones");
  });
  s.read("side", c.side, 16);
  s.read("padding", c.padding, 1);
  s.read("epochs", c.trainer.epochs, 1);
  s.read("steps", c.trainer.steps, 1);
  s.read("batch", c.trainer.batch, 1);
  s.read("validation", c.trainer.validation);
  s.read("patience", c.trainer.patience);
  s.read("clip", c.trainer.clip);
  s.read("loaders", c.trainer.loaders);
  s.read("save_every", c.trainer.save_every);
  s.read("log_every", c.trainer.log_every, 1);
  s.read("threads", c.threads, 1);
  s.read("seed", c.seed);
  s.read("rate", c.rate);
  s.section("schedule", [&](Section& p) {
    using Kind = ScheduleConfig::Kind;
    p.read("kind", c.schedule.kind, {{"step", Kind::step}, {"exponential", Kind::exponential}, {"log", Kind::log}});
    p.read("every", c.schedule.every, 1);
    p.read("factor", c.schedule.factor);
    p.read("last", c.schedule.last);
    p.read("warm_up", c.schedule.warm_up);
  });
  s.section("optimizer", [&](Section& o) {
    using Kind = OptimizerConfig::Kind;
    o.read("kind", c.optimizer.kind, {{"adam", Kind::adam}, {"sgd", Kind::sgd}});
    o.read("momentum", c.optimizer.momentum);
    o.read("decay", c.optimizer.decay);
  });
  s.section("losses", [&](Section& l) { read_losses(l, c); });
  s.read("separate", c.separate);
  s.read("freeze_backbone", c.freeze_backbone);
  s.read("begin", c.begin);
  s.section("teacher", [&](Section& t) {
    c.teacher.emplace();
    t.read("tracker", c.teacher->tracker);
    t.read("weights", c.teacher->weights);
    if (c.teacher->tracker.empty()) t.fail("tracker", "is missing");
    if (c.teacher->weights.empty()) t.fail("weights", "is missing");
  });
  s.read("out", c.trainer.folder);
  if (c.trainer.folder.empty()) s.fail("out", "is missing: the folder for checkpoints, log and weights");
  s.finish();
  c.trainer.seed = c.seed;
  c.trainer.settings = settings_of(json, c.schedule);
  return c;
}

void refuse_box_head_settings(const TrainingConfig& config) {
  const char* key = config.teacher           ? "teacher"
                    : config.losses          ? "losses"
                    : config.separate        ? "separate"
                    : config.freeze_backbone ? "freeze_backbone"
                    : config.data.colours    ? "data.colours"
                                             : nullptr;
  if (key != nullptr)
    throw UsageError(
        concat(key, ": there is nothing of it in ", config.tracker, ", which has one loss and one network"));
}

ChosenOptimizer::ChosenOptimizer(const OptimizerConfig& config, double first_rate) : rate(first_rate) {
  if (config.kind == OptimizerConfig::Kind::adam)
    optimizer_ = pursuit::optim::Adam<float>({.rate = rate, .weight_decay = config.decay});
  else
    optimizer_ = pursuit::optim::Sgd<float>({.rate = rate, .momentum = config.momentum, .weight_decay = config.decay});
}

double ChosenSchedule::rate(int epoch) const {
  using Kind = ScheduleConfig::Kind;
  namespace optim = pursuit::optim;
  const int rest = epochs - config.warm_up;
  const auto at = [&](int e) {
    if (config.kind == Kind::exponential) return optim::ExponentialSchedule{first, config.factor}.rate(e);
    if (config.kind == Kind::log) return optim::LogSchedule{first, config.last, rest}.rate(e);
    return optim::StepSchedule{first, config.every, config.factor}.rate(e);
  };
  if (epoch >= config.warm_up) return at(epoch - config.warm_up);
  return first * (0.1 + 0.9 * epoch / config.warm_up);
}
