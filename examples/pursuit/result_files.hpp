// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/io/region.hpp>
#include <pursuit/io/results.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

enum class Protocol { ope, tre, sre, vot, realtime, longterm };

/// Throws UsageError.
Protocol protocol_of(std::string_view name);
constexpr bool is_supervised(Protocol p) { return p == Protocol::vot || p == Protocol::realtime; }

/// Whether results lie as the VOT toolkit has them: regions, 0-based, in a folder for each sequence.
constexpr bool is_vot(Protocol p) { return is_supervised(p) || p == Protocol::longterm; }

/// How many runs there may be on a sequence, 1 for a protocol with one.
std::size_t runs_of(Protocol protocol, std::size_t repetitions);

/// Where the results of a tracker lie, as the public toolkits look for them:
///
///     ope               <tracker>/<seq>.txt, <tracker>/times/<seq>_time.txt
///     ope on GOT-10k    <tracker>/<seq>/<seq>_001.txt, <tracker>/<seq>/<seq>_time.txt (a column for each run)
///     tre, sre          <tracker>/<protocol>/<seq>_01.txt, <tracker>/<protocol>/times/<seq>_01_time.txt
///     vot, realtime     <tracker>/baseline|realtime/<seq>/<seq>_001.txt and ..._001_time.value
///     longterm          <tracker>/longterm/<seq>/<seq>_001.txt, ..._001_time.value and ..._001_confidence.value
///
/// A file appears whole or not at all, the one of boxes last: where it is, the run is done.
class ResultFiles {
 public:
  ResultFiles(std::filesystem::path folder, Protocol protocol, bool got10k)
      : folder_(std::move(folder)), protocol_(protocol), got10k_(got10k) {}

  /// `run` counts from 0.
  std::filesystem::path boxes(const std::string& sequence, std::size_t run) const;
  std::filesystem::path times(const std::string& sequence, std::size_t run) const;
  std::filesystem::path confidence(const std::string& sequence, std::size_t run) const;
  /// The files of a run, in the order in which they are written.
  std::vector<std::filesystem::path> all(const std::string& sequence, std::size_t run) const;
  bool done(const std::string& sequence, std::size_t run) const;

  void write(const std::string& sequence, std::size_t run, const std::vector<pursuit::Box>& boxes,
             const std::vector<double>& seconds, pursuit::Origin origin) const;
  void write(const std::string& sequence, std::size_t run, const std::vector<pursuit::Region>& regions,
             const std::vector<double>& seconds, const std::vector<double>& confidence = {}) const;
  std::vector<pursuit::Box> read_boxes(const std::string& sequence, std::size_t run, pursuit::Origin origin) const;
  std::vector<pursuit::Region> read_regions(const std::string& sequence, std::size_t run) const;
  /// Empty where there is no such file.
  std::vector<double> read_seconds(const std::string& sequence, std::size_t run) const;
  std::vector<double> read_confidence(const std::string& sequence, std::size_t run) const;

 private:
  void write_whole(const std::string& sequence, std::size_t run, const std::string& lines,
                   const std::vector<double>& seconds) const;

  std::filesystem::path folder_;
  Protocol protocol_;
  bool got10k_;
};
