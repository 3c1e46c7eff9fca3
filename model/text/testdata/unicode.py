"""Writes accents.txt: what unicodedata says of every character whose accents may be stripped.

    python3.12 unicode.py > ../accents.txt

A line is FIRST-LAST CLASS RESULT, in hexadecimal but for the combining class (canonical
ordering): RESULT is the NFKD decomposition without combining characters, "=" where a
character does not decompose and "-" where nothing is left of it. Characters that do not
decompose and have the class 0 are left out, as are the syllables of Hangul, which
decompose by arithmetic.
"""

import sys
import unicodedata

print("# Unicode %s, written by testdata/unicode.py: see there." % unicodedata.unidata_version)


def entry(code):
    c = chr(code)
    if 0xAC00 <= code <= 0xD7A3 or 0xD800 <= code <= 0xDFFF:
        return None
    full = unicodedata.normalize("NFKD", c)
    if full == c:
        return (unicodedata.combining(c), "=") if unicodedata.combining(c) else None
    kept = [d for d in full if not unicodedata.combining(d)]
    return unicodedata.combining(c), " ".join("%x" % ord(d) for d in kept) or "-"


code = 0
while code <= sys.maxunicode:
    found, first = entry(code), code
    code += 1
    if found is None:
        continue
    while found[1] == "=" and entry(code) == found:
        code += 1
    last = "" if code == first + 1 else "-%x" % (code - 1)
    print("%x%s %d %s" % (first, last, found[0], found[1]))
