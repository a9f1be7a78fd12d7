// Locks on device files, among processes. A plain file stands for the device.
#include "files/device_lock.hpp"

#include "temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <utility>

namespace flashhost::files {
namespace {

// Another process that holds the lock until it is killed.
class Holder {
 public:
  explicit Holder(const std::filesystem::path &device) {
    int ready[2];
    if (::pipe(ready) != 0) return;
    id_ = ::fork();
    if (id_ == 0) {
      const DeviceLock lock(device);
      const char word = lock.holder() ? 'n' : 'y';
      if (::write(ready[1], &word, 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    char word = 'n';
    has_it_ = ::read(ready[0], &word, 1) == 1 && word == 'y';
    ::close(ready[0]);
    ::close(ready[1]);
  }
  Holder(const Holder &) = delete;
  Holder &operator=(const Holder &) = delete;
  ~Holder() { kill(); }
  void kill() {
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    ::waitpid(std::exchange(id_, 0), nullptr, 0);
  }
  [[nodiscard]] pid_t id() const { return id_; }
  [[nodiscard]] bool has_it() const { return has_it_; }

 private:
  pid_t id_ = 0;
  bool has_it_ = false;
};

class DeviceLockTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path write(const std::string &name) const {
    std::ofstream(folder_.path() / name) << name;
    return folder_.path() / name;
  }
  bench::TemporaryFolder folder_;
  std::filesystem::path device_ = write("005");
};

TEST_F(DeviceLockTest, NamesTheProcessThatHasIt) {
  const Holder other(device_);
  ASSERT_TRUE(other.has_it());
  const DeviceLock lock(device_);
  ASSERT_TRUE(lock.holder());
  EXPECT_EQ(lock.holder()->id, other.id());
  EXPECT_FALSE(lock.holder()->name.empty());
  EXPECT_EQ(to_text(*lock.holder()),
            lock.holder()->name + " (process " + std::to_string(other.id()) + ")");
  ASSERT_TRUE(user_of(device_));
  EXPECT_EQ(user_of(device_)->id, other.id());
}

TEST_F(DeviceLockTest, IsFreeWhenTheProcessIsKilled) {
  Holder other(device_);
  ASSERT_TRUE(other.has_it());
  other.kill();
  EXPECT_FALSE(DeviceLock(device_).holder());
  EXPECT_FALSE(user_of(device_));
  EXPECT_TRUE(Holder(device_).has_it());
}

TEST_F(DeviceLockTest, IsHeldAsLongAsTheObjectLives) {
  std::optional<DeviceLock> lock(device_);
  EXPECT_FALSE(lock->holder());
  EXPECT_FALSE(Holder(device_).has_it());
  lock.reset();
  EXPECT_TRUE(Holder(device_).has_it());
}

TEST_F(DeviceLockTest, OfAnotherDeviceIsAnotherLock) {
  const Holder other(write("006"));
  EXPECT_FALSE(DeviceLock(device_).holder());
}

TEST_F(DeviceLockTest, OfWhatCannotBeOpenedThereIsNone) {
  EXPECT_FALSE(DeviceLock(folder_.path() / "none").holder());
  EXPECT_FALSE(user_of(folder_.path() / "none"));
}

}  // namespace
}  // namespace flashhost::files
