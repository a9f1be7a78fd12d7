"""integrations/vscode: the tasks write a chip, and a debugger finds it as the debug configurations expect."""
import json
import re
import shlex
import unittest

from bench import BenchTest, integrations


def read(name):
    """JSON with comments, as VS Code reads it."""
    text = (integrations / "vscode" / name).read_text()
    return json.loads(re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*', lambda match: match[1] or "", text))


class Tasks(BenchTest):
    tasks = {task["label"]: task for task in read("tasks.json")["tasks"]}
    debug = read("launch.json")["configurations"]

    def command(self, label):
        task = self.tasks[label]
        self.assertEqual(task["type"], "process")
        words = [word.replace("${workspaceFolder}", str(self.folder)) for word in [task["command"], *task["args"]]]
        return shlex.join(words)

    def test_the_debugger_starts_after_a_task_that_exists_and_writes_nothing(self):
        self.assertTrue(self.debug)
        for configuration in self.debug:
            self.assertIn(configuration["preLaunchTask"], self.tasks)
            if configuration["request"] == "launch":
                self.assertEqual(configuration["loadFiles"], [])
            else:
                self.assertEqual(configuration["request"], "attach")

    def test_the_first_task_writes_and_runs_the_firmware(self):
        image = self.firmware(1, folder=self.folder / "build")
        self.assertSucceeds(self.on_probe(self.command("flashhost: flash")))
        self.assertFlashHolds(image)
        self.assertFalse(self.core_is_halted())

    def test_the_debugger_finds_the_core_halted_at_its_first_instruction(self):
        image = self.firmware(1, folder=self.folder / "build")
        for configuration in self.debug:
            files = "".join(f" -f {name}" for name in configuration["configFiles"])
            openocd = f"openocd{files} -c 'gdb_port disabled; tcl_port disabled; telnet_port disabled' " \
                      "-c 'init; echo state=[stm32f1x.cpu curstate]; echo [reg pc]; shutdown'"
            outcome = self.on_probe(f"{self.command(configuration['preLaunchTask'])} && {openocd}")
            self.assertSucceeds(outcome)
            self.assertFlashHolds(image)
            self.assertIn("state=halted", outcome.output)
            self.assertRegex(outcome.output, r"pc \(/32\): 0x08000008")

    def test_a_failure_keeps_the_debugger_from_starting(self):
        for configuration in self.debug:
            self.assertFails(self.on_probe(self.command(configuration["preLaunchTask"])), 4, "app.elf")


if __name__ == "__main__":
    unittest.main()
