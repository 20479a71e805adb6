#include "control/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace aigw::control {
namespace {

using testing::HasSubstr;

Child shell(const std::string& script, Captured captured = Captured::out) {
  return Child::spawn({"/bin/sh", "-c", script}, {{"AIGW_TEST", "value"}}, captured).value();
}

std::string all_output(Child& child) {
  std::string text;
  while (child.read_output(text)) {
    pollfd output = {child.output_fd(), POLLIN, 0};
    poll(&output, 1, 1000);
  }
  return text;
}

int status_of(Child& child) {
  while (!child.ended()) usleep(1000);
  return *child.ended();
}

TEST(Process, GivesTheOutputAndTheStatus) {
  Child child = shell("echo out $AIGW_TEST; echo err >&2; exit 3", Captured::out);
  EXPECT_EQ(all_output(child), "out value\n");
  EXPECT_EQ(describe_status(status_of(child)), "exit code 3");
  Child other = shell("echo err >&2", Captured::err);
  EXPECT_EQ(all_output(other), "err\n");
}

TEST(Process, SaysWhyAProgramDoesNotStart) {
  const Result<Child> child = Child::spawn({"/nowhere/program"}, {}, Captured::out);
  EXPECT_EQ(child.error().message, "cannot start /nowhere/program: No such file or directory");
}

TEST(Process, StopIsAskedForFirstAndThenForced) {
  Child gentle = shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done");
  std::string text;
  while (text.empty()) gentle.read_output(text);
  gentle.stop(std::chrono::seconds(60), [] {});
  EXPECT_EQ(describe_status(*gentle.ended()), "exit code 7");
  Child stubborn = shell("trap '' TERM; echo ready; while :; do sleep 0.01; done");
  text.clear();
  while (text.empty()) stubborn.read_output(text);
  stubborn.stop(std::chrono::milliseconds(50), [] {});
  EXPECT_THAT(describe_status(*stubborn.ended()), HasSubstr("signal 9"));
}

// More than a pipe holds.
TEST(Process, ItsLastWordsAreReadWhileItStops) {
  Child child = shell("trap 'head -c 300000 /dev/zero; exit 7' TERM; echo; while :; do sleep 0.01; done");
  std::string text;
  while (text.empty()) child.read_output(text);
  child.stop(std::chrono::seconds(60), [&] { child.read_output(text); });
  EXPECT_EQ(describe_status(*child.ended()), "exit code 7");
  EXPECT_EQ(text.size(), 300'001u);
}

TEST(Process, EndsWithItsOwner) {
  pid_t pid = 0;
  {
    Child child = shell("exec sleep 100");
    pid = child.pid();
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST(Process, EndsWithItsParent) {
  int pipes[2];
  ASSERT_EQ(pipe(pipes), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    Child child = shell("exec sleep 100");
    const pid_t pid = child.pid();
    [[maybe_unused]] const ssize_t written = write(pipes[1], &pid, sizeof pid);
    kill(getpid(), SIGKILL);
  }
  pid_t pid = 0;
  ASSERT_EQ(read(pipes[0], &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
  waitpid(parent, nullptr, 0);
  close(pipes[0]);
  close(pipes[1]);
  bool gone = false;
  for (int i = 0; i < 6000 && !gone; ++i) {
    // Whoever adopts it may take a while to reap it: a zombie has no command line.
    std::string path = "/proc/" + std::to_string(pid) + "/cmdline";
    FILE* file = fopen(path.c_str(), "r");
    gone = file == nullptr || fgetc(file) == EOF;
    if (file != nullptr) fclose(file);
    usleep(10'000);
  }
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace aigw::control
