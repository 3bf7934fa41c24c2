// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "named_trackers.hpp"
#include "result_files.hpp"
#include "summary.hpp"

#include <pursuit/core/threads.hpp>
#include <pursuit/data/dataset.hpp>
#include <pursuit/data/frame_reader.hpp>
#include <pursuit/eval.hpp>
#include <pursuit/io/atomic_file.hpp>
#include <pursuit/io/file_bytes.hpp>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace fs = std::filesystem;
using pursuit::Box;
using pursuit::concat;
using Json = nlohmann::ordered_json;

namespace {

struct EvaluateOptions {
  std::string trackers;
  std::string weights;
  std::string dataset = "any";
  std::string root;
  std::string out;
  std::string protocol = "ope";
  std::string convention = "got10k";
  std::string vot_convention = "toolkit";
  std::vector<std::string> merge;
  std::string shard;
  int vot_year = 2018;
  int jobs = 1;
  int threads = 1;
  std::size_t repetitions = 0;
  std::string precision = "float";
  double fps = 20;
  double simulate = 0;
  std::uint64_t seed = 0;
  bool json = false;
};

struct Shard {
  std::size_t index = 0, count = 1;
};

Shard parse_shard(const std::string& text) {
  if (text.empty()) return {};
  Shard s;
  const auto slash = text.find('/');
  const auto number = [&](std::string_view digits, std::size_t& value) {
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return problem == std::errc() && end == digits.data() + digits.size();
  };
  if (slash == text.npos || !number(std::string_view(text).substr(0, slash), s.index) ||
      !number(std::string_view(text).substr(slash + 1), s.count) || s.index < 1 || s.index > s.count)
    throw UsageError("--shard " + text + ": need i/n with i from 1 to n, for example 2/8");
  --s.index;
  return s;
}

/// A tracker on a sequence: what one job does at a time.
struct Task {
  std::size_t tracker = 0;
  const ScoredSequence* sequence = nullptr;
};

/// One line on a terminal that says how far all runs are, and for how long they will still go on.
class EvaluationProgress {
 public:
  EvaluationProgress(std::size_t tasks, std::size_t frames) : tasks_(tasks), frames_(frames) {}

  void frame() {
    if (!on_) return;
    const std::size_t done = ++frames_done_;
    const std::unique_lock lock(mutex_, std::try_to_lock);
    const auto now = Clock::now();
    if (!lock || now - drawn_ < std::chrono::milliseconds(200)) return;
    drawn_ = now;
    const double spent = std::chrono::duration<double>(now - start_).count();
    const double share =
        std::min(1.0, static_cast<double>(done) / static_cast<double>(std::max<std::size_t>(1, frames_)));
    const auto left = static_cast<long>(spent / share * (1 - share));
    std::fprintf(stderr, "\r\033[K%zu of %zu runs, %.0f%%, %ld:%02ld left", tasks_done_.load(), tasks_, 100 * share,
                 left / 60, left % 60);
    std::fflush(stderr);
  }
  /// A run is done that was taken for `planned` frames and looked at `seen`.
  void task(std::size_t planned, std::size_t seen) {
    if (seen < planned) frames_done_ += planned - seen;
    ++tasks_done_;
  }
  void say(const std::string& line) {
    const std::lock_guard lock(mutex_);
    std::fprintf(stderr, "%s%s\n", on_ ? "\r\033[K" : "", line.c_str());
  }
  void clear() {
    if (on_) std::fprintf(stderr, "\r\033[K");
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::size_t tasks_, frames_;
  std::atomic<std::size_t> frames_done_{0}, tasks_done_{0};
  bool on_ = isatty(STDERR_FILENO) != 0;
  std::mutex mutex_;
  Clock::time_point start_ = Clock::now(), drawn_{};
};

/// What the library throws for a wrong word on the command line is wrong usage here.
template <class Work>
auto usage(Work work) {
  try {
    return work();
  } catch (const pursuit::Error& e) {
    throw UsageError(e.what());
  }
}

class Evaluation {
 public:
  explicit Evaluation(const EvaluateOptions& options)
      : options_(options), shard_(parse_shard(options.shard)), out_(options.out) {
    scoring_.protocol = protocol_of(options.protocol);
    kind_ = usage([&] { return pursuit::dataset_kind(options.dataset); });
    scoring_.got10k = kind_ == pursuit::DatasetKind::got10k && scoring_.protocol == Protocol::ope;
    scoring_.repetitions = options.repetitions > 0 ? options.repetitions : scoring_.got10k ? 3 : 1;
    if (scoring_.protocol == Protocol::ope && !scoring_.got10k) scoring_.repetitions = 1;
    scoring_.convention = options.convention == "pysot"        ? pursuit::Convention::pysot
                          : options.convention == "pytracking" ? pursuit::Convention::pytracking
                                                               : pursuit::Convention::got10k;
    scoring_.vot.convention =
        options.vot_convention == "pysot" ? pursuit::VotConvention::pysot : pursuit::VotConvention::toolkit;
    scoring_.vot.range = usage([&] { return pursuit::vot_range(options.vot_year); });
    trackers_ = make_trackers(options.trackers, options.weights, options.seed, precision_of(options.precision));
  }

