// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/nn/gradients.hpp>
#include <pursuit/nn/training_builder.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace pursuit::inline v0::nn {

/// What a training pass keeps from forward to backward: every value, and what layers remember. One cache serves any
/// number of passes, one after the other, and takes memory for the first of them only; two passes that are both to go
/// backward (an exemplar's and a search region's) need two.
template <std::floating_point T = float>
class TrainingCache;

/// The layers of a network as a list of steps that runs forward and backward, T float or double.
///
/// The list is written once, by the same compile() that inference plans are made from; running it records nothing. It
/// refers to the network's layers, which must stay where they are while it is used, and reads their parameters as they
/// are at each pass.
///
///     TrainingPlan plan(network);  TrainingCache cache;  Gradients gradients(network);
///     plan.forward(x, cache);                            // x (N,C,H,W) must live until backward()
///     loss.gradient(cache.output(), target, dy);
///     plan.backward({dy}, cache, gradients);             // adds to the gradients
template <std::floating_point T = float>
class TrainingPlan {
 public:
  using In = TensorView<const T, 4>;
  using Out = TensorView<T, 4>;

  /// A network of one output.
  template <class Network>
  requires(!std::same_as<Network, TrainingPlan>) explicit TrainingPlan(Network& network) {
    static_assert(!std::is_const_v<Network>, "pursuit::nn::TrainingPlan: a network to be trained cannot be const");
    TrainingBuilder<T> builder;
    builder.output(network.compile(builder, builder.input()));
    take(builder);
  }
  /// A network of several outputs, as the caller wrote it down.
  explicit TrainingPlan(TrainingBuilder<T>&& builder) { take(builder); }

  /// Throws ShapeError where x does not fit the network. With `running`, batch norm uses the statistics that training
  /// gathered.
  void forward(const In& x, TrainingCache<T>& cache, bool running = false) const { forward({x}, cache, running); }
  /// A network of several inputs.
  void forward(std::initializer_list<In> x, TrainingCache<T>& cache, bool running = false) const {
    const std::size_t inputs = program_->inputs;
    if (x.size() != inputs) throw Error(concat("nn::TrainingPlan: ", x.size(), " inputs instead of ", inputs));
    cache.prepare(program_, std::span<const In>(x.begin(), x.size()));
    for (std::size_t s = 0; s < program_->steps.size(); ++s) {
      const auto& step = *program_->steps[s];
      step.use_running_statistics(*cache.steps_[s], running);
      step.forward(cache.inputs(step), *cache.steps_[s], cache.value(inputs + s));
    }
    cache.filled_ = true;
  }

