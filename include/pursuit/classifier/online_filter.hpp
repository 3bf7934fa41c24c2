// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/classifier/filter_residuals.hpp>
#include <pursuit/classifier/sample_memory.hpp>
#include <pursuit/concepts/classifier.hpp>
#include <pursuit/core/aligned.hpp>
#include <pursuit/core/augmentation.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/kernels/fourier_upsample.hpp>
#include <pursuit/kernels/sample_filter.hpp>
#include <pursuit/kernels/window.hpp>
#include <pursuit/optim/gauss_newton.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace pursuit::inline v0 {

/// ATOM's classifier: a projection m of the features to a few channels and one small filter w on them, learned while
/// tracking by Gauss-Newton with conjugate gradients.
///
///     s = w * (m^T x / |x|),   |x| the root of the mean square            minimise FilterResiduals + regularisers
///
/// In the first frame both are learned from the target, changed views of it, and copies of it with channels left out;
/// from then on the projection stays, frames are added to a memory, and each `interval` frames, or at once when
/// something looks like the target (`Sample::hard_negative`), the filter moves a few conjugate gradients on. Frames in
/// which the target is uncertain or lost teach nothing, but the filter still moves in its turn.
///
/// The response is enlarged by its Fourier series to the patch's pixels.
///
/// Shapes  features (N, Channels, H, W), of which the top level is read; response (N, h, w) of the patch's size in
///         pixels, no displacement at cell (0, 0).
/// A sample with a number that is not finite teaches nothing, and its response is NaN everywhere: an estimator then
/// says that the target is lost, whatever its thresholds are.
///
/// Ref     Danelljan et al. 2019 (ATOM); visionml/pytracking.
template <int Channels = any_channels, int Compressed = 64>
class OnlineFilter {
  static_assert(Compressed > 0 && Compressed % 4 == 0, "pursuit::OnlineFilter: compressed channels come in fours");

 public:
  static constexpr int channels = Channels;
  static constexpr UpdateFrom update_from = UpdateFrom::search_crop;
  static constexpr int augmentation_margin = 2;

  struct Options {
    int kernel = 4;  ///< cells of the filter each way
    double filter_regulariser = 0.1;
    double projection_regulariser = 1e-4;
    double activation = 0.05;            ///< a of the response's activation; 0: none. Only while learning
    double label_sigma = 0.25;           ///< of the label, as a share of the target's size (its geometric mean)
    double hard_samples = 0;             ///< how much samples with large residuals count in updates; DRNet: 1
    int memory = 250;                    ///< samples
    double rate = 0.01;                  ///< what a new sample weighs
    double hard_rate = 0.02;             ///< the same where something else looks like the target
    double first_minimum = 0.25;         ///< what the first frame's samples weigh at least; 0: they may be replaced
    int interval = 10;                   ///< frames from one update to the next
    int iterations = 5;                  ///< conjugate gradients of an update
    int hard_iterations = 5;             ///< the same where something else looks like the target
    int first_steps = 6;                 ///< Gauss-Newton steps in the first frame
    int first_iterations = 10;           ///< conjugate gradients of each
    std::optional<double> forgetting{};  ///< updates keep the direction, by the factor (1 - rate)^forgetting
    bool window = false;                 ///< the response is multiplied by a Hann window
    bool halved = false;   ///< the highest frequency of the response is shared by both sides: see FourierUpsample
    bool views = true;     ///< the first frame's changed views
    int dropouts = 7;      ///< copies of the first sample with channels left out
    double dropout = 0.2;  ///< share of the channels
    int patch = 288;       ///< pixels of the search patch's side, of which the views' shifts are shares
    double random_shift = 1.0 / 3;  ///< share of the patch within which flipped, blurred and turned views are moved
    std::uint64_t seed = 0;
  };

