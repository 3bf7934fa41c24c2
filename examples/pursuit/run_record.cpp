// SPDX-License-Identifier: MIT
#include "run_record.hpp"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

double RunRecord::mean_ms() const {
  if (update_ms.empty()) return 0;
  return std::accumulate(update_ms.begin(), update_ms.end(), 0.0) / static_cast<double>(update_ms.size());
}

double RunRecord::median_ms() const {
  if (update_ms.empty()) return 0;
  std::vector<double> sorted = update_ms;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

double RunRecord::max_ms() const {
  return update_ms.empty() ? 0 : *std::max_element(update_ms.begin(), update_ms.end());
}

double RunRecord::fps() const { return mean_ms() > 0 ? 1000 / mean_ms() : 0; }

std::string RunRecord::json() const {
  nlohmann::ordered_json out;
  out["tracker"] = tracker;
  out["frames"] = tracks.size();
  out["init_ms"] = init_ms;
  out["mean_ms"] = mean_ms();
  out["median_ms"] = median_ms();
  out["max_ms"] = max_ms();
  out["fps"] = fps();
  out["stages"] = nlohmann::ordered_json::object();
  for (const auto& [name, ms] : stages) out["stages"][name] = ms;
  if (score) {
    out["auc"] = score->auc();
    out["precision20"] = score->precision20();
    out["mean_iou"] = score->mean_iou;
  }
  return out.dump(2);
}

std::string RunRecord::text() const {
  std::ostringstream out;
  out << std::fixed << std::setprecision(2);
  out << tracker << " on " << source << ": " << tracks.size() << " frames\n";
  out << "  speed   " << std::setprecision(1) << fps() << " frames/s (mean " << std::setprecision(2) << mean_ms()
      << " ms, median " << median_ms() << ", longest " << max_ms() << "; start " << init_ms << ")\n";
  out << "  stages ";
  for (const auto& [name, ms] : stages) out << ' ' << name << ' ' << ms << " ms";
  out << '\n';
  if (score)
    out << std::setprecision(3) << "  success AUC " << score->auc() << ", precision at 20 px " << score->precision20()
        << ", mean IoU " << score->mean_iou << '\n';
  return out.str();
}
