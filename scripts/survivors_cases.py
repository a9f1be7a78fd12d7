"""What scripts/survivors runs: the boards, and a case for each way in which a row of docs/failures.md can be met."""
import dataclasses
import re
import struct

flash_start = 0x08000000
kib = 1024


@dataclasses.dataclass(frozen=True)
class Series:
    """What its old firmwares need to know."""
    example: str     # of examples/firmware
    iwdg: int        # counts for 20 ms
    wwdg: tuple      # for 33 ms: where its clock is enabled, its CFR and CR
    port: tuple = ()  # where port C's clock is enabled, by which value, and the port


@dataclasses.dataclass(frozen=True)
class Board:
    chip: str
    flash: int
    sectors: tuple  # sizes in turn; the last one repeats
    series: Series
    openocd: str
    pyocd: str = ""  # its name for the chip, if it has one
    st_flash: bool = True  # whether that knows the chip

    def touched(self, start, end):
        """The sectors that this range of offsets lies in, as one range."""
        edges, at, index = [0], 0, 0
        while at < self.flash:
            at += self.sectors[min(index, len(self.sectors) - 1)]
            index += 1
            edges.append(at)
        return max(e for e in edges if e <= start), min(e for e in edges if e >= end)


series_f1 = Series("old.hex", 200, (0x4002101C, 0x7F, 0xFF))
series_f4 = Series("old-f4.hex", 160, (0x40023840, 0xFF, 0xFF))
series_f0_f3 = Series("old-f0f3.hex", 200, (0x4002101C, 0x7F, 0xFF), (0x40021014, 1 << 19, 0x48000800))
series_g0 = Series("old-g0.hex", 160, (0x4002103C, 0xFF, 0xFF), (0x40021034, 1 << 2, 0x50000800))
series_l4 = Series("old-l4.hex", 160, (0x40021058, 0x7F, 0xDF), (0x4002104C, 1 << 2, 0x48000800))
series_g4 = dataclasses.replace(series_l4, wwdg=(0x40021058, 0xFF, 0xFF))
series_wb = Series("old-l4.hex", 160, (0x58000058, 0x7F, 0xDF), (0x5800004C, 1 << 2, 0x48000800))

small_f4 = (16 * kib,) * 4 + (64 * kib,)
one_bank_f4 = small_f4 + (128 * kib,)
f1 = Board("STM32F103CB", 128 * kib, (kib,), series_f1, "target/stm32f1x.cfg")
f4 = Board("STM32F411CE", 512 * kib, one_bank_f4, series_f4, "target/stm32f4x.cfg")
xl = Board("STM32F103RG", 1024 * kib, (2 * kib,), series_f1, "target/stm32xl.cfg")
f429 = Board("STM32F429ZI", 2048 * kib, small_f4 + (128 * kib,) * 7 + one_bank_f4, series_f4, "target/stm32f4x.cfg")
# Those that pyOCD knows.
f103rc = Board("STM32F103RC", 256 * kib, (2 * kib,), series_f1, "target/stm32f1x.cfg", "stm32f103rc")
f412 = Board("STM32F412ZE", 512 * kib, one_bank_f4, series_f4, "target/stm32f4x.cfg", "stm32f412xe")
f439 = dataclasses.replace(f429, chip="STM32F439ZI", pyocd="stm32f439xi")
# Of the other series.
f051 = Board("STM32F051R8", 64 * kib, (kib,), series_f0_f3, "target/stm32f0x.cfg")
f030_clone = Board("STM32F030R8CLONE", 64 * kib, (kib,), series_f0_f3, "target/stm32f0x.cfg")
f091 = Board("STM32F091RC", 256 * kib, (2 * kib,), series_f0_f3, "target/stm32f0x.cfg")
f303 = Board("STM32F303VC", 256 * kib, (2 * kib,), series_f0_f3, "target/stm32f3x.cfg")
g071 = Board("STM32G071RB", 128 * kib, (2 * kib,), series_g0, "target/stm32g0x.cfg")
g0b1 = Board("STM32G0B1RE", 512 * kib, (2 * kib,), series_g0, "target/stm32g0x.cfg", st_flash=False)
l476 = Board("STM32L476RG", 1024 * kib, (2 * kib,), series_l4, "target/stm32l4x.cfg")
l432 = Board("STM32L432KC", 256 * kib, (2 * kib,), series_l4, "target/stm32l4x.cfg")
g474 = Board("STM32G474RE", 512 * kib, (2 * kib,), series_g4, "target/stm32g4x.cfg")
wb55 = Board("STM32WB55RG", 1024 * kib, (4 * kib,), series_wb, "target/stm32wbx.cfg")


