"""The short form of scripts/bench: flashhost in virtual time, beside what it took when that was last recorded."""
import concurrent.futures
import json
import os

import bench_cases
import bench_runs

tolerance = 0.03


def jobs():
    """What is measured: a probe and a case by the name of both. Only on USB can a transfer be late."""
    result = {case.name: ("simulator", case) for case in bench_cases.cases_of_stlink if not case.latency_ms}
    some = [case for case in bench_cases.cases_of_stlink if case.board == bench_cases.f103 and case.size == 20 * bench_cases.kib]
    for probe in "stlink", "cmsisdap-v2", "cmsisdap-v1":
        result |= {f"{case.name}, {probe}": (probe, case) for case in some}
    large = [case for case in bench_cases.cases_of_stlink if case.board == bench_cases.f407 and case.size == 512 * bench_cases.kib]
    result |= {f"{case.name}, stlink-v3": ("stlink-v3", case) for case in large}
    for probe, case in bench_cases.on_slow_wires():
        if case.size == 64 * bench_cases.kib:
            result[f"{case.name}, {probe}"] = (probe, case)
    return result


def wires(build, files):
    """What compression gains. The exit code."""
    jobs = bench_cases.on_slow_wires(*files)
    seconds = list(measured(build, dict(enumerate(jobs))).values())
    names = [f"{case.name}, {probe}" for probe, case in jobs[1::2]]
    width = max(map(len, names))
    print(f"{'':{width}}{'plain':>11}{'compressed':>13}{'ratio':>8}")
    for name, plain, compressed in zip(names, seconds[::2], seconds[1::2]):
        print(f"{name:{width}}{plain:10.3f}s{compressed:12.3f}s{plain / compressed:8.2f}")
    return 0


def measured(build, wanted):
    """Seconds by the names of the jobs."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = pool.map(lambda job: bench_runs.in_virtual_time(build, *job), wanted.values())
        return {name: run.seconds for name, run in zip(wanted, runs)}


def compared(name, seconds, before):
    """A line, and whether it is bad news."""
    if seconds is None:
        return f"GONE    {name}: a figure is recorded, but there is no such job", True
    if before is None:
        return f"NEW     {name}: {seconds:.3f} s, no figure is recorded", True
    change = seconds / before - 1
    figures = f"{name}: {seconds:.3f} s, recorded {before:.3f} s ({100 * change:+.1f} %)"
    if change > tolerance:
        return f"SLOWER  {figures}", True
    return f"{'FASTER' if change < -tolerance else 'ok':8}{figures}", False


def run(build, baseline, names, update):
    """The exit code. names: of the jobs."""
    recorded = json.loads(baseline.read_text()) if baseline.exists() else {}
    all_jobs = jobs()
    now = measured(build, {name: all_jobs[name] for name in names})
    if update:
        figures = recorded | {name: round(seconds, 6) for name, seconds in now.items()}
        baseline.write_text(json.dumps({name: figures[name] for name in all_jobs if name in figures}, indent=2) + "\n")
        print(f"{len(now)} figures are recorded in {baseline}")
        return 0
    gone = dict.fromkeys(name for name in recorded if name not in all_jobs)
    lines = [compared(name, seconds, recorded.get(name)) for name, seconds in (now | gone).items()]
    print("\n".join(line for line, _ in lines))
    if any(line.startswith("FASTER") for line, _ in lines):
        print(f"FASTER: by more than {tolerance:.0%}. `scripts/bench --short --update` records the new figures; commit them.")
    bad = sum(is_bad for _, is_bad in lines)
    if bad:
        print(f"{bad} of {len(lines)} are SLOWER by more than {tolerance:.0%}, NEW or GONE. If that is meant: `scripts/bench --short --update`.")
    return 1 if bad else 0