  /// Throws pursuit::Error at the end where not all went well.
  void run() {
    open_sequences();
    fs::create_directories(out_);
    for (const NamedTracker& t : trackers_) {
      keep_settings(t);
      files_.emplace_back(out_ / t.name, scoring_.protocol, scoring_.got10k);
    }
    for (const std::string& folder : options_.merge) take_over(folder);
    if (options_.merge.empty()) track_all();
    if (shard_.count > 1)
      finish_shard();
    else
      summarize();
  }

 private:
  void open_sequences() {
    for (auto& entry : pursuit::list_dataset(options_.root, kind_)) {
      try {
        ScoredSequence s{entry, open_sequence(entry)};
        for (const std::string& note : s.sequence.notes) std::cerr << "pursuit: note: " << note << '\n';
        if (!s.sequence.annotated())
          throw pursuit::FileError(entry.path.string() + ": no annotation: need the box of the first frame");
        if (!is_valid(s.sequence.boxes[0]) && !is_supervised(scoring_.protocol) && scoring_.protocol != Protocol::tre)
          throw pursuit::FileError(entry.path.string() + ": no target in the first frame: need its box");
        sequences_.push_back(std::move(s));
      } catch (const pursuit::Error& e) {
        std::cerr << "pursuit: " << entry.name << ": " << e.what() << '\n';
        broken_[entry.name] = e.what();
      }
    }
    if (sequences_.empty()) throw pursuit::FileError(options_.root + ": no sequence of it can be evaluated");
  }

  /// Beside the tracker's folder, which holds nothing but what the toolkits look for.
  static fs::path settings_file(const fs::path& out, const NamedTracker& t) {
    return out / "settings" / (t.name + ".json");
  }

  /// Results of other settings in the same folder would be taken for those of these.
  void keep_settings(const NamedTracker& t) {
    std::string weights;
    if (!t.weights.empty()) weights = t.weights.starts_with("random:") ? t.weights : fingerprint(t.weights);
    Json settings{{"tracker", t.name},
                  {"weights", weights},
                  {"seed", options_.seed},
                  {"dataset", options_.dataset},
                  {"simulated_fps", options_.simulate},
                  {"realtime_fps", options_.fps}};
    if (options_.precision != "float") settings["precision"] = options_.precision;
    const fs::path file = settings_file(out_, t);
    fs::create_directories(file.parent_path());
    std::error_code ignored;
    if (fs::exists(file, ignored)) {
      const auto kept = Json::parse(pursuit::read_text(file), nullptr, false);
      if (kept != settings)
        throw pursuit::FileError(concat(file.string(), ": the results in this folder were made with other settings (",
                                        kept.dump(), "): need another --out, or remove them"));
      return;
    }
    write_json(file, settings);
  }

  static std::string fingerprint(const std::string& path) {
    std::vector<std::uint8_t> bytes;
    pursuit::read_bytes(path, bytes);
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const std::uint8_t b : bytes) hash = (hash ^ b) * 0x100000001B3ULL;
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    return text;
  }

