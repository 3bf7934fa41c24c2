// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/io/tensor_table.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// A value of a pickle, by its number in the PickleTree.
using PickleRef = std::uint32_t;

/// What a pickle describes, as inert data. Where Python would import a name or call something, there is a `global` or
/// an `object` that records the wish.
struct PickleValue {
  enum class Kind {
    none,
    boolean,     ///< integer
    integer,     ///< integer
    big,         ///< text: a whole number of more than 64 bits, its bytes in two's complement, little-endian
    real,        ///< real
    text,        ///< text
    bytes,       ///< text
    list,        ///< items; also sets
    tuple,       ///< items
    dict,        ///< items: key, value, key, value...
    global,      ///< module, text (its name in the module)
    object,      ///< callable(args), then state, dict items in `items`
    persistent,  ///< items[0]: the id of something outside of the pickle
  };
  Kind kind = Kind::none;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text{};    ///< points into the pickle
  std::string_view module{};  ///< points into the pickle
  std::vector<PickleRef> items{};
  PickleRef callable = 0;  ///< 0 is the value None
  PickleRef args = 0;
  PickleRef state = 0;
};

struct PickleLimits {
  std::size_t values = std::size_t{1} << 21;  ///< values made
  std::size_t steps = std::size_t{1} << 24;   ///< operations
};

/// All values of a pickle. They refer to each other by number, so values that contain themselves do no harm.
struct PickleTree {
  std::vector<PickleValue> values;
  PickleRef root = 0;
  std::size_t consumed = 0;  ///< bytes of the input up to the end of the pickle

  const PickleValue& operator[](PickleRef ref) const { return values[ref]; }
};

namespace detail {

/// Runs the pickle's stack machine. It has no way to call or import anything.
/// Ref  the opcodes' descriptions in Python's pickletools, protocols 0 to 5.
class Unpickler {
 public:
  Unpickler(std::span<const std::byte> input, const PickleLimits& limits)
      : input_(reinterpret_cast<const char*>(input.data()), input.size()), limits_(limits) {
    make({});  // number 0 is None
  }

  PickleTree run() {
    for (std::size_t steps = 0;; ++steps) {
      if (steps == limits_.steps) fail(concat("has more than ", limits_.steps, " operations"));
      const auto op = static_cast<unsigned char>(take(1)[0]);
      if (op == '.') break;
      step(op);
    }
    tree_.root = pop();
    tree_.consumed = at_;
    return std::move(tree_);
  }

 private:
  using Kind = PickleValue::Kind;

  [[noreturn]] void fail(const std::string& what) const {
    throw FileError(concat("the pickle ", what, " (byte ", at_, ")"));
  }

  // Input.
  std::string_view take(std::uint64_t n) {
    if (n > input_.size() - at_) fail("is cut off");
    const auto part = input_.substr(at_, n);
    at_ += n;
    return part;
  }
  template <class T>
  T number() {
    return load_as<T>(reinterpret_cast<const std::byte*>(take(sizeof(T)).data()));
  }
  std::string_view line() {
    const auto end = input_.find('\n', at_);
    if (end == input_.npos) fail("is cut off");
    const auto text = take(end - at_);
    take(1);
    return text;
  }
  std::int64_t decimal(std::string_view text) const {
    if (text.ends_with('L')) text.remove_suffix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) fail("has a number that cannot be read");
    return value;
  }

  // Values.
  PickleRef make(PickleValue value) {
    if (tree_.values.size() == limits_.values) fail(concat("has more than ", limits_.values, " values"));
    tree_.values.push_back(std::move(value));
    return static_cast<PickleRef>(tree_.values.size() - 1);
  }
  void push(PickleRef ref) { stack_.push_back(ref); }
  void push_new(PickleValue value) { push(make(std::move(value))); }
  void push_integer(std::int64_t value) { push_new({.kind = Kind::integer, .integer = value}); }
  void push_text(Kind kind, std::string_view text) { push_new({.kind = kind, .text = text}); }
  PickleValue& value(PickleRef ref) { return tree_.values[ref]; }

