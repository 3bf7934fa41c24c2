// SPDX-License-Identifier: MIT
#include <pursuit/io/safetensors.hpp>

#include "../support/bytes.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace pursuit;
using test::bytes_of;
using test::contains;
using test::little;

namespace {

std::string file_of(const std::string& header, const std::string& numbers = "") {
  return little(header.size(), 8) + header + numbers;
}

std::string refusal(const std::string& file) {
  return test::message_of<FileError>([&] { parse_safetensors(bytes_of(file)); });
}

/// The header of one tensor.
std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"a":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

}  // namespace

TEST_CASE("parse_safetensors: tensors point at their numbers, in the order of the file") {
  const std::string file = file_of(
      R"({"b":{"dtype":"F16","shape":[2],"data_offsets":[8,12]},"__metadata__":{"by":"hand"},)"
      R"("a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"none":{"dtype":"I64","shape":[0,3],"data_offsets":[8,8]}}   )",
      "01234567abcd");
  const TensorTable table = parse_safetensors(bytes_of(file));
  REQUIRE(table.tensors.size() == 3);
  CHECK(table.tensors[0].info == TensorInfo{"a", Dtype::f32, {1, 2}});
  CHECK(table.tensors[0].bytes.size() == 8);
  CHECK(static_cast<char>(table.tensors[0].bytes[1]) == '1');
  CHECK(table.tensors[1].info == TensorInfo{"none", Dtype::i64, {0, 3}});
  CHECK(table.tensors[2].info == TensorInfo{"b", Dtype::f16, {2}});
  CHECK(static_cast<char>(table.tensors[2].bytes[0]) == 'a');
  CHECK(table.metadata == std::map<std::string, std::string>{{"by", "hand"}});
}

TEST_CASE("parse_safetensors: a file without tensors is a file") {
  CHECK(parse_safetensors(bytes_of(file_of("{}"))).tensors.empty());
}

TEST_CASE("parse_safetensors: what is not as the format demands is refused, with the reason") {
  CHECK(contains(refusal(""), "empty"));
  CHECK(contains(refusal("1234567"), "too short"));
  CHECK(contains(refusal(little(3, 8) + "{}"), "claims 3 bytes, the file has 2"));
  CHECK(contains(refusal(little(100'000'001, 8) + "{}"), "at most 100000000"));
  CHECK(contains(refusal(little(~0ULL, 8) + "{}"), "at most 100000000"));
  CHECK(contains(refusal(file_of("")), "'{'"));
  CHECK(contains(refusal(file_of("[]")), "'{'"));
  CHECK(contains(refusal(file_of("{\"a\":")), "not valid JSON"));
  CHECK(contains(refusal(file_of("{} x")), "not valid JSON"));
  CHECK(contains(refusal(file_of("{\"\xC3\x28\":1}")), "not valid JSON"));

  CHECK(contains(refusal(file_of(R"({"a":1})")), "need an object"));
  CHECK(contains(refusal(file_of(R"({"a":{}})")), "lacks"));
  CHECK(contains(refusal(file_of(R"({"a":{"dtype":"F32","shape":[]}})")), "lacks"));
  CHECK(contains(refusal(file_of(R"({"a":{"offsets":[0,4]}})")), "unknown field \"offsets\""));
  CHECK(contains(refusal(file_of(R"({"__metadata__":{"a":1}})")), "texts only"));
  CHECK(contains(refusal(file_of(R"({"__metadata__":{"a":{}}})")), "texts only"));
  CHECK(contains(refusal(file_of(tensor("F33", "[1]", "[0,4]"), "1234")), "unknown dtype \"F33\""));
  CHECK(contains(refusal(file_of(tensor("F32", "1", "[0,4]"), "1234")), "shape is the number 1"));
  CHECK(contains(refusal(file_of(tensor("F32", "[[1]]", "[0,4]"), "1234")), "shape holds a list"));
  CHECK(contains(refusal(file_of(tensor("F32", "[1.0]", "[0,4]"), "1234")), "shape holds the number 1.0"));
  CHECK(contains(refusal(file_of(tensor("F32", "[-1]", "[0,4]"), "1234")), "shape holds the number -1"));
  CHECK(contains(refusal(file_of(tensor("F32", "[1]", "[0]"), "1234")), "needs two data_offsets"));
  CHECK(contains(refusal(file_of(tensor("F32", "[1]", "[0,4,8]"), "1234")), "data_offsets hold the number 8"));
  CHECK(contains(refusal(file_of(tensor("F32", "[1]", "null"), "1234")), "data_offsets is null"));
}

