// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "picture.hpp"
#include "plot.hpp"
#include "result_files.hpp"
#include "summary.hpp"

#include <pursuit/data/dataset.hpp>
#include <pursuit/data/frame_reader.hpp>
#include <pursuit/io/atomic_file.hpp>
#include <pursuit/io/file_bytes.hpp>
#include <pursuit/io/jpeg.hpp>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <locale>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>

namespace fs = std::filesystem;
using pursuit::concat;
using Json = nlohmann::ordered_json;

namespace {

struct ReportOptions {
  std::vector<std::string> folders;
  std::string output = "report.html";
  std::string root;
  int frames = 5;
};

/// A tracker of the report: its numbers, and where its boxes are.
struct Judged {
  std::string name;
  Json scores;
  ResultFiles files;
  std::size_t colour = 0;
};

constexpr const char* style = R"css(
:root { --bg:#f6f7f9; --card:#fff; --ink:#1c2430; --soft:#667085; --line:#e4e7ec; }
@media (prefers-color-scheme: dark) { :root { --bg:#12151b; --card:#1b2028; --ink:#e7eaf0; --soft:#98a2b3; --line:#2b323d; } }
* { box-sizing: border-box; }
body { margin:0; background:var(--bg); color:var(--ink); font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif; }
main { max-width:1240px; margin:0 auto; padding:22px 20px 60px; }
h1 { font-size:22px; margin:0 0 4px; } h2 { font-size:16px; margin:28px 0 10px; } p { color:var(--soft); margin:0 0 14px; }
.plots { display:grid; grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr)); gap:16px; }
.card { background:var(--card); border:1px solid var(--line); border-radius:12px; overflow:auto; }
.plots .card svg { display:block; width:100%; height:auto; }
table { border-collapse:collapse; width:100%; font-variant-numeric:tabular-nums; }
th,td { padding:5px 12px; text-align:right; border-bottom:1px solid var(--line); white-space:nowrap; }
th:first-child,td:first-child { text-align:left; position:sticky; left:0; background:var(--card); }
th { color:var(--soft); font-weight:600; }
.dot { display:inline-block; width:10px; height:10px; border-radius:3px; margin-right:7px; }
.sequence { content-visibility:auto; contain-intrinsic-size:auto 190px; margin-bottom:14px; }
.sequence h3 { font-size:14px; margin:10px 12px 6px; } .sequence h3 span { color:var(--soft); font-weight:400; margin-left:8px; }
.strip { display:grid; grid-auto-flow:column; grid-auto-columns:minmax(150px,1fr); gap:4px; padding:0 12px 12px; }
.strip svg { display:block; width:100%; height:auto; border-radius:6px; }
.legend { display:flex; flex-wrap:wrap; gap:14px; color:var(--soft); margin-bottom:10px; }
)css";

std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t word = 0;
    for (std::size_t j = 0; j < 3; ++j) word = word << 8 | (i + j < bytes.size() ? bytes[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) out += i + j < bytes.size() + 1 ? digits[word >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

double number(const Json& object, const char* key) { return object.contains(key) ? object[key].get<double>() : 0; }

std::string fixed(double value, int digits) {
  std::string out;
  pursuit::put_number(out, value, digits);
  return out;
}

void write_text(const fs::path& file, const std::string& text) {
  pursuit::AtomicFile out(file);
  out.write(text);
  out.commit();
}

const char* score_name(std::string_view key) {
  return key == "eao" ? "EAO" : key == "f_score" ? "F" : key == "ao" ? "AO" : "AUC";
}

class Report {
 public:
  explicit Report(const ReportOptions& options) : options_(options) {
    read_summaries();
    read_sequences();
    for (const std::string& folder : options.folders)
      if (!pursuit::detail::file_exists(fs::path(folder) / "summary.json")) score_others(folder);
    for (const std::string& failure : failures_) std::cerr << "pursuit: " << failure << '\n';
  }

  void write() {
    const fs::path output(options_.output);
    const fs::path folder = output.has_parent_path() ? output.parent_path() : fs::path(".");
    fs::create_directories(folder);
    std::ostringstream page;
    page.imbue(std::locale::classic());
    page << "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
            "content=\"width=device-width, initial-scale=1\"><title>pursuit report</title><style>"
         << style << "</style></head><body><main>\n<h1>" << trackers_.size()
         << (trackers_.size() == 1 ? " tracker" : " trackers") << " on " << escaped(dataset_) << "</h1>\n<p>"
         << sequences_.size() << " sequences, protocol " << escaped(protocol_) << ", convention of "
         << escaped(convention_) << ". AUC: success at 21 thresholds. P20: centre within 20 pixels. "
         << "Normalised precision: " << escaped(norm_rule_) << ".</p>\n<section class=\"plots\">\n";
    for (const auto& [name, svg] : plots()) {
      write_text(folder / (output.stem().string() + "_" + name + ".svg"), svg);
      page << "<div class=\"card\">" << svg << "</div>\n";
    }
    page << "</section>\n";
    put_overall(page);
    put_attributes(page);
    put_sequences(page);
    put_strips(page);
    page << "</main></body></html>\n";
    write_text(output, page.str());
    std::cout << output.string() << '\n';
  }

 private:
  void read_summaries() {
    for (const std::string& folder : options_.folders) {
      const fs::path file = fs::path(folder) / "summary.json";
      if (!pursuit::detail::file_exists(file)) continue;
      const Json summary = Json::parse(pursuit::read_text(file), nullptr, false);
      if (summary.is_discarded() || !summary.contains("trackers") || !summary.contains("root"))
        throw pursuit::FileError(file.string() + ": not a summary that pursuit evaluate writes");
      const std::string protocol = summary.value("protocol", "ope"), dataset = summary.value("dataset", "any");
      if (trackers_.empty()) {
        protocol_ = protocol;
        dataset_ = dataset;
        root_ = options_.root.empty() ? summary["root"].get<std::string>() : options_.root;
        convention_ = summary.value("convention", "got10k");
        norm_rule_ = summary.value("norm_precision_rule", "");
      } else if (protocol != protocol_ || dataset != dataset_ || summary.value("convention", "got10k") != convention_) {
        throw pursuit::FileError(file.string() + ": another data set, protocol or convention than in " +
                                 options_.folders[0] + ": they cannot stand in one report");
      }
      for (const auto& [name, scores] : summary["trackers"].items())
        add(name, scores, ResultFiles(fs::path(folder) / name, protocol_of(protocol), dataset == "got10k"));
    }
    if (trackers_.empty())
      throw pursuit::FileError(options_.folders[0] + ": no summary.json in it: need the --out of pursuit evaluate");
  }

  void add(const std::string& name, const Json& scores, ResultFiles files) {
    std::string unique = name;
    for (int n = 2; std::any_of(trackers_.begin(), trackers_.end(), [&](const Judged& j) { return j.name == unique; });
         ++n)
      unique = name + " (" + std::to_string(n) + ")";
    trackers_.push_back({unique, scores, std::move(files), trackers_.size()});
  }

  void read_sequences() {
    try {
      for (auto& entry : pursuit::list_dataset(root_, pursuit::dataset_kind(dataset_))) {
        try {
          sequences_.push_back({entry, open_sequence(entry)});
        } catch (const pursuit::Error& e) {
          failures_.push_back(e.what());
        }
      }
    } catch (const pursuit::Error& e) {  // a report without pictures is better than none
      failures_.push_back(concat(e.what(), ": the report has no pictures (give --root)"));
    }
  }

  /// Results of another tracker: a folder of SEQ.txt.
  void score_others(const fs::path& folder) {
    const ResultFiles files(folder, protocol_of(protocol_), dataset_ == "got10k");
    ScoringOptions scoring;
    scoring.protocol = protocol_of(protocol_);
    scoring.got10k = dataset_ == "got10k";
    scoring.repetitions = scoring.got10k ? 3 : 1;
    scoring.convention = convention_ == "pysot"        ? pursuit::Convention::pysot
                         : convention_ == "pytracking" ? pursuit::Convention::pytracking
                                                       : pursuit::Convention::got10k;
    std::map<std::string, std::string> failed;
    const Json scores = score_tracker(files, sequences_, scoring, failed);
    if (scores["sequences"].empty())
      throw pursuit::FileError(folder.string() + ": neither summary.json nor results of these sequences in it");
    for (const auto& [name, why] : failed) failures_.push_back(folder.string() + ": " + why);
    add(pursuit::detail::folder_name(folder), scores, files);
  }

  std::vector<std::pair<std::string, std::string>> plots() const {
    std::vector<std::pair<std::string, std::string>> out;
    const auto curves = [&](const char* file, const Axes& axes, const char* key, const char* score) {
      std::vector<Curve> lines;
      for (const Judged& t : trackers_)
        if (t.scores.contains(key))
          lines.push_back({t.name, t.scores[key].get<std::vector<double>>(), number(t.scores, score), t.colour});
      if (!lines.empty()) out.emplace_back(file, curves_svg(axes, std::move(lines)));
    };
    curves("success", {"Success", "overlap threshold", "share of frames", 1}, "success_curve", "auc");
    curves("precision", {"Precision", "centre error, pixels", "share of frames", 50}, "precision_curve", "precision20");
    curves("norm_precision", {"Normalised precision", "centre error, sizes of the target", "share of frames", 0.5},
           "norm_precision_curve", "norm_precision");
    const std::string by = main_score();
    std::vector<Spot> spots;
    for (const Judged& t : trackers_)
      spots.push_back({t.name, number(t.scores, "fps"), number(t.scores, by.c_str()), t.colour});
    out.emplace_back("speed", spots_svg({"Speed and accuracy", "frames a second", score_name(by), 1}, spots));
    return out;
  }

  static std::string dot(const Judged& t) {
    return concat("<i class=\"dot\" style=\"background:", plot_colour(t.colour), "\"></i>", escaped(t.name));
  }

  void put_overall(std::ostringstream& page) const {
    constexpr std::pair<const char*, const char*> columns[] = {{"auc", "AUC"},
                                                               {"precision20", "P20"},
                                                               {"norm_precision", "norm. P"},
                                                               {"success_rate", "IoU > .5"},
                                                               {"ao", "AO"},
                                                               {"sr50", "SR .5"},
                                                               {"sr75", "SR .75"},
                                                               {"accuracy", "A"},
                                                               {"robustness", "R per 100"},
                                                               {"eao", "EAO"},
                                                               {"f_score", "F"},
                                                               {"precision", "Pr"},
                                                               {"recall", "Re"},
                                                               {"fps", "frames/s"}};
    page << "<h2>All sequences</h2><div class=\"card\"><table><tr><th>tracker</th>";
    std::vector<const char*> shown;
    for (const auto& [key, title] : columns)
      if (std::any_of(trackers_.begin(), trackers_.end(),
                      [&, k = key](const Judged& t) { return t.scores.contains(k); })) {
        page << "<th>" << title << "</th>";
        shown.push_back(key);
      }
    page << "</tr>\n";
    std::vector<const Judged*> ranked;
    for (const Judged& t : trackers_) ranked.push_back(&t);
    const char* by = main_score();
    std::stable_sort(ranked.begin(), ranked.end(),
                     [&](auto* a, auto* b) { return number(a->scores, by) > number(b->scores, by); });
    for (const Judged* t : ranked) {
      page << "<tr><td>" << dot(*t) << "</td>";
      for (const char* key : shown) {
        const bool speed = std::string_view(key) == "fps";
        const bool known = t->scores.contains(key) && !(speed && number(t->scores, key) == 0);
        page << "<td>" << (known ? fixed(number(t->scores, key), speed ? 1 : 3) : "–") << "</td>";
      }
      page << "</tr>\n";
    }
    page << "</table></div>\n";
  }

  /// A table with a row for each name and a column for each tracker.
  template <class Value>
  void put_table(std::ostringstream& page, const char* first, const std::vector<std::string>& rows, Value value) const {
    page << "<div class=\"card\"><table><tr><th>" << first << "</th>";
    for (const Judged& t : trackers_) page << "<th>" << dot(t) << "</th>";
    page << "</tr>\n";
    for (const std::string& row : rows) {
      page << "<tr><td>" << escaped(row) << "</td>";
      for (const Judged& t : trackers_) {
        const std::optional<double> v = value(t, row);
        if (v)
          page << "<td style=\"background:hsl(" << static_cast<int>(std::clamp(*v, 0.0, 1.0) * 130)
               << " 70% 50% / .22)\">" << fixed(*v, 3) << "</td>";
        else
          page << "<td>–</td>";
      }
      page << "</tr>\n";
    }
    page << "</table></div>\n";
  }

  void put_attributes(std::ostringstream& page) const {
    put_attributes(page, "attributes", "Attributes, AUC", "auc");
    put_attributes(page, "tags", "Frames with a tag, accuracy", "accuracy");
    put_attributes(page, "tags", "Frames with a tag, EAO", "eao");
  }

  void put_attributes(std::ostringstream& page, const char* kind, const char* title, const char* score) const {
    std::set<std::string> names;
    for (const Judged& t : trackers_)
      if (t.scores.contains(kind))
        for (const auto& item : t.scores[kind].items()) names.insert(item.key());
    if (names.empty()) return;
    page << "<h2>" << title << "</h2>";
    put_table(page, "attribute", {names.begin(), names.end()},
              [&](const Judged& t, const std::string& row) -> std::optional<double> {
                if (!t.scores.contains(kind) || !t.scores[kind].contains(row)) return {};
                return number(t.scores[kind][row], score);
              });
  }

  /// By which number trackers are ranked.
  const char* main_score() const {
    for (const char* key : {"eao", "f_score", "ao"})
      if (trackers_[0].scores.contains(key)) return key;
    return "auc";
  }

  std::optional<double> sequence_score(const Judged& t, const std::string& row) const {
    if (!t.scores["sequences"].contains(row)) return {};
    const Json& s = t.scores["sequences"][row];
    if (s.contains("auc")) return number(s, "auc");
    if (s.contains("accuracy")) return number(s, "accuracy");
    if (s.contains("f_score")) return number(s, "f_score");
    return {};
  }

  /// Names, those where trackers did worst first.
  std::vector<std::string> worst_first() const {
    std::map<std::string, std::pair<double, double>> sums;
    for (const Judged& t : trackers_)
      for (const auto& item : t.scores["sequences"].items())
        if (const auto v = sequence_score(t, item.key())) sums[item.key()].first += *v, ++sums[item.key()].second;
    std::vector<std::string> names;
    for (const auto& item : sums) names.push_back(item.first);
    std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
      return sums[a].first / sums[a].second < sums[b].first / sums[b].second;
    });
    return names;
  }

  const char* sequence_score_name() const {
    return trackers_[0].scores.contains("eao") ? "accuracy" : trackers_[0].scores.contains("f_score") ? "F" : "AUC";
  }

  void put_sequences(std::ostringstream& page) const {
    page << "<h2>Sequences, " << sequence_score_name() << ", worst first</h2>";
    put_table(page, "sequence", worst_first(),
              [&](const Judged& t, const std::string& row) { return sequence_score(t, row); });
  }

  void put_strips(std::ostringstream& page) const {
    if (sequences_.empty() || protocol_ != "ope" || options_.frames == 0) return;
    page << "<h2>Frames, worst first</h2>\n<div class=\"legend\"><span><i class=\"dot\" "
            "style=\"background:#fff;border:2px "
            "solid #111\"></i>truth (white)</span>";
    for (const Judged& t : trackers_) page << "<span>" << dot(t) << "</span>";
    page << "</div>\n";
    for (const std::string& name : worst_first()) {
      const auto found = std::find_if(sequences_.begin(), sequences_.end(),
                                      [&](const ScoredSequence& s) { return s.entry.name == name; });
      if (found != sequences_.end()) put_strip(page, *found);
    }
  }

  void put_strip(std::ostringstream& page, const ScoredSequence& s) const {
    page << "<div class=\"card sequence\"><h3>" << escaped(s.entry.name) << "<span>" << s.sequence.size() << " frames";
    std::vector<std::vector<pursuit::Box>> boxes;
    for (const Judged& t : trackers_) {
      boxes.emplace_back();
      try {
        boxes.back() = t.files.read_boxes(s.entry.name, 0, s.sequence.origin);
      } catch (const pursuit::Error&) {  // the tables say that there is none
      }
      if (const auto v = sequence_score(t, s.entry.name)) page << ", " << escaped(t.name) << ' ' << fixed(*v, 3);
    }
    page << "</span></h3><div class=\"strip\">\n";
    pursuit::FrameReader reader(s.sequence);
    const auto count = std::min<std::size_t>(static_cast<std::size_t>(options_.frames), s.sequence.size());
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t f = count > 1 ? i * (s.sequence.size() - 1) / (count - 1) : 0;
      const pursuit::ImageView view = reader(f);
      if (view.data == nullptr) continue;
      const double scale = std::min(1.0, 240.0 / view.width);
      const auto small = shrink(view, static_cast<int>(view.width * scale), static_cast<int>(view.height * scale));
      page << "<svg viewBox=\"0 0 " << view.width << ' ' << view.height << "\"><title>frame " << f + 1
           << "</title><image width=\"" << view.width << "\" height=\"" << view.height
           << "\" href=\"data:image/jpeg;base64," << base64(pursuit::encode_jpeg(small, 72)) << "\"/>";
      const double line = std::max(1.5, view.width / 160.0);
      const auto rect = [&](const pursuit::Box& b, const char* colour) {
        if (!is_valid(b)) return;
        page << "<rect x=\"" << fixed(b.x, 1) << "\" y=\"" << fixed(b.y, 1) << "\" width=\"" << fixed(b.w, 1)
             << "\" height=\"" << fixed(b.h, 1) << "\" fill=\"none\" stroke=\"" << colour << "\" stroke-width=\""
             << fixed(line, 1) << "\"/>";
      };
      if (f < s.sequence.boxes.size()) rect(s.sequence.boxes[f], "#fff");
      for (std::size_t t = 0; t < trackers_.size(); ++t)
        if (f < boxes[t].size()) rect(boxes[t][f], plot_colour(trackers_[t].colour));
      page << "<text x=\"" << view.width * 0.02 << "\" y=\"" << view.height * 0.97 << "\" font-size=\""
           << fixed(view.width / 18.0, 1)
           << "\" fill=\"#fff\" stroke=\"#000\" stroke-width=\".6\" paint-order=\"stroke\">" << f + 1
           << "</text></svg>\n";
    }
    page << "</div></div>\n";
  }

  const ReportOptions& options_;
  std::string protocol_, dataset_, root_, convention_, norm_rule_;
  std::vector<Judged> trackers_;
  std::vector<ScoredSequence> sequences_;
  std::vector<std::string> failures_;
};

}  // namespace

void add_report(CLI::App& app) {
  CLI::App* command = app.add_subcommand("report", "Show what pursuit evaluate found, as one HTML page");
  const auto options = std::make_shared<ReportOptions>();
  ReportOptions& o = *options;
  command->add_option("folders", o.folders, "--out of pursuit evaluate, and folders of SEQ.txt of other trackers")
      ->required();
  command->add_option("--output", o.output, "the page; plots stand beside it as SVG files")->capture_default_str();
  command->add_option("--root", o.root, "folder of the data set, where it has moved");
  command->add_option("--frames", o.frames, "pictures of each sequence")
      ->check(CLI::Range(0, 20))
      ->capture_default_str();
  command->footer(
      "\nExamples:\n"
      "  pursuit report results --output report.html\n"
      "  pursuit report results OTB2015/KCF OTB2015/CSRT\n"
      "\nThe page needs no network: everything is in it.");
  command->callback([options] { Report(*options).write(); });
}
