"""integrations/zephyr: its runner, called as west calls it, writes a chip."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import yaml
from bench import BenchTest, flash_size, flash_start, integrations

module = integrations / "zephyr"
stand_ins = pathlib.Path(__file__).parent / "stand_ins"


class WestFlash(BenchTest):
    def setUp(self):
        super().setUp()
        self.zephyr = self.folder / "build/zephyr"
        self.image = self.firmware(1, "zephyr", folder=self.zephyr)
        self.configure()

    def configure(self, kinds=("elf", "hex"), arguments=(), offset=0):
        """The build's runners.yaml and .config."""
        outputs = {f"{kind}_file": f"zephyr.{kind}" for kind in kinds}
        (self.zephyr / "runners.yaml").write_text(yaml.safe_dump(
            {"runners": ["flashhost"], "flash-runner": "flashhost", "config": outputs, "args": {"flashhost": list(arguments)}}))
        (self.zephyr / ".config").write_text(
            f"CONFIG_FLASH_BASE_ADDRESS={flash_start:#x}\nCONFIG_HAS_FLASH_LOAD_OFFSET=y\nCONFIG_FLASH_LOAD_OFFSET={offset:#x}\n")

    def west(self, *options, command="flash", **on_probe):
        return self.on_probe([sys.executable, stand_ins / "west.py", module, self.folder / "build", command, *options],
                             environment={"PYTHONPATH": str(stand_ins)}, **on_probe)

    def test_prefers_hex_to_elf_to_bin(self):
        signed = self.firmware(2, "signed")
        (self.folder / "signed.hex").rename(self.zephyr / "zephyr.hex")
        self.configure(["elf", "hex", "bin"])
        self.assertSucceeds(self.west())
        self.assertFlashHolds(signed)
        self.assertFalse(self.core_is_halted())
        (self.zephyr / "zephyr.hex").unlink()
        self.assertSucceeds(self.west())
        self.assertFlashHolds(self.image)

    def test_puts_a_bin_where_devicetree_says(self):
        self.configure(["bin"], offset=0x4000)
        self.assertSucceeds(self.west("--dt-flash=y"))
        self.assertFlashHolds(self.image, flash_start + 0x4000)
        self.new_chip()
        self.assertSucceeds(self.west("--dt-flash=n"))
        self.assertFlashHolds(self.image)

    def test_takes_another_file_and_its_type(self):
        other = self.firmware(3, "other")
        self.assertSucceeds(self.west("--file", "other.elf"))
        self.assertFlashHolds(other)
        (self.folder / "other.bin").rename(self.folder / "other.image")
        self.configure(offset=0x2000)
        self.new_chip()
        self.assertSucceeds(self.west("-f", "other.image", "-t", "bin"))
        self.assertFlashHolds(other, flash_start + 0x2000)

    def test_erase_clears_the_whole_flash_first(self):
        (self.folder / "flash").write_bytes(b"\x12" * flash_size)
        self.assertSucceeds(self.west("--erase"))
        self.assertFlashHolds(self.image)

    def test_without_erase_keeps_the_rest(self):
        (self.folder / "flash").write_bytes(b"\x12" * flash_size)
        self.assertSucceeds(self.west())
        self.assertEqual((self.folder / "flash").read_bytes(), self.image + b"\x12" * (flash_size - len(self.image)))

    def test_no_reset_leaves_the_core_halted_and_reset_runs_it(self):
        self.assertSucceeds(self.west("--no-reset"))
        self.assertFlashHolds(self.image)
        self.assertTrue(self.core_is_halted())
        self.assertEqual(self.summary["probes"][0]["system_resets"], 0)
        (self.folder / "board.toml").write_text('[flash]\nreset = "halt"\n')
        self.assertSucceeds(self.west("--reset"))
        self.assertFalse(self.core_is_halted())

    def test_dev_id_chooses_the_probe(self):
        two_probes = ["--serial", "0669FF3031", "--serial", "0669FF4041"]
        self.assertSucceeds(self.west("-i", "0669FF4", options=two_probes))
        self.assertFlashHolds(b"", probe=1)
        self.assertFlashHolds(self.image, probe=2)
        self.assertFails(self.west(options=two_probes), 5, "--probe 0669FF4")

    def test_arguments_of_the_board_and_of_the_user_reach_flashhost(self):
        (self.folder / "bench.toml").write_text('[board]\nname = "a board of its own"\n')
        self.configure(arguments=["--chip=STM32F103CB", "--config=bench.toml"])
        outcome = self.west("-O--json", "-O=-v")
        self.assertSucceeds(outcome)
        self.assertIn('"text":"a board of its own: STM32F103CB', outcome.output)
        self.assertFails(self.west("--chip", "STM32F407VG"), 6, "STM32F407VG")

    def test_a_wrong_image_is_a_failure_and_nothing_is_written(self):
        self.firmware(1, "zephyr", 0x20000000, self.zephyr)
        self.assertFails(self.west(), 4, "0x20000000")
        (self.zephyr / "zephyr.hex").write_text("not an image")
        self.assertFails(self.west(), 4, "zephyr.hex")
        self.assertFlashHolds(b"")

    def test_what_is_missing_is_named(self):
        for kind in "elf", "hex", "bin":
            (self.zephyr / f"zephyr.{kind}").unlink()
        self.assertFails(self.west(), 1, "CONFIG_BUILD_OUTPUT_HEX")
        self.assertFails(self.west("-f", "x.hex", "--flashhost", "flashhost-is-not-here"), 1, "flashhost-is-not-here")
        self.assertFails(self.west(command="debug"), 1, "does not support command debug")


class Cmake(unittest.TestCase):
    """The module's CMake files, with stand-ins for the functions of Zephyr's build that they call."""

    functions = """
macro(board_set_flasher_ifnset runner)
  if(NOT DEFINED BOARD_FLASH_RUNNER)
    set(BOARD_FLASH_RUNNER ${runner})
  endif()
endmacro()
function(board_finalize_runner_args runner)
  set_property(GLOBAL APPEND PROPERTY ZEPHYR_RUNNERS ${runner})
endfunction()
"""
    report = """
get_property(runners GLOBAL PROPERTY ZEPHYR_RUNNERS)
message("runners: ${runners}; default: ${BOARD_FLASH_RUNNER}")
"""

    def run_cmake(self, *files, default=""):
        folder = yaml.safe_load((module / "zephyr/module.yml").read_text())["build"]["cmake"]
        build_file = module / folder / "CMakeLists.txt"
        script = "cmake_policy(VERSION 3.20)\n" + default + self.functions
        script += "".join(f"include({file})\n" for file in [*files, build_file]) + self.report
        with tempfile.NamedTemporaryFile("w", suffix=".cmake") as file:
            file.write(script)
            file.flush()
            run = subprocess.run(["cmake", "-P", file.name], text=True, capture_output=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stderr.strip()

    def test_every_board_has_the_runner(self):
        self.assertEqual(self.run_cmake(), "runners: flashhost; default:")

    def test_a_board_can_make_it_its_default(self):
        board = module / "boards/flashhost.board.cmake"
        self.assertEqual(self.run_cmake(board), "runners: flashhost; default: flashhost")
        other = "set(BOARD_FLASH_RUNNER openocd)\n"
        self.assertEqual(self.run_cmake(board, default=other), "runners: flashhost; default: openocd")


if __name__ == "__main__":
    unittest.main()
