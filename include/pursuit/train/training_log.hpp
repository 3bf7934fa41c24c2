// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/train/loss_values.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pursuit::inline v0 {

/// One step of a training run. Epochs and steps count from 1, steps through the whole run.
struct StepRecord {
  int epoch = 0;
  std::int64_t step = 0;
  LossValues loss;           ///< of the batch, before the step
  double gradient_norm = 0;  ///< before it was clipped
  double rate = 0;
};

/// An epoch that is over.
struct EpochRecord {
  int epoch = 0;
  std::int64_t step = 0;  ///< its last one
  LossValues training;    ///< the mean of its steps
  std::optional<LossValues> validation;
  double rate = 0;
  bool best = false;   ///< no epoch before had a lower loss
  double seconds = 0;  ///< since the epoch or this process began
};

/// A text file with one JSON object a line: what is known of each step, and of each epoch when it is over.
///
///     {"epoch":1,"step":10,"loss":0.41,"parts":{"iou":0.31,"filter":0.1},"gradient_norm":2.5,"rate":0.001}
///     {"epoch":1,"step":1000,"training":{"loss":0.36,"parts":{...}},"validation":{...},"rate":0.001,"best":true,
///      "seconds":81.2}
class TrainingLog {
 public:
  /// Begins the file anew, or goes on after the first `keep` bytes of an older one, whose other lines are cut off.
  /// Throws FileError.
  explicit TrainingLog(std::filesystem::path path, std::uintmax_t keep = 0) : path_(std::move(path)) {
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file_ < 0) fail(errno);
    struct stat info {};
    if (::fstat(file_, &info) != 0) fail(errno);
    if (S_ISREG(info.st_mode)) {
      bytes_ = whole_lines(std::min<std::uintmax_t>(keep, static_cast<std::uintmax_t>(info.st_size)));
      if (::ftruncate(file_, static_cast<off_t>(bytes_)) != 0) fail(errno);
      if (::lseek(file_, 0, SEEK_END) < 0) fail(errno);
    }
  }
  TrainingLog(const TrainingLog&) = delete;
  TrainingLog& operator=(const TrainingLog&) = delete;
  ~TrainingLog() {
    if (file_ >= 0) ::close(file_);
  }

  /// Throws FileError where the disk is full or fails.
  void write(const StepRecord& r) {
    nlohmann::ordered_json line{{"epoch", r.epoch}, {"step", r.step}};
    put(line, r.loss);
    line["gradient_norm"] = r.gradient_norm;
    line["rate"] = r.rate;
    append(line.dump() + '\n');
  }
  void write(const EpochRecord& r) {
    nlohmann::ordered_json line{{"epoch", r.epoch}, {"step", r.step}};
    put(line["training"], r.training);
    if (r.validation) put(line["validation"], *r.validation);
    line["rate"] = r.rate;
    line["best"] = r.best;
    line["seconds"] = r.seconds;
    append(line.dump() + '\n');
  }

  /// Waits until all lines are on the disk. Returns their bytes: what a checkpoint keeps of the file.
  std::uintmax_t sync() {
    if (::fsync(file_) != 0 && errno != EINVAL && errno != EROFS) fail(errno);  // a pipe or terminal cannot
    return bytes_;
  }

 private:
  static void put(nlohmann::ordered_json& to, const LossValues& loss) {
    to["loss"] = loss.total;
    to["parts"] = nlohmann::ordered_json::object();
    for (const auto& [name, value] : loss.parts) to["parts"][name] = value;
  }

  /// The end of the last line that ends within the first `limit` bytes.
  std::uintmax_t whole_lines(std::uintmax_t limit) const {
    for (char last = 0; limit > 0; --limit) {
      if (::pread(file_, &last, 1, static_cast<off_t>(limit - 1)) != 1) fail(errno);
      if (last == '\n') break;
    }
    return limit;
  }

  void append(const std::string& line) {
    for (std::size_t at = 0; at < line.size();) {
      const ssize_t done = ::write(file_, line.data() + at, line.size() - at);
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) fail(errno);
      at += static_cast<std::size_t>(done);
    }
    bytes_ += line.size();
  }

  [[noreturn]] void fail(int why) const {
    throw FileError(concat(path_.string(), ": cannot be written (", std::strerror(why), ")"));
  }

  std::filesystem::path path_;
  int file_ = -1;
  std::uintmax_t bytes_ = 0;
};

}  // namespace pursuit::inline v0
