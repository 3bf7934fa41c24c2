// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/classifier/context_correlation_filter.hpp>
#include <pursuit/classifier/correlation_filter.hpp>
#include <pursuit/classifier/distractor_aware.hpp>
#include <pursuit/classifier/feature_spectrum.hpp>
#include <pursuit/classifier/filter_residuals.hpp>
#include <pursuit/classifier/online_filter.hpp>
#include <pursuit/classifier/sample_memory.hpp>
#include <pursuit/classifier/siamese_classifier.hpp>
#include <pursuit/classifier/siamese_head.hpp>
