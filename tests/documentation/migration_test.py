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


def code_of(cell):
    return re.findall(r"`([^`]*)`", cell)


def lines_of(cell):
    return [code for code in code_of(cell) if code.startswith("flashhost ")]


def verb_of(words):
    verbs = "plan", "verify", "erase", "read", "info", "list", "reset", "option", "protect", "unprotect", "--version"
    return next((word for word in words[1:] if word in verbs), "flash")


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


class Board(BenchTest):
    """Each command has a board of its own, whose flash holds an older firmware, and data at its end."""

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

    def take(self, name):
        """The bytes of a file that was read from the chip. The file is removed."""
        file = self.folder / name
        if file.suffix == ".hex":
            subprocess.run(["arm-none-eabi-objcopy", "-I", "ihex", "-O", "binary", file, file], check=True)
        content = file.read_bytes()
        file.unlink()
        return content

    def without_range(self, words):
        address, size = self.range_of(words)
        at = address - flash_start
        return self.old[:at] + b"\xff" * size + self.old[at + size:]

    @staticmethod
    def range_of(words):
        if "--range" not in words:
            return flash_start, flash_size
        address, size = words[words.index("--range") + 1].split(":")
        return int(address, 0), int(size[:-1]) * 1024 if size.endswith("K") else int(size, 0)


class Lines(Board):
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
        self.assertFlashIs(self.without_range(words))

    def check_read(self, line, words):
        self.assertSucceeds(self.run_line(line, self.old))
        self.assertFlashIs(self.old)
        address, size = self.range_of(words)
        found, at = self.take(words[words.index("-o") + 1]), address - flash_start
        self.assertEqual(len(found), size)
        if 0 <= at < flash_size:
            self.assertEqual(found, self.old[at:at + size])

    def check_info(self, line, words):
        outcome = self.run_line(line, self.old)
        self.assertSucceeds(outcome)
        size = "131072" if "--json" in words else "128 KiB"
        for text in "STM32F103xB", serial, size:
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
        getattr(self, "check_" + verb_of(words).lstrip("-"))(line, words)


class Others(Board):
    """Also the lines of the other programs, as far as Debian has them, on the same boards."""
    # OpenOCD 0.12 sends the key to a flash controller that it has unlocked already; the model answers with a bus error.
    option_bytes = ["flash protect 0 0 3 on", "flash protect 0 0 last off", "stm32f1x lock 0", "stm32f1x unlock 0",
                    "stm32f1x unlock 0; reset halt; program app.elf verify", "stm32f1x options_write 0 HWWDG"]
    left_out = {
        "st-flash erase 0x08004000 0x4000": "new in 1.8",
        "st-flash --area=option read": "not for this chip",
        "st-flash --area=option write 0x...": "not for this chip",
        "stm32f2x unlock 0": "another chip",
        "set CPUTAPID 0x2ba01477": "for clones",
        "-f board/mine.cfg": "a file of the user's",
        "-d3": "an option of every command",
        **dict.fromkeys(option_bytes, "see above")}

    def command(self, code):
        """What the shell gets; OpenOCD's commands are shown without what is around them."""
        if code.startswith("st-"):
            return code
        before, after = "", code
        if code.startswith(("adapter ", "reset_config ", "set ")):
            before, after = f"-c '{code}'", ""
        if not code.startswith("program "):
            after = f"init; reset halt; {after}; shutdown"
        return f"openocd -f interface/stlink.cfg {before} -f target/stm32f1x.cfg " \
               f"-c 'gdb_port disabled; tcl_port disabled; telnet_port disabled' -c '{after}'"

    def expected(self, words):
        """Like flashhost's lines, but a sector that is written in part is blank around that."""
        verb = verb_of(words)
        if verb == "erase":
            return self.without_range(words)
        if verb != "flash" or not any(word.split("@")[0] in self.images for word in words[1:]):
            return self.old
        new = self.with_images(words, self.old)
        changed = {i // 1024 for i in range(flash_size) if new[i] != self.old[i]}
        blank = b"".join(b"\xff" * 1024 if i in changed else self.old[i * 1024:(i + 1) * 1024] for i in range(flash_size // 1024))
        return self.with_images(words, blank)

    def check(self, code, line):
        words = shlex.split(line)
        before = self.with_images(words, self.old) if verb_of(words) == "verify" else self.old
        (self.folder / "flash").write_bytes(before)
        outcome = self.on_probe(self.command(code))
        self.assertSucceeds(outcome)
        writes = code.startswith(("st-flash", "program ", "flash ", "stm32f1x "))
        self.assertFlashIs(self.expected(words) if writes else before)
        if verb_of(words) == "read" and words[-1] in code:
            theirs = self.take(words[-1])
            self.assertSucceeds(self.on_probe(line))
            self.assertEqual(self.take(words[-1]), theirs)

    def check_section(self, section, begins):
        done = []
        for theirs, ours, _ in tables()[section]:
            for code in code_of(theirs) if ours != nothing else []:
                if code.startswith(begins) and code not in self.left_out:
                    with self.subTest(code):
                        self.check(code, lines_of(ours)[0])
                    done.append(code)
        self.assertGreater(len(done), 12)

    def test_stlink(self):
        self.check_section("stlink", ("st-flash ", "st-info "))

    def test_openocd(self):
        self.check_section("OpenOCD", "")

    def test_what_is_left_out_stands_in_the_page(self):
        shown = {code for rows in tables().values() for row in rows for code in code_of(row[0])}
        self.assertEqual(set(self.left_out) - shown, set())


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