  // The stack, with marks in it.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  PickleRef top() const {
    if (stack_.size() <= floor()) fail("takes from an empty stack");
    return stack_.back();
  }
  PickleRef pop() {
    const PickleRef ref = top();
    stack_.pop_back();
    return ref;
  }
  std::vector<PickleRef> pop_to_mark() {
    if (marks_.empty()) fail("lacks a mark");
    std::vector<PickleRef> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  std::vector<PickleRef> pop_some(std::size_t n) {
    std::vector<PickleRef> items(n);
    while (n > 0) items[--n] = pop();
    return items;
  }

  void call(PickleRef callable, PickleRef args) {
    push_new({.kind = Kind::object, .callable = callable, .args = args});
  }
  void global(std::string_view module, std::string_view name) {
    push_new({.kind = Kind::global, .text = name, .module = module});
  }
  /// Appends to what is on top of the stack; a value that holds no items drops them.
  void extend(std::span<const PickleRef> items, bool pairs) {
    if (pairs && items.size() % 2 != 0) fail("has a key without a value");
    auto& target = value(top());
    const bool fits = pairs ? target.kind == Kind::dict || target.kind == Kind::object : target.kind == Kind::list;
    if (fits) target.items.insert(target.items.end(), items.begin(), items.end());
  }
  void memo_put(std::uint64_t key) {
    memo_[key] = top();
    if (memo_.size() > limits_.values) fail(concat("keeps more than ", limits_.values, " values"));
  }
  void memo_get(std::uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail("refers to something that it never kept");
    push(found->second);
  }
  void long_integer(std::string_view bytes) {
    if (bytes.size() > 8) return push_text(Kind::big, bytes);
    std::uint64_t bits = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
    const auto unused = static_cast<int>(8 * (8 - bytes.size()));
    // Shifted up and back down, the sign spreads over the unused bits.
    push_integer(bytes.empty() ? 0 : static_cast<std::int64_t>(bits << unused) >> unused);
  }

  void step(unsigned char op) {
    switch (op) {
      case 0x80:  // PROTO
        if (number<std::uint8_t>() > 5) fail("has a newer protocol than 5");
        return;
      case 0x95: number<std::uint64_t>(); return;  // FRAME

      case '(': marks_.push_back(stack_.size()); return;
      case '0':  // POP, which also takes a mark away
        if (!marks_.empty() && stack_.size() == marks_.back()) {
          marks_.pop_back();
        } else {
          pop();
        }
        return;
      case '1': pop_to_mark(); return;
      case '2': push(top()); return;

      case 'N': push(0); return;
      case 0x88: push_new({.kind = Kind::boolean, .integer = 1}); return;
      case 0x89: push_new({.kind = Kind::boolean}); return;
      case 'I': {
        const auto text = line();
        if (text == "00" || text == "01") return push_new({.kind = Kind::boolean, .integer = text == "01"});
        return push_integer(decimal(text));
      }
      case 'L': push_integer(decimal(line())); return;
      case 'J': push_integer(number<std::int32_t>()); return;
      case 'K': push_integer(number<std::uint8_t>()); return;
      case 'M': push_integer(number<std::uint16_t>()); return;
      case 0x8A: long_integer(take(number<std::uint8_t>())); return;
      case 0x8B: long_integer(take(number<std::uint32_t>())); return;
      case 'G': {  // big-endian
        std::uint64_t bits = 0;
        for (const char c : take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
        return push_new({.kind = Kind::real, .real = std::bit_cast<double>(bits)});
      }
      case 'F': line(); return push_new({.kind = Kind::real});  // text floats: nothing that is read here has them

      case 'S':
      case 'V': push_text(Kind::text, line()); return;
      case 'U':
      case 0x8C: push_text(Kind::text, take(number<std::uint8_t>())); return;
      case 'T':
      case 'X': push_text(Kind::text, take(number<std::uint32_t>())); return;
      case 0x8D: push_text(Kind::text, take(number<std::uint64_t>())); return;
      case 'C': push_text(Kind::bytes, take(number<std::uint8_t>())); return;
      case 'B': push_text(Kind::bytes, take(number<std::uint32_t>())); return;
      case 0x8E:
      case 0x96: push_text(Kind::bytes, take(number<std::uint64_t>())); return;

      case ')': push_new({.kind = Kind::tuple}); return;
      case 't': push_new({.kind = Kind::tuple, .items = pop_to_mark()}); return;
      case 0x85:
      case 0x86:
      case 0x87: push_new({.kind = Kind::tuple, .items = pop_some(op - 0x84U)}); return;
      case ']':
      case 0x8F: push_new({.kind = Kind::list}); return;
      case 'l':
      case 0x91: push_new({.kind = Kind::list, .items = pop_to_mark()}); return;
      case 'a': extend(pop_some(1), false); return;
      case 'e':
      case 0x90: extend(pop_to_mark(), false); return;
      case '}': push_new({.kind = Kind::dict}); return;
      case 'd': {
        auto items = pop_to_mark();
        push_new({.kind = Kind::dict});
        return extend(items, true);
      }
      case 's': extend(pop_some(2), true); return;
      case 'u': extend(pop_to_mark(), true); return;

      case 'c': {
        const auto module = line();
        return global(module, line());
      }
      case 0x93: {
        const PickleRef name = pop(), module = pop();
        if (value(name).kind != Kind::text || value(module).kind != Kind::text) fail("has a global without a name");
        return global(value(module).text, value(name).text);
      }
      case 'R':
      case 0x81: {
        const PickleRef args = pop();
        return call(pop(), args);
      }
      case 0x92: {
        pop();  // named arguments
        const PickleRef args = pop();
        return call(pop(), args);
      }
      case 'o': {
        auto items = pop_to_mark();
        if (items.empty()) fail("makes an object of no class");
        const PickleRef callable = items.front();
        items.erase(items.begin());
        return call(callable, make({.kind = Kind::tuple, .items = std::move(items)}));
      }
      case 'i': {
        const auto module = line(), name = line();
        const PickleRef args = make({.kind = Kind::tuple, .items = pop_to_mark()});
        return call(make({.kind = Kind::global, .text = name, .module = module}), args);
      }
      case 'b': {
        const PickleRef state = pop();
        if (auto& target = value(top()); target.kind == Kind::object) target.state = state;
        return;
      }
      case 0x82: number<std::uint8_t>(); return push_new({.kind = Kind::global});
      case 0x83: number<std::uint16_t>(); return push_new({.kind = Kind::global});
      case 0x84: number<std::uint32_t>(); return push_new({.kind = Kind::global});

      case 'P': {
        const PickleRef id = make({.kind = Kind::text, .text = line()});
        return push_new({.kind = Kind::persistent, .items = {id}});
      }
      case 'Q': push_new({.kind = Kind::persistent, .items = pop_some(1)}); return;

      case 'p': memo_put(static_cast<std::uint64_t>(decimal(line()))); return;
      case 'q': memo_put(number<std::uint8_t>()); return;
      case 'r': memo_put(number<std::uint32_t>()); return;
      case 0x94: memo_put(memo_.size()); return;
      case 'g': memo_get(static_cast<std::uint64_t>(decimal(line()))); return;
      case 'h': memo_get(number<std::uint8_t>()); return;
      case 'j': memo_get(number<std::uint32_t>()); return;
      default: fail(concat("has the unknown operation ", static_cast<int>(op)));
    }
  }

  std::string_view input_;
  PickleLimits limits_;
  std::size_t at_ = 0;
  PickleTree tree_;
  std::vector<PickleRef> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, PickleRef> memo_;
};

}  // namespace detail

/// Reads the pickle at the beginning of `input` as data: nothing is imported, called or allocated beyond the limits,
/// whatever the pickle asks for. The tree's texts point into `input`. Throws FileError (without a path) where the
/// pickle is cut off, broken or too large.
inline PickleTree parse_pickle(std::span<const std::byte> input, const PickleLimits& limits = {}) {
  return detail::Unpickler(input, limits).run();
}

}  // namespace pursuit::inline v0
