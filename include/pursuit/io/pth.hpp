// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/io/pickle.hpp>
#include <pursuit/io/tensor_table.hpp>
#include <pursuit/io/zip.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// What a PyTorch file may ask for.
struct PthLimits {
  PickleLimits pickle{};
  std::uint64_t inflated = std::uint64_t{1} << 30;  ///< bytes of deflated members, together
  std::size_t visits = std::size_t{1} << 25;        ///< dictionary entries looked at, counted each time
  std::size_t tensors = 100'000;
};

namespace detail {

inline bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t more = lead < 0x80                   ? 0
                             : lead >= 0xC2 && lead < 0xE0 ? 1
                             : lead >= 0xE0 && lead < 0xF0 ? 2
                             : lead >= 0xF0 && lead < 0xF5 ? 3
                                                           : 4;
    if (more == 4 || text.size() - i <= more) return false;
    for (std::size_t k = 1; k <= more; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    i += more + 1;
  }
  return true;
}

/// Reads what torch.save() wrote: in a ZIP archive (since PyTorch 1.6) or as the row of pickles of before.
class PthReader {
 public:
  PthReader(std::span<const std::byte> file, const PthLimits& limits) : file_(file), limits_(limits) {}

  TensorTable read() {
    if (file_.size() >= 2 && load_as<std::uint16_t>(file_.data()) == 0x4B50) {  // "PK"
      open_archive();
    } else {
      open_legacy();
    }
    const PickleRef weights = state_dict(tree_.root);
    collect(weights, "");
    if (table_.tensors.empty()) throw FileError("holds no named tensors: need a state_dict");
    if (weights != tree_.root) collect_metadata(tree_.root);
    strip_module();
    if (!skipped_.empty()) table_.metadata["skipped"] = skipped_;
    return std::move(table_);
  }

 private:
  using Kind = PickleValue::Kind;

  struct Storage {
    Dtype dtype = Dtype::f32;
    std::uint64_t count = 0;
    ZipContent content;
  };
  struct Found {
    std::string key;
    Dtype dtype = Dtype::f32;
    std::uint64_t count = 0;
  };

  // The two containers.

  void open_archive() {
    archive_.emplace(file_, limits_.inflated);
    const ZipMember* pickle = nullptr;
    for (const auto& [name, member] : archive_->members())
      if (name == "data.pkl" || name.ends_with("/data.pkl")) pickle = &member;
    if (pickle == nullptr) throw FileError("is a ZIP archive without data.pkl: not made by torch.save()");
    folder_ = pickle->name.substr(0, pickle->name.size() - std::strlen("data.pkl"));
    if (const auto* order = archive_->find(folder_ + "byteorder")) {
      const auto text = archive_->read(*order).bytes;
      if (std::string_view(reinterpret_cast<const char*>(text.data()), text.size()) == "big")
        throw FileError("is big-endian: need little-endian numbers");
    }
    pickle_ = archive_->read(*pickle);
    tree_ = parse_pickle(pickle_.bytes, limits_.pickle);
  }

  void open_legacy() {
    constexpr std::string_view magic = "\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19";
    auto rest = file_;
    const auto next = [&] {
      PickleTree tree = parse_pickle(rest, limits_.pickle);
      rest = rest.subspan(tree.consumed);
      return tree;
    };
    PickleTree head = next();
    if (head[head.root].kind != Kind::big || head[head.root].text != magic)
      throw FileError("is a pickle, but not one that torch.save() made");
    head = next();
    if (head[head.root].kind != Kind::integer || head[head.root].integer != 1001)
      throw FileError("has an unknown version of PyTorch's old format: need 1001");
    head = next();
    if (const auto little = entry(head, head.root, "little_endian"); little && head[*little].integer == 0)
      throw FileError("is big-endian: need little-endian numbers");
    tree_ = next();
    const PickleTree keys = next();
    if (keys[keys.root].kind != Kind::list) throw FileError("lacks the list of its storages");

    // The numbers follow in the order of the keys. How wide they are is said where a tensor uses them.
    std::map<std::string, Dtype, std::less<>> dtypes;
    for (const auto& value : tree_.values)
      if (value.kind == Kind::persistent)
        if (const auto found = storage_id(value)) dtypes.emplace(found->key, found->dtype);
    for (const PickleRef ref : keys[keys.root].items) {
      const std::string key(keys[ref].text);
      const auto dtype = dtypes.find(key);
      if (keys[ref].kind != Kind::text || dtype == dtypes.end())
        throw FileError("has a storage " + printable(key) + " of unknown type");
      if (rest.size() < 8) throw FileError("is cut off before storage " + printable(key));
      const auto count = load_as<std::uint64_t>(rest.data());
      rest = rest.subspan(8);
      if (count > rest.size() / size_of(dtype->second))
        throw FileError(concat("is cut off: storage ", printable(key), " claims ", count, " numbers, ", rest.size(),
                               " bytes are left"));
      const std::size_t bytes = count * size_of(dtype->second);
      storages_[key] = {dtype->second, count, {rest.first(bytes)}};
      rest = rest.subspan(bytes);
    }
  }

