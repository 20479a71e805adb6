#include "credential/fetcher.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "base/system_clock.h"

namespace aigw::credential {
namespace {

using std::chrono::milliseconds;

// With what comes sooner or later.
constexpr milliseconds kPatience{60'000};

// What a source of the tests answers: the number of the fetch, from 1.
using Answer = std::function<Result<Token>(int)>;

struct Counted {
  std::atomic<int> fetches{0};
  std::atomic<int> destroyed{0};
};

class FakeSource final : public TokenSource {
 public:
  FakeSource(std::string name, Counted& counted, Answer answer, std::vector<std::string> files = {})
      : name_(std::move(name)), counted_(counted), answer_(std::move(answer)), files_(std::move(files)) {}
  ~FakeSource() override { ++counted_.destroyed; }

  Result<Token> fetch(const net::HttpClient&, int64_t) override { return answer_(++counted_.fetches); }
  std::string name() const override { return name_; }
  Bytes kind() const override { return "fake"; }
  std::vector<std::string> files() const override { return files_; }

 private:
  std::string name_;
  Counted& counted_;
  Answer answer_;
  std::vector<std::string> files_;
};

Failure down() { return Failure{FailureKind::unavailable, "down"}; }

Token token(int number, int64_t lives_s) {
  return {Secret("t-" + std::to_string(number)),
          lives_s == 0 ? 0 : static_cast<int64_t>(system_unix_now()) + lives_s};
}

std::string text_of(const Cell& cell) {
  Cell::Buffer buffer;
  return std::string(cell.read_into(buffer));
}

template <class Condition>
bool eventually(Condition&& condition) {
  for (int i = 0; i < 6000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

// Everything a hundred times quicker.
FetchTimes quick() {
  return {milliseconds(3000), milliseconds(5), milliseconds(300), milliseconds(50), milliseconds(5)};
}

class FetcherTest : public testing::Test {
 protected:
  std::shared_ptr<const Cell> cell(const std::string& name, Answer answer, std::vector<std::string> files = {}) {
    return fetcher_->cell(std::make_unique<FakeSource>(name, counted_, std::move(answer), std::move(files)),
                          Form::trimmed, {});
  }

  Counted counted_;
  std::unique_ptr<Fetcher> fetcher_ = std::make_unique<Fetcher>(quick());
};

TEST_F(FetcherTest, TellsOfEachFetchByItsKindAndWhatItCameTo) {
  std::mutex mutex;
  std::vector<std::string> told;
  const uint64_t number = fetcher_->tell([&](const Fetcher::Outcome& fetch) {
    const std::lock_guard lock(mutex);
    told.push_back(std::string(fetch.kind) + " " + std::string(fetch.result) + (fetch.changed ? " *" : ""));
  });
  const auto held = cell("a", [&](int fetch) -> Result<Token> {
    if (fetch < 3) return down();
    if (fetch == 3) return Failure{FailureKind::unauthorized, "no"};
    if (fetch == 4) return Failure{FailureKind::internal, "no file"};
    if (fetch == 5) return Token{Secret("t"), 1};  // dead long ago
    return token(fetch, 3600);
  });
  ASSERT_TRUE(eventually([&] { return !text_of(*held).empty(); }));
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return told.size() == 6;
  }));
  fetcher_->stop_telling(number);
  EXPECT_EQ(told, (std::vector<std::string>{"fake unavailable *", "fake unavailable", "fake refused *", "fake local *",
                                            "fake unusable *", "fake fetched *"}));
}

TEST_F(FetcherTest, FillsACellAndSaysWhenItDies) {
  const auto before = static_cast<int64_t>(system_unix_now());
  const auto held = cell("a", [](int number) { return token(number, 3600); });
  EXPECT_EQ(held->origin(), Origin::fetched);
  fetcher_->wait_for_first(kPatience);
  Cell::Buffer buffer;
  EXPECT_EQ(held->read_into(buffer), "t-1");
  EXPECT_GE(buffer.expires_at(), before + 3600);
  EXPECT_LE(buffer.expires_at(), static_cast<int64_t>(system_unix_now()) + 3600);
}

TEST_F(FetcherTest, NoTokenLivesLongerThanTheLimit) {
  // Its tokens live so long from the moment at which they are asked for.
  class Lasting final : public TokenSource {
   public:
    Lasting(int64_t life, std::atomic<int64_t>& asked) : life_(life), asked_(asked) {}
    Result<Token> fetch(const net::HttpClient&, int64_t unix_now) override {
      asked_ = unix_now;
      return Token{Secret("t"), unix_now + life_};
    }
    std::string name() const override { return "lasts " + std::to_string(life_); }
    Bytes kind() const override { return "fake"; }

   private:
    const int64_t life_;
    std::atomic<int64_t>& asked_;
  };
  const auto most = static_cast<int64_t>(limits::token_seconds_max);
  const std::pair<int64_t, int64_t> rows[] = {
      {most - 1, most - 1}, {most, most}, {most + 1, most}, {int64_t{1} << 50, most}};
  for (const auto& [life, taken] : rows) {
    std::atomic<int64_t> asked{0};
    const auto held = fetcher_->cell(std::make_unique<Lasting>(life, asked), Form::trimmed, {});
    ASSERT_TRUE(eventually([&] { return !text_of(*held).empty(); }));
    Cell::Buffer buffer;
    held->read_into(buffer);
    EXPECT_EQ(buffer.expires_at() - asked, taken);
  }
}

TEST(FetchTimes, ATokenIsLetBeForFourFifthsOfItsLifeOrMore) {
  EXPECT_EQ(FetchTimes().until_next(milliseconds(2'000)), milliseconds(1'600));
  EXPECT_EQ(FetchTimes().until_next(milliseconds(1'500'000)), milliseconds(1'200'000));
  EXPECT_EQ(FetchTimes().until_next(milliseconds(3'600'000)), milliseconds(3'300'000));
}

TEST_F(FetcherTest, FetchesAnewBeforeATokenDies) {
  std::atomic<uint64_t> first{0}, second{0};
  const auto held = cell("a", [&](int number) {
    (number == 1 ? first : second) = system_monotonic_now();
    return token(number, number == 1 ? 2 : 3600);
  });
  ASSERT_TRUE(eventually([&] { return text_of(*held) == "t-2"; }));
  // Four fifths of two seconds, or up to a fifth of that earlier. How much later it is, is this machine's.
  EXPECT_GE(second - first, 1'280'000'000u);
}

TEST_F(FetcherTest, ATokenThatDoesNotSayWhenItDiesIsFetchedNowAndThen) {
  const auto held = cell("a", [](int number) { return token(number, 0); });
  EXPECT_TRUE(eventually([&] { return counted_.fetches > 2; }));
  Cell::Buffer buffer;
  held->read_into(buffer);
  EXPECT_EQ(buffer.expires_at(), 0);
}

TEST_F(FetcherTest, KeepsTheOldTokenAndTriesLessAndLessOften) {
  std::mutex mutex;
  std::condition_variable changed;
  bool old_was_seen = false;
  std::vector<std::string> told;
  std::vector<uint64_t> times;
  const uint64_t number = fetcher_->tell([&](const Fetcher::Outcome& fetch) {
    const std::lock_guard lock(mutex);
    if (fetch.changed) told.push_back(fetch.source + ": " + fetch.problem);
  });
  const auto held = cell("a", [&](int fetch) -> Result<Token> {
    std::unique_lock lock(mutex);
    times.push_back(system_monotonic_now());
    if (fetch == 1) return token(1, 0);
    if (fetch < 8) return down();
    changed.wait(lock, [&] { return old_was_seen; });
    return token(fetch, 3600);
  });
  ASSERT_TRUE(eventually([&] { return counted_.fetches >= 4; }));
  EXPECT_EQ(text_of(*held), "t-1");
  {
    const std::lock_guard lock(mutex);
    old_was_seen = true;
  }
  changed.notify_all();
  ASSERT_TRUE(eventually([&] { return text_of(*held) == "t-8"; }));
  // Of a fetch is told when its token is in the cell already.
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return told.size() == 2;
  }));
  fetcher_->stop_telling(number);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(told, (std::vector<std::string>{"a: down", "a: "}));
  // 5, 10, 20, 40, 80, 160 ms, less a fifth at most.
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_GE(times[i + 2] - times[i + 1], (4'000'000ull << i)) << i;
  }
}

