// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "named_trackers.hpp"

#include <pursuit/core/threads.hpp>
#include <pursuit/eval/supervised.hpp>
#include <pursuit/io/region.hpp>
#include <pursuit/io/trax.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

namespace {

using pursuit::concat;
using pursuit::TraxMessage;

/// Lines in and out by the way the evaluator chose: descriptors in TRAX_IN and TRAX_OUT, a port in TRAX_SOCKET, or
/// standard input and output.
class Wire {
 public:
  Wire() {
    if (const char* port = std::getenv("TRAX_SOCKET")) {
      in_ = out_ = connect_to(port);
    } else {
      if (const char* in = std::getenv("TRAX_IN")) in_ = number(in, "TRAX_IN");
      if (const char* out = std::getenv("TRAX_OUT")) out_ = number(out, "TRAX_OUT");
    }
    std::signal(SIGPIPE, SIG_IGN);  // a client that went away is an error of write(), not the end of the program
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// The next message; empty at the end of input. Other lines are passed over.
  std::optional<TraxMessage> read() {
    while (true) {
      const std::size_t end = buffer_.find('\n', searched_);
      if (end != std::string::npos) {
        auto message = pursuit::parse_trax(std::string_view(buffer_).substr(0, end));
        buffer_.erase(0, end + 1);
        searched_ = 0;
        if (message) return message;
        continue;
      }
      searched_ = buffer_.size();
      char bytes[65536];
      const ssize_t got = ::read(in_, bytes, sizeof bytes);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return {};
      buffer_.append(bytes, static_cast<std::size_t>(got));
    }
  }

  void write(const TraxMessage& message) {
    const std::string line = to_line(message);
    for (std::size_t done = 0; done < line.size();) {
      const ssize_t sent = ::write(out_, line.data() + done, line.size() - done);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) throw pursuit::Error(concat("trax: the client went away: ", std::strerror(errno)));
      done += static_cast<std::size_t>(sent);
    }
  }

 private:
  static int number(std::string_view text, const char* name) {
    int value = -1;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || value < 0 || value > 65535)
      throw pursuit::Error(concat("trax: ", name, " is '", text, "': need a number up to 65535"));
    return value;
  }

  static int connect_to(std::string_view text) {
    std::string host = "127.0.0.1";
    if (const auto colon = text.rfind(':'); colon != text.npos) {
      host = text.substr(0, colon);
      text.remove_prefix(colon + 1);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(number(text, "TRAX_SOCKET")));
    if (host == "localhost") host = "127.0.0.1";
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
      throw pursuit::Error("trax: TRAX_SOCKET names the host '" + host + "': need an address in numbers");
    const int s = ::socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0 || ::connect(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw pursuit::Error(concat("trax: no connection to port ", text, ": ", std::strerror(errno)));
    return s;
  }

  int in_ = STDIN_FILENO;
  int out_ = STDOUT_FILENO;
  std::string buffer_;
  std::size_t searched_ = 0;
};

struct TraxOptions {
  std::string tracker;
  std::string weights;
  std::string precision = "float";
  int version = 3;
  int threads = 1;
  std::uint64_t seed = 0;
};

TraxMessage hello(const TraxOptions& o) {
  TraxMessage message{"hello", {}, {{"trax.version", std::to_string(o.version)}}};
  const auto add = [&](const char* key, const std::string& value) { message.named.emplace_back(key, value); };
  add("trax.name", "pursuit " + o.tracker);
  add("trax.identifier", "pursuit_" + o.tracker);
  add("trax.image", "path;memory;buffer");
  add("trax.region", "rectangle;polygon");
  if (o.version >= 2) add("trax.channels", "color");
  return message;
}

pursuit::Box target_of(const TraxMessage& m) {
  if (m.arguments.size() < 2) throw pursuit::Error("trax: initialize: need an image and a region");
  const auto region = pursuit::parse_region(m.arguments.back());
  if (!region || !is_valid(pursuit::box_of(*region)))
    throw pursuit::Error("trax: initialize: region '" + m.arguments.back().substr(0, 80) +
                         "': need a box or a polygon");
  return pursuit::box_of(*region);
}

void serve(const TraxOptions& options) {
  pursuit::set_threads(options.threads);
  auto trackers = make_trackers(options.tracker, options.weights, options.seed, precision_of(options.precision));
  if (trackers.size() != 1) throw UsageError("--tracker " + options.tracker + ": need one tracker");
  Wire wire;
  wire.write(hello(options));
  pursuit::TraxImageReader images;
  std::optional<pursuit::AnyTracker> tracker;
  const auto answer = [&](const pursuit::Track& t) {
    std::string score;
    pursuit::put_number(score, t.score, 6);
    wire.write({"state", {to_text(pursuit::Region(t.box))}, {{"confidence", score}, {"status", to_string(t.status)}}});
  };
  try {
    while (const auto message = wire.read()) {
      if (message->name == "quit") return;
      if (message->name == "initialize") {
        const pursuit::Box target = target_of(*message);
        tracker = trackers[0].tracker;  // a fresh one
        tracker->init(images.read(message->arguments[0]), target);
        answer({.box = target});
      } else if (message->name == "frame") {
        if (!tracker) throw pursuit::Error("trax: frame before initialize");
        if (message->arguments.empty()) throw pursuit::Error("trax: frame: need an image");
        pursuit::ImageView view;  // a picture that cannot be read is a bad frame, not the end
        try {
          view = images.read(message->arguments[0]);
        } catch (const pursuit::Error&) {
        }
        answer(tracker->update(view));
      } else {
        throw pursuit::Error("trax: message '" + message->name.substr(0, 40) + "': need initialize, frame or quit");
      }
    }
  } catch (const pursuit::Error& e) {
    wire.write({"quit", {}, {{"trax.reason", e.what()}}});
    throw;
  }
}

}  // namespace

void add_trax(CLI::App& app) {
  CLI::App* command = app.add_subcommand("trax", "Serve a tracker by the TraX protocol, for the VOT toolkit");
  const auto options = std::make_shared<TraxOptions>();
  TraxOptions& o = *options;
  command->add_option("--tracker", o.tracker, "name of the tracker")->required();
  command->add_option("--weights", o.weights, "safetensors or .pth file, or random:SEED");
  command->add_option("--protocol-version", o.version, "of TraX: 1 to 3")
      ->check(CLI::Range(1, 3))
      ->capture_default_str();
  command->add_option("--threads", o.threads, "threads of one frame's work")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--precision", o.precision, "of the network: float or bf16")
      ->check(CLI::IsMember({"float", "bf16"}))
      ->capture_default_str();
  command->add_option("--seed", o.seed, "of whatever is random in the tracker")->capture_default_str();
  command->footer(
      "\nSpeaks on standard input and output, to the port in TRAX_SOCKET, or by the descriptors in TRAX_IN and "
      "TRAX_OUT."
      "\nIn the trackers.ini of a VOT workspace:\n"
      "  [cacf]\n"
      "  label = cacf\n"
      "  protocol = trax\n"
      "  command = pursuit trax --tracker cacf");
  command->callback([options] { serve(*options); });
}