  OnlineFilter() : OnlineFilter(Options{}) {}
  /// Throws Error where the options are none.
  explicit OnlineFilter(const Options& options) : options_(options) {
    const Options& o = options_;
    for (const double v : {o.filter_regulariser, o.projection_regulariser, o.label_sigma})
      if (!(v > 0 && std::isfinite(v)))
        throw Error(concat("OnlineFilter: a regulariser or the label's extent is ", v, ": need more than 0"));
    for (const double v : {o.rate, o.hard_rate})
      if (!(v >= 0 && v < 1)) throw Error(concat("OnlineFilter: rate ", v, ": need 0 to 1"));
    if (!(o.first_minimum >= 0 && o.first_minimum < 1))
      throw Error(concat("OnlineFilter: the first samples keep ", o.first_minimum, ": need 0 to 1"));
    if (o.interval < 1 || o.iterations < 0 || o.hard_iterations < 0 || o.first_steps < 0 || o.first_iterations < 0)
      throw Error("OnlineFilter: interval below 1 or a negative number of iterations");
    if (o.kernel < 1 || o.kernel > 31) throw Error(concat("OnlineFilter: kernel ", o.kernel, ": need 1 to 31"));
    if (!(o.activation >= 0 && std::isfinite(o.activation)) || !std::isfinite(o.hard_samples) ||
        !(o.dropout >= 0 && o.dropout < 1) || o.dropouts < 0 || o.patch < 1 ||
        !(o.random_shift >= 0 && o.random_shift <= 1))
      throw Error("OnlineFilter: activation, hard samples, dropouts or shifts out of range");
    if (o.forgetting && !(*o.forgetting >= 0)) throw Error("OnlineFilter: forgetting is below 0");
    make_views();
    if (o.memory - o.dropouts <= static_cast<int>(views_.size()) + 1)
      throw Error(concat("OnlineFilter: a memory of ", o.memory, " for ", views_.size() + 1, " first views and ",
                         o.dropouts, " copies: need more"));
    solver_ = Solver({Solver::Solver::Beta::polak_ribiere, o.forgetting ? std::pow(1 - o.rate, *o.forgetting) : 0.0});
  }

  std::span<const Augmentation> augmentations() const { return views_; }

  void init(const Sample<>& first) {
    const FeatureMap<>& map = first.features.top();
    shape_ = {map.values.shape[1], map.values.shape[2], map.values.shape[3]};
    const Box& target = first.targets[0];
    const double size = std::sqrt(target.w * target.h) / map.stride;
    sigma_ = options_.label_sigma * (size > 0 && std::isfinite(size) ? size : 1);
    wide_ = Products(shape_[0], shape_[1], shape_[2], options_.kernel);
    narrow_ = Products(Compressed, shape_[1], shape_[2], options_.kernel);
    raw_.resize(static_cast<std::size_t>(wide_.sample_size()));
    projected_.resize(static_cast<std::size_t>(narrow_.sample_size()));
    scores_.resize(static_cast<std::size_t>(wide_.cells()));
    learn_first(first);
    const auto middle = [&](Index cells) { return static_cast<double>(cells - options_.kernel % 2) / 2; };
    patch_ = {whole(shape_[1] * map.stride), whole(shape_[2] * map.stride)};
    upsample_ = kernels::FourierUpsample(
        {shape_[1], shape_[2]}, patch_,
        {.row = middle(shape_[1]), .column = middle(shape_[2]), .halved = options_.halved, .window = options_.window});
    solver_.reset();
    FilterProblem<float> problem(residuals_, options_.filter_regulariser);
    solver_.step(problem, w_, 0);  // takes the memory that updates need
    refreshed_ = 0;
    frame_ = 1;
  }

  /// Throws ShapeError where the maps are not of the first frame's shape.
  ResponseMap<> respond(const FeatureMaps<>& features) {
    const auto& maps = features.top().values;
    const auto response = response_.view(Shape<3>{maps.shape[0], patch_[0], patch_[1]});
    narrow_.use(w_.data());
    for (Index i = 0; i < maps.shape[0]; ++i) {
      if (!project(maps[i])) {
        std::ranges::fill(response[i], std::numeric_limits<float>::quiet_NaN());
        continue;
      }
      narrow_.look(projected_.data());
      narrow_.respond(scores_.data());
      upsample_.run({scores_.data(), {shape_[1], shape_[2]}}, response[i]);
    }
    return {.values = response, .stride = 1, .origin = ResponseMap<>::Origin::corner};
  }

  void update(const Sample<>& sample, const Track& track) {
    ++frame_;
    if (track.status == TrackStatus::tracking) remember(sample);
    if (sample.hard_negative)
      improve(options_.hard_iterations);
    else if ((frame_ - 1) % options_.interval == 0)
      improve(options_.iterations);
    else
      // What the next update can do before its time is spread over the frames until then.
      residuals_.prepare(memory_.used() / static_cast<std::size_t>(std::max(options_.interval - 1, 1)) + 1);
  }

  /// w: rows of kernels::SampleFilter.
  std::span<const float> filter() const { return w_; }
  /// m (C, Compressed).
  std::span<const float> projection() const { return m_; }
  const SampleMemory& memory() const { return memory_; }

