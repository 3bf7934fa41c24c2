// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/nn/activation_layer.hpp>
#include <pursuit/nn/avg_pool2d.hpp>
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/correlation.hpp>
#include <pursuit/nn/exemplar_plan.hpp>
#include <pursuit/nn/gradients.hpp>
#include <pursuit/nn/hard_swish.hpp>
#include <pursuit/nn/layer_list.hpp>
#include <pursuit/nn/local_response_norm.hpp>
#include <pursuit/nn/max_pool2d.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/nn/plan.hpp>
#include <pursuit/nn/plan_builder.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/relu6.hpp>
#include <pursuit/nn/sequential.hpp>
#include <pursuit/nn/sigmoid.hpp>
#include <pursuit/nn/squeeze_excitation.hpp>
#include <pursuit/nn/tanh.hpp>
#include <pursuit/nn/template_update.hpp>
#include <pursuit/nn/trainable_layer.hpp>
#include <pursuit/nn/training_builder.hpp>
#include <pursuit/nn/training_plan.hpp>
#include <pursuit/nn/training_steps.hpp>