  // Storages.

  static std::optional<Dtype> dtype_of_storage(std::string_view type) {
    constexpr std::pair<std::string_view, Dtype> known[] = {
        {"DoubleStorage", Dtype::f64},    {"FloatStorage", Dtype::f32}, {"HalfStorage", Dtype::f16},
        {"BFloat16Storage", Dtype::bf16}, {"LongStorage", Dtype::i64},  {"IntStorage", Dtype::i32},
        {"ShortStorage", Dtype::i16},     {"CharStorage", Dtype::i8},   {"ByteStorage", Dtype::u8},
        {"BoolStorage", Dtype::boolean}};
    for (const auto& [name, dtype] : known)
      if (name == type) return dtype;
    return std::nullopt;
  }

  /// Reads ("storage", type, key, location, count[, view]).
  std::optional<Found> storage_id(const PickleValue& persistent) const {
    const auto& id = tree_[persistent.items[0]];
    if (id.kind != Kind::tuple || id.items.size() < 5) return std::nullopt;
    const auto &word = tree_[id.items[0]], &type = tree_[id.items[1]], &key = tree_[id.items[2]],
               &count = tree_[id.items[4]];
    if (word.text != "storage" || type.kind != Kind::global || !type.module.starts_with("torch") ||
        key.kind != Kind::text || count.kind != Kind::integer || count.integer < 0)
      return std::nullopt;
    if (id.items.size() > 5 && tree_[id.items[5]].kind != Kind::none)
      return std::nullopt;  // a view, before PyTorch 0.4
    const auto dtype = dtype_of_storage(type.text);
    if (!dtype) return std::nullopt;
    return Found{std::string(key.text), *dtype, static_cast<std::uint64_t>(count.integer)};
  }

  const Storage& storage(const Found& found) {
    const auto known = storages_.find(found.key);
    if (known != storages_.end()) {
      if (known->second.dtype != found.dtype)
        throw FileError(concat("storage ", printable(found.key), " is of two types, ", to_string(known->second.dtype),
                               " and ", to_string(found.dtype)));
      return known->second;
    }
    if (!archive_) throw FileError("storage " + printable(found.key) + " is missing");
    const auto* member = archive_->find(folder_ + "data/" + found.key);
    if (member == nullptr) throw FileError("storage " + printable(found.key) + " is missing from the archive");
    ZipContent content = archive_->read(*member);
    if (content.owned) unpacked_ += content.bytes.size();
    if (found.count > content.bytes.size() / size_of(found.dtype))
      throw FileError(concat("storage ", printable(found.key), " has ", content.bytes.size(), " bytes: need ",
                             found.count, " numbers of ", to_string(found.dtype)));
    return storages_.emplace(found.key, Storage{found.dtype, found.count, std::move(content)}).first->second;
  }

  // Tensors.

  static bool is_global(const PickleValue& v, std::string_view module, std::string_view name) {
    return v.kind == Kind::global && v.module == module && v.text == name;
  }

