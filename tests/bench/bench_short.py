"""The short form of scripts/bench: flashhost in virtual time, beside what it took when that was last recorded."""
import concurrent.futures
import json
import os

import bench_runs

tolerance = 0.03


def measured(build, cases):
    """Seconds by the names of the cases."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = pool.map(lambda case: bench_runs.on_simulator(build, case), cases)
        return {case.name: run.seconds for case, run in zip(cases, runs)}


def compared(name, seconds, before):
    """A line, and whether it is bad news."""
    if seconds is None:
        return f"GONE    {name}: a figure is recorded, but there is no such case", True
    if before is None:
        return f"NEW     {name}: {seconds:.3f} s, no figure is recorded", True
    change = seconds / before - 1
    figures = f"{name}: {seconds:.3f} s, recorded {before:.3f} s ({100 * change:+.1f} %)"
    if change > tolerance:
        return f"SLOWER  {figures}", True
    return f"{'FASTER' if change < -tolerance else 'ok':8}{figures}", False


def run(build, baseline, cases, all_cases, update):
    """The exit code."""
    recorded = json.loads(baseline.read_text()) if baseline.exists() else {}
    now = measured(build, cases)
    if update:
        figures = recorded | {name: round(seconds, 6) for name, seconds in now.items()}
        names = [case.name for case in all_cases if case.name in figures]
        baseline.write_text(json.dumps({name: figures[name] for name in names}, indent=2) + "\n")
        print(f"{len(now)} figures are recorded in {baseline}")
        return 0
    gone = {} if len(cases) < len(all_cases) else dict.fromkeys(recorded.keys() - now.keys())
    lines = [compared(name, seconds, recorded.get(name)) for name, seconds in (now | gone).items()]
    print("\n".join(line for line, _ in lines))
    if any(line.startswith("FASTER") for line, _ in lines):
        print(f"FASTER: by more than {tolerance:.0%}. `scripts/bench --short --update` records the new figures; commit them.")
    bad = sum(is_bad for _, is_bad in lines)
    if bad:
        print(f"{bad} of {len(lines)} are SLOWER by more than {tolerance:.0%}, NEW or GONE. If that is meant: `scripts/bench --short --update`.")
    return 1 if bad else 0