  /// Adds the gradients of the parameters, given one dy for each output (a view of nothing counts as zeros), and writes
  /// that of each input whose dx is there and not a view of nothing. Steps that no wanted gradient depends on are left
  /// out. Throws Error unless the cache is that of a forward pass of this plan.
  void backward(std::span<const In> dy, TrainingCache<T>& cache, Gradients<T>& gradients,
                std::span<const Out> dx = {}) const {
    const auto& [inputs, steps, outputs, place] = *program_;
    if (dy.size() != outputs.size())
      throw Error(concat("nn::TrainingPlan: ", dy.size(), " gradients for ", outputs.size(), " outputs"));
    if (dx.size() > inputs) throw Error(concat("nn::TrainingPlan: ", dx.size(), " dx for ", inputs, " inputs"));
    require_filled(cache);
    cache.begin_backward();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (dy[i].data == nullptr) continue;
      require_shape("nn::TrainingPlan", "dy", dy[i].shape, cache.shapes_[outputs[i]]);
      cache.add_gradient(outputs[i], dy[i]);
    }
    std::vector<bool> wanted(inputs + steps.size(), false);
    for (std::size_t i = 0; i < dx.size(); ++i) wanted[i] = dx[i].data != nullptr;
    for (std::size_t s = 0; s < steps.size(); ++s) {
      bool needed = steps[s]->trains(gradients);
      for (const std::size_t v : steps[s]->reads) needed = needed || wanted[v];
      wanted[inputs + s] = needed;
    }
    for (std::size_t s = steps.size(); s-- > 0;) step_backward(s, wanted, cache, gradients);
    for (std::size_t i = 0; i < dx.size(); ++i) {
      if (dx[i].data == nullptr) continue;
      require_shape("nn::TrainingPlan", "dx", dx[i].shape, cache.shapes_[i]);
      if (const Out d = cache.gradient(i); d.data != nullptr)
        std::copy(d.begin(), d.end(), dx[i].data);
      else
        std::fill(dx[i].begin(), dx[i].end(), T(0));
    }
  }
  /// For one input.
  void backward(std::span<const In> dy, TrainingCache<T>& cache, Gradients<T>& gradients, const Out& dx) const {
    backward(dy, cache, gradients, std::span<const Out>(&dx, 1));
  }
  void backward(std::initializer_list<In> dy, TrainingCache<T>& cache, Gradients<T>& gradients,
                const Out& dx = {}) const {
    backward(std::span<const In>(dy.begin(), dy.size()), cache, gradients, dx);
  }

  /// Moves the network's gathered statistics of batch norm towards those of the batch in the cache. Throws Error unless
  /// the cache is that of a forward pass of this plan.
  void gather_statistics(const TrainingCache<T>& cache, double momentum = 0.1) const {
    require_filled(cache);
    const auto& steps = program_->steps;
    for (std::size_t s = 0; s < steps.size(); ++s) steps[s]->gather_statistics(*cache.steps_[s], momentum);
  }

  std::size_t outputs() const { return program_->outputs.size(); }

 private:
  friend class TrainingCache<T>;
  struct Program {
    std::size_t inputs;
    typename TrainingBuilder<T>::Steps steps;
    std::vector<std::size_t> outputs;
    std::vector<std::size_t> place;  // of each value: the value whose memory it has
  };

  void take(TrainingBuilder<T>& builder) {
    const std::size_t inputs = builder.inputs();
    auto steps = builder.take_steps();
    auto outputs = builder.take_outputs();
    // A value may be written over the one it comes from where nobody else needs that.
    std::vector<std::size_t> readers(inputs + steps.size(), 0), place;
    for (const auto& step : steps)
      for (const std::size_t v : step->reads) ++readers[v];
    for (const std::size_t v : outputs) ++readers[v];
    for (std::size_t i = 0; i < inputs; ++i) place.push_back(i);
    for (std::size_t s = 0; s < steps.size(); ++s) {
      const std::size_t from = steps[s]->reads[0];
      const bool over = steps[s]->in_place && !steps[s]->reads_x && from >= inputs && readers[from] == 1 &&
                        !steps[from - inputs]->reads_y;
      place.push_back(over ? place[from] : inputs + s);
    }
    program_ = std::make_shared<const Program>(Program{inputs, std::move(steps), std::move(outputs), std::move(place)});
  }

  void require_filled(const TrainingCache<T>& cache) const {
    if (!cache.filled_ || cache.program_ != program_)
      throw Error("nn::TrainingPlan: the cache is not that of a forward pass of this plan");
  }

  void step_backward(std::size_t s, const std::vector<bool>& wanted, TrainingCache<T>& cache,
                     Gradients<T>& gradients) const {
    const auto& step = *program_->steps[s];
    const std::size_t own = program_->inputs + s;
    const Out dy = cache.gradient(own);
    if (dy.data == nullptr || !wanted[own]) return cache.release(own);
    const auto& reads = step.reads;
    cache.dx_.assign(reads.size(), Out(nullptr, {}));
    std::vector<std::size_t> temporary(reads.size(), none);
    bool hands_on = false;  // dy's memory goes on as the first dx
    for (std::size_t i = 0; i < reads.size(); ++i) {
      const std::size_t v = reads[i];
      if (!wanted[v]) continue;
      const bool first = cache.gradient(v).data == nullptr;
      if (first && i == 0 && step.gradient_in_place) {
        cache.hand_on(own, v);
        hands_on = true;
        cache.dx_[i] = cache.gradient(v);
      } else if (first) {
        cache.dx_[i] = cache.acquire_gradient(v);
      } else {
        temporary[i] = cache.acquire(volume(cache.shapes_[v]));
        cache.dx_[i] = {cache.block(temporary[i]), cache.shapes_[v]};
      }
    }
    step.backward(cache.inputs(step), cache.value(own), dy, *cache.steps_[s], cache.dx_, gradients);
    for (std::size_t i = 0; i < reads.size(); ++i) {
      if (temporary[i] == none) continue;
      const Out sum = cache.gradient(reads[i]);
      const T* const part = cache.dx_[i].data;
      for (Index k = 0; k < sum.size(); ++k) sum.data[k] += part[k];
      cache.free(temporary[i]);
    }
    if (!hands_on) cache.release(own);
  }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::shared_ptr<const Program> program_;  // shared with caches, which thereby know whose they are
};

template <std::floating_point T>
class TrainingCache {
 public:
  /// The i-th output of the last forward pass; it lives until the next one.
  TensorView<const T, 4> output(std::size_t i = 0) const { return value(program_->outputs[i]); }

