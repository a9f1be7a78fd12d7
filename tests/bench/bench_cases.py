"""What scripts/bench measures: boards, jobs, and what the flash holds before each of them."""
import dataclasses
import functools
import pathlib
import random
import struct

root = pathlib.Path(__file__).resolve().parent.parent.parent
flash_start = 0x08000000
kib = 1024
other, longer, same = "over other firmware", "over longer firmware", "again"
one_byte, one_bit, blank = "one byte changed", "one bit cleared", "on a blank chip"


@dataclasses.dataclass(frozen=True)
class Board:
    chip: str
    flash: int
    firmware: str  # of examples/firmware: what the image begins with
    old: str       # the same of the flash's content before
    openocd: str   # its configuration for the chip
    pyocd: str = ""  # its name for the chip, if it has one
    st_flash: tuple = ()  # options without which it fails

    @property
    def name(self):
        return self.chip.removeprefix("STM32")

    @property
    def family(self):
        """flashhost's plugin."""
        return self.name[:2].lower()


f103 = Board("STM32F103CB", 128 * kib, "blink.hex", "old.hex", "target/stm32f1x.cfg")
f407 = Board("STM32F407VG", 1024 * kib, "blink-f4.hex", "old-f4.hex", "target/stm32f4x.cfg",
             st_flash=("--connect-under-reset",))
f411 = dataclasses.replace(f407, chip="STM32F411CE", flash=512 * kib)
# Those that pyOCD knows.
f103rc = dataclasses.replace(f103, chip="STM32F103RC", flash=256 * kib, pyocd="stm32f103rc")
f412 = dataclasses.replace(f407, chip="STM32F412ZE", flash=512 * kib, pyocd="stm32f412xe")


