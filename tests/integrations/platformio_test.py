"""integrations/platformio: the upload commands of the example write a chip."""
import configparser
import re

from bench import BenchTest, flash_start, integrations
import unittest


class Upload(BenchTest):
    def setUp(self):
        super().setUp()
        self.project = configparser.ConfigParser(interpolation=None)
        with open(integrations / "platformio/platformio.ini", encoding="utf-8") as file:
            self.project.read_file(file)

    def option(self, environment, name):
        """As PlatformIO reads it: `extends` names a section to inherit from, ${this.NAME} is another option."""
        section = self.project[f"env:{environment}"]
        if name not in section:
            return self.option(section["extends"].removeprefix("env:"), name)
        return re.sub(r"\$\{this\.([^}]+)\}", lambda match: self.option(environment, match[1]), section[name])

    def upload(self, environment, options=()):
        self.assertEqual(self.option(environment, "upload_protocol"), "custom")
        firmware = f".pio/build/{environment}/firmware.bin"
        return self.on_probe(self.option(environment, "upload_command").replace("$SOURCE", firmware), options)

    def make(self, environment, address=flash_start):
        return self.firmware(1, "firmware", address, self.folder / ".pio/build" / environment)

    def test_the_bin_file_goes_to_the_start_of_the_flash(self):
        image = self.make("bluepill")
        self.assertSucceeds(self.upload("bluepill"))
        self.assertFlashHolds(image)

    def test_behind_a_boot_loader_it_goes_to_its_address(self):
        address = int(self.option("behind_boot_loader", "board_upload.offset_address"), 0)
        image = self.make("behind_boot_loader", address)
        self.assertSucceeds(self.upload("behind_boot_loader"))
        self.assertGreater(address, flash_start)
        self.assertFlashHolds(image, address)

    def test_one_of_several_boards_is_named(self):
        image = self.make("board_at_this_port")
        self.assertSucceeds(self.upload("board_at_this_port", ["--probes", "2"]))
        self.assertFlashHolds(image, probe=1)
        self.assertFlashHolds(b"", probe=2)

    def test_a_failure_is_an_exit_code(self):
        self.assertFails(self.upload("bluepill"), 4, "firmware.bin")

    def test_the_readme_shows_the_same_commands(self):
        text = (integrations / "platformio/README.md").read_text()
        for environment in "bluepill", "behind_boot_loader":
            self.assertIn(f"upload_command = {self.project[f'env:{environment}']['upload_command']}\n", text)


if __name__ == "__main__":
    unittest.main()
