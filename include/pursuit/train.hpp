// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/train/atom_crop.hpp>
#include <pursuit/train/atom_pairs.hpp>
#include <pursuit/train/checkpoint.hpp>
#include <pursuit/train/colour_jitter.hpp>
#include <pursuit/train/dcf_pairs.hpp>
#include <pursuit/train/filter_task.hpp>
#include <pursuit/train/frame_cache.hpp>
#include <pursuit/train/frame_pairs.hpp>
#include <pursuit/train/learning_task.hpp>
#include <pursuit/train/loader.hpp>
#include <pursuit/train/loss_values.hpp>
#include <pursuit/train/mirror.hpp>
#include <pursuit/train/pair_task.hpp>
#include <pursuit/train/patch_batch.hpp>
#include <pursuit/train/proposals.hpp>
#include <pursuit/train/replicas.hpp>
#include <pursuit/train/siamese_task.hpp>
#include <pursuit/train/siamfc_pairs.hpp>
#include <pursuit/train/target_limits.hpp>
#include <pursuit/train/trainer.hpp>
#include <pursuit/train/training_frames.hpp>
#include <pursuit/train/training_log.hpp>