  /// The arguments of torch._utils._rebuild_tensor(_v2) behind any _rebuild_parameter; null for all else.
  const PickleValue* tensor_args(PickleRef ref) const {
    for (int wrapped = 0; wrapped < 4; ++wrapped) {
      const auto& value = tree_[ref];
      if (value.kind != Kind::object) return nullptr;
      const auto &callable = tree_[value.callable], &args = tree_[value.args];
      if (args.kind != Kind::tuple || args.items.empty()) return nullptr;
      if (is_global(callable, "torch._utils", "_rebuild_tensor_v2") ||
          is_global(callable, "torch._utils", "_rebuild_tensor"))
        return args.items.size() >= 4 ? &args : nullptr;
      if (!is_global(callable, "torch._utils", "_rebuild_parameter") &&
          !is_global(callable, "torch._utils", "_rebuild_parameter_with_state"))
        return nullptr;
      ref = args.items[0];
    }
    return nullptr;
  }

  /// A tuple of whole numbers, also inside torch.Size().
  std::vector<Index> extents(PickleRef ref, const std::string& who) const {
    const PickleValue* list = &tree_[ref];
    if (list->kind == Kind::object && tree_[list->args].kind == Kind::tuple && tree_[list->args].items.size() == 1)
      list = &tree_[tree_[list->args].items[0]];
    if ((list->kind != Kind::tuple && list->kind != Kind::list) || list->items.size() > 32)
      throw FileError(who + " has no readable shape: need at most 32 dimensions");
    std::vector<Index> numbers;
    for (const PickleRef item : list->items) {
      if (tree_[item].kind != Kind::integer || tree_[item].integer < 0)
        throw FileError(who + " has a negative or unreadable size or stride");
      numbers.push_back(static_cast<Index>(tree_[item].integer));
    }
    return numbers;
  }

  void add_tensor(const std::string& name, const PickleValue& args) {
    const std::string who = "tensor " + printable(name);
    const auto& persistent = tree_[args.items[0]];
    const auto found = persistent.kind == Kind::persistent ? storage_id(persistent) : std::nullopt;
    if (!found) return skip(name);
    const auto shape = extents(args.items[2], who), strides = extents(args.items[3], who);
    const auto& offset = tree_[args.items[1]];
    if (offset.kind != Kind::integer || offset.integer < 0 || shape.size() != strides.size())
      throw FileError(who + " has an unreadable storage offset, or strides that do not fit its shape");

    const Storage& from = storage(*found);
    const std::size_t element = size_of(from.dtype);
    std::size_t bytes = 0;
    if (!byte_count(shape, element, bytes))
      throw FileError(who + " has the shape " + shape_text(shape) + ", which overflows");
    StoredTensor tensor{{name, from.dtype, shape}, {}};
    if (bytes > 0) {
      // Each step is compared before it is added, so that nothing can overflow.
      const auto past_end = [&] {
        return FileError(concat(who, " reaches past the end of its storage: offset ", offset.integer, ", shape ",
                                shape_text(shape), ", strides ", shape_text(strides), ", ", from.count, " numbers"));
      };
      auto last = static_cast<std::uint64_t>(offset.integer);
      if (last >= from.count) throw past_end();
      for (std::size_t d = 0; d < shape.size(); ++d) {
        const auto steps = static_cast<std::uint64_t>(shape[d] - 1), stride = static_cast<std::uint64_t>(strides[d]);
        if (steps > 0 && stride > (from.count - 1 - last) / steps) throw past_end();
        last += steps * stride;
      }
      const auto first = from.content.bytes.subspan(static_cast<std::size_t>(offset.integer) * element);
      if (is_contiguous(shape, strides)) {
        tensor.bytes = first.first(bytes);
        tensor.owned = from.content.owned;
      } else {
        tensor.owned = gather(first, shape, strides, element, bytes, who);
        tensor.bytes = *tensor.owned;
      }
    }
    const auto [place, added] = places_.emplace(name, table_.tensors.size());
    if (added) {
      if (places_.size() > limits_.tensors) throw FileError(concat("has more than ", limits_.tensors, " tensors"));
      table_.tensors.push_back(std::move(tensor));
    } else {
      table_.tensors[place->second] = std::move(tensor);  // a key that comes again replaces, as in Python
    }
  }