 private:
  using Products = kernels::SampleFilter<float>;
  using Solver = GaussNewton<float>;

  static Index whole(double v) { return static_cast<Index>(std::lround(v)); }

  void make_views() {
    if (!options_.views) return;
    Random random = Random(options_.seed).fork("views");
    const double side = options_.patch;
    const double corner = std::trunc(0.6 * side / 2);
    for (const double x : {corner, -corner})
      for (const double y : {corner, -corner}) views_.push_back({.shift = {x, y}});
    const auto shifted = [&](Augmentation view) {
      view.shift.y = std::trunc((random.uniform() - 0.5) * side * options_.random_shift);
      view.shift.x = std::trunc((random.uniform() - 0.5) * side * options_.random_shift);
      views_.push_back(view);
    };
    shifted({.flip = true});
    for (const Point& sigma : {Point{0.2, 2}, Point{2, 0.2}, Point{1, 3}, Point{3, 1}, Point{2, 2}})
      shifted({.blur_x = sigma.x, .blur_y = sigma.y});
    for (const double degrees : {5, 10, 20, 30, 45, 60})
      for (const double sign : {1.0, -1.0}) shifted({.rotation_degrees = sign * degrees});
  }

  /// raw_ = x / |x|, packed. False, and zeros, where x is not finite.
  bool normalise(const TensorView<const float, 3>& x) {
    require_shape("OnlineFilter", "the map", x.shape, shape_);
    double sum = 0;
    for (Index c = 0; c < x.shape[0]; ++c) {
      const float* const v = x[c].data;
      float part = 0;
#pragma omp simd reduction(+ : part)
      for (Index i = 0; i < x.shape[1] * x.shape[2]; ++i) part += v[i] * v[i];
      sum += static_cast<double>(part);
    }
    const double scale = 1 / std::sqrt(sum / static_cast<double>(x.size()) + 1e-10);
    if (!(std::isfinite(sum) && std::isfinite(scale))) {
      std::fill(raw_.begin(), raw_.end(), 0.0F);
      return false;
    }
    wide_.pack(x.data, raw_.data(), static_cast<float>(scale));
    return true;
  }
  /// projected_ = m^T x / |x|.
  bool project(const TensorView<const float, 3>& x) {
    const bool good = normalise(x);
    wide_.project(raw_.data(), m_.data(), Compressed, projected_.data());
    return good;
  }

  /// A Gaussian of height 1 at the target's place. With an even kernel, places lie between cells by half a cell.
  void write_label(const Crop& crop, const Box& target, double stride, float* label) const {
    const double even = options_.kernel % 2 == 0 ? 0.5 : 0.0;
    const auto place = [&](double centre, double patch, Index cells) {
      return static_cast<double>(cells - 1) / 2 + (centre - patch / 2) / stride + even;
    };
    const Point c = center(target);
    kernels::gaussian<float>({label, {shape_[1], shape_[2]}}, {sigma_, sigma_},
                             {place(c.x, crop.width, shape_[2]), place(c.y, crop.height, shape_[1])});
  }

  /// Filter and projection from the first frame; its samples, projected, begin the memory.
  void learn_first(const Sample<>& first) {
    const FeatureMap<>& map = first.features.top();
    const auto views = static_cast<std::size_t>(map.values.shape[0]) - first.contexts;
    const std::size_t copies = views + static_cast<std::size_t>(options_.dropouts);
    FilterResiduals<float> residuals(wide_, copies, {.activation = options_.activation});
    std::vector<double> shares(copies, 0.0);
    for (std::size_t j = 0; j < views; ++j) {
      const std::size_t at = j == 0 ? 0 : j + first.contexts;
      shares[j] = normalise(map.values[static_cast<Index>(at)]) ? 1 : 0;
      std::copy(raw_.begin(), raw_.end(), residuals.sample(j));
      write_label(first.crops[at], first.targets[at], map.stride, residuals.label(j));
    }
    Random random = Random(options_.seed).fork("dropout");
    for (std::size_t j = views; j < copies; ++j) {
      shares[j] = shares[0];
      drop_channels(random, residuals.sample(0), residuals.sample(j));
      std::copy_n(residuals.label(0), wide_.cells(), residuals.label(j));
    }
    memory_ = SampleMemory(static_cast<std::size_t>(options_.memory), shares, options_.first_minimum);
    if (shares == std::vector<double>(copies, 0.0))
      residuals.set_weights(shares);
    else
      residuals.set_weights(memory_.weights().first(copies));

    JointFilterProblem<float> problem(residuals, Compressed, options_.filter_regulariser,
                                      options_.projection_regulariser);
    AlignedVector<float> unknowns = random_start(problem.size());
    Solver({Solver::Solver::Beta::fletcher_reeves})
        .run(problem, unknowns, options_.first_steps, options_.first_iterations);
    const auto split = unknowns.begin() + static_cast<std::ptrdiff_t>(problem.filter_size());
    w_.assign(unknowns.begin(), split);
    m_.assign(split, unknowns.end());
    before_ = w_;

    residuals_ = FilterResiduals<float>(
        narrow_, static_cast<std::size_t>(options_.memory),
        {.activation = options_.activation, .hard_samples = options_.hard_samples, .ahead = true});
    for (std::size_t j = 0; j < copies; ++j) {
      wide_.project(residuals.sample(j), m_.data(), Compressed, residuals_.sample(j));
      std::copy_n(residuals.label(j), wide_.cells(), residuals_.label(j));
    }
    residuals_.set_weights(memory_.weights());
    residuals_.respond(w_.data());
  }

