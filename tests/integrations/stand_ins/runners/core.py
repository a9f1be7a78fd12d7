"""In place of Zephyr's package `runners`: what its documentation promises to a runner, and no more."""
import abc
import argparse
import dataclasses
import enum
import logging
import pathlib
import shutil
import subprocess
import typing


class MissingProgram(FileNotFoundError):
    def __init__(self, program):
        super().__init__(2, "not found", program)


class FileType(enum.Enum):
    OTHER = 0
    HEX = 1
    BIN = 2
    ELF = 3


@dataclasses.dataclass
class RunnerCaps:
    commands: set
    dev_id: bool = False
    flash_addr: bool = False
    erase: bool = False
    reset: bool = False
    extload: bool = False
    tool_opt: bool = False
    file: bool = False


class RunnerConfig(typing.NamedTuple):
    build_dir: str
    elf_file: typing.Optional[str]
    hex_file: typing.Optional[str]
    bin_file: typing.Optional[str]
    file: typing.Optional[str]
    file_type: FileType


class BuildConfiguration(dict):
    """The values of the build's Kconfig."""

    def __init__(self, build_dir):
        for line in (pathlib.Path(build_dir) / "zephyr/.config").read_text().splitlines():
            name, value = line.split("=", 1)
            self[name] = value == "y" or int(value, 0)


class Toggle(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, not option_string.startswith("--no-"))


class YesOrNo(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, values.lower().startswith("y"))


class ZephyrBinaryRunner(abc.ABC):
    def __init__(self, cfg):
        self.cfg = cfg
        self.logger = logging.getLogger(f"runners.{self.name()}")

    @classmethod
    def add_parser(cls, parser):
        caps = cls.capabilities()
        if caps.dev_id:
            parser.add_argument("-i", "--dev-id", help=cls.dev_id_help())
        if caps.flash_addr:
            # As in Zephyr, the default is no bool.
            parser.add_argument("--dt-flash", action=YesOrNo, default="n")
        if caps.file:
            parser.add_argument("-f", "--file")
            parser.add_argument("-t", "--file-type")
        if caps.erase:
            parser.add_argument("--erase", "--no-erase", nargs=0, action=Toggle)
        if caps.reset:
            parser.add_argument("--reset", "--no-reset", nargs=0, action=Toggle)
        if caps.tool_opt:
            parser.add_argument("-O", "--tool-opt", action="append", default=[], help=cls.tool_opt_help())
        cls.do_add_parser(parser)

    @classmethod
    def create(cls, cfg, args):
        return cls.do_create(cfg, args)

    @staticmethod
    def flash_address_from_build_conf(build_conf):
        offset = build_conf["CONFIG_FLASH_LOAD_OFFSET"] if build_conf.get("CONFIG_HAS_FLASH_LOAD_OFFSET") else 0
        return build_conf["CONFIG_FLASH_BASE_ADDRESS"] + offset

    def run(self, command, **kwargs):
        self.do_run(command, **kwargs)

    @staticmethod
    def require(program):
        found = shutil.which(program)
        if found is None:
            raise MissingProgram(program)
        return found

    def check_call(self, command, **kwargs):
        subprocess.check_call(command, **kwargs)

    @classmethod
    @abc.abstractmethod
    def name(cls):
        ...

    @classmethod
    @abc.abstractmethod
    def capabilities(cls):
        ...

    @classmethod
    @abc.abstractmethod
    def do_add_parser(cls, parser):
        ...

    @classmethod
    @abc.abstractmethod
    def do_create(cls, cfg, args):
        ...

    @abc.abstractmethod
    def do_run(self, command, **kwargs):
        ...
