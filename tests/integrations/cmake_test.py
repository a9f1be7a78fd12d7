"""integrations/cmake: a firmware project, built for Arm against the installed package, flashes what it builds."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from bench import BenchTest, build, source

project = """
cmake_minimum_required(VERSION 3.25)
project(firmware LANGUAGES C ASM)
find_package(flashhost REQUIRED)
add_executable(app app.S)
target_link_options(app PRIVATE -nostdlib -Wl,-Ttext=0x08000000,-e,reset)
flashhost_add_flash_target(app)
flashhost_add_flash_target(app NAME flash-f4 ARGS --chip STM32F407VG)
flashhost_add_flash_target(app NAME flash-halted CONFIG boards/halted.toml FORMAT elf)
"""
toolchain = """
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
"""


class FlashTarget(BenchTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.prefix = pathlib.Path(folder.name)
        subprocess.run(["cmake", "--install", build, "--strip", "--prefix", cls.prefix], check=True, stdout=subprocess.DEVNULL)

    def write(self, file, text):
        (self.folder / file).parent.mkdir(exist_ok=True)
        (self.folder / file).write_text(text)

    def configure(self, text=project):
        self.write("CMakeLists.txt", text)
        self.write("toolchain.cmake", toolchain)
        self.write("boards/halted.toml", '[board]\nname = "halted board"\n[flash]\nreset = "halt"\n')
        self.write("app.S", source.format(number=1))
        return subprocess.run(["cmake", "-G", "Ninja", "-S", self.folder, "-B", self.folder / "build",
                               f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DCMAKE_TOOLCHAIN_FILE={self.folder}/toolchain.cmake"],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)

    def build(self, target):
        # The installed flashhost is used, wherever another one is.
        return self.on_probe(["cmake", "--build", "build", "--target", target], program_folder="/nowhere",
                             environment={"FLASHHOST_PLUGIN_PATH": ""})

    def assertConfigures(self):
        configured = self.configure()
        self.assertEqual(configured.returncode, 0, configured.stdout)

    def test_builds_and_flashes_and_does_it_again_after_a_change(self):
        self.assertConfigures()
        self.assertSucceeds(self.build("flash-app"))
        self.assertFlashHolds(self.firmware(1, "same"))
        again = self.build("flash-app")
        self.assertSucceeds(again)
        self.assertIn("nothing to do", again.output)
        self.write("app.S", source.format(number=2))
        self.assertSucceeds(self.build("flash-app"))
        self.assertFlashHolds(self.firmware(2, "same"))

    def test_takes_a_board_file(self):
        self.assertConfigures()
        named = self.build("flash-halted")
        self.assertSucceeds(named)
        self.assertIn("halted board", named.output)
        # One that lies beside the CMakeLists.txt is used without being named.
        shutil.copy(self.folder / "boards/halted.toml", self.folder / "board.toml")
        self.assertIn("halted board", self.build("flash-app").output)

    def test_a_failure_to_flash_is_a_failure_of_the_build(self):
        self.assertConfigures()
        outcome = self.build("flash-f4")
        self.assertNotEqual(outcome.exit_code, 0)
        self.assertIn("STM32F407VG", outcome.output)
        self.assertFlashHolds(b"")

    def test_mistakes_in_the_call_are_named(self):
        for call, text in ("flashhost_add_flash_target(other)", "there is no target"), \
                ("flashhost_add_flash_target(app CONFIG)", "no value after CONFIG"), \
                ("flashhost_add_flash_target(app board.toml)", "unknown argument board.toml"):
            configured = self.configure(project + call)
            self.assertNotEqual(configured.returncode, 0)
            self.assertIn(text, " ".join(configured.stdout.split()))

    def test_on_the_same_computer_the_package_of_plugins_has_it_too(self):
        self.write("CMakeLists.txt", project.replace("LANGUAGES C ASM", "LANGUAGES CXX").split("add_executable")[0] + """
if(NOT TARGET flashhost::sdk OR NOT COMMAND flashhost_add_flash_target)
  message(FATAL_ERROR missing)
endif()
""")
        run = subprocess.run(["cmake", "-G", "Ninja", "-S", self.folder, "-B", self.folder / "native",
                              f"-DCMAKE_PREFIX_PATH={self.prefix}"], text=True, capture_output=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)


if __name__ == "__main__":
    unittest.main()