TEST_CASE("parse_safetensors: keys that come twice are refused") {
  const std::string a = R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  CHECK(contains(refusal(file_of("{" + a + "," + a + "}")), "\"a\" comes twice"));
  CHECK(contains(refusal(file_of(R"({"__metadata__":{"k":"1","k":"2"}})")), "\"k\" comes twice"));
  CHECK(contains(refusal(file_of(R"({"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}})")),
                 "\"dtype\" comes twice"));
}

TEST_CASE("parse_safetensors: offsets cover the numbers exactly") {
  const auto two = [](const std::string& first, const std::string& second, const std::string& numbers) {
    return refusal(file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + first +
                               R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + second + "}}",
                           numbers));
  };
  CHECK(two("[0,4]", "[4,8]", "12345678") == "");
  CHECK(two("[4,8]", "[0,4]", "12345678") == "");
  CHECK(contains(two("[0,4]", "[3,7]", "1234567"), "overlap"));
  CHECK(contains(two("[0,4]", "[0,4]", "1234"), "overlap"));
  CHECK(contains(two("[0,4]", "[5,9]", "123456789"), "gap after byte 4"));
  CHECK(contains(two("[1,5]", "[5,9]", "123456789"), "gap after byte 0"));
  CHECK(contains(two("[0,4]", "[4,8]", "1234567"), "past the end"));
  CHECK(contains(two("[0,4]", "[4,8]", "123456789"), "end at byte 8 of 9"));
  CHECK(contains(two("[4,0]", "[4,8]", "12345678"), "reversed"));
  CHECK(contains(two("[-4,0]", "[0,4]", "1234"), "data_offsets hold the number -4"));
  CHECK(contains(two("[0,18446744073709551615]", "[4,8]", "12345678"), "past the end"));
  CHECK(contains(two("[0,18446744073709551616]", "[4,8]", "12345678"), "data_offsets hold"));
}

TEST_CASE("parse_safetensors: shapes that overflow or do not fit their bytes are refused") {
  CHECK(contains(refusal(file_of(tensor("F32", "[2]", "[0,4]"), "1234")), "hold 4 bytes: shape (2) of F32 needs 8"));
  CHECK(contains(refusal(file_of(tensor("F32", "[4294967296,4294967296]", "[0,0]"))), "overflows"));
  CHECK(contains(refusal(file_of(tensor("F64", "[2305843009213693952]", "[0,0]"))), "overflows"));
  // A zero must not hide an overflow that a reader would meet on the way to it.
  CHECK(contains(refusal(file_of(tensor("F64", "[9223372036854775807,9223372036854775807,0]", "[0,0]"))), "overflows"));
  CHECK(contains(refusal(file_of(tensor("F32", "[9223372036854775808]", "[0,0]"))), "shape holds"));
  std::string many = "[1";
  for (int i = 0; i < 40; ++i) many += ",1";
  CHECK(contains(refusal(file_of(tensor("F32", many + "]", "[0,4]"), "1234")), "more than 32 dimensions"));
}

TEST_CASE("parse_safetensors: deep nesting is refused at once") {
  CHECK(contains(refusal(file_of("{\"a\":" + std::string(1'000'000, '['))), "need an object"));
}

