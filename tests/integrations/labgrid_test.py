"""integrations/labgrid: its driver, made from the example env.yaml as labgrid does, writes a chip."""
import pathlib
import sys
import unittest

import yaml
from bench import BenchTest

stand_ins = pathlib.Path(__file__).parent / "stand_ins"


class Load(BenchTest):
    def setUp(self):
        super().setUp()
        self.copy("labgrid/env.yaml", "labgrid/flashhostdriver.py")
        self.exporter = self.folder / "exporter"
        self.exporter.mkdir()

    def load(self, *files, resource="USBDebugger", port="1-1", folder="", options=("--probes", "2")):
        command = [sys.executable, stand_ins / "pytest_of_labgrid.py", "env.yaml", resource, port, folder, *files]
        return self.on_probe(command, options, {"PYTHONPATH": str(stand_ins)})

    def change_driver(self, **settings):
        env = yaml.safe_load((self.folder / "env.yaml").read_text())
        env["targets"]["main"]["drivers"]["FlashhostDriver"].update(settings)
        (self.folder / "env.yaml").write_text(yaml.safe_dump(env))

    def test_writes_the_image_of_the_environment_at_the_usb_port(self):
        image = self.firmware(1, "firmware")
        self.assertSucceeds(self.load(port="1-2"))
        self.assertFlashHolds(b"", probe=1)
        self.assertFlashHolds(image, probe=2)

    def test_writes_a_file_through_an_exporter(self):
        image = self.firmware(2, "other file")
        (self.folder / "bench.toml").write_text('[board]\nname = "a board of its own"\n')
        self.change_driver(config="bench.toml", args=["--chip", "STM32F103CB"])
        outcome = self.load("other file.elf", resource="NetworkUSBDebugger", folder=self.exporter)
        self.assertSucceeds(outcome)
        self.assertIn("a board of its own: STM32F103CB", outcome.output)
        self.assertFlashHolds(image, probe=1)
        self.assertEqual(sorted(file.name for file in self.exporter.iterdir()), ["bench.toml", "other file.elf"])

    def test_a_failure_is_an_exception_with_the_exit_code(self):
        self.firmware(1, "firmware")
        self.change_driver(args=["--chip", "STM32F407VG"])
        self.assertFails(self.load(), 6, "STM32F407VG")
        self.change_driver(image=None)
        self.assertFails(self.load(), 1, "load() needs a file")


if __name__ == "__main__":
    unittest.main()
