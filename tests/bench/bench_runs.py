"""How scripts/bench runs a job: flashhost on the simulator, or a tool on a virtual probe."""
import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from bench_cases import flash_start

longest_seconds = 300


class Failed(Exception):
    """A job of flashhost that must not fail."""


@dataclasses.dataclass
class Run:
    """One job. Times are the model's."""
    outcome: str         # "ok", or what went wrong
    seconds: float = 0   # from the first command to the last
    busy: float = 0      # of the flash controller
    commands: int = 0    # to the probe
    transfers: int = 0   # on USB
    traffic: int = 0     # bytes on USB, both ways


class Desk:
    """A folder with the image, the flash and a board file."""

    def __init__(self, build, case, transport):
        self.build, self.case = build, case
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-"))
        self.image, self.state = self.folder / "image.bin", self.folder / "flash"
        self.image.write_bytes(case.image)
        self.state.write_bytes(case.before)
        erase = f'[flash]\nerase = "{case.erase}"\n' if case.erase else ""
        (self.folder / "board.toml").write_text(
            f'[transport]\n{transport}[family]\nchip = "{case.board.chip}"\n{erase}'
            f'[[image]]\nfile = "image.bin"\naddress = {flash_start:#x}\n')

    def __enter__(self):
        return self

    def __exit__(self, *_failure):
        shutil.rmtree(self.folder)

    def flashhost(self, *words):
        return [f"{self.build}/bin/flashhost", "--plugin-dir", f"{self.build}/plugins", "--json", "-c",
                str(self.folder / "board.toml"), *words]

    def run(self, command):
        """Exit code (None: it did not end) and output."""
        process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True,
                                   env=os.environ | {"XDG_STATE_HOME": str(self.folder / "state"), "LC_ALL": "C"})
        try:
            output, errors = process.communicate(timeout=longest_seconds)
            return process.returncode, output, errors
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
            return None, output, errors

    def outcome(self, exit_code, strict):
        """strict: also what the image does not cover is as it was."""
        if exit_code is None:
            return f"not finished in {longest_seconds} s"
        if exit_code != 0:
            return f"exit code {exit_code}"
        content, size = self.state.read_bytes(), len(self.case.image)
        if content[:size] != self.case.image:
            return "exit code 0, but the image is not in the flash"
        return "wrong beside the image" if strict and content != self.case.after else "ok"


def last_line(output, errors):
    """Of flashhost --json."""
    lines = output.splitlines()
    if not lines:
        raise Failed(f"flashhost printed nothing: {errors}")
    return json.loads(lines[-1])


def simulator(case):
    return f'plugin = "sim"\n[transport.settings]\nchip = "{case.board.chip}"\nstate_file = "flash"\nrun_time = "0s"\n'


def floor(build, case):
    """Seconds that the flash itself needs at least."""
    with Desk(build, case, simulator(case)) as desk:
        exit_code, output, errors = desk.run(desk.flashhost("plan"))
        if exit_code != 0:
            raise Failed(f"flashhost plan: {case.name}: exit code {exit_code}\n{output}{errors}")
        return last_line(output, errors)["floor_seconds"]


def in_virtual_time(build, probe, case):
    """flashhost on the simulator, or its transport on a virtual probe in one process. Figures are the same in each run."""
    return on_simulator(build, case) if probe == "simulator" else over_usb(build, probe, case)


def over_usb(build, probe, case):
    if case.erase:
        raise Failed(f"{case.name}, {probe}: there is no board file here")
    with Desk(build, case, "") as desk:
        program = f"{build}/bin/{probe.split('-')[0]}_jobs"
        exit_code, output, errors = desk.run([program, probe, case.board.chip, case.board.family, str(desk.state),
                                              str(desk.image), str(case.latency_ms), str(case.speed_hz), str(case.millivolts), "1" if case.compress else "0"])
        outcome = desk.outcome(exit_code, strict=True)
        if outcome != "ok":
            raise Failed(f"{case.name}, {probe}: {outcome}\n{output}{errors}")
        result = json.loads(output)
        return Run(outcome, result["seconds"], transfers=result["transfers"])


def on_simulator(build, case):
    with Desk(build, case, simulator(case)) as desk:
        exit_code, output, errors = desk.run(desk.flashhost())
        outcome = desk.outcome(exit_code, strict=True)
        if outcome != "ok":
            raise Failed(f"{case.name}: {outcome}\n{output}{errors}")
        result = last_line(output, errors)
        return Run(outcome, result["seconds"], result["flash_seconds"])