  /// Whole channels become 0, the others make up for them.
  void drop_channels(Random& random, const float* from, float* to) const {
    const Index chunk = wide_.chunk(), chunks = wide_.sample_size() / (shape_[0] * chunk);
    for (Index c = 0; c < shape_[0]; ++c) {
      const auto factor = static_cast<float>(random.uniform() < options_.dropout ? 0 : 1 / (1 - options_.dropout));
      for (Index b = 0; b < chunks; ++b)
        for (Index i = 0; i < chunk; ++i) {
          const Index k = (b * shape_[0] + c) * chunk + i;
          to[k] = factor * from[k];
        }
    }
  }

  /// w, of (Compressed, k, k) normal numbers of deviation 1 over their count, and m, of (Compressed, C) normal numbers
  /// of deviation 1 / sqrt(C), each in that order.
  AlignedVector<float> random_start(std::size_t size) const {
    AlignedVector<float> x(size, 0.0F);
    const Index taps = narrow_.kernel() * narrow_.kernel();
    Random random = Random(options_.seed).fork("filter");
    for (Index o = 0; o < Compressed; ++o)
      for (Index t = 0; t < taps; ++t)
        x[static_cast<std::size_t>(o * narrow_.row() + t)] =
            static_cast<float>(random.normal() / static_cast<double>(Compressed * taps));
    random = Random(options_.seed).fork("projection");
    float* const m = x.data() + narrow_.filter_size();
    for (Index o = 0; o < Compressed; ++o)
      for (Index c = 0; c < shape_[0]; ++c)
        m[c * Compressed + o] = static_cast<float>(random.normal() / std::sqrt(static_cast<double>(shape_[0])));
    return x;
  }

  void remember(const Sample<>& sample) {
    const FeatureMap<>& map = sample.features.top();
    if (!project(map.values[0])) return;
    const std::size_t slot = memory_.add(sample.hard_negative ? options_.hard_rate : options_.rate);
    std::copy(projected_.begin(), projected_.end(), residuals_.sample(slot));
    write_label(sample.crops[0], sample.targets[0], map.stride, residuals_.label(slot));
    residuals_.respond(slot, w_.data());
    residuals_.set_weights(memory_.weights());
  }

  void improve(int iterations) {
    if (iterations == 0) return;
    // Responses follow the filter by sums; one a time is made anew, so that roundings do not add up.
    residuals_.respond(refreshed_++ % memory_.used(), w_.data());
    FilterProblem<float> problem(residuals_, options_.filter_regulariser);
    before_ = w_;
    if (solver_.step(problem, w_, iterations).stop == Stop::not_finite) {
      w_ = before_;
      residuals_.respond(w_.data());
    }
  }

  Options options_;
  std::vector<Augmentation> views_;
  Shape<3> shape_{};  // of a map of features
  Shape<2> patch_{};  // pixels, of the response
  double sigma_ = 1;  // of the label, cells
  long frame_ = 0;    // the first one is 1
  std::size_t refreshed_ = 0;
  Products wide_, narrow_;
  AlignedVector<float> w_, m_, before_;
  AlignedVector<float> raw_, projected_, scores_;
  FilterResiduals<float> residuals_;
  SampleMemory memory_;
  Solver solver_;
  kernels::FourierUpsample upsample_;
  Buffer<float> response_;
};

}  // namespace pursuit::inline v0
