// SPDX-License-Identifier: MIT
// The command `pursuit trax`, driven as an evaluator drives it.
#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/io/image_file.hpp>
#include <pursuit/io/png.hpp>
#include <pursuit/io/region.hpp>
#include <pursuit/io/trax.hpp>

#include "../support/run_program.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace pursuit;
using test::contains;
namespace fs = std::filesystem;

namespace {

/// How the evaluator and the tracker are connected.
enum class Way { standard, descriptors, socket };

/// An evaluator with one tracker.
class Client {
 public:
  explicit Client(Way way = Way::standard, std::vector<std::string> options = {}) {
    int to[2], from[2], listener = -1;
    REQUIRE(::pipe(to) == 0);
    REQUIRE(::pipe(from) == 0);
    // What the child does not use must not stay open in it, or the end of input would never come.
    for (const int fd : {to[1], from[0]}) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    sockaddr_in address{};
    if (way == Way::socket) {
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t size = sizeof address;
      listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
      REQUIRE(::listen(listener, 1) == 0);
      REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    }
    std::vector<std::string> words{PURSUIT_PROGRAM, "trax", "--tracker", "cacf"};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<char*> argv;
    for (std::string& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    const std::string port = std::to_string(ntohs(address.sin_port));
    const std::string in = std::to_string(to[0]), out = std::to_string(from[1]);
    ::signal(SIGPIPE, SIG_IGN);
    child_ = ::fork();
    if (child_ == 0) {
      const int nowhere = ::open("/dev/null", O_RDWR);
      ::dup2(way == Way::standard ? to[0] : nowhere, STDIN_FILENO);
      ::dup2(way == Way::standard ? from[1] : nowhere, STDOUT_FILENO);
      ::dup2(nowhere, STDERR_FILENO);
      if (way == Way::descriptors) {
        ::setenv("TRAX_IN", in.c_str(), 1);
        ::setenv("TRAX_OUT", out.c_str(), 1);
      } else {
        ::close(to[0]);
        ::close(from[1]);
      }
      if (way == Way::socket) ::setenv("TRAX_SOCKET", port.c_str(), 1);
      ::execv(PURSUIT_PROGRAM, argv.data());
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    to_ = to[1];
    from_ = from[0];
    if (way == Way::socket) {
      ::close(to_);
      ::close(from_);
      pollfd ready{listener, POLLIN, 0};
      REQUIRE(::poll(&ready, 1, patience) == 1);
      to_ = from_ = ::accept(listener, nullptr, nullptr);
      ::close(listener);
    }
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    hang_up();
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
  }

  void send(const std::string& text) {
    CHECK(::write(to_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void send(const TraxMessage& message) { send(to_line(message)); }

  /// The next message; empty where the tracker has closed the line.
  std::optional<TraxMessage> receive() {
    while (true) {
      if (const auto end = buffer_.find('\n'); end != std::string::npos) {
        auto message = parse_trax(std::string_view(buffer_).substr(0, end));
        buffer_.erase(0, end + 1);
        if (message) return message;
        continue;
      }
      pollfd ready{from_, POLLIN, 0};
      if (::poll(&ready, 1, patience) != 1) return {};
      char bytes[4096];
      const ssize_t got = ::read(from_, bytes, sizeof bytes);
      if (got <= 0) return {};
      buffer_.append(bytes, static_cast<std::size_t>(got));
    }
  }
  TraxMessage ask(const TraxMessage& message) {
    send(message);
    return receive().value_or(TraxMessage{"nothing", {}});
  }

  void hang_up() {
    if (to_ >= 0) ::close(to_);
    if (from_ != to_) ::close(from_);
    to_ = from_ = -1;
  }
  /// The program's exit code, once it has ended; -1 after a signal.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(child_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  static constexpr int patience = 60'000;  // ms; a tracker under a sanitizer on a busy machine answers within seconds
  pid_t child_ = -1;
  int to_ = -1, from_ = -1;
  std::string buffer_;
};

std::string value(const TraxMessage& m, const std::string& key) {
  for (const auto& [name, text] : m.named)
    if (name == key) return text;
  return {};
}

Box box_of_state(const TraxMessage& m) {
  CHECK(m.name == "state");
  const auto region = m.arguments.empty() ? std::nullopt : parse_region(m.arguments[0]);
  const Box* box = region ? std::get_if<Box>(&*region) : nullptr;
  return box != nullptr ? *box : Box{};
}

std::string base64(const std::vector<std::uint8_t>& bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned word = 0;
    for (std::size_t j = 0; j < 3; ++j) word = word << 8 | (i + j < bytes.size() ? bytes[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += i + j > bytes.size()
                 ? '='
                 : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[word >> (18 - 6 * j) & 63U];
  }
  return out;
}

constexpr int frames = 5;

/// A small video in all the forms that TraX has for pictures.
struct Video {
  test::TemporaryFolder folder;
  std::vector<Box> boxes;
  std::vector<std::string> files, buffers, memory;

  Video() {
    check::RenderedSequence rendered(check::moving(frames, 2, 1));
    for (int t = 0; t < frames; ++t) {
      const ImageView view = rendered.frame(t);
      const fs::path file = folder / ("frame \"" + std::to_string(t) + "\".png");
      save_png(file, view);
      files.push_back("file://" + file.string());
      buffers.push_back("data:image/png;base64;" + base64(encode_png(view)));
      std::vector<std::uint8_t> pixels;
      for (int y = 0; y < view.height; ++y)
        pixels.insert(pixels.end(), view.row(y), view.row(y) + view.width * view.channels);
      memory.push_back(concat("image:", view.width, ";", view.height, ";rgb;", base64(pixels)));
      boxes.push_back(rendered.box(t));
    }
  }
  std::string region() const { return to_text(boxes[0]); }
};

/// All that the tracker says of a video, with quit at the end.
std::vector<TraxMessage> whole_session(Client& client, const Video& video, const std::vector<std::string>& pictures) {
  CHECK(client.receive().value_or(TraxMessage{}).name == "hello");
  std::vector<TraxMessage> states{client.ask({"initialize", {pictures[0], video.region()}})};
  for (int t = 1; t < frames; ++t) {
    client.send("a line that is no message\n");
    states.push_back(client.ask({"frame", {pictures[static_cast<std::size_t>(t)]}}));
  }
  client.send(TraxMessage{"quit", {}});
  CHECK(client.wait() == 0);
  return states;
}

}  // namespace

TEST_SUITE("pursuit trax" * doctest::skip(!test::program_is_there())) {
  TEST_CASE("versions 1 to 3: hello, a state for each picture, a second start, quit") {
    const Video video;
    for (const std::string version : {"1", "2", "3"}) {
      CAPTURE(version);
      Client client(Way::standard, {"--protocol-version", version});
      const TraxMessage hello = client.receive().value_or(TraxMessage{});
      CHECK(hello.name == "hello");
      CHECK(value(hello, "trax.version") == version);
      CHECK(value(hello, "trax.identifier") == "pursuit_cacf");
      CHECK(contains(value(hello, "trax.image"), "path"));
      CHECK(contains(value(hello, "trax.region"), "rectangle"));
      CHECK(value(hello, "trax.channels") == (version == "1" ? "" : "color"));

      for (int start = 0; start < 2; ++start) {
        const TraxMessage first = client.ask({"initialize", {video.files[0], video.region()}});
        REQUIRE(first.arguments.size() == 1);
        CHECK(first.arguments[0] == video.region());
        const Box second = box_of_state(client.ask({"frame", {video.files[1]}}));
        CHECK(iou(second, video.boxes[1]) > 0.5);
      }
      const TraxMessage third = client.ask({"frame", {video.files[2]}, {{"time", "0.1"}}});
      CHECK(iou(box_of_state(third), video.boxes[2]) > 0.5);
      const double confidence = std::atof(value(third, "confidence").c_str());
      CHECK(confidence > 0);
      CHECK(confidence <= 1);
      client.send(TraxMessage{"quit", {}});
      CHECK(client.wait() == 0);
    }
  }

  TEST_CASE("standard streams, TRAX_IN and TRAX_OUT, TRAX_SOCKET, and every form of a picture say the same") {
    const Video video;
    Client plain;
    const auto expected = whole_session(plain, video, video.files);
    REQUIRE(expected.size() == frames);
    const struct {
      std::string name;
      Way way;
      const std::vector<std::string>* pictures;
    } others[] = {{"descriptors", Way::descriptors, &video.files},
                  {"socket", Way::socket, &video.files},
                  {"buffers", Way::standard, &video.buffers},
                  {"memory", Way::socket, &video.memory}};
    for (const auto& other : others) {
      CAPTURE(other.name);
      Client client(other.way);
      const auto states = whole_session(client, video, *other.pictures);
      REQUIRE(states.size() == expected.size());
      for (std::size_t i = 0; i < states.size(); ++i) {
        CHECK(states[i].arguments == expected[i].arguments);
        CHECK(states[i].named == expected[i].named);
      }
    }
  }

  TEST_CASE("a picture in mid-video that cannot be read is a bad frame; a polygon starts at its box") {
    const Video video;
    Client client;
    client.receive();
    const Box b = video.boxes[0];
    const std::vector<Point> corners{{b.x, b.y}, {b.x + b.w, b.y}, {b.x + b.w, b.y + b.h}, {b.x, b.y + b.h}};
    const Box first = box_of_state(client.ask({"initialize", {video.files[0], to_text(Region(corners))}}));
    CHECK(iou(first, b) > 0.9);  // the toolkits' rule makes it 1 pixel larger
    const TraxMessage bad = client.ask({"frame", {"file:///no/such/file.png"}});
    CHECK(value(bad, "status") == "bad_frame");
    CHECK(box_of_state(bad) == first);
    CHECK(iou(box_of_state(client.ask({"frame", {video.files[1]}})), video.boxes[1]) > 0.5);
  }

  TEST_CASE("what is no good message is answered with quit and a reason, and exit code 1") {
    const Video video;
    const std::string good = to_line({"initialize", {video.files[0], video.region()}});
    const struct {
      std::string text;
      const char* reason;
    } wrong[] = {{to_line({"frame", {video.files[0]}}), "before initialize"},
                 {to_line({"initialize", {video.files[0]}}), "need an image and a region"},
                 {to_line({"initialize", {video.files[0], "1,2,3"}}), "need a box"},
                 {to_line({"initialize", {video.files[0], "1,2,nan,4"}}), "need a box"},
                 {to_line({"initialize", {video.files[0], "1,2,0,4"}}), "need a box"},
                 {to_line({"initialize", {"file:///no/such/file.png", "1,2,3,4"}}), "no/such/file.png"},
                 {to_line({"initialize", {"image:9;9;rgb;AAAA", "1,2,3,4"}}), "need 243"},
                 {good + to_line({"frame", {}}), "need an image"},
                 {good + "@@TRAX:frame \"file:///a.png\n", "not closed"},
                 {"@@TRAX:\n", "without a name"},
                 {to_line({"dance", {}}), "'dance'"}};
    for (const auto& w : wrong) {
      CAPTURE(w.text);
      Client client;
      client.receive();
      client.send(w.text);
      TraxMessage last{};
      while (auto message = client.receive()) last = *message;
      CHECK(last.name == "quit");
      CHECK_MESSAGE(contains(value(last, "trax.reason"), w.reason), value(last, "trax.reason"));
      CHECK(client.wait() == 1);
    }
  }

  TEST_CASE("an evaluator that goes away ends the program") {
    const Video video;
    for (const Way way : {Way::standard, Way::socket}) {
      Client client(way);
      client.receive();
      client.ask({"initialize", {video.files[0], video.region()}});
      client.hang_up();
      CHECK(client.wait() == 0);
    }
  }

  TEST_CASE("wrong ways of connecting are said") {
    CHECK(test::run_program("trax --tracker cacf --protocol-version 4 < /dev/null").code == 2);
    CHECK(test::run_program("trax --tracker nosuch < /dev/null").code == 2);
    CHECK(test::run_program("trax --tracker cacf < /dev/null").code == 0);
    const struct {
      std::string setting;
      const char* message;
    } settings[] = {{"TRAX_SOCKET=port", "TRAX_SOCKET"},
                    {"TRAX_SOCKET=1", "no connection to port 1"},
                    {"TRAX_SOCKET=99999999", "need a number up to 65535"},
                    {"TRAX_IN=x", "TRAX_IN"}};
    for (const auto& s : settings) {
      CAPTURE(s.setting);
      const std::string name = s.setting.substr(0, s.setting.find('='));
      REQUIRE(::setenv(name.c_str(), s.setting.substr(name.size() + 1).c_str(), 1) == 0);
      const auto o = test::run_program("trax --tracker cacf < /dev/null");
      ::unsetenv(name.c_str());
      CHECK(o.code == 1);
      CHECK_MESSAGE(contains(o.err, s.message), o.err);
    }
  }
}