  static bool is_contiguous(std::span<const Index> shape, std::span<const Index> strides) {
    Index step = 1;
    for (std::size_t d = shape.size(); d-- > 0;) {
      if (shape[d] != 1 && strides[d] != step) return false;
      step *= shape[d];
    }
    return true;
  }

  /// Copies strided elements into rows without gaps. The copies of one file together stay within four times its
  /// size: an expanded tensor (stride 0) could ask for any amount.
  std::shared_ptr<const AlignedVector<std::byte>> gather(std::span<const std::byte> from, std::span<const Index> shape,
                                                         std::span<const Index> strides, std::size_t element,
                                                         std::size_t bytes, const std::string& who) {
    const std::size_t allowed = 4 * (file_.size() + unpacked_);
    if (bytes > allowed || gathered_ > allowed - bytes)
      throw FileError(concat(who, " expands to ", bytes, " bytes: more than a file of ", file_.size(), " bytes may"));
    gathered_ += bytes;
    auto out = std::make_shared<AlignedVector<std::byte>>(bytes);
    std::vector<Index> at(shape.size(), 0);
    Index source = 0;
    for (std::size_t done = 0; done < bytes; done += element) {
      std::memcpy(out->data() + done, from.data() + static_cast<std::size_t>(source) * element, element);
      for (std::size_t d = shape.size(); d-- > 0;) {
        source += strides[d];
        if (++at[d] < shape[d]) break;
        source -= strides[d] * shape[d];
        at[d] = 0;
      }
    }
    return out;
  }

  void skip(const std::string& name) {
    if (skipped_.size() < 10000 && is_utf8(name)) skipped_ += (skipped_.empty() ? "" : " ") + name;
  }

  // Dictionaries.

  void visit(std::size_t entries) const {
    // A dictionary costs one byte to name again: without a limit a small file could keep us busy for years.
    visits_ += entries + 1;
    if (visits_ > limits_.visits) throw FileError("has dictionaries that refer to each other too often");
  }