  static void write_json(const fs::path& file, const Json& value) {
    pursuit::AtomicFile out(file);
    out.write(value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    out.commit();
  }

  std::size_t runs() const { return runs_of(scoring_.protocol, scoring_.repetitions); }

  bool done(const Task& task) const {
    const ResultFiles& files = files_[task.tracker];
    const std::string& name = task.sequence->entry.name;
    for (std::size_t r = 0; r < runs(); ++r) {
      if (!files.done(name, r)) return r > 1 && repeats(files, name, r);
    }
    return true;
  }

  /// Whether the first runs are the same, so that more would tell nothing.
  bool repeats(const ResultFiles& files, const std::string& name, std::size_t count) const {
    if (scoring_.protocol != Protocol::vot && !scoring_.got10k) return false;
    const std::size_t enough = scoring_.got10k ? 2 : 3;
    if (count < enough) return false;
    const std::string first = pursuit::read_text(files.boxes(name, 0));
    for (std::size_t r = 1; r < count; ++r)
      if (pursuit::read_text(files.boxes(name, r)) != first) return false;
    return true;
  }

  void track_all() {
    // Longest first, so that no long sequence is alone at the end; the same order on every machine.
    std::vector<const ScoredSequence*> order;
    for (const ScoredSequence& s : sequences_) order.push_back(&s);
    std::stable_sort(order.begin(), order.end(), [](const ScoredSequence* a, const ScoredSequence* b) {
      return a->sequence.size() > b->sequence.size();
    });
    std::vector<Task> tasks;
    std::size_t frames = 0;
    for (std::size_t i = 0; i < order.size(); ++i)
      for (std::size_t t = 0; t < trackers_.size(); ++t) {
        const Task task{t, order[i]};
        if (i % shard_.count != shard_.index || done(task)) continue;
        tasks.push_back(task);
        frames += frames_of(task);
      }
    EvaluationProgress progress(tasks.size(), frames);
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      pursuit::set_threads(options_.threads);
      for (std::size_t i = next++; i < tasks.size(); i = next++) {
        const std::string& name = tasks[i].sequence->entry.name;
        std::size_t seen = 0;
        try {
          track(tasks[i], progress, seen);
        } catch (const std::exception& e) {
          const std::lock_guard lock(mutex_);
          failed_[trackers_[tasks[i].tracker].name][name] = e.what();
          progress.say(concat("pursuit: ", trackers_[tasks[i].tracker].name, " on ", name, ": ", e.what()));
        }
        progress.task(frames_of(tasks[i]), seen);
      }
    };
    std::vector<std::thread> threads;
    for (std::size_t j = 1; j < std::min<std::size_t>(static_cast<std::size_t>(options_.jobs), tasks.size()); ++j)
      threads.emplace_back(work);
    work();
    for (std::thread& t : threads) t.join();
    progress.clear();
  }

  /// How many frames a task looks at, where nothing ends it early.
  std::size_t frames_of(const Task& task) const {
    const pursuit::Sequence& s = task.sequence->sequence;
    if (scoring_.protocol != Protocol::tre) return s.size() * runs();
    std::size_t frames = 0;
    for (const std::size_t start : pursuit::temporal_starts(s.boxes, s.no_starts)) frames += s.size() - start;
    return frames;
  }

  /// Counts in `seen` the frames it looks at.
  void track(const Task& task, EvaluationProgress& progress, std::size_t& seen) {
    const ResultFiles& files = files_[task.tracker];
    const pursuit::Sequence& sequence = task.sequence->sequence;
    const std::string& name = task.sequence->entry.name;
    pursuit::FrameReader reader(sequence);
    const auto frame = [&](std::size_t i) {
      progress.frame();
      ++seen;
      return reader(i);
    };
    try {
      for (std::size_t r = 0; r < runs(); ++r) {
        if (files.done(name, r)) continue;
        if (repeats(files, name, r)) break;
        pursuit::AnyTracker tracker = trackers_[task.tracker].tracker;  // a fresh one for each run
        if (is_supervised(scoring_.protocol)) {
          const pursuit::SupervisedRun run = supervised(tracker, frame, sequence);
          files.write(name, r, run.regions, run.seconds);
        } else {
          const pursuit::TrackedRun run = one_pass(tracker, frame, sequence, r);
          if (scoring_.protocol == Protocol::longterm) {
            std::vector<pursuit::Region> regions(run.boxes.begin(), run.boxes.end());
            regions[0] = pursuit::VotMark::initialized;
            files.write(name, r, regions, run.seconds, run.scores);
          } else {
            files.write(name, r, run.boxes, run.seconds, sequence.origin);
          }
        }
      }
    } catch (const pursuit::Error& e) {
      // A tracker that could not be started says little; the frame that could not be read says why.
      if (reader.errors().empty()) throw;
      throw pursuit::FileError(concat(reader.errors().front(), " (", e.what(), ")"));
    }
    for (const std::string& error : reader.errors()) progress.say("pursuit: " + error);
  }

  template <class Frames>
  pursuit::SupervisedRun supervised(pursuit::AnyTracker& tracker, Frames& frame, const pursuit::Sequence& sequence) {
    int width = 0, height = 0;
    for (std::size_t i = 0; i < sequence.size() && width == 0; ++i) {
      const pursuit::ImageView view = frame(i);
      if (view.data != nullptr) width = view.width, height = view.height;
    }
    if (width == 0) throw pursuit::FileError(sequence.name + ": no frame of it can be read");
    const auto truth = pursuit::truth_regions(sequence.boxes, sequence.polygons);
    const pursuit::RealtimeOptions realtime{.fps = sequence.fps > 0 ? sequence.fps : options_.fps};
    const auto go = [&](auto session) {
      return pursuit::run_supervised(std::move(session), frame, truth, width, height);
    };
    const pursuit::SimulatedClock simulated{options_.simulate};
    if (scoring_.protocol == Protocol::vot)
      return options_.simulate > 0 ? go(pursuit::Session(tracker, simulated)) : go(pursuit::Session(tracker));
    return options_.simulate > 0 ? go(pursuit::RealtimeSession(tracker, realtime, simulated))
                                 : go(pursuit::RealtimeSession(tracker, realtime));
  }

