"""integrations/arduino: the upload pattern, expanded as the Arduino builder does, writes a chip."""
import re
import shlex
import unittest

from bench import BenchTest, integrations

method = "flashhost"


def properties(file):
    lines = (integrations / "arduino" / file).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def below(prefix, values):
    return {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}


def expand(pattern, values):
    """Replaces {NAME}, also in what has replaced one; a name without a value stays."""
    for _ in range(10):
        pattern = re.sub(r"\{([^{}]+)\}", lambda match: values.get(match[1], match[0]), pattern)
    return pattern


class Upload(BenchTest):
    boards = properties("boards.local.txt")
    platform = properties("platform.local.txt")

    def command(self, board="GenF1", verbosity="quiet", **changes):
        values = {"build.path": str(self.folder / "build of a sketch"), "build.project_name": "sketch.ino",
                  **below(f"{board}.menu.upload_method.{method}.", self.boards)}
        tool = below(f"tools.{values['upload.tool']}.", self.platform)
        values |= tool | {"upload.verbose": tool[f"upload.params.{verbosity}"]} | changes
        return shlex.split(expand(values["upload.pattern"], values))

    def make(self):
        return self.firmware(1, "sketch.ino", folder=self.folder / "build of a sketch")

    def test_writes_the_sketch(self):
        image = self.make()
        quiet = self.on_probe(self.command())
        self.assertSucceeds(quiet)
        self.assertFlashHolds(image)
        self.assertEqual(quiet.output, "")
        self.assertIn("nothing to do", self.on_probe(self.command(verbosity="verbose")).output)

    def test_takes_options_from_the_boards_file(self):
        image = self.make()
        command = self.command(**{"upload.options": "--probe usb:1-2"})
        self.assertSucceeds(self.on_probe(command, ["--probes", "2"]))
        self.assertFlashHolds(b"", probe=1)
        self.assertFlashHolds(image, probe=2)

    def test_a_failure_is_one_message_and_an_exit_code(self):
        self.assertFails(self.on_probe(self.command()), 4, "error: ")

    def test_each_board_has_a_name_in_the_menu_and_the_same_tool(self):
        groups = {key.split(".")[0] for key in self.boards}
        self.assertIn("GenF4", groups)
        for board in groups:
            self.assertTrue(self.boards[f"{board}.menu.upload_method.{method}"])
            self.assertEqual(self.command(board), self.command())
            for word in self.command(board):
                self.assertNotRegex(word, "[{}]")


if __name__ == "__main__":
    unittest.main()
