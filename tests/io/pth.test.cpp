// SPDX-License-Identifier: MIT
#include <pursuit/io/pth.hpp>

#include "../support/bytes.hpp"
#include "../support/make_zip.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace pursuit;
using namespace std::string_literals;
using test::bytes_of;
using test::contains;

namespace {

/// A file of tests/golden/pth, made by tests/golden/make_pth.py.
std::string golden(const std::string& name) {
  const std::string text = test::read_file(PURSUIT_SOURCE_DIR "/tests/golden/pth/" + name);
  REQUIRE_MESSAGE(!text.empty(), name);
  return text;
}

std::string refusal(const std::string& file, const PthLimits& limits = {}) {
  return test::message_of<FileError>([&] { parse_pth(bytes_of(file), limits); });
}

const StoredTensor& find(const TensorTable& table, const std::string& name) {
  const auto found = std::ranges::find(table.tensors, name, [](const auto& t) { return t.info.name; });
  REQUIRE_MESSAGE(found != table.tensors.end(), name);
  return *found;
}

std::vector<float> values(const StoredTensor& t) {
  std::vector<float> out(t.bytes.size() / size_of(t.info.dtype));
  detail::convert_to_float(t.info.dtype, t.bytes, out);
  return out;
}

/// What make_pth.py calls numbers(): -1, -0.75, -0.5...
std::vector<float> numbers(std::size_t count) {
  std::vector<float> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(0.25F * static_cast<float>(i) - 1);
  return out;
}

void check_state(const TensorTable& table) {
  CHECK(table.tensors.size() == 10);
  const auto has = [&](const char* name, Dtype dtype, std::vector<Index> shape, const std::vector<float>& expected) {
    CAPTURE(name);
    const auto& t = find(table, name);
    CHECK(t.info.dtype == dtype);
    CHECK(t.info.shape == shape);
    CHECK(values(t) == expected);
  };
  has("conv.weight", Dtype::f32, {2, 3, 2, 2}, numbers(24));
  has("conv.bias", Dtype::f16, {2}, numbers(2));
  has("bn.running_mean", Dtype::bf16, {3}, numbers(3));
  has("bn.running_var", Dtype::f64, {3}, numbers(3));
  has("transposed", Dtype::f32, {3, 2}, {-1, -0.25F, -0.75F, 0, -0.5F, 0.25F});
  has("part", Dtype::f32, {3}, {-0.25F, 0, 0.25F});
  has("channels_last", Dtype::f32, {1, 2, 2, 3}, numbers(12));
  has("parameter", Dtype::f32, {2, 2}, numbers(4));
  has("none", Dtype::f32, {0, 3}, {});
  const auto& steps = find(table, "bn.num_batches_tracked");
  CHECK(steps.info == TensorInfo{"bn.num_batches_tracked", Dtype::i64, {}});
  CHECK(detail::load_as<std::int64_t>(steps.bytes.data()) == 5);
}

// Pickles by hand: the words of torch.save() for a state_dict of one tensor "w" in storage "0".
struct OneTensor {
  std::string type = "torch FloatStorage";
  std::string count = "K\6";
  std::string offset = "K\0"s;
  std::string shape = "K\2K\3\x86";
  std::string strides = "K\3K\1\x86";
  std::string name = "w";
  std::string rebuild = "ctorch._utils\n_rebuild_tensor_v2\n";

  std::string tensor() const {
    const auto blank = type.find(' ');
    return rebuild + "((U\7storagec" + type.substr(0, blank) + "\n" + type.substr(blank + 1) + "\nU\0010U\3cpu" +
           count + "tQ" + offset + shape + strides + "\x89NtR";
  }
  std::string entry() const { return "U" + test::little(name.size(), 1) + name + tensor(); }
  std::string state() const { return "\x80\2}(" + entry() + "u."; }
};

const std::string six_floats = [] {
  const std::vector<float> v = numbers(6);
  return std::string(reinterpret_cast<const char*>(v.data()), 24);
}();

std::string archive(const std::string& pickle, const std::string& storage = six_floats) {
  return test::make_zip({{"x/data.pkl", pickle}, {"x/data/0", storage}});
}

}  // namespace

TEST_CASE("parse_pth: PyTorch's archives, old format, deflated members and pickle protocols 2 and 4") {
  for (const char* name : {"zip.pth", "legacy.pth", "deflated.pth", "protocol4.pth"}) {
    CAPTURE(name);
    const std::string file = golden(name);
    check_state(parse_pth(bytes_of(file)));
  }
}