TEST_F(FetcherTest, WhatIsNoTokenIsNotTaken) {
  const auto held = cell("a", [](int number) -> Result<Token> {
    if (number == 1) return Token{Secret("two\nlines"), 0};
    if (number == 2) return token(2, -10);
    return token(number, 3600);
  });
  ASSERT_TRUE(eventually([&] { return text_of(*held) == "t-3"; }));
}

TEST_F(FetcherTest, AChangeOfAFileIsAReasonToFetch) {
  std::string pattern = (std::filesystem::temp_directory_path() / "aigw-fetcher-XXXXXX").string();
  const std::filesystem::path directory = ::mkdtemp(pattern.data());
  const std::string path = (directory / "file").string();
  std::ofstream(path) << "one";
  const auto held = cell("a", [](int number) { return token(number, 3600); }, {path});
  ASSERT_TRUE(eventually([&] { return text_of(*held) == "t-1"; }));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(counted_.fetches, 1);
  std::filesystem::remove(path);  // away for a moment
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(counted_.fetches, 1);
  // At once, since a file without its content yet would be one more change.
  std::ofstream(path + ".new") << "another";
  std::filesystem::rename(path + ".new", path);
  EXPECT_TRUE(eventually([&] { return text_of(*held) == "t-2"; }));
  std::filesystem::remove_all(directory);
}

