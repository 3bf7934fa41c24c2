// SPDX-License-Identifier: MIT
#include "summary.hpp"

#include <pursuit/data/frame_reader.hpp>
#include <pursuit/eval/got10k.hpp>
#include <pursuit/eval/long_term.hpp>
#include <pursuit/eval/robust_starts.hpp>
#include <pursuit/eval/speed.hpp>
#include <pursuit/eval/supervised.hpp>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>

using pursuit::Box;
using pursuit::OpeScore;
using Json = nlohmann::ordered_json;

namespace {

struct FrameSize {
  int width = 0, height = 0;
};

FrameSize first_frame_size(const pursuit::Sequence& sequence) {
  pursuit::FrameReader frames(sequence);
  for (std::size_t i = 0; i < sequence.size(); ++i)
    if (const auto view = frames(i); view.data != nullptr) return {view.width, view.height};
  throw pursuit::FileError(sequence.name + ": no frame of it can be read");
}

/// Whether there is more truth than the box that trackers are given.
bool has_truth(const pursuit::Sequence& s) {
  return std::count_if(s.boxes.begin(), s.boxes.end(), [](const Box& b) { return is_valid(b); }) >
         (s.size() > 1 ? 1 : 0);
}

void put_scores(Json& out, const OpeScore& s, pursuit::Convention convention) {
  out["auc"] = s.auc();
  out["precision20"] = s.precision20();
  const bool area = convention == pursuit::Convention::got10k;
  out["norm_precision"] = area ? s.normalized_auc() : s.normalized20();
  out["success_rate"] = s.success_rate();
  out["mean_iou"] = s.mean_iou;
}

void put_curves(Json& out, const OpeScore& s) {
  out["auc101"] = s.auc101();
  out["norm_precision_auc"] = s.normalized_auc();
  out["norm_precision_at_0.2"] = s.normalized20();
  out["success_curve"] = s.success;
  out["precision_curve"] = s.precision;
  out["norm_precision_curve"] = s.normalized;
}

double mean(const std::vector<double>& v) {
  return v.empty() ? 0 : std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}

/// What one tracker did on the data set, as it is collected.
class Scorer {
 public:
  Scorer(const ResultFiles& files, const ScoringOptions& options) : files_(files), options_(options) {}

  void add(const ScoredSequence& s) {
    const std::string& name = s.entry.name;
    std::size_t runs = 0;
    while (runs < runs_of(options_.protocol, options_.repetitions) && files_.done(name, runs)) ++runs;
    if (runs == 0) throw pursuit::Error(name + ": there are no results");
    if (options_.protocol == Protocol::tre || options_.protocol == Protocol::sre)
      if (runs < runs_of(options_.protocol, 1))
        throw pursuit::Error(
            pursuit::concat(name, ": ", runs, " of ", runs_of(options_.protocol, 1), " runs are there"));
    std::vector<double> seconds;
    for (std::size_t r = 0; r < runs; ++r) {
      const auto more = files_.read_seconds(name, r);
      seconds.insert(seconds.end(), more.begin(), more.end());
    }
    Json row = Json::object();
    if (has_truth(s.sequence)) {
      if (is_supervised(options_.protocol))
        add_supervised(s, runs, row);
      else if (options_.protocol == Protocol::longterm)
        add_long_term(s, row);
      else
        add_boxes(s, runs, row);
    }
    const double fps = pursuit::mean_speed(seconds);
    if (fps > 0) speeds_.push_back(fps);
    if (options_.got10k) seconds_.insert(seconds_.end(), seconds.begin(), seconds.end());
    row["fps"] = fps;
    row["frames"] = s.sequence.size();
    if (!s.entry.attributes.empty()) row["attributes"] = s.entry.attributes;
    rows_[name] = std::move(row);
  }