TEST_CASE("parse_pth: archives with 64-bit records") {
  const std::string file = golden("zip.pth");
  ZipArchive archive{bytes_of(file)};
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& [name, member] : archive.members()) {
    const auto bytes = archive.read(member).bytes;
    members.emplace_back(name, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  const std::string big = test::make_zip(members, {.zip64 = true});
  check_state(parse_pth(bytes_of(big)));
}

TEST_CASE("parse_pth: a checkpoint's state_dict without `module.`; its other objects are passed over") {
  const std::string file = golden("checkpoint.pth");
  const TensorTable table = parse_pth(bytes_of(file));
  check_state(table);
  CHECK(table.metadata == std::map<std::string, std::string>{{"epoch", "12"}, {"net_type", "Toy"}});
}

TEST_CASE("parse_pth: a module that was saved whole") {
  const std::string file = golden("module.pth");
  const TensorTable table = parse_pth(bytes_of(file));
  CHECK(table.tensors.size() == 7);
  CHECK(values(find(table, "conv.weight")) == numbers(2));
  CHECK(values(find(table, "bn.running_var")) == std::vector<float>{1, 1});
}

TEST_CASE("parse_pth: files that are cut off anywhere are refused") {
  for (const char* name : {"zip.pth", "legacy.pth"}) {
    CAPTURE(name);
    const std::string file = golden(name);
    for (std::size_t n = 0; n < file.size(); n += 7) CHECK(refusal(file.substr(0, n)) != "");
    CHECK(contains(refusal(file.substr(0, file.size() - 30)), "cut off"));
  }
}

TEST_CASE("parse_pth: a file of one tensor, by hand") {
  const std::string file = archive(OneTensor{}.state());
  const TensorTable table = parse_pth(bytes_of(file));
  REQUIRE(table.tensors.size() == 1);
  CHECK(table.tensors[0].info == TensorInfo{"w", Dtype::f32, {2, 3}});
  CHECK(values(table.tensors[0]) == numbers(6));
  CHECK(table.tensors[0].owned == nullptr);
}

TEST_CASE("parse_pth: offsets, shapes and strides that leave the storage are refused") {
  const auto with = [](OneTensor t) { return refusal(archive(t.state())); };
  CHECK(with({}) == "");
  CHECK(contains(with({.offset = "K\1"}), "past the end of its storage"));
  CHECK(contains(with({.offset = "\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"}), "past the end of its storage"));
  CHECK(contains(with({.offset = "J\xFF\xFF\xFF\xFF"}), "offset"));
  CHECK(contains(with({.offset = "N"}), "offset"));
  CHECK(contains(with({.shape = "K\3K\3\x86"}), "past the end of its storage"));
  CHECK(contains(with({.strides = "K\4K\1\x86"}), "past the end of its storage"));
  const std::string huge = "\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F";
  CHECK(contains(with({.strides = huge + "K\1\x86"}), "past the end of its storage"));
  CHECK(contains(with({.strides = huge + huge + "\x86"}), "past the end of its storage"));
  CHECK(contains(with({.shape = huge + huge + "\x86"}), "overflows"));
  CHECK(contains(with({.strides = "J\xFF\xFF\xFF\xFFK\1\x86"}), "negative"));
  CHECK(contains(with({.shape = "J\xFF\xFF\xFF\xFFK\1\x86"}), "negative"));
  CHECK(contains(with({.shape = "K\6\x85"}), "strides that do not fit its shape"));
  CHECK(contains(with({.shape = "N"}), "no readable shape"));
}

TEST_CASE("parse_pth: storages are as large as tensors are told, and present") {
  CHECK(contains(refusal(archive(OneTensor{.count = "K\7"}.state())), "has 24 bytes: need 7 numbers"));
  CHECK(contains(refusal(archive(OneTensor{.count = "\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"}.state())),
                 "has 24 bytes"));
  CHECK(contains(refusal(archive(OneTensor{.type = "torch DoubleStorage"}.state())),
                 "has 24 bytes: need 6 numbers of F64"));
  CHECK(contains(refusal(test::make_zip({{"x/data.pkl", OneTensor{}.state()}})), "missing from the archive"));
}

TEST_CASE("parse_pth: a stride of zero repeats numbers, but not without limit") {
  const std::string few = archive(OneTensor{.strides = "K\0K\1\x86"s}.state());
  CHECK(values(parse_pth(bytes_of(few)).tensors.at(0)) == std::vector<float>{-1, -0.75F, -0.5F, -1, -0.75F, -0.5F});
  CHECK(contains(refusal(archive(OneTensor{.shape = "J\xFF\xFF\xFF\x7FK\3\x86", .strides = "K\0K\1\x86"s}.state())),
                 "more than a file of"));
}

TEST_CASE("parse_pth: tensors of types that are not read are listed, not guessed") {
  const OneTensor good, other{.type = "torch ComplexFloatStorage", .name = "c"};
  const std::string file = archive("\x80\2}(" + good.entry() + other.entry() + "u.");
  const TensorTable table = parse_pth(bytes_of(file));
  CHECK(table.tensors.size() == 1);
  CHECK(table.metadata.at("skipped") == "c");
}

TEST_CASE("parse_pth: globals that are not known are passed over, never called") {
  const OneTensor good, evil{.name = "e", .rebuild = "cos\nsystem\n"};
  const std::string file = archive("\x80\2}(" + good.entry() + evil.entry() + "U\1xcos\nsystem\nU\4exit\x85Ru.");
  CHECK(parse_pth(bytes_of(file)).tensors.size() == 1);
  CHECK(contains(refusal(archive("\x80\2}(" + evil.entry() + "u.")), "no named tensors"));
}

TEST_CASE("parse_pth: dictionaries that contain themselves, or each other too often, end") {
  const std::string file = archive("\x80\2}q\0("s + OneTensor{}.entry() + "U\4selfh\0u."s);
  CHECK(parse_pth(bytes_of(file)).tensors.size() == 1);
  // Each level names the one before twice: 2^30 paths lead to the tensor.
  std::string doubled = "\x80\2}q\0("s + OneTensor{}.entry() + "u0";
  for (int level = 1; level <= 30; ++level) {
    const std::string before = "h" + test::little(static_cast<std::uint64_t>(level - 1), 1);
    doubled += "}q" + test::little(static_cast<std::uint64_t>(level), 1) + "(U\1a" + before + "U\1b" + before + "u0";
  }
  doubled.pop_back();
  CHECK(contains(refusal(archive(doubled + "."), {.visits = 100000}), "refer to each other too often"));
  CHECK(contains(refusal(archive(doubled + "."), {.tensors = 1000}), "more than 1000 tensors"));
}

TEST_CASE("parse_pth: nested dictionaries are joined by dots; `module.` goes only where all names have it") {
  const auto names = [](const std::string& pickle) {
    const std::string file = archive(pickle);
    std::string all;
    for (const auto& t : parse_pth(bytes_of(file)).tensors) all += t.info.name + " ";
    return all;
  };
  const OneTensor w, m{.name = "module.w"}, n{.name = "module.n"};
  CHECK(names("\x80\2}U\4back}(" + w.entry() + "us.") == "back.w ");
  CHECK(names("\x80\2}(" + m.entry() + n.entry() + "u.") == "w n ");
  CHECK(names("\x80\2}(" + m.entry() + w.entry() + "u.") == "module.w w ");
  CHECK(names("\x80\2}U\3net}(" + w.entry() + "us.") == "w ");
  CHECK(names("\x80\2}U\5model}U\12state_dict}(" + w.entry() + "uss.") == "w ");
  CHECK(names("\x80\2}(" + w.entry() + w.entry() + "u.") == "w ");
  // Python 2 gave an OrderedDict its pairs as an argument.
  CHECK(names("\x80\2ccollections\nOrderedDict\n](](U\1v" + w.tensor() + "ee\x85R.") == "v ");
}

TEST_CASE("parse_pth: big-endian files are refused") {
  CHECK(contains(
      refusal(test::make_zip({{"x/data.pkl", OneTensor{}.state()}, {"x/data/0", six_floats}, {"x/byteorder", "big"}})),
      "big-endian"));
  std::string file = golden("legacy.pth");
  const auto at = file.find("little_endian");
  REQUIRE(at != file.npos);
  const auto value = file.find('\x88', at);
  file[value] = '\x89';
  CHECK(contains(refusal(file), "big-endian"));
}

TEST_CASE("parse_pth: other archives and other pickles say that torch.save() did not make them") {
  CHECK(contains(refusal(test::make_zip({{"word/document.xml", "x"}})), "without data.pkl"));
  CHECK(contains(refusal("\x80\2}."), "not one that torch.save() made"));
  CHECK(contains(refusal(archive("\x80\2}.")), "no named tensors"));
  CHECK(contains(refusal(archive("\x80\2K\1.")), "no named tensors"));
  CHECK(contains(refusal(archive("\x80\2" + OneTensor{}.tensor() + ".")), "no named tensors"));
}

TEST_CASE("parse_pth: any changed byte is refused or read within bounds") {
  for (const char* name : {"zip.pth", "legacy.pth"}) {
    const std::string file = golden(name);
    int read = 0;
    double sum = 0;
    for (std::size_t i = 0; i < file.size(); ++i) {
      std::string changed = file;
      changed[i] = static_cast<char>(changed[i] ^ (1 << i % 8));
      try {
        for (const auto& t : parse_pth(bytes_of(changed)).tensors)
          for (const std::byte b : t.bytes) sum += static_cast<double>(b);
        ++read;
      } catch (const FileError&) {
      }
    }
    CAPTURE(name);
    CHECK(read > 100);
    CHECK(sum > 0);  // the bytes were really read
  }
}