@dataclasses.dataclass(frozen=True)
class Case:
    board: Board
    size: int        # of the image; 0: the example firmware as it is
    over: str        # what is in the flash before
    latency_ms: int = 0  # of each USB transfer, more than usual
    speed_hz: int = 0    # of SWD; 0: the transport's choice
    millivolts: int = 0  # as the board file says; 0: nothing
    compress: bool = True
    what: str = ""       # the image, if it is no firmware made up: "random", or a file
    erase: str = ""      # as the board file says; "": nothing

    @property
    def name(self):
        size = f"{self.size // kib} KiB" if self.size else "small example"
        size += f" {pathlib.Path(self.what).name}" if self.what else ""
        way = f", {self.erase} erase" if self.erase else ""
        slow = f", {self.speed_hz // 1000} kHz" if self.speed_hz else ""
        slow += "" if self.compress else ", uncompressed"
        late = f", USB {self.latency_ms} ms late" if self.latency_ms else ""
        return f"{self.board.name} {size} {self.over}{way}{slow}{late}"

    @functools.cached_property
    def image(self):
        if self.what == "random":
            return random.Random(3).randbytes(self.size)
        return pathlib.Path(self.what).read_bytes() if self.what else content(self.board.firmware, self.size, seed=1)

    @functools.cached_property
    def before(self):
        """Of the whole flash, which is full, blank, or holds 16 KiB more than the image."""
        if self.over == blank:
            return b"\xff" * self.board.flash
        old = content(self.board.old, self.board.flash, seed=2)
        if self.over == other:
            return old
        if self.over == longer:
            return old[:len(self.image) + 16 * kib].ljust(self.board.flash, b"\xff")
        new = bytearray(self.image)
        if self.over in (one_byte, one_bit):
            # Some bits have to be set, and some to be cleared; or one to be cleared.
            at = next(i for i in range(len(new) * 3 // 4, len(new)) if new[i] not in (0x00, 0xFF))
            new[at] = new[at] ^ 0xFF if self.over == one_byte else new[at] | new[at] + 1
        return bytes(new) + old[len(new):]

    @property
    def after(self):
        return self.image + self.before[len(self.image):]


cases_of_stlink = (
    Case(f103, 20 * kib, other),
    Case(f103, 120 * kib, other),
    Case(f103, 120 * kib, other, erase="mass"),
    Case(f103, 120 * kib, same),
    Case(f103, 120 * kib, one_byte),
    Case(f103, 0, same),
    Case(f407, 64 * kib, other),
    Case(f407, 200 * kib, longer),
    Case(f407, 512 * kib, other),
    Case(f407, 512 * kib, same),
    Case(f407, 512 * kib, one_byte),
    Case(f407, 512 * kib, one_bit),
    Case(f411, 256 * kib, other),
    Case(f103, 20 * kib, other, latency_ms=5),
)
cases_of_cmsisdap = (
    Case(f103rc, 20 * kib, other),
    Case(f103rc, 120 * kib, other),
    Case(f103rc, 120 * kib, same),
    Case(f103rc, 120 * kib, one_byte),
    Case(f412, 256 * kib, other),
    Case(f103rc, 20 * kib, other, latency_ms=5),
)


def on_slow_wires(*files):
    """Pairs of a probe and a case: by each probe whose wire is slower than the flash, each image with and without compression."""
    images = [("", 0), ("", 64 * kib), ("", 256 * kib), ("random", 64 * kib), *((file, pathlib.Path(file).stat().st_size) for file in files)]
    return [(probe, Case(f407, size, blank, speed_hz=speed_hz, millivolts=3300, compress=compress, what=what))
            for probe, speed_hz in (("stlink", 480_000), ("cmsisdap-v1", 0)) for what, size in images for compress in (False, True)]


def content(example, size, seed):
    """An example firmware, which runs, and code, tables and gaps as a compiler makes them up to this size."""
    start = read_hex(root / "examples/firmware" / example)
    return start if size == 0 else (start + filling(size, seed))[:size]


def read_hex(path):
    """Of an Intel HEX file, from the start of the flash on."""
    result, base = bytearray(), 0
    for line in path.read_text().split():
        record = bytes.fromhex(line[1:])
        count, address, kind = struct.unpack(">BHB", record[:4])
        data = record[4:4 + count]
        if kind == 4:
            base = int.from_bytes(data, "big") << 16
        elif kind == 0:
            at = base + address - flash_start
            result.extend(b"\xff" * (at + count - len(result)))
            result[at:at + count] = data
    return bytes(result)


# Thumb instructions that compilers use most: opcode, and the bits in which registers and offsets stand.
instructions = ((0x4800, 0x073F), (0x6800, 0x00FF), (0x6000, 0x00FF), (0x2000, 0x071F), (0x4600, 0x007F), (0x1C00, 0x00FF),
                (0xB500, 0x00F0), (0xBD00, 0x00F0), (0xD000, 0x011F), (0x4200, 0x003F), (0xF000, 0x001F), (0xF800, 0x03FF),
                (0x0000, 0x07FF), (0x7800, 0x00FF), (0x3000, 0x071F), (0x9800, 0x0707))


@functools.cache
def filling(size, seed):
    dice = random.Random(seed)
    below = lambda count: int(dice.random() * count)  # noqa: E731  the same numbers in every version of Python
    result = bytearray()
    while len(result) < size:
        kind = dice.random()
        if kind < 0.75:  # functions, each with some addresses behind it
            for _ in range(20 + below(180)):
                opcode, operands = instructions[below(len(instructions))]
                result += struct.pack("<H", opcode | below(0x10000) & below(0x10000) & operands)
            for _ in range(1 + below(4)):
                result += struct.pack("<I", (flash_start if below(2) else 0x20000000) + 4 * below(0x1000))
        elif kind < 0.9:  # a table
            step = 1 + below(300)
            result += b"".join(struct.pack("<I", step * index) for index in range(20 + below(100)))
        elif kind < 0.97:  # zeros
            result += bytes(4 * (4 + below(60)))
        else:  # nothing, up to where the next part is aligned
            result += b"\xff" * (-len(result) % 256)
    return bytes(result[:size])
