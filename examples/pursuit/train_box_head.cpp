// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "training_run.hpp"

#include <pursuit/backbone/imagenet_pixels.hpp>
#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/backbone/residual_features.hpp>
#include <pursuit/distill/box_head_task.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/train/atom_pairs.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace {

namespace distill = pursuit::distill;
using distill::BoxHeadObjective;
using distill::BoxNetwork;
using pursuit::BoxHeadShape;
using pursuit::Random;
using pursuit::ResNetShape;
using pursuit::Weights;

/// How a tracker's networks are made. Without a residual network its backbone is MobileNetV2.
struct Architecture {
  std::optional<ResNetShape> residual;
  BoxHeadShape head;
};

/// `others`: names that are known elsewhere.
const Architecture& architecture(const std::string& tracker, const char* what, const char* others = "") {
  const auto four = [](BoxHeadShape shape) {
    shape.outputs = 4;
    return shape;
  };
  static const std::map<std::string, Architecture> all{
      {"atom", {pursuit::resnet18, pursuit::box_head_resnet18}},
      {"atom-m", {pursuit::resnet18_medium, pursuit::box_head_medium}},
      {"atom-s", {pursuit::resnet18_small, pursuit::box_head_small}},
      {"atom-t", {pursuit::resnet18_tiny, pursuit::box_head_tiny}},
      {"matom", {std::nullopt, pursuit::box_head_small}},
      {"drnet", {pursuit::resnet50, four(pursuit::box_head_resnet50)}},
      {"drnet-s", {pursuit::resnet18_small, four(pursuit::box_head_small)}},
      {"mdrnet", {std::nullopt, four(pursuit::box_head_small)}}};
  const auto found = all.find(tracker);
  if (found != all.end()) return found->second;
  std::string names = others;
  for (const auto& [name, value] : all) names += (names.empty() ? "" : ", ") + name;
  throw UsageError(pursuit::concat(what, " ", tracker, ": need one of ", names));
}

/// Calls body with the network that the architecture describes.
template <class Body>
auto with_network(const Architecture& a, Body&& body) {
  if (a.residual) {
    BoxNetwork network(pursuit::ResidualFeaturesLayers(*a.residual), a.head);
    return body(network);
  }
  BoxNetwork network(pursuit::MobileNetV2Layers(), a.head);
  return body(network);
}

/// Fills what the file has of backbone and head; of a file of ImageNet's names the backbone.
template <class Backbone>
void begin_with(BoxNetwork<Backbone>& network, const std::filesystem::path& file) {
  const Weights weights = Weights::load(file);
  const auto load = [&](auto& layers, const std::string& prefix) {
    if (!weights.compare(pursuit::nn::tensor_specs(layers, prefix)).enough()) return false;
    pursuit::nn::load(layers, weights, prefix);
    return true;
  };
  const bool backbone = load(network.backbone, network.backbone_prefix) || load(network.backbone, "");
  const bool head = load(network.head, network.head_prefix);
  if (!backbone && !head) weights.require_only(pursuit::nn::tensor_specs(network));
}

std::shared_ptr<distill::BoxTeacher> make_teacher(const TeacherConfig& config) {
  const Weights weights = Weights::load(config.weights);
  return with_network(architecture(config.tracker, "teacher.tracker"), [&](auto& network) {
    pursuit::nn::load(network, weights);
    return std::make_shared<distill::BoxTeacher>(std::move(network));
  });
}

/// What published trackers learn from: of a teacher CFKD's four losses, else the truth.
BoxHeadObjective objective(const TrainingConfig& config, int outputs) {
  BoxHeadObjective o = config.losses.value_or(config.teacher ? distill::cfkd_objective : BoxHeadObjective{});
  using TruthLoss = BoxHeadObjective::TruthLoss;
  o.truth_loss = config.truth_loss.value_or(outputs == 4 ? TruthLoss::smooth_l1 : TruthLoss::mean_squared);
  if (config.freeze_backbone) o.backbone = false;
  return o;
}

using Draws = TrainingDraws<pursuit::AtomPairs>;

Draws draws_of(const TrainingConfig& config) {
  pursuit::AtomPairs::Options options;
  if (config.data.colours) options.colours = *config.data.colours;
  if (config.side != 0) options.side = config.side;
  if (config.padding != 0) {
    options.centre_jitter *= config.padding / options.padding;  // the target stays as far inside
    options.padding = config.padding;
  }
  return {config, pursuit::imagenet_pixels(), options};
}

/// The backbone by the losses that look at it alone, in a folder of its own; then the head on the frozen backbone.
template <class Backbone>
pursuit::TrainingResult train_separately(BoxNetwork<Backbone>& network, const Draws& draws, BoxHeadObjective losses,
                                         const std::shared_ptr<distill::BoxTeacher>& teacher, TrainingConfig config,
                                         const pursuit::TrainingHooks& hooks) {
  const bool backbone_learns = losses.fidelity != 0 || losses.filter != 0 || losses.response != 0;
  if (!backbone_learns || (losses.truth == 0 && losses.soft == 0 && losses.hard == 0))
    throw UsageError(
        "separate: the backbone learns from fidelity, filter and response, the head from truth, soft and hard: need a "
        "weight for one of each");
  BoxHeadObjective first = losses;
  first.truth = first.soft = first.hard = 0;
  first.head = false;
  losses.fidelity = losses.filter = losses.response = 0;
  losses.backbone = false;
  TrainingConfig backbone = config;
  backbone.trainer.folder /= "backbone";
  {
    distill::BoxHeadTask task(network, draws.learn, first, teacher, draws.validate);
    const auto result = run_training(task, backbone, hooks);
    if (result.end == pursuit::TrainingResult::End::stopped) return result;
  }
  begin_with(network, backbone.trainer.folder / "best.safetensors");
  distill::BoxHeadTask task(network, draws.learn, losses, teacher, draws.validate);
  return run_training(task, config, hooks);
}

}  // namespace

pursuit::TrainingResult train_box_head(const TrainingConfig& config, const pursuit::TrainingHooks& hooks) {
  const Architecture& student = architecture(config.tracker, "tracker", "siamfc, siamfc-s, dcfnet");
  const auto teacher = config.teacher ? make_teacher(*config.teacher) : nullptr;
  const Draws draws = draws_of(config);
  return with_network(student, [&](auto& network) {
    initialise(network, Random(config.seed).fork("weights"));
    if (!config.begin.empty()) begin_with(network, config.begin);
    const BoxHeadObjective losses = objective(config, student.head.outputs);
    if (config.separate) return train_separately(network, draws, losses, teacher, config, hooks);
    distill::BoxHeadTask task(network, draws.learn, losses, teacher, draws.validate);
    return run_training(task, config, hooks);
  });
}
