"""docs/migration.md: each flashhost line of its tables does its job on a virtual ST-Link."""
import itertools
import random
import re
import shlex
import subprocess
import unittest

from bench import BenchTest, flash_size, flash_start, root

serial = "0667FF015457717867013001"
nothing = "nothing"


def tables():
    """The rows of each section: what the other tool has, flashhost's lines, the remark."""
    found, section = {}, None
    for line in (root / "docs/migration.md").read_text().splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("|") and not line.startswith("|---"):
            found.setdefault(section, []).append([cell.strip() for cell in line.strip("|").split("|")])
    return {name: rows[1:] for name, rows in found.items()}  # without the head of the table


def lines_of(cell):
    return [code for code in re.findall(r"`([^`]*)`", cell) if code.startswith("flashhost ")]


class Page(unittest.TestCase):
    def test_each_row_has_a_line_or_says_that_there_is_nothing(self):
        for section, rows in tables().items():
            for row in rows:
                with self.subTest(section, row=row):
                    self.assertEqual(len(row), 3)
                    self.assertTrue(row[1] == nothing or ", ".join(f"`{line}`" for line in lines_of(row[1])) == row[1])

    def test_each_section_has_a_table(self):
        self.assertEqual(list(tables()), ["stlink", "OpenOCD", "pyOCD", "probe-rs", "STM32CubeProgrammer", "J-Link"])
        for section, rows in tables().items():
            self.assertGreater(sum(row[1] != nothing for row in rows), 15, section)