TEST_F(FetcherTest, SourcesOfOneNameShareACell) {
  const auto first = cell("a", [](int number) { return token(number, 3600); });
  EXPECT_EQ(cell("a", [](int) -> Result<Token> { return down(); }), first);
  EXPECT_NE(cell("b", [](int number) { return token(number, 3600); }), first);
}

TEST_F(FetcherTest, EndsWhatNobodyHolds) {
  auto held = cell("a", [](int number) { return token(number, 3600); });
  fetcher_->sweep();
  EXPECT_EQ(counted_.destroyed, 0);
  held.reset();
  fetcher_->sweep();
  EXPECT_EQ(counted_.destroyed, 1);
}

TEST_F(FetcherTest, ACellOutlivesTheFetcher) {
  const auto held = cell("a", [](int number) { return token(number, 0); });  // fetched anew after 50 ms
  fetcher_->wait_for_first(kPatience);
  fetcher_.reset();
  const int fetches = counted_.fetches;
  const std::string text = text_of(*held);
  EXPECT_TRUE(text.starts_with("t-")) << text;
  std::this_thread::sleep_for(milliseconds(500));
  EXPECT_EQ(counted_.fetches, fetches);
  EXPECT_EQ(text_of(*held), text);
}

TEST_F(FetcherTest, WaitsNoLongerThanItIsTold) {
  std::mutex mutex;
  std::condition_variable changed;
  bool released = false;
  const auto held = cell("a", [&](int number) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return released; });
    return token(number, 3600);
  });
  fetcher_->wait_for_first(milliseconds(50));  // would not end otherwise
  EXPECT_EQ(text_of(*held), "");
  {
    const std::lock_guard lock(mutex);
    released = true;
  }
  changed.notify_all();
  EXPECT_TRUE(eventually([&] { return text_of(*held) == "t-1"; }));
}

TEST(FetcherHandle, ThereIsOneAsLongAsSomebodyHoldsIt) {
  Counted counted;
  auto source = [&] {
    return std::make_unique<FakeSource>("a", counted, [](int number) { return token(number, 3600); });
  };
  std::shared_ptr<const Cell> first;
  {
    const Fetcher::Handle one;
    first = one->cell(source(), Form::trimmed, {});
    const Fetcher::Handle two;
    EXPECT_EQ(two->cell(source(), Form::trimmed, {}), first);
    EXPECT_NE(two->cell(source(), Form::trimmed, "other secret"), first);
  }
  const Fetcher::Handle later;
  EXPECT_NE(later->cell(source(), Form::trimmed, {}), first);
}

}  // namespace
}  // namespace aigw::credential