  Json result() {
    Json out = Json::object();
    if (!scores_.empty()) put_scores(out, mean_of(scores_), options_.convention);
    out["fps"] = options_.got10k ? pursuit::mean_speed(seconds_) : mean(speeds_);  // GOT-10k pools all frames
    if (options_.got10k && got10k_.frames() > 0) {
      out["ao"] = got10k_.average_overlap();
      out["sr50"] = got10k_.success_rate50();
      out["sr75"] = got10k_.success_rate75();
      out["ao_curve"] = got10k_.curve();
    }
    if (!vot_.empty()) {
      const pursuit::VotScore v = score_vot(vot_, options_.vot);
      out["accuracy"] = v.accuracy;
      out["robustness"] = v.robustness;
      out["failures"] = v.failures;
      out["reliability"] = v.reliability;
      out["eao"] = v.eao;
      out["eao_curve"] = v.eao_curve;
      put_tags(out);
    }
    if (!long_term_.empty()) {
      const pursuit::LongTermScore s = score_long_term(long_term_);
      out["f_score"] = s.f;
      out["precision"] = s.precision;
      out["recall"] = s.recall;
      out["confidence_threshold"] = std::isfinite(s.threshold) ? Json(s.threshold) : Json(nullptr);
      out["precision_curve_of_confidence"] = s.precision_curve;
      out["recall_curve_of_confidence"] = s.recall_curve;
    }
    if (!scores_.empty()) put_curves(out, mean_of(scores_));
    Json attributes = Json::object();
    for (const auto& [name, scores] : attributes_) {
      const OpeScore s = mean_of(scores);
      attributes[name] = {{"auc", s.auc()}, {"precision20", s.precision20()}, {"sequences", scores.size()}};
    }
    if (!attributes.empty()) out["attributes"] = std::move(attributes);
    out["sequences"] = std::move(rows_);
    return out;
  }

 private:
  void add_boxes(const ScoredSequence& s, std::size_t runs, Json& row) {
    const std::span<const Box> truth = s.sequence.boxes;
    const auto starts = options_.protocol == Protocol::tre ? pursuit::temporal_starts(truth, s.sequence.no_starts)
                                                           : std::vector<std::size_t>(runs);
    std::vector<OpeScore> each;
    std::optional<FrameSize> size;
    for (std::size_t r = 0; r < runs; ++r) {
      const auto boxes = files_.read_boxes(s.entry.name, r, s.sequence.origin);
      const std::size_t begin = r < starts.size() ? starts[r] : 0;
      const auto part = truth.subspan(begin);
      if (boxes.size() != part.size())
        throw pursuit::FileError(pursuit::concat(files_.boxes(s.entry.name, r).string(), ": ", boxes.size(),
                                                 " boxes for ", part.size(), " frames"));
      const auto absent = std::span(s.sequence.absent).subspan(s.sequence.absent.empty() ? 0 : begin);
      each.push_back(score_ope(boxes, part, {.convention = options_.convention, .absent = absent}));
      if (options_.got10k) {
        if (!size) size = first_frame_size(s.sequence);
        got10k_.add(boxes, truth, s.sequence.cover, size->width, size->height);
      }
    }
    const OpeScore score = pooled(each);
    put_scores(row, score, options_.convention);
    scores_.push_back(score);
    for (const std::string& a : s.entry.attributes) attributes_[a].push_back(score);
  }

  void add_supervised(const ScoredSequence& s, std::size_t runs, Json& row) {
    const FrameSize size = first_frame_size(s.sequence);
    const auto truth = pursuit::truth_regions(s.sequence.boxes, s.sequence.polygons);
    std::vector<pursuit::VotRun> all;
    for (std::size_t r = 0; r < runs; ++r)
      all.push_back(compare_vot(files_.read_regions(s.entry.name, r), truth, size.width, size.height));
    double accuracy = 0, failures = 0;
    for (const auto& run : all) {
      accuracy += vot_accuracy(run, options_.vot.burn_in) / static_cast<double>(all.size());
      failures += static_cast<double>(run.failures()) / static_cast<double>(all.size());
    }
    row["accuracy"] = accuracy;
    row["failures"] = failures;
    vot_.push_back(std::move(all));
    tags_.push_back(s.sequence.tags);
  }