TEST_CASE("parse_safetensors: any cut and any changed byte of a file is either refused or read within bounds") {
  const std::string whole = file_of(
      R"({"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"F16","shape":[2],"data_offsets":[8,12]}})",
      "0123456789ab");
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK(refusal(whole.substr(0, n)) != "");
  int read = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    try {
      const TensorTable table = parse_safetensors(bytes_of(changed));
      std::size_t bytes = 0;
      for (const auto& t : table.tensors) bytes += t.bytes.size();
      CHECK(bytes == 12);
      ++read;
    } catch (const FileError&) {
    }
  }
  CHECK(read >= 12);  // changes of the numbers do no harm
}

TEST_CASE("save_safetensors: what is written is read back bit by bit, each tensor aligned") {
  const test::TemporaryFolder folder;
  const std::array<float, 4> values{1.0F, -0.0F, std::numeric_limits<float>::denorm_min(), std::nanf("")};
  const std::string odd = "xyz", name = "conv \"1\"\\\n\xC3\xA4";
  const std::vector<StoredTensor> tensors{
      {{"odd", Dtype::u8, {3}}, bytes_of(odd)},
      {{"scalar", Dtype::i8, {}}, bytes_of("q")},
      {{"empty", Dtype::f64, {2, 0}}, {}},
      stored(name, TensorView<const float, 2>(values.data(), {2, 2})),
  };
  save_safetensors(folder / "w.safetensors", tensors, {{"k", "v\n\"w\""}});
  const std::string file = test::read_file(folder / "w.safetensors");
  CHECK(detail::load_as<std::uint64_t>(bytes_of(file).data()) % 8 == 0);
  const TensorTable table = parse_safetensors(bytes_of(file));
  CHECK(table.metadata == std::map<std::string, std::string>{{"k", "v\n\"w\""}});
  REQUIRE(table.tensors.size() == 4);
  for (const auto& written : tensors) {
    const auto found = std::ranges::find(table.tensors, written.info.name, [](const auto& t) { return t.info.name; });
    REQUIRE(found != table.tensors.end());
    CHECK(found->info == written.info);
    CHECK(std::ranges::equal(found->bytes, written.bytes));
    CHECK((found->bytes.data() - bytes_of(file).data()) % static_cast<std::ptrdiff_t>(size_of(written.info.dtype)) ==
          0);
  }
}

TEST_CASE("save_safetensors: no tensors, or metadata alone, are files too") {
  const test::TemporaryFolder folder;
  save_safetensors(folder / "a", {});
  save_safetensors(folder / "b", {}, {{"k", "1"}, {"l", "2"}});
  const std::string a = test::read_file(folder / "a"), b = test::read_file(folder / "b");
  CHECK(parse_safetensors(bytes_of(a)).tensors.empty());
  CHECK(parse_safetensors(bytes_of(b)).metadata.size() == 2);
}

TEST_CASE("save_safetensors: refuses what it could not read back and then leaves no file") {
  const test::TemporaryFolder folder;
  const auto path = folder / "w.safetensors";
  const auto refused = [&](const std::vector<StoredTensor>& tensors) {
    return test::message_of<FileError>([&] { save_safetensors(path, tensors); });
  };
  const StoredTensor a{{"a", Dtype::u8, {1}}, bytes_of("1")};
  CHECK(contains(refused({a, a}), "\"a\" comes twice"));
  CHECK(contains(refused({{{"__metadata__", Dtype::u8, {1}}, bytes_of("1")}}), "comes twice"));
  CHECK(contains(refused({{{"a\xFF", Dtype::u8, {1}}, bytes_of("1")}}), "not UTF-8"));
  CHECK(contains(test::message_of<FileError>([&] { save_safetensors(path, {}, {{"k", "\xFF"}}); }), "not UTF-8"));
  CHECK(contains(refused({{{"a", Dtype::f32, {1}}, bytes_of("1")}}), "does not fit"));
  CHECK(std::filesystem::is_empty(folder.path()));
}
