// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/alexnet.hpp>
#include <pursuit/backbone/dcf_net.hpp>
#include <pursuit/backbone/hog.hpp>
#include <pursuit/backbone/imagenet_pixels.hpp>
#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/backbone/mobilenet_v3.hpp>
#include <pursuit/backbone/network_features.hpp>
#include <pursuit/backbone/residual_features.hpp>
#include <pursuit/backbone/resnet.hpp>
#include <pursuit/backbone/siamese_resnet.hpp>
