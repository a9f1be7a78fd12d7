// The program virtual-cmsisdap as such: what a program sees of its probes, wrong options,
// summaries.
#include "process.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace virtual_cmsisdap::testing {

namespace {

using flashhost::testing::Outcome;
using flashhost::testing::run_process;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Outcome run(std::vector<std::string> words) {
  words.insert(words.begin(), VIRTUAL_CMSISDAP);
  return run_process(words);
}

TEST(VirtualCmsisDapProgram, the_command_sees_both_interfaces_and_the_hidraw_node) {
  const Outcome outcome = run(
      {"--serial", "S1", "--serial", "S2", "--", "sh", "-c",
       "cd /sys/bus/usb/devices; cat 1-*/idProduct 1-*/serial 1-1:1.*/interface; echo; ls /dev | "
       "grep hidraw; cat /sys/class/hidraw/hidraw0/device/uevent | grep HID_ID"});
  EXPECT_EQ(outcome.out,
            "0204\n0204\nS1S2CMSIS-DAP v2\nCMSIS-DAP v1\n\nhidraw0\nhidraw1\n"
            "HID_ID=0003:00000D28:00000204\n")
      << outcome.err;
}

TEST(VirtualCmsisDapProgram, a_bulk_probe_has_no_hidraw_node) {
  const Outcome outcome = run({"--interface", "v2", "--", "ls", "/sys/class"});
  EXPECT_THAT(outcome.out, ::testing::Not(HasSubstr("hidraw"))) << outcome.err;
}

// A program that uses the hidraw node with system calls alone.
Outcome run_script(std::vector<std::string> options, const std::string &script) {
  const std::string common =
      "import errno, fcntl, os, select, struct\n"
      "node = os.open('/dev/hidraw0', os.O_RDWR)\n"
      "poll = select.poll()\n"
      "poll.register(node, select.POLLIN)\n"
      "ask = bytes([0, 0, 0xFE]) + bytes(62)\n";
  options.insert(options.end(), {"--", PYTHON, "-c", common + script});
  return run(options);
}

TEST(VirtualCmsisDapProgram, a_hidraw_node_is_written_waited_for_and_read) {
  const Outcome outcome =
      run_script({},
                 "print(poll.poll(5))\n"
                 "print(os.write(node, ask), len(poll.poll(5000)), os.read(node, 64)[:3].hex())\n"
                 "os.write(node, ask); os.write(node, ask)\n"
                 "print(len(os.read(node, 10)), len(os.read(node, 64)), poll.poll(5))\n"
                 "size = fcntl.ioctl(node, 0x80044801, bytes(4))\n"
                 "print(struct.unpack('<i', size)[0])\n"
                 "print(struct.unpack('<IHH', fcntl.ioctl(node, 0x80084803, bytes(8))))\n");
  EXPECT_EQ(outcome.out, "[]\n65 1 000104\n10 64 []\n35\n(3, 3368, 516)\n") << outcome.err;
}

TEST(VirtualCmsisDapProgram, reports_go_when_the_last_program_closes_the_node) {
  // That a program has closed it is noticed a little later.
  const Outcome outcome = run_script({},
                                     "import time\n"
                                     "os.write(node, ask); poll.poll(5000); os.close(node)\n"
                                     "end = time.monotonic() + 20\n"
                                     "while time.monotonic() < end:\n"
                                     "  node = os.open('/dev/hidraw0', os.O_RDWR)\n"
                                     "  fcntl.ioctl(node, 0x80044801, bytes(4))\n"
                                     "  poll.register(node, select.POLLIN)\n"
                                     "  left = poll.poll(0)\n"
                                     "  os.close(node)\n"
                                     "  if not left: break\n"
                                     "  time.sleep(0.01)\n"
                                     "print(left)\n");
  EXPECT_EQ(outcome.out, "[]\n") << outcome.err;
}

TEST(VirtualCmsisDapProgram, unplugging_ends_what_waits_at_a_hidraw_node) {
  // The kernel asks for a report as soon as the node is open: that is the first transfer.
  const Outcome outcome = run_script({"--fault", "usb_unplug_at=2"},
                                     "def failure(call):\n"
                                     "  try: call()\n"
                                     "  except OSError as e: return errno.errorcode[e.errno]\n"
                                     "poll.poll(20)\n"
                                     "print(failure(lambda: os.write(node, ask)))\n"
                                     "print(len(poll.poll(5000)))\n"
                                     "print(failure(lambda: os.read(node, 64)))\n"
                                     "print(failure(lambda: os.write(node, ask)))\n");
  EXPECT_EQ(outcome.out, "ESHUTDOWN\n1\nEIO\nENODEV\n") << outcome.err;
}

// The kernel asks for the next report while three are being sent: that unplugs the probe.
TEST(VirtualCmsisDapProgram, unplugging_ends_the_reports_that_are_under_way) {
  const Outcome outcome =
      run_script({"--fault", "usb_unplug_at=5"},
                 "import threading\n"
                 "poll.poll(20)\n"
                 "ended = []\n"
                 "nodes = [os.open('/dev/hidraw0', os.O_RDWR) for _ in range(3)]\n"
                 "def send(node):\n"
                 "  try: os.write(node, ask)\n"
                 "  except OSError: pass\n"
                 "  ended.append(True)\n"
                 "threads = [threading.Thread(target=send, args=[one]) for one in nodes]\n"
                 "for one in threads: one.start()\n"
                 "for one in threads: one.join(20)\n"
                 "print(len(ended), flush=True)\n"
                 "os._exit(0)\n");
  EXPECT_EQ(outcome.out, "3\n") << outcome.err;
}

TEST(VirtualCmsisDapProgram, a_probe_that_comes_back_has_a_new_hidraw_node) {
  const Outcome outcome =
      run_script({"--fault", "usb_unplug_at=2:50"},
                 "import time\n"
                 "poll.poll(20)\n"
                 "try: os.write(node, ask)\n"
                 "except OSError: pass\n"
                 "while not os.path.exists('/dev/hidraw1'): time.sleep(0.01)\n"
                 "print([name for name in os.listdir('/dev') if name.startswith('hidraw')])\n"
                 "node = os.open('/dev/hidraw1', os.O_RDWR)\n"
                 "os.write(node, ask)\n"
                 "print(os.read(node, 64)[:3].hex())\n");
  EXPECT_EQ(outcome.out, "['hidraw1']\n000104\n") << outcome.err;
}

TEST(VirtualCmsisDapProgram, wrong_options_are_told_before_anything_is_started) {
  const std::vector<std::vector<std::string>> wrong{
      {"--personality", "jlink", "--", "echo", "started"},
      {"--packet-size", "100", "--", "echo", "started"},
      {"--packet-size", "512", "--interface", "v1", "--", "echo", "started"},
      {"--fault", "wrong_echo_at", "--", "echo", "started"},
      {"--fault", "zlp_missing=1", "--", "echo", "started"},
      {"--fault", "no_such_fault", "--", "echo", "started"},
      {"--serial", "", "--", "echo", "started"},
  };
  for (const auto &words : wrong) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_FALSE(outcome.err.empty());
  }
}

TEST(VirtualCmsisDapProgram, help_lists_personalities_and_faults) {
  const Outcome outcome = run({"--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("debugprobe"), HasSubstr("edbg"), HasSubstr("stale_response"),
                    HasSubstr("usb_unplug_at=N[:MS]"), HasSubstr("hsi_off"), HasSubstr("--pace")));
}

TEST(VirtualCmsisDapProgram, the_summary_counts_requests_and_transfers) {
  const auto told = nlohmann::json::parse(run({"--summary", "json", "--", "false"}).err);
  EXPECT_EQ(told.at("exit_code"), 1);
  const auto &probe = told.at("probes").at(0);
  EXPECT_EQ(probe.at("serial"), "VCD00001");
  EXPECT_EQ(probe.at("commands"), 0);
  EXPECT_EQ(probe.at("swd_transfers"), 0);
}

}  // namespace

}  // namespace virtual_cmsisdap::testing