  template <class Frames>
  pursuit::TrackedRun one_pass(pursuit::AnyTracker& tracker, Frames& frame, const pursuit::Sequence& sequence,
                               std::size_t run) {
    std::size_t begin = 0;
    Box first = sequence.boxes[0];
    if (scoring_.protocol == Protocol::tre) {
      const auto starts = pursuit::temporal_starts(sequence.boxes, sequence.no_starts);
      if (starts.empty()) throw pursuit::Error("no frame to start from: need a target and 20 frames after it");
      begin = starts[run];
      first = sequence.boxes[begin];
    } else if (scoring_.protocol == Protocol::sre) {
      const pursuit::ImageView view = frame(0);
      first = pursuit::spatial_starts(first, view.width, view.height)[run];
    }
    const auto go = [&](auto session) {
      return pursuit::run_one_pass(std::move(session), frame, begin, sequence.size(), first);
    };
    if (options_.simulate > 0) return go(pursuit::Session(tracker, pursuit::SimulatedClock{options_.simulate}));
    return go(pursuit::Session(tracker));
  }

  /// Copies results that other machines made.
  void take_over(const fs::path& folder) {
    for (std::size_t t = 0; t < trackers_.size(); ++t) {
      const fs::path from = folder / trackers_[t].name;
      std::error_code ignored;
      if (!fs::is_directory(from, ignored))
        throw pursuit::FileError(concat(from.string(), ": no such folder: need the --out of a shard"));
      const fs::path theirs_file = settings_file(folder, trackers_[t]), ours = settings_file(out_, trackers_[t]);
      if (Json::parse(pursuit::read_text(theirs_file), nullptr, false) !=
          Json::parse(pursuit::read_text(ours), nullptr, false))
        throw pursuit::FileError(concat(theirs_file.string(), ": made with other settings"));
      const ResultFiles theirs(from, scoring_.protocol, scoring_.got10k);
      for (const ScoredSequence& s : sequences_)
        for (std::size_t r = 0; r < runs() && theirs.done(s.entry.name, r); ++r) {
          if (files_[t].done(s.entry.name, r)) continue;
          const auto in = theirs.all(s.entry.name, r), to = files_[t].all(s.entry.name, r);
          for (std::size_t i = 0; i < in.size(); ++i) {
            fs::create_directories(to[i].parent_path());
            pursuit::AtomicFile copy(to[i]);
            copy.write(pursuit::read_text(in[i]));
            copy.commit();
          }
        }
    }
  }

  void finish_shard() {
    std::size_t problems = broken_.size();
    for (const auto& [name, sequences] : failed_) problems += sequences.size();
    std::cerr << "pursuit: shard " << options_.shard << " is done; when all are, run the same without --shard, or with "
              << "--merge where they wrote into different folders\n";
    complain(problems);
  }

  void summarize() {
    Json summary;
    summary["dataset"] = options_.dataset;
    summary["root"] = fs::absolute(options_.root).string();
    summary["protocol"] = options_.protocol;
    summary["convention"] = options_.convention;
    summary["norm_precision_rule"] = scoring_.convention == pursuit::Convention::got10k
                                         ? "mean of the curve over thresholds 0 to 0.5"
                                         : "the curve at threshold 0.2";
    if (is_supervised(scoring_.protocol)) {
      summary["vot_convention"] = options_.vot_convention;
      summary["eao_range"] = {scoring_.vot.range.low, scoring_.vot.range.high};
      summary["realtime_fps"] = options_.fps;
    }
    if (options_.simulate > 0) summary["simulated_fps"] = options_.simulate;
    summary["sequences"] = sequences_.size();
    summary["trackers"] = Json::object();
    std::size_t problems = broken_.size();
    for (std::size_t t = 0; t < trackers_.size(); ++t) {
      const std::string& name = trackers_[t].name;
      auto& failed = failed_[name];
      Json scores = score_tracker(files_[t], sequences_, scoring_, failed);
      if (!failed.empty()) scores["failed"] = failed;
      problems += failed.size();
      summary["trackers"][name] = std::move(scores);
      for (const auto& [sequence, why] : failed)
        if (!options_.merge.empty()) std::cerr << "pursuit: " << name << " on " << sequence << ": " << why << '\n';
    }
    if (!broken_.empty()) summary["broken_sequences"] = broken_;
    write_json(out_ / "summary.json", summary);
    std::cout << (options_.json ? summary.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                                : summary_table(summary))
              << std::flush;
    complain(problems);
  }

