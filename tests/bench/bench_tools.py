"""The programs that scripts/bench compares, and the virtual probes that it gives them."""
import dataclasses
import json
import re
import shutil
import statistics
import subprocess
import sys

import bench_cases
from bench_cases import flash_start
from bench_runs import Desk, Run


@dataclasses.dataclass(frozen=True)
class Probe:
    name: str
    program: str    # of the build
    options: tuple  # of that program
    transport: str  # lines of flashhost's board file
    openocd: str    # its configuration
    cases: tuple
    tools: tuple    # that can use it
    slow_wire: bool = False  # slower than the flash of an F4


programs = {"flashhost": "flashhost", "st-flash": "st-flash", "OpenOCD": "openocd", "pyOCD": "pyocd-flashtool"}
tools = tuple(programs)

cmsisdap = 'plugin = "cmsisdap"\nvoltage = 3.3\n'  # which such a probe cannot measure
probes = {probe.name: probe for probe in (
    Probe("stlink", "virtual-stlink", ("--probe", "v2"), 'plugin = "stlinkv2"\n', "interface/stlink.cfg",
          bench_cases.cases_of_stlink, ("flashhost", "st-flash", "OpenOCD")),
    Probe("cmsisdap-v2", "virtual-cmsisdap", ("--interface", "v2"), cmsisdap, "interface/cmsis-dap.cfg",
          bench_cases.cases_of_cmsisdap, ("flashhost", "OpenOCD")),
    Probe("cmsisdap-v1", "virtual-cmsisdap", ("--interface", "v1"), cmsisdap, "interface/cmsis-dap.cfg",
          bench_cases.cases_of_cmsisdap, ("flashhost", "OpenOCD", "pyOCD"), slow_wire=True),
)}


def order():
    """(probe, case, tool), as they are shown."""
    return [(probe.name, case.name, tool) for probe in probes.values() for case in probe.cases for tool in tools
            if can_be_asked(probe, case, tool)]


def path_of(build, tool):
    return f"{build}/bin/flashhost" if tool == "flashhost" else shutil.which(programs[tool])


def version(build, tool):
    run = subprocess.run([path_of(build, tool), "--version"], capture_output=True, text=True, check=False)
    return re.search(r"\d+\.\d+(\.\d+)?", run.stdout + run.stderr)[0]


def command(desk, probe, tool, pace):
    """With the clock of SWD that flashhost takes by itself, which is faster than the others' own. At a slow pace the flash is
    slow, too, which flashhost cannot know: it would compress what it sends over any wire."""
    board, image, address = desk.case.board, str(desk.image), f"{flash_start:#x}"
    if tool == "flashhost":
        return desk.flashhost(*([] if pace == "real" or probe.slow_wire else ["--no-compress"]))
    if tool == "st-flash":
        return ["st-flash", "--reset", "--freq=4000K", *board.st_flash, "write", image, address]
    if tool == "OpenOCD":
        return ["openocd", "-f", probe.openocd, "-f", board.openocd, "-c", "adapter speed 4000",
                "-c", "gdb_port disabled; tcl_port disabled; telnet_port disabled",
                "-c", f"program {image} {address} verify reset exit"]
    return ["pyocd-flashtool", "--frequency", "4000000", "--target", board.pyocd, "--sector_erase", "--address", address, image]


def can_be_asked(probe, case, tool):
    """The others have no erase of all that puts back what the image does not cover."""
    return tool in probe.tools and (tool != "pyOCD" or case.board.pyocd != "") and (tool == "flashhost" or not case.erase)


def run(build, probe, case, tool, pace):
    with Desk(build, case, probe.transport) as desk:
        summary = desk.folder / "summary.json"
        exit_code, output, errors = desk.run(
            [f"{build}/bin/{probe.program}", *probe.options, "--chip", case.board.chip, "--state", str(desk.state),
             "--pace", pace, "--latency", str(case.latency_ms), "--summary", str(summary), "--",
             path_of(build, tool), *command(desk, probe, tool, pace)[1:]])
        outcome = desk.outcome(exit_code, strict=tool == "flashhost")
        if outcome != "ok":
            print(output + errors, file=sys.stderr)
        if not summary.exists():
            return Run(outcome)
        board = json.loads(summary.read_text())["probes"][0]
        return Run(outcome, board["usb_time_ms"] / 1000, board["flash_busy_ms"] / 1000, board["commands"],
                   board["bulk_transfers"], board["bytes_out"] + board["bytes_in"])


def median(runs):
    """Of several rounds: the run in the middle, or one that failed."""
    failed = [one for one in runs if one.outcome != "ok"]
    ordered = sorted(failed or runs, key=lambda one: one.seconds)
    middle = statistics.median_low(one.seconds for one in ordered)
    return next(one for one in ordered if one.seconds == middle)
