// SPDX-License-Identifier: MIT
// Every header, by the compiler of the tests.
#include <pursuit/pursuit.hpp>