  static void complain(std::size_t problems) {
    if (problems > 0)
      throw pursuit::Error(concat(problems, " runs or sequences could not be evaluated, see above; the others were"));
  }

  const EvaluateOptions& options_;
  Shard shard_;
  fs::path out_;
  pursuit::DatasetKind kind_ = pursuit::DatasetKind::any;
  ScoringOptions scoring_;
  std::vector<NamedTracker> trackers_;
  std::vector<ResultFiles> files_;
  std::vector<ScoredSequence> sequences_;
  std::map<std::string, std::string> broken_;
  std::map<std::string, std::map<std::string, std::string>> failed_;
  std::mutex mutex_;
};

}  // namespace

void add_evaluate(CLI::App& app) {
  CLI::App* command = app.add_subcommand("evaluate", "Judge trackers on a data set");
  const auto options = std::make_shared<EvaluateOptions>();
  EvaluateOptions& o = *options;
  command->add_option("--tracker", o.trackers, "name, or names with commas between")->required();
  command->add_option("--weights", o.weights,
                      "files with commas between, for the trackers that need some, in order; or NAME=FILE");
  command->add_option("--dataset", o.dataset, "any, otb, vot, got10k, lasot, trackingnet, uav123 or davis")
      ->capture_default_str();
  command->add_option("--root", o.root, "folder of the data set")->required();
  command->add_option("--out", o.out, "folder of results; a run that was stopped goes on where it was")->required();
  command->add_option("--protocol", o.protocol, "ope, tre, sre, vot, realtime or longterm")->capture_default_str();
  command->add_option("--convention", o.convention, "whose reading of success and precision")
      ->check(CLI::IsMember({"got10k", "pysot", "pytracking"}))
      ->capture_default_str();
  command->add_option("--vot-convention", o.vot_convention, "whose reading of A, R and EAO")
      ->check(CLI::IsMember({"toolkit", "pysot"}))
      ->capture_default_str();
  command->add_option("--vot-year", o.vot_year, "whose range of lengths for EAO: 2016 to 2019")->capture_default_str();
  command
      ->add_option("--repetitions", o.repetitions,
                   "runs on each sequence (got10k: 3, two where they are equal; vot: 1, at most 15)")
      ->check(CLI::Range(1, 15));
  command->add_option("--fps", o.fps, "frames a second of videos that do not say it themselves, for realtime")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--simulate", o.simulate, "take the tracker to run at that many frames a second, on any machine")
      ->check(CLI::PositiveNumber);
  command->add_option("--jobs", o.jobs, "sequences at a time")->check(CLI::Range(1, 1024))->capture_default_str();
  command->add_option("--threads", o.threads, "threads of one frame's work")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--shard", o.shard, "i/n: only every n-th sequence, for n machines");
  command->add_option("--merge", o.merge, "folders of shards whose results are taken over; nothing is run")
      ->delimiter(',');
  command->add_option("--precision", o.precision, "of networks: float or bf16")
      ->check(CLI::IsMember({"float", "bf16"}))
      ->capture_default_str();
  command->add_option("--seed", o.seed, "of whatever is random in the trackers")->capture_default_str();
  command->add_flag("--json", o.json, "print summary.json instead of a table");
  command->footer(
      "\nExamples:\n"
      "  pursuit evaluate --tracker cacf --dataset otb --root OTB100 --out results --jobs 4\n"
      "  pursuit evaluate --tracker cacf,dcfnet --weights dcfnet.safetensors --dataset otb --root OTB100 --out "
      "results\n"
      "  pursuit evaluate --tracker cacf --dataset vot --root VOT2018 --out results --protocol vot --vot-year 2018\n"
      "  pursuit evaluate --tracker cacf --dataset lasot --root LaSOT --out part2 --shard 2/8\n"
      "  pursuit evaluate --tracker cacf --dataset lasot --root LaSOT --out all --merge part1,part2,...\n"
      "\nWrites results and times in the files that the public toolkits read, and summary.json with every number.\n"
      "A sequence that cannot be evaluated is named, does not stop the others, and makes the exit code 1.");
  command->callback([options] { Evaluation(*options).run(); });
}
