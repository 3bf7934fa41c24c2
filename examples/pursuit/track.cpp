// SPDX-License-Identifier: MIT
#include "annotated.hpp"
#include "commands.hpp"
#include "named_trackers.hpp"
#include "page.hpp"
#include "progress.hpp"
#include "run_record.hpp"
#include "source.hpp"

#include <pursuit/core/threads.hpp>
#include <pursuit/io/number_table.hpp>
#include <pursuit/io/results.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace {

using pursuit::Box;

struct TrackOptions {
  std::string tracker;
  std::string weights;
  std::string source;
  std::string box;
  std::string output;
  std::string page;
  std::string video;
  std::string precision = "float";
  std::string device = "cpu";
  int threads = 1;
  std::uint64_t seed = 0;
  std::size_t max_frames = 0;
  bool json = false;
};

volatile std::sig_atomic_t interrupted = 0;

/// The first Ctrl-C (or `kill`) ends the video, so that results are still written; a second one ends the program.
void interrupt(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);
}

Box parse_box(const std::string& text) {
  std::vector<pursuit::NumberRow> rows;
  try {
    rows = pursuit::parse_numbers(text, "--box");
  } catch (const pursuit::Error& e) {
    throw UsageError(e.what());
  }
  if (rows.size() != 1 || rows[0].values.size() != 4)
    throw UsageError("--box '" + text + "': need x,y,w,h in pixels, for example --box 198,214,34,81");
  const auto& v = rows[0].values;
  return {v[0], v[1], v[2], v[3]};
}

Box first_box(const TrackOptions& options, const Source& source, const pursuit::ImageView& frame) {
  if (!options.box.empty()) return parse_box(options.box);
  if (!source.truth.empty() && is_valid(source.truth[0])) return source.truth[0];
  if (const auto chosen = ask_for_box(frame)) return *chosen;
  throw UsageError(source.name +
                   ": where is the target? There is no annotation of the first frame, and no display to ask on: "
                   "give its box with --box x,y,w,h (pixels, 0-based, upper-left corner and size)");
}

pursuit::AnyTracker make_tracker(const TrackOptions& options) {
  if (options.device != "cpu") throw UsageError("--device cuda: this version computes on the CPU: need cpu");
  pursuit::Weights weights = open_weights(options.weights);
  std::string name = options.tracker;
  if (name.empty() && weights.empty()) name = "cacf";
  if (name.empty()) {
    const pursuit::zoo::Entry* entry = fitting(known_trackers(), weights);
    if (entry == nullptr)
      throw UsageError("--weights " + options.weights +
                       (weights.is_random() ? ": which tracker are they for? Name it with --tracker"
                                            : ": fit no tracker of this version; pursuit info says what is in the "
                                              "file, --tracker NAME what it lacks for that tracker"));
    name = entry->name;
  }
  const pursuit::zoo::Entry& entry = known_tracker(name);
  if (entry.needs_weights() && weights.empty()) weights = pursuit::Weights::load(weights_at_hand(entry));
  return make(entry, weights, {.seed = options.seed, .precision = precision_of(options.precision)});
}

