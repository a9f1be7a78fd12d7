"""`west flash -r flashhost`: a runner for Zephyr's west that writes through a debug probe by flashhost."""
import os

from runners.core import BuildConfiguration, RunnerCaps, ZephyrBinaryRunner

# Zephyr's names of file types, and those of flashhost's formats.
FORMATS = {"HEX": "ihex", "ELF": "elf", "BIN": "bin"}


class FlashhostBinaryRunner(ZephyrBinaryRunner):
    def __init__(self, cfg, program, options, image, erase, reset):
        super().__init__(cfg)
        self.program = program
        self.options = options
        self.image = image
        self.erase = erase
        self.reset = reset

    @classmethod
    def name(cls):
        return "flashhost"

    @classmethod
    def capabilities(cls):
        return RunnerCaps(commands={"flash"}, dev_id=True, flash_addr=True, erase=True, reset=True, tool_opt=True, file=True)

    @classmethod
    def dev_id_help(cls):
        return """The probe: its serial number, or a unique beginning of it, or usb: and the port that it is plugged into,
                  for example usb:1-2.3. `flashhost list probes` shows both."""

    @classmethod
    def tool_opt_help(cls):
        return """Option for flashhost, for example -O--speed=950kHz. May be repeated."""

    @classmethod
    def do_add_parser(cls, parser):
        parser.add_argument("--flashhost", default="flashhost", help="the program; default: flashhost, from PATH")
        parser.add_argument("--config", help="flashhost's board file")
        parser.add_argument("--chip", help="the chip's name; any other one is an error")

    @classmethod
    def do_create(cls, cfg, args):
        options = []
        for option, value in ("--config", args.config), ("--chip", args.chip), ("--probe", args.dev_id):
            if value:
                options += [option, value]
        options += args.tool_opt or []
        return cls(cfg, args.flashhost, options, cls.image_words(cfg, args), args.erase, args.reset)

    @classmethod
    def image_words(cls, cfg, args):
        """What names the image on flashhost's command line."""
        if cfg.file:
            kind = cfg.file_type.name
            words = ["--format", FORMATS[kind]] if kind in FORMATS else []
            return [*words, cls.with_address(cfg, args, cfg.file) if kind == "BIN" else cfg.file]
        # A signed image is the HEX file; the ELF file is what the linker made.
        for file in cfg.hex_file, cfg.elf_file:
            if file and os.path.isfile(file):
                return [file]
        if cfg.bin_file and os.path.isfile(cfg.bin_file):
            return [cls.with_address(cfg, args, cfg.bin_file)]
        raise RuntimeError(f"flashhost: {cfg.build_dir} has no image: no .hex, .elf or .bin file. "
                           "CONFIG_BUILD_OUTPUT_HEX=y makes one.")

    @classmethod
    def with_address(cls, cfg, args, file):
        # Zephyr's default is neither yes nor no; then the linker's address is right.
        if args.dt_flash is False:
            return file
        address = cls.flash_address_from_build_conf(BuildConfiguration(cfg.build_dir))
        return f"{file}@{address:#010x}"

    def do_run(self, command, **kwargs):
        self.require(self.program)
        if self.erase:
            # The empty chip does not run before the image is in it.
            self.flashhost("erase", "--reset", "none" if self.reset is False else "halt")
        reset = [] if self.reset is None else ["--reset", "run" if self.reset else "none"]
        self.flashhost("flash", *reset, *self.image)

    def flashhost(self, verb, *words):
        self.check_call([self.program, *self.options, verb, *words])