  /// Calls f(key, value) for each entry of a dict, or of an object made of one: an OrderedDict, a subclass of dict.
  template <class F>
  void for_each_entry(const PickleTree& tree, PickleRef ref, F f) const {
    const auto& value = tree[ref];
    if (value.kind != Kind::dict && value.kind != Kind::object) return;
    visit(value.items.size());
    if (value.kind == Kind::object) {
      // Old pickles give an OrderedDict its pairs as an argument.
      const auto& args = tree[value.args];
      if (is_global(tree[value.callable], "collections", "OrderedDict") && args.kind == Kind::tuple &&
          args.items.size() == 1 && tree[args.items[0]].kind == Kind::list) {
        visit(tree[args.items[0]].items.size());
        for (const PickleRef ref_of_pair : tree[args.items[0]].items) {
          const auto& pair = tree[ref_of_pair];
          if ((pair.kind == Kind::list || pair.kind == Kind::tuple) && pair.items.size() == 2)
            f(tree[pair.items[0]], pair.items[1]);
        }
      }
    }
    for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) f(tree[value.items[i]], value.items[i + 1]);
  }

  std::optional<PickleRef> entry(const PickleTree& tree, PickleRef ref, std::string_view key) const {
    std::optional<PickleRef> found;
    for_each_entry(tree, ref, [&](const PickleValue& k, PickleRef v) {
      if ((k.kind == Kind::text || k.kind == Kind::bytes) && k.text == key) found = v;
    });
    return found;
  }

  /// A module that was saved whole: an object whose state has these two.
  bool is_module(PickleRef ref) const {
    const auto& value = tree_[ref];
    return value.kind == Kind::object && entry(tree_, value.state, "_parameters") &&
           entry(tree_, value.state, "_modules");
  }

  /// Where the weights are: in `ref` itself, or under one of the names under which training programs keep them.
  PickleRef state_dict(PickleRef ref) const {
    for (int depth = 0; depth < 4; ++depth) {
      bool direct = is_module(ref);
      for_each_entry(tree_, ref,
                     [&](const PickleValue&, PickleRef v) { direct = direct || tensor_args(v) != nullptr; });
      if (direct) return ref;
      std::optional<PickleRef> inner;
      for (const char* name : {"state_dict", "model_state_dict", "net", "model", "network"})
        if (!inner) inner = entry(tree_, ref, name);
      if (!inner || (tree_[*inner].kind != Kind::dict && tree_[*inner].kind != Kind::object)) return ref;
      ref = *inner;
    }
    return ref;
  }

  /// Adds the tensors of a dict, of dicts in it ("a" in "b" becomes "b.a"), and of modules.
  void collect(PickleRef ref, const std::string& prefix) {
    constexpr std::size_t max_depth = 32;
    constexpr std::size_t max_name = 1000;
    if (path_.size() == max_depth || std::ranges::find(path_, ref) != path_.end()) return;  // a dict that holds itself
    path_.push_back(ref);
    if (is_module(ref)) {
      for (const char* part : {"_parameters", "_buffers", "_modules"})
        if (const auto inner = entry(tree_, tree_[ref].state, part)) collect(*inner, prefix);
    } else {
      for_each_entry(tree_, ref, [&](const PickleValue& key, PickleRef value) {
        if (key.kind != Kind::text && key.kind != Kind::bytes && key.kind != Kind::integer) return;
        const std::string own =
            key.kind == Kind::integer ? std::to_string(key.integer) : std::string(key.text.substr(0, max_name));
        const std::string name = prefix + own;
        if (name.size() >= max_name) throw FileError("has a tensor with a name of more than 1000 bytes");
        if (const auto* args = tensor_args(value)) {
          add_tensor(name, *args);
        } else {
          collect(value, name + ".");
        }
      });
    }
    path_.pop_back();
  }

  /// Keeps what a checkpoint says beside its weights: texts and numbers at the top.
  void collect_metadata(PickleRef ref) {
    for_each_entry(tree_, ref, [&](const PickleValue& key, PickleRef ref_of_value) {
      const auto& value = tree_[ref_of_value];
      if (key.kind != Kind::text || key.text.size() > 100 || !is_utf8(key.text)) return;
      if (value.kind == Kind::integer) table_.metadata[std::string(key.text)] = std::to_string(value.integer);
      if (value.kind == Kind::text && value.text.size() <= 1000 && is_utf8(value.text))
        table_.metadata[std::string(key.text)] = value.text;
    });
  }

  /// DataParallel puts `module.` in front of all names.
  void strip_module() {
    constexpr std::string_view prefix = "module.";
    for (const auto& t : table_.tensors)
      if (!t.info.name.starts_with(prefix)) return;
    for (auto& t : table_.tensors) t.info.name.erase(0, prefix.size());
  }

  std::span<const std::byte> file_;
  PthLimits limits_;
  std::optional<ZipArchive> archive_;
  std::string folder_;
  ZipContent pickle_;
  PickleTree tree_;
  std::map<std::string, Storage, std::less<>> storages_;
  std::map<std::string, std::size_t, std::less<>> places_;
  TensorTable table_;
  std::vector<PickleRef> path_;  ///< the dictionaries that collect() is in
  std::string skipped_;
  std::size_t unpacked_ = 0;
  std::size_t gathered_ = 0;
  mutable std::size_t visits_ = 0;
};

}  // namespace detail

/// Reads the tensors of a file that torch.save() wrote, without executing anything of it.
///
/// The tensors are those of the state_dict, which is the file's value itself or an entry "state_dict",
/// "model_state_dict", "net", "model" or "network" of it; a module saved whole works too. Nested names are joined by
/// dots, a `module.` in front of all names is dropped. Objects that are not understood are passed over; tensors of
/// unsupported types are listed in metadata["skipped"]. Tensors point into `file`, or own their numbers where those had
/// to be unpacked or brought into row-major order.
///
/// Throws FileError (without a path) where the file is cut off, damaged, beyond the limits, or names numbers that its
/// storages do not have.
inline TensorTable parse_pth(std::span<const std::byte> file, const PthLimits& limits = {}) {
  return detail::PthReader(file, limits).read();
}

}  // namespace pursuit::inline v0