class Lines(BenchTest):
    """Each line on a board of its own, whose flash holds an older firmware, and data at its end."""

    def setUp(self):
        super().setUp()
        data = random.Random(1).randbytes(flash_size)
        firmware = self.firmware(1, "old")
        blank = b"\xff" * (64 * 1024)
        self.old = firmware + data[len(firmware):60 * 1024] + blank + data[124 * 1024:]
        boot, app = self.firmware(2, "boot"), self.firmware(3, "app")
        self.images = {"boot.hex": boot, "app.elf": app, "app.hex": app, "app.bin": app, "app.img": app}
        (self.folder / "app.img").write_bytes(app)

    def run_line(self, line, before, options=(), then=None):
        """Its outcome, and what the command after it printed."""
        (self.folder / "flash").write_bytes(before)
        board = self.folder / "board.toml"
        if board.name in line:  # the others have none
            board.write_text('[[image]]\nfile = "app.elf"\n')
        outcome = self.on_probe(f"{line} && echo ========= && {then}" if then else line, options)
        board.unlink(missing_ok=True)
        return outcome

    def assertFlashIs(self, expected):
        found = (self.folder / "flash").read_bytes()
        self.assertEqual(len(found), len(expected))
        wrong = [f"{flash_start + i:#x}: {found[i]:02x}, not {expected[i]:02x}"
                 for i in range(len(found)) if found[i] != expected[i]]
        self.assertEqual(wrong[:3], [])

    def with_images(self, words, flash):
        """The flash with the images that the line names, or the board file."""
        named = [word for word in words if word.split("@")[0] in self.images]
        if "board.toml" in words and not named:
            named = ["app.elf"]
        self.assertTrue(named)
        flash = bytearray(flash)
        for word in named:
            name, _, address = word.partition("@")
            at = int(address, 0) - flash_start if address else 0
            flash[at:at + len(self.images[name])] = self.images[name]
        return bytes(flash)

    @staticmethod
    def range_of(words):
        if "--range" not in words:
            return flash_start, flash_size
        address, size = words[words.index("--range") + 1].split(":")
        return int(address, 0), int(size[:-1]) * 1024 if size.endswith("K") else int(size, 0)

    def assertLeavesCore(self, words):
        how = words[words.index("--reset") + 1] if "--reset" in words else "run"
        self.assertEqual(self.core_is_halted(), how != "run")

    def check_flash(self, line, words):
        self.assertSucceeds(self.run_line(line, self.old, ["--fault", "write_protected=0"] if "--unlock" in words else []))
        self.assertFlashIs(self.with_images(words, self.old))
        self.assertLeavesCore(words)

    def check_plan(self, line, words):
        outcome = self.run_line(line, self.old)
        self.assertSucceeds(outcome)
        self.assertRegex(outcome.output, r"\d sector erase")
        self.assertFlashIs(self.old)

    def check_verify(self, line, words):
        self.assertFails(self.run_line(line, self.old), 9, "differs")
        self.assertFlashIs(self.old)
        right = self.with_images(words, self.old)
        self.assertSucceeds(self.run_line(line, right))
        self.assertFlashIs(right)

    def check_erase(self, line, words):
        self.assertTrue("--range" in words or "--all" in words)
        self.assertSucceeds(self.run_line(line, self.old))
        address, size = self.range_of(words)
        at = address - flash_start
        self.assertFlashIs(self.old[:at] + b"\xff" * size + self.old[at + size:])

    def check_read(self, line, words):
        file = self.folder / words[words.index("-o") + 1]
        self.assertSucceeds(self.run_line(line, self.old))
        self.assertFlashIs(self.old)
        if file.suffix == ".hex":
            subprocess.run(["arm-none-eabi-objcopy", "-I", "ihex", "-O", "binary", file, file], check=True)
        address, size = self.range_of(words)
        found, at = file.read_bytes(), address - flash_start
        self.assertEqual(len(found), size)
        if 0 <= at < flash_size:
            self.assertEqual(found, self.old[at:at + size])
        file.unlink()

    def check_info(self, line, words):
        outcome = self.run_line(line, self.old)
        self.assertSucceeds(outcome)
        for text in "STM32F103xB", serial, "128 KiB":
            self.assertIn(text, outcome.output)
        self.assertFlashIs(self.old)
        self.assertFalse(self.core_is_halted())

    def check_list(self, line, words):
        outcome = self.run_line(line, self.old)
        self.assertSucceeds(outcome)
        self.assertIn({"probes": serial, "chips": "STM32F103CB", "plugins": "stlinkv2"}[words[2]], outcome.output)

    def check_reset(self, line, words):
        self.assertSucceeds(self.run_line(line, self.old))
        self.assertFlashIs(self.old)
        self.assertLeavesCore(words)

    def check_option(self, line, words):
        outcome = self.run_line(line, self.old, then="flashhost option")
        self.assertSucceeds(outcome)
        before, after = outcome.output.split("=========")
        if words[2:3] == ["set"]:
            for word in words[3:]:
                if "=" in word:
                    self.assertRegex(after, rf"\n{word.replace('=', ' +')} ")
        else:
            self.assertIn("WDG_SW      1 ", before)
        self.assertFlashIs(self.old)

    def check_protect(self, line, words):
        outcome = self.run_line(line, self.old, then="flashhost info")
        self.assertSucceeds(outcome)
        kind = "read" if "--read" in words else "write"
        self.assertIn(f"protection  {kind} protection is on", outcome.output.split("=========")[1])
        self.assertFlashIs(self.old)

    def check_unprotect(self, line, words):
        for fault, flash in ("write_protected=0", self.old), ("read_protected", b"\xff" * flash_size):
            outcome = self.run_line(line, self.old, ["--fault", fault], then="flashhost info")
            self.assertSucceeds(outcome)
            self.assertIn("protection  none", outcome.output.split("=========")[1])
            self.assertFlashIs(flash)

    def check_version(self, line, words):
        outcome = self.run_line(line, self.old)
        self.assertSucceeds(outcome)
        self.assertRegex(outcome.output, r"\d+\.\d+")

    def check(self, line):
        words = shlex.split(line)
        checks = {name.removeprefix("check_"): getattr(self, name) for name in dir(self) if name.startswith("check_")}
        verb = "version" if "--version" in words else next((word for word in words[1:] if word in checks), "flash")
        checks[verb](line, words)


def test_of(section):
    def test(self):
        self.assertGreater(len(lines[section]), 0)
        for line in lines[section]:
            with self.subTest(line):
                self.check(line)
    return test


# A line that several tables have is run once.
lines, seen = {}, set()
for section, rows in tables().items():
    found = dict.fromkeys(itertools.chain.from_iterable(lines_of(row[1]) for row in rows))
    lines[section] = [line for line in found if line not in seen]
    seen.update(found)
    setattr(Lines, "test_" + re.sub(r"\W", "_", section.lower()), test_of(section))


if __name__ == "__main__":
    unittest.main()
