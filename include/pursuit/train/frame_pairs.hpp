// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/train/target_limits.hpp>
#include <pursuit/train/training_frames.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// One target in two frames; of a single picture, twice the same.
struct FramePair {
  std::shared_ptr<const Image> first, second;
  Box first_box, second_box;
};

/// Which frames make a pair.
struct PairRule {
  int gap = 50;         ///< frames from one to the other, at most
  bool ordered = true;  ///< the second comes after the first; else before, after, or it is the same frame
  int min_frames = 2;   ///< of a video
  int min_visible = 2;  ///< frames of it that can be drawn
  int min_shown = 1;    ///< of 8 parts of the target
  TargetLimits limits{};

  /// ATOM, DRNet and their students. Ref  Danelljan et al. 2019; visionml/pytracking (`ATOMSampler`).
  /// Targets below a pixel, which public code takes, are none.
  static PairRule atom() {
    return {.gap = 50, .ordered = false, .min_frames = 20, .min_visible = 5, .limits = {.min_side = 1}};
  }
  /// SiamFC. Ref  Bertinetto et al. 2016; huanglianghua/siamfc-pytorch (`Pair`), which draws all pairs of a video with
  /// one probability; here all first frames have one.
  static PairRule siamfc() {
    return {.gap = 99,
            .min_shown = 3,
            .limits = {.min_side = 20, .max_side = 500, .max_aspect = 4, .min_share = 0.01, .max_share = 0.5}};
  }
  /// DCFNet. Ref  Wang et al. 2017; foolwood/DCFNet_pytorch (`gen_snippet`), which draws first frames of all videos
  /// with one probability; here all videos have one, whatever their length.
  static PairRule dcfnet() { return {.gap = 10, .limits = {.min_root = 0.1, .max_root = 0.75, .min_border = 0.05}}; }
};

/// Draws pairs: a source by its weight, a clip of it, two frames. Videos that are too short for the rule are passed
/// over; so are frames that cannot be read, whose reason is in the frames' notes().
class FramePairs {
 public:
  /// Throws Error where no clip fits the rule, or the rule is none.
  FramePairs(std::shared_ptr<const TrainingFrames> frames, const PairRule& rule)
      : frames_(std::move(frames)), rule_(rule) {
    if (!frames_) throw Error("FramePairs: no frames (null pointer)");
    if (rule.gap < 1 || rule.min_frames < 1 || rule.min_visible < 1 || rule.min_shown < 1 || rule.min_shown > 8)
      throw Error(concat("FramePairs: gap ", rule.gap, ", at least ", rule.min_frames, " frames, ", rule.min_visible,
                         " of them with ", rule.min_shown, " parts of the target: need 1 or more, parts of 8"));
    double weight = 0;
    for (const TrainingFrames::Source& source : frames_->sources()) {
      std::vector<Choice> choices;
      for (const TrainingFrames::Clip& clip : source.clips)
        if (Choice choice = choose_from(clip); !choice.visible.empty()) choices.push_back(std::move(choice));
      if (choices.empty()) continue;
      weight += source.weight;
      sources_.push_back({weight, std::move(choices)});
    }
    if (sources_.empty())
      throw Error(concat("FramePairs: none of ", frames_->clips(), " clips fits: a video needs at least ",
                         rule_.min_frames, " frames and the target in ", rule_.min_visible,
                         " of them, of a size within the limits", first_note()));
  }

  /// Thread-safe; a function of the generator's state alone. Throws Error where a thousand pairs in a row were refused.
  FramePair draw(Random& random) const {
    for (int attempt = 0; attempt < 1000; ++attempt) {
      const double at = random.uniform(0, sources_.back().until);
      const auto source =
          std::find_if(sources_.begin(), sources_.end() - 1, [&](const auto& s) { return at < s.until; });
      const Choice& choice = source->choices[random.below(source->choices.size())];
      const auto [a, b] = draw_frames(choice.visible, random);
      const TrainingFrames::Clip& clip = *choice.clip;
      FramePair pair{frames_->image(clip.frames[a]), frames_->image(clip.frames[b]), clip.boxes[a], clip.boxes[b]};
      if (accept(pair.first.get(), pair.first_box) && accept(pair.second.get(), pair.second_box)) return pair;
    }
    throw Error(
        concat("FramePairs: a thousand pairs in a row have frames that cannot be read or targets beyond the limits",
               first_note()));
  }

  /// Clips that are drawn from.
  std::size_t clips() const {
    std::size_t n = 0;
    for (const auto& source : sources_) n += source.choices.size();
    return n;
  }

 private:
  struct Choice {
    const TrainingFrames::Clip* clip;
    std::vector<std::uint32_t> visible;  // frames of it that can be drawn, in order
  };
  struct Source {
    double until;  // sum of the weights up to here
    std::vector<Choice> choices;
  };

  Choice choose_from(const TrainingFrames::Clip& clip) const {
    Choice choice{&clip, {}};
    for (std::size_t i = 0; i < clip.size(); ++i)
      if (clip.shares[i] >= rule_.min_shown && rule_.limits.accept(clip.boxes[i]))
        choice.visible.push_back(static_cast<std::uint32_t>(i));
    const bool too_short = clip.size() < static_cast<std::size_t>(rule_.min_frames) ||
                           choice.visible.size() < static_cast<std::size_t>(rule_.min_visible);
    if (!clip.still() && too_short) choice.visible.clear();
    // Of frames far apart none may have a partner.
    bool paired = clip.still() || !rule_.ordered;
    for (std::size_t i = 0; i + 1 < choice.visible.size(); ++i)
      paired = paired || choice.visible[i + 1] - choice.visible[i] <= static_cast<std::uint32_t>(rule_.gap);
    if (!paired) choice.visible.clear();
    return choice;
  }

  std::pair<std::uint32_t, std::uint32_t> draw_frames(const std::vector<std::uint32_t>& visible, Random& random) const {
    if (visible.size() == 1) return {visible[0], visible[0]};
    const auto gap = static_cast<std::uint32_t>(rule_.gap);
    while (true) {
      const std::uint32_t first = visible[random.below(visible.size())];
      const auto low = rule_.ordered ? std::upper_bound(visible.begin(), visible.end(), first)
                                     : std::lower_bound(visible.begin(), visible.end(), first < gap ? 0 : first - gap);
      const auto high = std::upper_bound(low, visible.end(), first + gap);
      if (low != high) return {first, low[static_cast<std::ptrdiff_t>(random.below(high - low))]};
    }
  }

  bool accept(const Image* image, const Box& box) const {
    return image != nullptr && rule_.limits.accept(box, image->width(), image->height());
  }

  std::string first_note() const {
    const auto notes = frames_->notes();
    return notes.empty() ? "" : "; the first note: " + notes.front();
  }

  std::shared_ptr<const TrainingFrames> frames_;
  PairRule rule_;
  std::vector<Source> sources_;
};

}  // namespace pursuit::inline v0
