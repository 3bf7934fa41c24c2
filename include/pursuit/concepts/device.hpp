// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/device.hpp>

#include <concepts>
#include <type_traits>

namespace pursuit::inline v0 {

/// Where tensors live and kernels run: a tag with a name. Kernels are overloads on the tag in a view's type.
template <class D>
concept Device = std::is_empty_v<D> && requires {
  { D::name } -> std::convertible_to<const char*>;
};

namespace detail {
template <class P>
struct DeviceOf {
  using type = Cpu;
};
template <class P>
requires Device<typename P::device>
struct DeviceOf<P> {
  using type = typename P::device;
};
}  // namespace detail

/// The device that a policy works on: its member type `device`, or the processor where it names none.
template <class P>
using device_of_t = typename detail::DeviceOf<P>::type;

}  // namespace pursuit::inline v0
