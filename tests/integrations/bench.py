"""What the tests of integrations/ share: firmware, and a virtual ST-Link with an STM32F103CB to write it into."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import types
import unittest

build = pathlib.Path(os.environ["FLASHHOST_BUILD"])
root = pathlib.Path(__file__).resolve().parents[2]
integrations = root / "integrations"
flash_start = 0x08000000
flash_size = 128 * 1024

# A vector table, a loop, and a table of numbers by which one firmware differs from another.
source = """
  .syntax unified
  .cpu cortex-m3
  .thumb
  .word 0x20005000, reset
  .thumb_func
  .global reset
reset:
  b reset
  .align 2
  .fill 200, 4, {number}
"""


class BenchTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.summary = None

    def firmware(self, number, name="app", address=flash_start, folder=None):
        """Makes NAME.elf, NAME.hex and NAME.bin, and returns what of it is in the flash."""
        stem = (folder or self.folder) / name
        stem.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["arm-none-eabi-gcc", "-x", "assembler", "-", "-nostdlib", f"-Wl,-Ttext={address:#x},-e,reset",
                        "-o", f"{stem}.elf"], input=source.format(number=number), text=True, check=True)
        for format, extension in ("ihex", "hex"), ("binary", "bin"):
            subprocess.run(["arm-none-eabi-objcopy", "-O", format, f"{stem}.elf", f"{stem}.{extension}"], check=True)
        return pathlib.Path(f"{stem}.bin").read_bytes()

    def on_probe(self, command, options=(), environment=(), program_folder=build / "bin"):
        """Runs a command, a list or a line for the shell, in the test's folder: `flashhost` is in PATH, and finds a virtual
        ST-Link. options are those of virtual-stlink."""
        words = ["/bin/sh", "-c", command] if isinstance(command, str) else [str(word) for word in command]
        summary = self.folder / "summary.json"
        summary.unlink(missing_ok=True)
        variables = {**os.environ, "PATH": f"{program_folder}:{os.environ['PATH']}",
                     "FLASHHOST_PLUGIN_PATH": f"{build}/plugins", "XDG_STATE_HOME": f"{self.folder}/state",
                     "PYTHONDONTWRITEBYTECODE": "1", **dict(environment)}
        variables.pop("FLASHHOST_CONFIG", None)
        # A V3 is the fastest.
        run = subprocess.run([build / "bin/virtual-stlink", "--probe", "v3", "--state", self.folder / "flash",
                              "--summary", summary, *options, "--", *words], cwd=self.folder, env=variables, text=True, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        if summary.exists():
            self.summary = json.loads(summary.read_text())
        return types.SimpleNamespace(exit_code=run.returncode, output=run.stdout)

    def new_chip(self):
        (self.folder / "flash").unlink()

    def core_is_halted(self):
        """As the last command has left it."""
        return self.summary["probes"][0]["left_behind"]["DHCSR"] & 1 << 17 != 0

    def assertSucceeds(self, outcome):
        self.assertEqual(outcome.exit_code, 0, outcome.output)

    def assertFails(self, outcome, exit_code, text):
        self.assertEqual(outcome.exit_code, exit_code, outcome.output)
        self.assertIn(text, outcome.output)

    def assertFlashHolds(self, image, address=flash_start, probe=None):
        """The image there, and nothing else in the flash. probe: its number, where there are several."""
        at = address - flash_start
        expected = b"\xff" * at + image + b"\xff" * (flash_size - at - len(image))
        found = (self.folder / (f"flash.{probe}" if probe else "flash")).read_bytes()
        self.assertEqual(len(found), flash_size)
        wrong = [f"{i:#x}: {found[i]:02x}, not {expected[i]:02x}" for i in range(flash_size) if found[i] != expected[i]]
        self.assertEqual(wrong[:3], [])

    def copy(self, *names):
        """Files of integrations/, as a user copies them, into the test's folder."""
        for name in names:
            shutil.copy(integrations / name, self.folder)
