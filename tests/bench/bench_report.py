"""What scripts/bench measured: as a table, as JSON, as a page."""
import json

columns = ("seconds", "x flash", "x flashhost", "flash busy", "commands", "transfers", "bytes")


def entry(probe, case, floor, tool, version, pace, run, rounds):
    """What is kept of the rounds of one tool."""
    return {"probe": probe.name, "case": case.name, "floor_seconds": round(floor, 6), "tool": tool, "version": version,
            "pace": pace, "outcome": run.outcome, "rounds": [round(one.seconds, 4) for one in rounds], "seconds": round(run.seconds, 4),
            "flash_busy_seconds": round(run.busy, 4), "commands": run.commands, "transfers": run.transfers,
            "bytes": run.traffic}


def merged(old, new, order):
    """In this order of (probe, case, tool); where both are about the same, the new one."""
    known = {(one["probe"], one["case"], one["tool"]): one for one in [*old, *new]}
    return [known[key] for key in order if key in known]


def groups(entries):
    """By probe and case, in turn."""
    result = {}
    for one in entries:
        result.setdefault((one["probe"], one["case"]), []).append(one)
    return result


def times(seconds, of):
    return f"{seconds / of:.2f}" if of else "-"


def cells(one, beside):
    if one["outcome"] != "ok":
        return [one["outcome"]]
    ours = next((other["seconds"] for other in beside if other["tool"] == "flashhost" and other["outcome"] == "ok"), 0)
    return [f"{one['seconds']:.3f}", times(one["seconds"], one["floor_seconds"]), times(one["seconds"], ours),
            f"{one['flash_busy_seconds']:.3f}", str(one["commands"]), str(one["transfers"]), str(one["bytes"])]


def screen(entries):
    width = max(len(one["tool"]) for one in entries)
    for (probe, case), beside in groups(entries).items():
        yield f"{case}, {probe}: the flash itself needs {beside[0]['floor_seconds']:.3f} s"
        yield f"  {'':{width}}" + "".join(f"{name:>12}" for name in columns)
        for one in beside:
            found = cells(one, beside)
            yield f"  {one['tool']:{width}}" + (f"  {found[0]}" if len(found) == 1 else "".join(f"{cell:>12}" for cell in found))
        yield ""


def load(path):
    return json.loads(path.read_text())["results"] if path.exists() else []


def save(path, entries, order):
    path.write_text(json.dumps({"results": merged(load(path), entries, order)}, indent=1) + "\n")


titles = {"stlink": "On a virtual ST-LINK/V2", "cmsisdap-v2": "On a virtual CMSIS-DAP v2 probe (DAPLink, bulk)",
          "cmsisdap-v1": "On a virtual CMSIS-DAP v1 probe (DAPLink, HID)"}


def row(words):
    return f"| {' | '.join(words)} |"


def overview(of_cases, tools):
    """A line for each job: seconds, and in brackets as a multiple of flashhost's."""
    yield row(["job", "the flash itself", *tools])
    yield row(["---"] * (2 + len(tools)))
    for (_, case), beside in of_cases.items():
        shown = {}
        for one in beside:
            seconds, *ratios = cells(one, beside)
            shown[one["tool"]] = f"{seconds} s" if ratios else f"**{seconds}**"
            if ratios and one["tool"] != "flashhost" and ratios[1] != "-":
                shown[one["tool"]] += f" ({ratios[1]}x)"
        yield row([case, f"{beside[0]['floor_seconds']:.3f} s", *(shown.get(tool, "") for tool in tools)])


def details(of_cases):
    yield row(["job", "program", *columns])
    yield row(["---"] * (2 + len(columns)))
    for (_, case), beside in of_cases.items():
        for one in beside:
            found = cells(one, beside)
            yield row([case, one["tool"], *found, *[""] * (len(columns) - len(found))])


def tables(entries):
    """For docs/performance.md."""
    for probe in dict.fromkeys(one["probe"] for one in entries):
        here = [one for one in entries if one["probe"] == probe]
        tools = list(dict.fromkeys(one["tool"] for one in here))
        versions = dict.fromkeys(f"{one['tool'].removesuffix(' 4 MHz')} {one['version']}" for one in here)
        yield f"## {titles[probe]}"
        yield ""
        yield f"{', '.join(versions)}. Seconds, and in brackets as a multiple of flashhost's."
        yield ""
        yield from overview(groups(here), tools)
        yield ""
        yield from details(groups(here))
        yield ""


def page(text, entries):
    """The page with these results between its markers."""
    begin, end = "<!-- scripts/bench -->\n", "<!-- end -->\n"
    before, rest = text.split(begin)
    return before + begin + "\n" + "\n".join(tables(entries)) + "\n" + end + rest.split(end)[1]
