"""scripts/bench finds what got slower. Environment: FLASHHOST_BUILD."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

root = pathlib.Path(__file__).resolve().parent.parent.parent
recorded = json.loads((root / "tests/bench/baseline.json").read_text())
name = "F103CB small example again"


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

    def test_a_case_without_a_figure_is_an_error(self):
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


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