  /// Scores of the frames that carry each tag.
  void put_tags(Json& out) const {
    std::set<std::string> names;
    for (const auto& tags : tags_)
      for (const pursuit::FrameTag& tag : tags) names.insert(tag.name);
    Json rows = Json::object();
    for (const std::string& name : names) {
      std::vector<pursuit::VotFlags> flags;
      for (std::size_t i = 0; i < tags_.size(); ++i) {
        const auto tag =
            std::find_if(tags_[i].begin(), tags_[i].end(), [&](const pursuit::FrameTag& t) { return t.name == name; });
        flags.push_back(tag != tags_[i].end() ? tag->flags : pursuit::VotFlags(vot_[i][0].size()));
      }
      const pursuit::VotScore v = score_vot(vot_, options_.vot, flags);
      if (v.frames == 0) continue;
      rows[name] = {{"accuracy", v.accuracy}, {"robustness", v.robustness}, {"eao", v.eao}, {"frames", v.frames}};
    }
    if (!rows.empty()) out["tags"] = std::move(rows);
  }

  void add_long_term(const ScoredSequence& s, Json& row) {
    const FrameSize size = first_frame_size(s.sequence);
    std::vector<pursuit::Box> boxes = s.sequence.boxes;
    for (std::size_t f = 0; f < boxes.size(); ++f)
      if (!is_valid(boxes[f]) || (f < s.sequence.absent.size() && s.sequence.absent[f] != 0))
        boxes[f] = pursuit::no_box;
    const auto truth = pursuit::truth_regions(boxes, s.sequence.polygons);
    auto run = compare_long_term(files_.read_regions(s.entry.name, 0), files_.read_confidence(s.entry.name, 0), truth,
                                 size.width, size.height);
    const pursuit::LongTermScore score = score_long_term(std::span(&run, 1));
    row["f_score"] = score.f;
    row["precision"] = score.precision;
    row["recall"] = score.recall;
    long_term_.push_back(std::move(run));
  }

  const ResultFiles& files_;
  const ScoringOptions& options_;
  Json rows_ = Json::object();
  std::vector<OpeScore> scores_;
  std::vector<double> speeds_;
  std::vector<double> seconds_;
  std::map<std::string, std::vector<OpeScore>> attributes_;
  std::vector<std::vector<pursuit::VotRun>> vot_;
  std::vector<std::vector<pursuit::FrameTag>> tags_;  ///< of the sequences in vot_
  std::vector<pursuit::LongTermRun> long_term_;
  pursuit::Got10kScore got10k_;
};

}  // namespace

Json score_tracker(const ResultFiles& files, const std::vector<ScoredSequence>& sequences,
                   const ScoringOptions& options, std::map<std::string, std::string>& failed) {
  Scorer scorer(files, options);
  for (const ScoredSequence& s : sequences) {
    try {
      scorer.add(s);
    } catch (const pursuit::Error& e) {
      failed.emplace(s.entry.name, e.what());  // what went wrong first is said
    }
  }
  return scorer.result();
}

std::string summary_table(const Json& summary) {
  const struct {
    const char* key;
    const char* title;
    int digits;
  } columns[] = {{"auc", "AUC", 3},    {"precision20", "P20", 3},  {"norm_precision", "normP", 3},
                 {"ao", "AO", 3},      {"sr50", "SR.5", 3},        {"sr75", "SR.75", 3},
                 {"accuracy", "A", 3}, {"robustness", "R/100", 3}, {"eao", "EAO", 3},
                 {"f_score", "F", 3},  {"precision", "Pr", 3},     {"recall", "Re", 3},
                 {"fps", "fps", 1}};
  std::ostringstream out;
  out << std::fixed << std::left << std::setw(20) << "tracker";
  const auto& trackers = summary.at("trackers");
  const auto shown = [&](const char* key) {
    return std::any_of(trackers.begin(), trackers.end(), [&](const Json& t) { return t.contains(key); });
  };
  for (const auto& c : columns)
    if (shown(c.key)) out << std::right << std::setw(9) << c.title;
  out << '\n';
  for (const auto& [name, tracker] : trackers.items()) {
    out << std::left << std::setw(20) << name << std::right;
    for (const auto& c : columns) {
      if (!shown(c.key)) continue;
      out << std::setw(9) << std::setprecision(c.digits);
      if (tracker.contains(c.key))
        out << tracker[c.key].get<double>();
      else
        out << '-';
    }
    out << '\n';
  }
  return out.str();
}
