// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/activation.hpp>
#include <pursuit/kernels/augment.hpp>
#include <pursuit/kernels/complex_fft.hpp>
#include <pursuit/kernels/convolution.hpp>
#include <pursuit/kernels/convolution_training.hpp>
#include <pursuit/kernels/crop.hpp>
#include <pursuit/kernels/cross_correlation.hpp>
#include <pursuit/kernels/fft.hpp>
#include <pursuit/kernels/fold_pointwise.hpp>
#include <pursuit/kernels/hog.hpp>
#include <pursuit/kernels/layer_options.hpp>
#include <pursuit/kernels/lrn.hpp>
#include <pursuit/kernels/network.hpp>
#include <pursuit/kernels/network_definition.hpp>
#include <pursuit/kernels/peak.hpp>
#include <pursuit/kernels/pooling.hpp>
#include <pursuit/kernels/spectra.hpp>
#include <pursuit/kernels/squeeze_excitation.hpp>
#include <pursuit/kernels/upsample.hpp>
#include <pursuit/kernels/window.hpp>
