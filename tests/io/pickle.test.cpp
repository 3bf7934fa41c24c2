// SPDX-License-Identifier: MIT
#include <pursuit/io/pickle.hpp>

#include "../support/bytes.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace pursuit;
using namespace std::string_literals;
using test::bytes_of;
using test::contains;
using Kind = PickleValue::Kind;

namespace {

/// The root value alone. Pre: `pickle` outlives it.
PickleValue root(const std::string& pickle) {
  const PickleTree tree = parse_pickle(bytes_of(pickle));
  return tree[tree.root];
}

/// The tree as text. References to a container that is being written are "...".
std::string text(const PickleTree& tree, PickleRef ref, int depth = 0) {
  const auto& v = tree[ref];
  if (depth > 4) return "...";
  std::string items;
  for (const auto item : v.items) items += (items.empty() ? "" : " ") + text(tree, item, depth + 1);
  switch (v.kind) {
    case Kind::none: return "None";
    case Kind::boolean: return v.integer ? "True" : "False";
    case Kind::integer: return std::to_string(v.integer);
    case Kind::big: return "big" + std::to_string(v.text.size());
    case Kind::real: return std::to_string(v.real);
    case Kind::text: return "'" + std::string(v.text) + "'";
    case Kind::bytes: return "b'" + std::string(v.text) + "'";
    case Kind::list: return "[" + items + "]";
    case Kind::tuple: return "(" + items + ")";
    case Kind::dict: return "{" + items + "}";
    case Kind::global: return std::string(v.module) + "." + std::string(v.text);
    case Kind::object:
      return text(tree, v.callable, depth + 1) + text(tree, v.args, depth + 1) + "{" + items + "}" +
             (v.state ? "|" + text(tree, v.state, depth + 1) : "");
    case Kind::persistent: return "<" + items + ">";
  }
  return "?";
}

std::string text(const std::string& pickle) {
  const PickleTree tree = parse_pickle(bytes_of(pickle));
  return text(tree, tree.root);
}

std::string refusal(const std::string& pickle, const PickleLimits& limits = {}) {
  return test::message_of<FileError>([&] { parse_pickle(bytes_of(pickle), limits); });
}

}  // namespace

TEST_CASE("parse_pickle: numbers") {
  CHECK(root("K\xFF.").integer == 255);
  CHECK(root("M\xFF\xFF.").integer == 65535);
  CHECK(root("J\xFE\xFF\xFF\xFF.").integer == -2);
  CHECK(root("I-12\n.").integer == -12);
  CHECK(root("L12345678901L\n.").integer == 12345678901);
  CHECK(root("I01\n.").kind == Kind::boolean);
  CHECK(root("\x8A\x00."s).integer == 0);
  CHECK(root("\x8A\x01\xFF.").integer == -1);
  CHECK(root("\x8A\x02\xFF\x00."s).integer == 255);
  CHECK(root("\x8A\x08\x00\x00\x00\x00\x00\x00\x00\x80."s).integer == std::numeric_limits<std::int64_t>::min());
  CHECK(root("\x8B\x02\x00\x00\x00\x00\x80."s).integer == -32768);
  CHECK(text("\x8A\x0A" + std::string(10, 'x') + ".") == "big10");
  CHECK(root("G\x3F\xF8\x00\x00\x00\x00\x00\x00."s).real == 1.5);
}

TEST_CASE("parse_pickle: containers, in each protocol's words") {
  CHECK(text("(K\1K\2t.") == "(1 2)");
  CHECK(text("K\1K\2K\3\x87.") == "(1 2 3)");
  CHECK(text(").") == "()");
  CHECK(text("](K\1K\2eK\3a.") == "[1 2 3]");
  CHECK(text("(K\1K\2l.") == "[1 2]");
  CHECK(text("}(U\1aK\1X\1\0\0\0bK\2uC\1cNs."s) == "{'a' 1 'b' 2 b'c' None}");
  CHECK(text("(K\1K\2d.") == "{1 2}");
  CHECK(text("\x8F(K\1K\2\x90.") == "[1 2]");
  CHECK(text("\x80\5\x95\1\0\0\0\0\0\0\0\x8C\1x\x94h\0\x86."s) == "('x' 'x')");
}

TEST_CASE("parse_pickle: what Python would call is written down instead") {
  CHECK(text("cos\nsystem\n(S'rm -rf /'\ntR.") == "os.system('\'rm -rf /\''){}");
  CHECK(text("(S'x'\nios\nsystem\n.") == "os.system('\'x\''){}");
  CHECK(text("(cos\nsystem\nK\1o.") == "os.system(1){}");
  CHECK(text("\x8C\2os\x8C\6system\x93)\x81}\x8C\1kK\1sb.") == "os.system(){}|{'k' 1}");
  CHECK(text("cc\nOrderedDict\n)R(K\1K\2u.") == "c.OrderedDict(){1 2}");
  CHECK(text("(U\7storagetQ.") == "<('storage')>");
}

TEST_CASE("parse_pickle: values that contain themselves are read") {
  CHECK(text("]q\0h\0a."s) == "[[[[[...]]]]]");
  CHECK(text("}q\0K\1h\0s."s) == "{1 {1 {1 {1 {... ...}}}}}");
}

TEST_CASE("parse_pickle: says how much of the input it is") { CHECK(parse_pickle(bytes_of("K\1.rest")).consumed == 3); }

TEST_CASE("parse_pickle: broken pickles are refused") {
  CHECK(contains(refusal(""), "cut off"));
  CHECK(contains(refusal("K"), "cut off"));
  CHECK(contains(refusal("X\xFF\xFF\xFF\xFF."), "cut off"));
  CHECK(contains(refusal("\x8D\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF."), "cut off"));
  CHECK(contains(refusal("cos\nsystem"), "cut off"));
  CHECK(contains(refusal("."), "empty stack"));
  CHECK(contains(refusal("R."), "empty stack"));
  CHECK(contains(refusal("K\1(0R."), "empty stack"));
  CHECK(contains(refusal("K\1(\x85."), "empty stack"));
  CHECK(contains(refusal("t."), "lacks a mark"));
  CHECK(contains(refusal("h\1."), "never kept"));
  CHECK(contains(refusal("}(K\1u."), "key without a value"));
  CHECK(contains(refusal("Ix\n."), "cannot be read"));
  CHECK(contains(refusal("K\1K\2\x93."), "without a name"));
  CHECK(contains(refusal("(o."), "no class"));
  CHECK(contains(refusal("\x80\6."), "newer protocol"));
  CHECK(contains(refusal("\xFE."), "unknown operation 254"));
}

TEST_CASE("parse_pickle: a million nested lists are read; more values or operations than allowed are not") {
  const std::string deep = std::string(1'000'000, ']') + std::string(999'999, 'a') + ".";
  CHECK(parse_pickle(bytes_of(deep)).values.size() == 1'000'001);
  CHECK(contains(refusal(deep, {.values = 1000}), "more than 1000 values"));
  CHECK(contains(refusal("N" + std::string(1'000'000, '2') + ".", {.steps = 1000}), "more than 1000 operations"));
  CHECK(contains(refusal("N" + std::string(1'000'000, '\x94') + ".", {.values = 1000}), "keeps more than 1000"));
}