template <class Work>
double time_ms(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void track(const TrackOptions& options) {
  pursuit::set_threads(options.threads);
  pursuit::AnyTracker tracker = make_tracker(options);
  Source source = open_source(options.source);
  for (const std::string& note : source.notes) std::cerr << "pursuit: note: " << note << '\n';

  pursuit::SourceFrame frame;
  if (!source.frames->next(frame)) throw pursuit::FileError(options.source + ": no frames in it");
  if (!frame.error.empty()) throw pursuit::FileError(frame.error + ": need a good first frame");
  const Box given = first_box(options, source, frame.image);

  std::optional<std::size_t> frames = source.frames->size();
  if (options.max_frames > 0) frames = std::min(frames.value_or(options.max_frames), options.max_frames);

  RunRecord run;
  run.init_ms = time_ms([&] { tracker.init(frame.image, given); });

  // Outputs are opened before the long work, so that a folder that cannot be written to is found now, and after
  // init(), so that a box that cannot be tracked does not cost the results of before.
  std::optional<pursuit::ResultWriter> results;
  if (!options.output.empty()) results.emplace(options.output, source.origin);
  std::optional<Page> page;
  if (!options.page.empty()) page.emplace(options.page, frames);
  std::optional<AnnotatedVideo> video;
  if (!options.video.empty()) video.emplace(options.video, source.rate);

  run.tracker = tracker.name();
  run.source = source.name;
  const auto keep = [&](const pursuit::Track& t) {
    if (results) results->write(t.box);
    const bool bad = frame.image.data == nullptr;
    if (page && bad) page->add_bad_frame();
    if (page && !bad) page->add_frame(frame.image);
    const std::size_t i = run.tracks.size();
    if (video && !bad) video->write(i, frame.image, t, i < source.truth.size() ? source.truth[i] : pursuit::no_box);
    run.tracks.push_back(t);
  };

  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, interrupt);
  keep({.box = given});
  Progress progress(frames);
  while (!interrupted && (!options.max_frames || run.tracks.size() < options.max_frames) &&
         source.frames->next(frame)) {
    const pursuit::Track* t = nullptr;
    run.update_ms.push_back(time_ms([&] { t = &tracker.update(frame.image); }));
    if (!frame.error.empty()) {
      progress.clear();
      std::cerr << "pursuit: frame " << run.tracks.size() + 1 << ": " << frame.error << '\n';
    }
    keep(*t);
    progress.show(run.tracks.size(), *t);
  }
  progress.clear();
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);

  const double updates = std::max<double>(1, static_cast<double>(run.update_ms.size()));
  for (const auto& stage : tracker.stages()) run.stages.emplace_back(stage.name, stage.total_ms / updates);
  run.truth = std::move(source.truth);
  run.truth.resize(std::min(run.truth.size(), run.tracks.size()));
  const auto told = std::count_if(run.truth.begin(), run.truth.end(), [](const Box& b) { return is_valid(b); });
  if (told > 1 || (told == 1 && run.tracks.size() == 1)) {
    std::vector<Box> boxes;
    for (const pursuit::Track& t : run.tracks) boxes.push_back(t.box);
    run.score = pursuit::score_ope(boxes, run.truth);
  }

  if (results) results->close();
  if (page) page->write(run, source.rate);
  std::cout << (options.json ? run.json() + "\n" : run.text()) << std::flush;
  if (!std::cout) throw pursuit::FileError("standard output: writing failed");
}

}  // namespace

void add_track(CLI::App& app) {
  CLI::App* command = app.add_subcommand("track", "Follow a target through a video");
  const auto options = std::make_shared<TrackOptions>();
  TrackOptions& o = *options;
  command->add_option("--source", o.source, "video file, camera number, folder of frames, sequence, or demo")
      ->required();
  command->add_option("--tracker", o.tracker, tracker_names() + " (default: cacf, or what the weights fit)");
  command->add_option("--weights", o.weights, "safetensors or .pth file, or random:SEED");
  command->add_option("--box", o.box, "the target in the first frame: x,y,w,h in pixels, 0-based; default: annotation");
  command->add_option("--output", o.output,
                      "result file: one box x,y,w,h a line, counted as the source's annotation is");
  command->add_option("--page", o.page, "HTML page that shows the run; opens anywhere, needs no network");
  command->add_option("--video", o.video, "annotated copy: a video file, or a folder for pictures");
  command->add_option("--precision", o.precision, "of the network: float or bf16")
      ->check(CLI::IsMember({"float", "bf16"}))
      ->capture_default_str();
  command->add_option("--device", o.device, "cpu or cuda")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
  command->add_option("--threads", o.threads, "threads of one frame's work")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--seed", o.seed, "of whatever is random in the tracker")->capture_default_str();
  command->add_option("--max-frames", o.max_frames, "stop after that many (0: at the end)")->capture_default_str();
  command->add_flag("--json", o.json,
                    "print one JSON object: speed, time of each stage, and scores where there is truth");
  command->footer(
      "\nExamples:\n"
      "  pursuit track --source demo --page demo.html\n"
      "  pursuit track --source car.mp4 --box 198,214,34,81 --output boxes.txt\n"
      "  pursuit track --source OTB/Bolt --tracker dcfnet --weights dcfnet.safetensors --json\n"
      "\nWhere the source has annotation, scores are given too: auc (success at 21 thresholds, IoU > t),\n"
      "precision20 (centre within 20 pixels) and mean_iou. Stages are mean ms a frame. Ctrl-C ends the video and "
      "still\n"
      "writes the results. Exit code: 0, 1 (failed), 2 (wrong usage).");
  command->callback([options] { track(*options); });
}
