// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/data/annotation.hpp>
#include <pursuit/data/dataset.hpp>
#include <pursuit/data/sequence.hpp>
#include <pursuit/data/stills.hpp>
#include <pursuit/train/frame_cache.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// What is learned from: targets in frames, from sequences, single pictures and frames in memory, grouped in sources.
///
/// It is filled once and then only read, by any number of threads. Frames are decoded when they are asked for.
class TrainingFrames {
 public:
  /// One target: its boxes in the frames of a video, or in one picture.
  struct Clip {
    std::string name;
    std::vector<std::size_t> frames;  ///< numbers for image()
    std::vector<Box> boxes;           ///< 0-based pixels
    std::vector<std::uint8_t>
        shares;  ///< how much of the target is seen, 0 (nothing, or no box) to 8 (all, or unknown)

    std::size_t size() const { return frames.size(); }
    bool still() const { return frames.size() == 1; }
  };
  /// Clips that are drawn from with a probability of `weight` over the sum of all sources' weights.
  struct Source {
    std::string name;
    double weight = 1;
    std::vector<Clip> clips;
  };

  explicit TrainingFrames(std::size_t cache_bytes = std::size_t{1} << 30, const ImageLimits& limits = {})
      : cache_(cache_bytes, limits) {}

  /// Begins a source; what is added next belongs to it. Throws Error unless the weight is positive and finite.
  void add_source(std::string name, double weight = 1) {
    if (!(weight > 0 && weight < 1e300))
      throw Error(concat("TrainingFrames: source \"", name, "\" weighs ", weight, ": need a positive number"));
    sources_.push_back({std::move(name), weight, {}});
  }

  /// Adds a sequence. One without any box is left out, with a note.
  void add(const Sequence& sequence) {
    Clip clip{sequence.name, {}, {}, {}};
    for (std::size_t i = 0; i < sequence.size(); ++i) {
      const Box box = i < sequence.boxes.size() ? sequence.boxes[i] : no_box;
      const bool absent = i < sequence.absent.size() && sequence.absent[i] != 0;
      const std::uint8_t share = i < sequence.cover.size() ? sequence.cover[i] : 8;
      add_frame(clip, file(sequence.frames[i]), box, absent ? std::uint8_t{0} : share);
    }
    for (const std::string& note : sequence.notes) notes_.push_back(note);
    add(std::move(clip));
  }
  /// Adds a sequence that lies in memory. Throws Error unless there is a box for each frame.
  void add(std::string name, std::vector<Image> frames, const std::vector<Box>& boxes) {
    if (frames.size() != boxes.size())
      throw Error(concat("TrainingFrames: ", name, " has ", frames.size(), " frames and ", boxes.size(), " boxes"));
    Clip clip{std::move(name), {}, {}, {}};
    for (std::size_t i = 0; i < frames.size(); ++i)
      add_frame(clip, cache_.add(std::move(frames[i])), boxes[i], std::uint8_t{8});
    add(std::move(clip));
  }
  /// Adds the sequences below `root`; one that cannot be opened is left out, with a note.
  /// Throws FileError where there is none at all.
  void add_dataset(const std::filesystem::path& root, DatasetKind kind = DatasetKind::any) {
    for (const DatasetEntry& entry : list_dataset(root, kind)) {
      Sequence sequence;
      try {
        sequence = open_sequence(entry);
      } catch (const Error& e) {
        notes_.push_back(e.what());
        continue;
      }
      add(sequence);
    }
  }
  /// Adds the boxes of single pictures: see read_stills(). Throws FileError, also where there is none to add.
  void add_stills(const std::filesystem::path& file, double min_side = 10) {
    const std::vector<Sequence> stills = read_stills(file, min_side);
    if (stills.empty())
      throw FileError(concat(file.string(), ": no box whose sides have at least ", min_side, " pixels"));
    for (const Sequence& still : stills) add(still);
  }

  const std::vector<Source>& sources() const { return sources_; }
  std::size_t clips() const {
    std::size_t n = 0;
    for (const Source& source : sources_) n += source.clips.size();
    return n;
  }
  /// A frame; null where it cannot be read, with the reason in notes(). Thread-safe.
  std::shared_ptr<const Image> image(std::size_t frame) const { return cache_.get(frame); }
  /// What was wrong in the files and what was made of it, a sentence each. Thread-safe.
  std::vector<std::string> notes() const {
    std::vector<std::string> all = notes_;
    for (std::string& note : cache_.notes()) all.push_back(std::move(note));
    return all;
  }

 private:
  static void add_frame(Clip& clip, std::size_t frame, const Box& box, std::uint8_t share) {
    clip.frames.push_back(frame);
    clip.boxes.push_back(box);
    clip.shares.push_back(is_valid(box) ? share : std::uint8_t{0});
  }
  void add(Clip clip) {
    bool seen = false;
    for (const std::uint8_t share : clip.shares) seen = seen || share > 0;
    if (!seen) {
      notes_.push_back(concat(clip.name, ": no frame with a box: left out"));
      return;
    }
    if (sources_.empty()) add_source("frames");
    sources_.back().clips.push_back(std::move(clip));
  }
  std::size_t file(const std::filesystem::path& path) {  // the targets of a picture share its pixels
    const auto [at, is_new] = files_.try_emplace(path.string(), cache_.size());
    if (is_new) cache_.add(path);
    return at->second;
  }

  FrameCache cache_;
  std::map<std::string, std::size_t> files_;
  std::vector<Source> sources_;
  std::vector<std::string> notes_;
};

}  // namespace pursuit::inline v0