  /// Bytes that values and gradients take.
  std::size_t bytes() const {
    std::size_t n = 0;
    for (const auto& v : values_) n += v.capacity();
    for (const auto& b : blocks_) n += b.memory.capacity();
    return n * sizeof(T);
  }

 private:
  friend class TrainingPlan<T>;
  using Program = typename TrainingPlan<T>::Program;
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  struct Block {
    AlignedVector<T> memory;
    bool taken = false;
  };

  void prepare(const std::shared_ptr<const Program>& program, std::span<const TensorView<const T, 4>> x) {
    filled_ = false;
    if (program_ != program) {
      program_ = nullptr;
      steps_.clear();
      for (const auto& step : program->steps) steps_.push_back(step->make_cache());
      program_ = program;
    }
    input_.assign(x.begin(), x.end());
    shapes_.clear();
    for (const auto& input : x) {
      if (volume(input.shape) < 1) throw ShapeError(concat("nn::TrainingPlan: input ", input.shape, " is empty"));
      shapes_.push_back(input.shape);
    }
    values_.resize(x.size() + program->steps.size());
    for (const auto& step : program->steps) {
      std::vector<Shape<4>> in;
      for (const std::size_t v : step->reads) in.push_back(shapes_[v]);
      const std::size_t own = shapes_.size();
      shapes_.push_back(step->shape(in));
      if (program->place[own] == own) values_[own].resize(static_cast<std::size_t>(volume(shapes_[own])));
    }
  }

  TensorView<T, 4> value(std::size_t v) const {
    // Nobody writes inputs: steps write to the values after them.
    if (v < input_.size()) return {const_cast<T*>(input_[v].data), shapes_[v]};
    return {const_cast<T*>(values_[program_->place[v]].data()), shapes_[v]};
  }
  std::span<const TensorView<const T, 4>> inputs(const detail::TrainingStep<T>& step) {
    x_.clear();
    for (const std::size_t v : step.reads) x_.push_back(value(v));
    return x_;
  }

  // Gradients of values live in a few blocks of memory, which go from value to value.
  void begin_backward() {
    for (Block& b : blocks_) b.taken = false;
    gradient_.assign(shapes_.size(), none);
  }
  std::size_t acquire(Index size) {
    const auto need = static_cast<std::size_t>(size);
    std::size_t best = none;
    const auto better = [&](std::size_t a, std::size_t b) {  // the smallest that is large enough, else the largest
      const std::size_t p = blocks_[a].memory.size(), q = blocks_[b].memory.size();
      return p >= need ? q < need || p < q : p > q;
    };
    for (std::size_t i = 0; i < blocks_.size(); ++i)
      if (!blocks_[i].taken && (best == none || better(i, best))) best = i;
    if (best == none) best = blocks_.size(), blocks_.emplace_back();
    if (blocks_[best].memory.size() < need) {
      blocks_[best].memory.clear();  // nothing to copy
      blocks_[best].memory.resize(need);
    }
    blocks_[best].taken = true;
    return best;
  }
  T* block(std::size_t b) { return blocks_[b].memory.data(); }
  void free(std::size_t b) { blocks_[b].taken = false; }

  TensorView<T, 4> gradient(std::size_t v) {
    if (gradient_[v] == none) return {nullptr, shapes_[v]};
    return {block(gradient_[v]), shapes_[v]};
  }
  TensorView<T, 4> acquire_gradient(std::size_t v) {
    gradient_[v] = acquire(volume(shapes_[v]));
    return gradient(v);
  }
  void add_gradient(std::size_t v, const TensorView<const T, 4>& d) {
    if (gradient_[v] == none) {
      const auto to = acquire_gradient(v);
      std::copy(d.begin(), d.end(), to.data);
    } else {
      const auto to = gradient(v);
      for (Index k = 0; k < to.size(); ++k) to.data[k] += d.data[k];
    }
  }
  void hand_on(std::size_t from, std::size_t to) { gradient_[to] = std::exchange(gradient_[from], none); }
  void release(std::size_t v) {
    if (gradient_[v] != none) free(std::exchange(gradient_[v], none));
  }

  std::shared_ptr<const Program> program_;
  bool filled_ = false;  // by a whole forward pass
  std::vector<TensorView<const T, 4>> input_;
  std::vector<std::unique_ptr<detail::StepCache>> steps_;
  std::vector<Shape<4>> shapes_;          // of each value
  std::vector<AlignedVector<T>> values_;  // empty where a value has another's memory
  std::vector<Block> blocks_;
  std::vector<std::size_t> gradient_;  // the block of each value's gradient
  std::vector<TensorView<const T, 4>> x_;
  std::vector<TensorView<T, 4>> dx_;
};

}  // namespace pursuit::inline v0::nn
