"""scripts/bench finds what got slower. Environment: FLASHHOST_BUILD."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import bench_report  # noqa: E402
import bench_runs  # noqa: E402
import bench_tools  # noqa: E402

root = pathlib.Path(__file__).resolve().parent.parent.parent
recorded = json.loads((root / "tests/bench/baseline.json").read_text())
name = name_of_small_job = "F103CB small example again"


class Short(unittest.TestCase):
    def short(self, figures, *words):
        """Exit code and output with such a baseline, of one case."""
        with tempfile.TemporaryDirectory() as folder:
            self.baseline = pathlib.Path(folder) / "baseline.json"
            self.baseline.write_text(json.dumps(figures))
            run = subprocess.run([root / "scripts/bench", "--short", "--build", os.environ["FLASHHOST_BUILD"],
                                  "--baseline", self.baseline, "--only", name, *words],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            self.written = json.loads(self.baseline.read_text())
        return run.returncode, run.stdout

    def test_a_job_that_takes_four_percent_longer_is_named_with_both_figures(self):
        faster = recorded[name] * 0.96
        exit_code, output = self.short({name: faster})
        self.assertEqual(exit_code, 1, output)
        self.assertIn(f"SLOWER  {name}: {recorded[name]:.3f} s, recorded {faster:.3f} s (+4.2 %)", output)

    def test_two_percent_are_no_news(self):
        for factor in 0.98, 1, 1.02:
            exit_code, output = self.short({name: recorded[name] * factor})
            self.assertEqual(exit_code, 0, output)
            self.assertTrue(output.startswith(f"ok      {name}: "), output)

    def test_what_got_faster_is_to_be_recorded(self):
        exit_code, output = self.short({name: recorded[name] * 1.04})
        self.assertEqual(exit_code, 0, output)
        self.assertIn(f"FASTER  {name}: ", output)
        self.assertIn("--short --update", output)

    def test_a_job_without_a_figure_is_an_error(self):
        exit_code, output = self.short({})
        self.assertEqual(exit_code, 1, output)
        self.assertIn(f"NEW     {name}: ", output)

    def test_update_records_what_was_measured_and_keeps_the_others(self):
        others = {other: seconds for other, seconds in recorded.items() if other != name}
        exit_code, output = self.short({"no such case": 1.0} | others, "--update")
        self.assertEqual(exit_code, 0, output)
        self.assertEqual(self.written, recorded)

    def test_a_job_that_fails_fails_the_bench(self):
        os.environ["FLASHHOST_SIM_RULES_OFF"] = "no such rule"
        try:
            exit_code, output = self.short(recorded)
        finally:
            del os.environ["FLASHHOST_SIM_RULES_OFF"]
        self.assertEqual(exit_code, 1, output)
        self.assertIn(f"{name}: exit code ", output)


def result(tool, seconds, outcome="ok", case="a job"):
    return {"probe": "stlink", "case": case, "floor_seconds": 2.0, "tool": tool, "version": "1.0", "outcome": outcome,
            "seconds": seconds, "flash_busy_seconds": 2.5, "commands": 10, "transfers": 20, "bytes": 300}


class Report(unittest.TestCase):
    def test_a_line_has_both_ratios(self):
        ours, theirs = result("flashhost", 2.2), result("other", 5.5)
        lines = list(bench_report.screen([ours, theirs]))
        self.assertIn("the flash itself needs 2.000 s", lines[0])
        self.assertEqual(lines[2].split(), ["flashhost", "2.200", "1.10", "1.00", "2.500", "10", "20", "300"])
        self.assertEqual(lines[3].split(), ["other", "5.500", "2.75", "2.50", "2.500", "10", "20", "300"])

    def test_a_failure_stands_in_place_of_the_figures(self):
        for results in ([result("flashhost", 2.2), result("other", 5.5, "exit code 1")], [result("other", 5.5, "exit code 1")]):
            self.assertIn("exit code 1", "\n".join(bench_report.screen(results)))
            self.assertIn("**exit code 1**", "\n".join(bench_report.tables(results)))
            self.assertNotIn("5.5", "\n".join(bench_report.screen(results)))

    def test_one_round_that_failed_is_shown(self):
        good, bad = bench_runs.Run("ok", 1.0), bench_runs.Run("exit code 1", 0.5)
        self.assertEqual(bench_tools.median([good, bad, good]), bad)

    def test_the_round_in_the_middle_is_shown(self):
        self.assertEqual(bench_tools.median([bench_runs.Run("ok", seconds) for seconds in (3, 1, 2)]).seconds, 2)

    def test_new_results_take_the_place_of_old_ones(self):
        old, new = [result("flashhost", 1), result("other", 2)], [result("flashhost", 3)]
        order = [("stlink", "a job", "other"), ("stlink", "a job", "flashhost")]
        self.assertEqual(bench_report.merged(old, new, order), [old[1], new[0]])

    def test_the_page_keeps_what_is_written_by_hand(self):
        text = "before\n<!-- scripts/bench -->\nold\n<!-- end -->\nbehind\n"
        page = bench_report.page(text, [result("flashhost", 2.2), result("other", 5.5)])
        self.assertTrue(page.startswith("before\n") and page.endswith("behind\n"))
        self.assertIn("| a job | 2.000 s | 2.200 s | 5.500 s (2.50x) |", page)
        self.assertEqual(bench_report.page(page, [result("flashhost", 2.2), result("other", 5.5)]), page)


class Compare(unittest.TestCase):
    def test_a_program_that_fails_or_is_not_installed_is_told(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            failing = folder / "st-flash"
            failing.write_text("#!/bin/sh\necho v1.7.0\nexit 3\n")
            failing.chmod(0o755)
            run = subprocess.run([sys.executable, "-B", root / "scripts/bench", "--build", os.environ["FLASHHOST_BUILD"],
                                  "--probes", "stlink", "--only", name_of_small_job, "--tools", "flashhost, st-flash, OpenOCD",
                                  "--rounds", "1", "--pace", "fast=4", "--json", folder / "results.json"],
                                 env=os.environ | {"PATH": name}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 check=False)
            self.assertEqual(run.returncode, 0, run.stdout)
            ours, theirs = bench_report.load(folder / "results.json")
        self.assertIn("OpenOCD: openocd is not installed: it is left out", run.stdout)
        self.assertRegex(run.stdout, r"(?m)^  flashhost +\d+\.\d+ +- +1\.00 ")
        self.assertRegex(run.stdout, r"(?m)^  st-flash +exit code 3$")
        self.assertEqual((ours["tool"], ours["outcome"], len(ours["rounds"])), ("flashhost", "ok", 1))
        self.assertGreater(ours["commands"], 50)
        self.assertGreater(ours["bytes"], 1000)
        self.assertEqual((theirs["tool"], theirs["outcome"], theirs["version"]), ("st-flash", "exit code 3", "1.7.0"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