def data(size, seed):
    """Bytes below 0x80: no erased unit among them."""
    state, result = (seed * 2654435761 + 1) & 0xFFFFFFFF, bytearray()
    for _ in range(size):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        result.append(state >> 25)
    return bytes(result)


def firmware(size, seed, start=(), again=()):
    """Stores once, then again and again; handlers that return at once. The rest is data. Every Cortex-M can execute it."""
    vectors = 16 + 112
    entry = flash_start + 4 * vectors + 2
    stores = (*start, *again)
    literals = 2 + 6 * len(stores) + 2  # bx lr, the stores, b; in bytes
    literals += literals % 4
    code = [0x4770]
    for index in range(len(stores)):
        for register in (0, 1):  # ldr r0, =address; ldr r1, =value; str r1, [r0]
            distance = literals + 8 * index + 4 * register - (2 * len(code) + 4 & ~3)
            code.append(0x4800 | register << 8 | distance // 4)
        code.append(0x6001)
    code.append(0xE000 | (1 + 3 * len(start) - len(code) - 2) & 0x7FF)  # b, to the first store of again
    code += [0] * (literals // 2 - len(code))
    text = struct.pack(f"<{vectors}I{len(code)}H{2 * len(stores)}I", 0x20001000, entry + 1, *[entry - 1] * (vectors - 2),
                       *code, *(number for one in stores for number in one))
    return (text + data(size, seed)[len(text):])[:size]


def iwdg(size, series):
    """Fed all the time, within 20 ms."""
    return firmware(size, 1, ((0x40003000, 0x5555), (0x40003004, 0), (0x40003008, series.iwdg), (0x40003000, 0xCCCC)),
                    ((0x40003000, 0xAAAA),))


def wwdg(size, series):
    """Fed all the time, within 33 ms."""
    enable, config, control = series.wwdg
    return firmware(size, 1, ((enable, 0x800), (0x40002C04, config), (0x40002C00, control)), ((0x40002C00, control),))


def blinking(size, series):
    """PC0 toggles."""
    enable, clock, port = series.port
    return firmware(size, 2, ((enable, clock), (port, 1)), ((port + 0x18, 1), (port + 0x18, 1 << 16)))


old_firmwares = {"idle": lambda size, series: firmware(size, 1), "iwdg": iwdg, "wwdg": wwdg,
                 "full": lambda size, series: firmware(size, 1), "none": lambda size, series: b""}


def first_even(content, start):
    """The offset of a halfword, from start on, whose bit 0 is to become 0."""
    return next(at for at in range(start, len(content), 2) if not content[at] & 1)


@dataclasses.dataclass(frozen=True)
class Case:
    row: int
    name: str
    names: str            # a regular expression: output that matches names the cause
    faults: tuple = ()
    boards: tuple = (f1, f4)   # of the columns; None: does not apply
    wired: bool = True    # the probe's reset wire
    image: str = "firmware"
    strict: bool = False  # what is beside the image in its sectors must be kept, too
    options: tuple = ()   # of the virtual probe
    before: str = "idle"  # of old_firmwares, or the example of the series
    seconds: int = 30     # limit
    times: int = 1        # where luck decides: so many runs, of which the worst counts
    under_reset: bool = False  # the programs are told to connect so
    runs: bool = False    # afterwards the firmware must run, without a new power-on
    twice: bool = False   # the second run counts, a second after the first


def left(row, name, names, *faults, boards=(f1, f4), **more):
    """What firmware left behind; whether the probe can pull NRST may make a difference."""
    return [Case(row, name, names, faults, boards, wired, **more) for wired in (True, False)]


interrupt = r"interrupt|systick|ipsr|exception"
state = r"exception|handler|ipsr|thumb|\bIT\b|privileg|mask"
size = r"flash.size|0 KiB|11560 KiB|unknown memory region"
usb = r"usb|unplug|\bprobe\b|communication|reconnect|timeout|timed out|stall"
reach = r"connect|not answer|no response|sleep|low.power"
loop = r"lock.?up|reset again|reset loop|in reset"
supply = r"volt|supply|undervolt|power"
ram = r"\bs?ram\b|loader"
cell = r"non-erased|not erased|instead of|mismatch|offset: \d|verification|worn"

cases = [
    *left(1, "SysTick, each 50 us", interrupt, "systick=50"),
    *left(1, "external interrupt, its line held", interrupt, "interrupt=6"),
    *left(1, "SysTick, a watchdog and, on the F1, DMA: `examples/firmware/old`", interrupt + r"|watchdog|wdg|\bdma\b",
          before="example"),
    Case(1, "the report: also a size register that reads 0x2D28", interrupt,
         ("flash_size_register=2D28", "systick=1000"), (f1, None), wired=False),
    *[case for name in ("handler", "it_block", "multi_load", "thumb_clear", "unprivileged", "faultmask")
      for case in left(2, f"halted: {name}", state, f"left_halted={name}")],
    *left(3, "writes into all of the RAM", r"\bdma\b|\bs?ram\b", "dma_writes"),
    *left(4, "20 ms, the firmware starts it", r"watchdog|\bi?wdg\b", before="iwdg"),
    *left(4, "400 ms, the firmware has started it", r"watchdog|\bi?wdg\b", "iwdg=400"),
    *left(4, "the option byte starts it", r"watchdog|\bi?wdg\b", "hardware_iwdg"),
    *left(5, "33 ms, the firmware starts it", r"watchdog|\bwwdg\b", before="wwdg"),
    *left(6, "error flags", r"error flag|sticky|pgerr|pgserr|wrprterr|wrperr|status", "stale_errors"),
    *left(7, "PG, PER (F4: SER) and MER are set: erases all, as the model reads the manuals", r"control|\b[mps]er\b",
          "stale_control_bits"),
    *left(8, "locked", r"unlock|locked", "fpec_locked_until_reset"),
    *left(9, "HSI off", r"\bhsi\b|oscillator", "hsi_off", boards=(f1, None)),
    *[Case(10, f"reads 0x{value}", size, (f"flash_size_register={value}",)) for value in ("0000", "FFFF", "2D28")],
    Case(11, "nothing else is wrong", r"nrst|reset", wired=False),
    Case(12, "debug port 0x2BA01477", r"idcode|clone|debug port", ("dpidr=2BA01477",), (f1, None)),
    Case(12, "unknown revision", r"revision|clone", ("revision=9999",)),
    Case(13, "a page or sector of the image", r"protect", ("write_protected=0",)),
    Case(14, "level 1", r"protect|rdp", ("read_protected",)),
    Case(14, "level 2", r"protect|rdp|" + reach, ("read_protected_for_ever",), (None, f4)),
    Case(15, "three times WAIT", r"wait|swd", ("swd_wait_at=8",)),
    Case(15, "parity error", r"parity|swd", ("swd_parity_at=8",)),
    *[Case(16, name, usb, (fault,)) for name, fault in (
        ("a stall", "usb_stall_at=30"), ("a reply cut short", "usb_short_reply_at=30"),
        ("a garbled reply", "usb_garbage_reply_at=30"), ("a reply that never comes", "usb_no_reply_at=30"),
        ("a reply 1.5 s late", "usb_late_reply_at=30:1500"), ("unplugged, back after 0.3 s", "usb_unplug_at=30:300"),
        ("unplugged for good", "usb_unplug_at=30"))],
    Case(17, "WFI", reach, ("asleep=wfi",)),
    *[Case(17, f"{name}{', told to connect under reset' if told else ''}", reach, (fault,), under_reset=told)
      for name, fault in (("STOP", "asleep=stop"), ("STANDBY", "asleep=standby"), ("SWD pins are GPIO", "swd_pins_off"))
      for told in (False, True)],
    Case(17, "STOP", reach, ("asleep=stop",), wired=False),
    *left(18, "lockup", r"lock.?up|locked up", "lockup"),
    *left(18, "resets itself each 20 ms", loop, "reset_loop=20000"),
    *left(18, "resets itself at once, the worst of six runs", loop, "reset_loop=5", times=6),
    Case(19, "1.9 V", supply, ("voltage=1900",), (None, f4)),
    Case(19, "2.4 V", supply, ("voltage=2400",), (None, f4)),
    Case(19, "3.3 V, VAPP not wired", supply, ("vapp_not_wired",)),
    Case(19, "1.9 V, VAPP not wired", supply, ("vapp_not_wired", "voltage=1900"), (None, f4)),
    Case(19, "a probe that measures nothing", supply, options=("--reported-voltage", "0")),
    *left(20, "no execution, no writing in RAM", r"\bmpu\b|protection unit|memmanage|accviol", "mpu", boards=(xl, f4)),
    *[Case(21, f"a bit of 0x{address:08X}", ram, (f"bad_sram={address:08X}",)) for address in (
        0x20000004, 0x20000008, 0x20000100)],
    Case(22, "does not program", cell, ("bad_cell=@cell",)),
    Case(22, "does not erase", cell, ("bad_erase=@word",)),
    Case(23, "the datasheet's maximum", r"slow|longer|time", ("flash_time=maximum",)),
    Case(23, "four times that", r"slow|longer|time", ("flash_time=4x",)),
    Case(24, "busy for ever", r"busy|stuck|timed out|timeout", ("stuck_busy",), seconds=90),
    *left(25, "on, with old lines", r"cache", "caches_on", boards=(None, f4)),
    Case(26, "101 bytes where 100 are left",
         r"fit|too (big|large|high|long)|beyond|exceed|outside|memory region|no flash bank", image="too long"),
    Case(27, "odd length", r"align|odd|multiple", image="odd length", strict=True),
    Case(27, "odd start", r"align|odd|multiple", image="odd start", strict=True),
    Case(29, "the supply fails in the second flash operation", supply + "|partly written|lost", ("power_loss_at=2",)),
    Case(29, "the supply fails in the 300th", supply + "|partly written|lost", ("power_loss_at=300",)),
    Case(31, "in use by another program", r"in use|claim|busy", ("busy",)),
    Case(31, "two probes, the board meant is at the second", r"serial|several|two|2 ST-Links|multiple",
         options=("--probes", "2")),
    Case(33, "an image in the second", r"bank", boards=(xl, f429), image="second bank"),
]

def for_cmsisdap(case):
    """The same on boards that pyOCD knows, at a later SWD transfer: here each single one counts, also in connecting."""
    same = {f1: f103rc, f4: f412, f429: f439}
    return dataclasses.replace(case, boards=tuple(same.get(board, board) for board in case.boards),
                               faults=tuple(re.sub(r"^(swd_\w+_at)=8$", r"\1=300", fault) for fault in case.faults))


others = (f051, f303, g071, l476)
# Causes that not all of these boards can have, and those that can.
only = {"hsi_off": (f051, f303), "dpidr=2BA01477": (), "voltage=1900": (), "voltage=2400": (), "caches_on": (l476,),
        "mpu": (f303, g071, l476), "left_halted=unprivileged": (f303, g071, l476),
        **{f"left_halted={state}": (f303, l476) for state in ("handler", "it_block", "multi_load", "faultmask")}}
names_on_others = {
    "SysTick, a watchdog and, on the F1, DMA: `examples/firmware/old`": "SysTick, a watchdog: `examples/firmware/old`",
    "PG, PER (F4: SER) and MER are set: erases all, as the model reads the manuals":
        "PG, PER and MER are set: on F0 and F3 that erases all, as the model reads the manuals",
}


def for_others(case):
    """A watchdog may strike at any moment of a run."""
    can = [all(board in only.get(fault, others) for fault in case.faults) for board in others]
    name = names_on_others.get(case.name, case.name)
    luck = case.row in (4, 5) or case.before == "example"
    return dataclasses.replace(case, boards=tuple(board if able else None for board, able in zip(others, can)),
                               name=name + ", the worst of three runs" if luck else name, times=3 if luck else case.times)


def bank(row, name, names, image, *boards, faults=()):
    """The whole flash is in use: it shows when a page of the other bank goes."""
    return Case(row, name, names, faults, boards, image=image, before="full")


torn = r"\becc|cannot be read|without error|torn|\bnmi\b"
empty = r"\bempty|boot.?rom|bootloader"
flags = r"optverr|pgserr|error flag|sticky|status"
swap = "swap"
double_words = (None, None, g071, l476)
cases_of_others = sorted([
    *[one for one in map(for_others, cases) if any(one.boards) and one.row != 33],
    Case(12, "sold as an F030R8, with a Cortex-M0+", r"idcode|clone|debug port|cortex-m0\+",
         boards=(f030_clone, None, None, None)),
    bank(33, "an image in the second (G0: G0B1RE)", "bank", "second bank", None, None, g0b1, l476),
    bank(33, "an image in the second (G474RE)", "bank", "second bank", None, None, None, g474),
    Case(34, "in the image", torn, ("torn_word=@word",), double_words),
    Case(34, "beside the image in its last page", torn, ("torn_word=@beside",), double_words),
    Case(34, "in another page", torn, ("torn_word=@other",), double_words),
    *[Case(34, f"the supply fails in the {which} flash operation and comes back; the second of two runs", torn,
           (f"power_loss_at={number}:100",), double_words, twice=True)
      for which, number in (("second", 2), ("300th", 300))],
    Case(35, "a new chip (F0: F091RC, L4: L432KC)", empty, boards=(f091, None, g071, l432), image="blinking",
         before="none", runs=True),
    Case(35, "a new chip, an image in one page (L432KC)", empty, boards=(None, None, None, l432), image="blinking, short",
         before="none", runs=True),
    Case(35, "a new chip that does not look at its flash", empty, boards=(f051, f303, None, l476), image="blinking",
         before="none", runs=True),
    Case(36, "OPTVERR after each reset (WB55RG)", flags, ("optverr",), (None, None, None, wb55)),
    Case(36, "PGSERR is set", flags, ("stale_pgserr",), double_words),
    *[bank(37, f"an image in {where} (G0B1RE)", swap, image, None, None, g0b1, None, faults=("swapped_banks",))
      for where, image in (("the bank that is shown first", "firmware"), ("the other", "second bank"),
                           ("both", "both banks"))],
], key=lambda case: case.row)


@dataclasses.dataclass(frozen=True)
class Page:
    probe: str     # for readers
    program: str   # the virtual one
    plugin: str    # flashhost's
    openocd: str   # its interface file
    tools: tuple
    columns: tuple  # their names
    healthy: tuple  # their boards without a fault
    cases: tuple


stlink = ("ST-Link", "virtual-stlink", "stlinkv2", "interface/stlink.cfg", ("st-flash", "OpenOCD", "flashhost"))
pages = {
    "stlink": Page(*stlink, ("F1", "F4"), (f1, f4), tuple(cases)),
    # Such a probe measures no voltage: nothing to see where that is the trouble.
    "cmsisdap": Page("CMSIS-DAP probe", "virtual-cmsisdap", "cmsisdap", "interface/cmsis-dap.cfg",
                     ("pyOCD", "OpenOCD", "flashhost"), ("F1", "F4"), (f103rc, f412),
                     tuple(for_cmsisdap(case) for case in cases
                           if "vapp_not_wired" not in case.faults and "--reported-voltage" not in case.options)),
    "f0-f3-g0-l4": Page(*stlink, ("F0", "F3", "G0", "L4"), others, tuple(cases_of_others)),
}

left_out = """
These rows are left out because the programs cannot be compared in them: 28 (nothing, or little, to do: the flash is right
with all of them, only the work differs), 30 (the other programs have no board file that could name a chip), 32 (bad input
files are refused before the probe is used), 38 (files on the computer), the signals of row 29 (the result depends on the
moment), and the missing permission of row 31 (it needs another user). Only flashhost is tested in them: `ctest -L failures`.
"""


def content_of(case, board):
    """What the flash holds before (None: what the example makes of it), the image, and its offset."""
    first = board.touched(0, 1)[1]
    make = old_firmwares.get(case.before)
    old = make and make(board.flash if case.before == "full" else 3 * first, board.series)
    image, offset = {
        "firmware": (firmware(first + 1001, 2), 0),
        "too long": (data(101, 3), board.flash - 100),
        "odd length": (data(333, 3), first),
        "odd start": (data(334, 3), first + 257),
        "second bank": (data(4 * kib, 3), board.flash // 2),
        "both banks": (data(3 * kib, 3), board.flash // 2 - kib),
        "blinking": (board.series.port and blinking(first + 1001, board.series), 0),
        "blinking, short": (board.series.port and blinking(1001, board.series), 0),
    }[case.image]
    return old, image, offset
