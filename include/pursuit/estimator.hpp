// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/estimator/anchor_boxes.hpp>
#include <pursuit/estimator/box_head.hpp>
#include <pursuit/estimator/box_head_layers.hpp>
#include <pursuit/estimator/box_head_training.hpp>
#include <pursuit/estimator/box_predictor.hpp>
#include <pursuit/estimator/box_refinement.hpp>
#include <pursuit/estimator/box_regressor.hpp>
#include <pursuit/estimator/distance_boxes.hpp>
#include <pursuit/estimator/iou_net.hpp>
#include <pursuit/estimator/localisation.hpp>
#include <pursuit/estimator/located_boxes.hpp>
#include <pursuit/estimator/scale_ladder.hpp>
#include <pursuit/estimator/scale_search.hpp>
#include <pursuit/estimator/siamese_selection.hpp>
#include <pursuit/estimator/windowed_scale_search.hpp>
