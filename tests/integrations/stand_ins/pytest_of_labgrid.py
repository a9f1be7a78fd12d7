"""In place of a test under labgrid: pytest_of_labgrid.py ENV.YAML RESOURCE PORT FOLDER [FILE] loads FILE, or the driver's image.

RESOURCE: the class of the probe, of this computer (USBDebugger) or of an exporter, whose FOLDER gets the files.
PORT: where it is plugged in."""
import importlib.util
import pathlib
import shlex
import subprocess
import sys
import types

import yaml
from labgrid.factory import target_factory


class Config:
    def __init__(self, file):
        self.base = file.parent
        self.data = yaml.safe_load(file.read_text())

    def resolve_path(self, path):
        return str(self.base / path)

    def get_tool(self, name):
        return self.data.get("tools", {}).get(name, name)

    def get_image_path(self, name):
        return self.resolve_path(self.data["images"][name])


def main(env_yaml, kind, port, folder, *files):
    config = Config(pathlib.Path(env_yaml))
    for name in config.data["imports"]:
        spec = importlib.util.spec_from_file_location("imported", config.resolve_path(name))
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    # An exporter's commands go through ssh, as one line for its shell.
    wrap = (lambda words: words) if kind == "USBDebugger" else (lambda words: ["/bin/sh", "-c", shlex.join(words)])
    probe = type(kind, (), {"path": port, "folder": folder, "wrap_command": staticmethod(wrap)})()
    target = types.SimpleNamespace(env=types.SimpleNamespace(config=config), resources=[probe])
    (name, settings), = config.data["targets"]["main"]["drivers"].items()
    driver = target_factory.drivers[name](target, **settings)
    driver.active = True
    try:
        driver.load(*files)
    except subprocess.CalledProcessError as error:
        print(error.output.decode())
        sys.exit(error.returncode)


if __name__ == "__main__":
    main(*sys.argv[1:])
