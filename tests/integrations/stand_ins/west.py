"""In place of `west flash`: west.py MODULE BUILD_DIR COMMAND [OPTION...] runs the module's runner on a build's outputs."""
import argparse
import importlib.util
import pathlib
import subprocess
import sys

import yaml
from runners.core import FileType, MissingProgram, RunnerConfig, ZephyrBinaryRunner


def runner_classes(module):
    for entry in yaml.safe_load((module / "zephyr/module.yml").read_text())["runners"]:
        spec = importlib.util.spec_from_file_location("runner_of_the_module", module / entry["file"])
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return {cls.name(): cls for cls in ZephyrBinaryRunner.__subclasses__()}


def main(module, build_dir, command, *options):
    runners_yaml = yaml.safe_load((build_dir / "zephyr/runners.yaml").read_text())
    name = runners_yaml["flash-runner"]
    cls = runner_classes(module)[name]
    if command not in cls.capabilities().commands:
        sys.exit(f"FATAL ERROR: runner {name} does not support command {command}")
    parser = argparse.ArgumentParser(prog=name, allow_abbrev=False)
    cls.add_parser(parser)
    args = parser.parse_args([*runners_yaml["args"][name], *options])

    def output(kind):
        file = runners_yaml["config"].get(f"{kind}_file")
        return file and str(build_dir / "zephyr" / file)

    kind = args.file_type or (pathlib.Path(args.file).suffix[1:] if args.file else "")
    file_type = FileType.__members__.get(kind.upper(), FileType.OTHER)
    cfg = RunnerConfig(str(build_dir), output("elf"), output("hex"), output("bin"), args.file, file_type)
    try:
        cls.create(cfg, args).run(command)
    except (ValueError, RuntimeError, MissingProgram) as error:
        sys.exit(f"FATAL ERROR: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), *sys.argv[3:])
