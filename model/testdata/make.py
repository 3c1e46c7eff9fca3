"""Writes small files that are large once decompressed: 84 MB of zero bytes, as a
pickle that throws them away. Any Python 3 does: python3 make.py
"""
import bz2
import lzma
import os
import struct

SIZE, TIMES = 4 << 20, 20
text = b"\x80\x02" + (b"X" + struct.pack("<I", SIZE) + b"\0" * SIZE + b"0") * TIMES

for name, data in {
    "zeros.bz2": bz2.compress(text),
    "zeros.xz": lzma.compress(text, preset=9 | lzma.PRESET_EXTREME),
    "zeros.lzma": lzma.compress(text, format=lzma.FORMAT_ALONE, preset=9 | lzma.PRESET_EXTREME),
}.items():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "wb") as f:
        f.write(data)
