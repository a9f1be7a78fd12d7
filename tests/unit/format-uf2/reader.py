"""Reads UF2 files independently of flashhost: reader.py FILE...

Prints for each file and family a line: the file's name, the family id (- for none), and address:bytes of each part of the flash.
"""
import struct
import sys

for name in sys.argv[1:]:
    memory = {}
    with open(name, "rb") as stream:
        while block := stream.read(512):
            first, second, flags, address, size, number, total, family = struct.unpack_from("<8I", block)
            (last,) = struct.unpack_from("<I", block, 508)
            assert (first, second, last) == (0x0A324655, 0x9E5D5157, 0x0AB16F30) and number < total
            if flags & 1:
                continue
            flash = memory.setdefault(f"{family:#010x}" if flags & 0x2000 else "-", {})
            for i, byte in enumerate(block[32 : 32 + size]):
                assert flash.setdefault(address + i, byte) == byte
    for family, flash in memory.items():
        parts = []
        for address in sorted(flash):
            if not parts or parts[-1][0] + len(parts[-1][1]) != address:
                parts.append((address, bytearray()))
            parts[-1][1].append(flash[address])
        print(name, family, *(f"{address:#010x}:{part.hex()}" for address, part in parts))
