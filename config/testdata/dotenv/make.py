"""Writes cases.json: what the real python-dotenv makes of many .env files.

    python3 -m venv venv && venv/bin/pip install python-dotenv==1.2.4
    venv/bin/python make.py

Each case is a file's text, the environment it is read in, the statements found in it
(key, value before expansion, line, whether it could not be read) and the values that
load_dotenv(path) would give its keys if none was in the environment already.
"""

import json
import os
import pathlib
import tempfile
from importlib.metadata import version

from dotenv import set_key
from dotenv.main import DotEnv
from dotenv.parser import parse_stream

PINNED = "1.2.4"

ENVIRON = {"OUTSIDE": "from outside", "EMPTY": "", "BOTH": "outside", "REF": "${OUTSIDE}"}

CASES = {
    "empty": "",
    "only newlines": "\n\n\n",
    "only spaces": "  \t ",
    "comments": "# one\n  # two\n## three\nA=1\n",
    "plain": "A=1\nB=two words\nC=\n",
    "no final newline": "A=1",
    "spaces around equals": "A = 1\nB= 2\nC =3\n\tD\t=\t4\t\n",
    "leading white space": "   A=1\n\t B=2\n",
    "form feed and vertical tab are blank": "A\x0b=\x0c1\x0c\n",
    "control characters that Python strips": "A=\x1c1\x1f\nB=1\x1d#no\nC=1\x1e# yes\n",
    "unicode spaces": "A=\u00a01\u00a0\nB=x\u2003# comment\n\u3000C=3\nD=\u20281\u2029\n",
    "next line character": "A=1\x85\nB\x85=2\n",
    "zero width space is no space": "A=\u200b1\u200b\n",
    "comment after value": "A=1 # one\nB=2# two\nC=3 #\nD=4\t#tab\nE=5 # a # b\n",
    "hash first": "A=#1\nB= #2\nC=# 3\nD=\t#4\nE=#a #b\n",
    "hash in quotes": "A='1 # 2'\nB=\"1 # 2\"\nC='x' # comment\nD=\"x\"#comment\n",
    "template": "AUTH_CLIENTS_RESET_USN=ClientA, ClientB\nAUTH_CLIENTS_RESET_PWD=One, Two\n## --\nLOGGING_FILEPATH=./files/log.txt\n",
    "bare dollar": "A=Pa$WORD1\nB='Pa$WORD1'\nC=\"Pa$WORD1\"\nD=$OUTSIDE\n",
    "dollar at the end": "A=x$\nB=x${\nC=x${OUTSIDE\nD=$\n",
    "export": "export A=1\nexport\tB=2\n  export  C=3\nexported=4\nexport=5\n",
    "export alone": "export\nexport A\nexport  \nB=1\n",
    "export then comment": "export # nothing\nA=1\n",
    "export twice": "export export A=1\nB=2\n",
    "export on two lines": "export \nA=1\n",
    "single quotes": "A='x y'\nB=''\nC=' x '\nD='it\\'s'\nE='a\\\\b'\nF='a\\nb'\nG='\"'\n",
    "double quotes": 'A="x y"\nB=""\nC=" x "\nD="say \\"x\\""\nE="a\\\\b"\nF="a\\nb\\tc"\nG="\'"\nH="\\\'"\n',
    "double-quote escapes": 'A="\\a\\b\\f\\n\\r\\t\\v"\nB="\\x\\0\\e\\$\\u0041\\é"\n',
    "single-quote escapes": "A='\\a\\b\\f\\n\\r\\t\\v'\nB='\\\"\\x'\n",
    "escaped backslash before the quote": 'A="x\\\\"\nB=\'x\\\\\'\nC="\\\\\\""\n',
    "backslash before the closing quote": 'A="x\\"\nB=2\n',
    "escaped quote at the end": 'A="\\"',
    "escaped single quote at the end": "A='\\'",
    "backslash at the end": 'A="x\\',
    "backslash before a newline in quotes": 'A="x\\\ny"\nB=\'x\\\ny\'\n',
    "backslash unquoted": "A=a\\nb\nB=a\\\nC=\\\"x\\\"\nD=C:\\temp\\new\n",
    "multi-line double": 'A="one\ntwo\n three "\nB=2\n',
    "multi-line single": "A='one\n\n# no comment\nB=no key'\nC=3\n",
    "multi-line key": "'A\nB'=1\nC=3\n",
    "PEM": 'A="-----BEGIN KEY-----\nMIIB+/=\n-----END KEY-----\n"\nB=1\n',
    "unclosed double": 'A="one\nB=2\nC=3\n',
    "unclosed single": "A='one\nB=2\n",
    "unclosed at the end": 'B=2\nA="',
    "closed by a later quote": 'A="one\nB="two"\nC=3\n',
    "swallowed lines": "A='one\nB=2\nC='three'\nD=4\n",
    "text after closing quote": 'A="one" two\nB=\'one\'two\nC="a""b"\nD=4\n',
    "error after multi-line": 'A="one\ntwo" three\nB=4\n',
    "quotes inside": "A=it's\nB=say \"x\"\nC=x'y'\nD=x\"y\" # c\n",
    "no equals": "A\nB=2\nC # comment\n D \n",
    "no equals, two words": "A B\nC D=1\nE=1\n",
    "equals first": "=1\n = 2\nA=3\n",
    "equals in value": "A==\nB=a=b=c\nC= = \nD='='\n",
    "odd keys": "a.b=1\na-b=2\n1=3\né=4\nA[0]=5\n$X=6\n{=7\n\"Q\"=8\n",
    "quoted keys": "'A'=1\n'B C' = 2\n'D#E'=3\n'F=G'=4\n'H'\nexport 'I'=9\n",
    "bad quoted keys": "''=1\n'A=2\nB=3\n",
    "key quoted in part": "'A'B=1\nC'D'=2\n",
    "hash in key": "A#B=1\nC=2\n",
    "key then newline then equals": "A\n=1\nB=2\n",
    "equals then newline": "A=\n1\nB=  \n2=3\n",
    "duplicate keys": "A=1\nB=2\nA=3\n",
    "duplicate, last without equals": "A=1\nA\n",
    "duplicate, last empty": "A=1\nA=\n",
    "CRLF": "A=1\r\nB='x'\r\n# c\r\nC=\r\nD=\"one\r\ntwo\"\r\n",
    "CR alone": "A=1\rB=2\rC='x\ry'\r",
    "mixed line ends": "A=1\r\nB=2\rC=3\n\rD=4\n",
    "CR written in quotes": 'A="x\\r\\ny"\n',
    "BOM": "\ufeffA=1\nB=2\n",
    "BOM twice": "\ufeff\ufeffA=1\n",
    "BOM later": "A=1\n\ufeffB=2\n",
    "expand from outside": "A=${OUTSIDE}\nB=x${OUTSIDE}y\nC=${OUTSIDE}${OUTSIDE}\n",
    "expand from the file": "A=1\nB=${A}2\nC=${B}3\n",
    "expand forward": "A=${B}\nB=1\n",
    "expand itself": "A=1\nA=${A}2\nA=${A}3\n",
    "outside before the file": "BOTH=inside\nA=${BOTH}\nB=${BOTH:-fallback}\n",
    "expand in quotes": "A='${OUTSIDE}'\nB=\"${OUTSIDE}\"\nC='\\${OUTSIDE}'\nD=\"\\${OUTSIDE}\"\nE=\\${OUTSIDE}\n",
    "fallbacks": "A=${NONE:-x}\nB=${OUTSIDE:-x}\nC=${EMPTY:-x}\nD=${NONE:-}\nE=${NONE}\nF=${NONE:-a b}\nG='${NONE:-a #b}'\nH=${NONE:-a #b}\n",
    "fallback of a key without equals": "A\nB=${A:-x}\nC=${A}\n",
    "fallback of an empty key": "A=\nB=${A:-x}\n",
    "no expansion twice": "A=${REF}\nB='${A}'\nC=${B}\n",
    "nested": "A=${NONE:-${OUTSIDE}}\nB=${${OUTSIDE}}\nC=${OUTSIDE${OUTSIDE}\nD=${NONE:-a${OUTSIDE}b}\n",
    "other colons": "A=${OUTSIDE:x}\nB=${OUTSIDE:+x}\nC=${OUTSIDE:=x}\nD=${OUTSIDE:}\nE=${OUTSIDE:-}\nF=${:-x}\nG=${A:${OUTSIDE}\n",
    "odd names": "A=${}\nB=${ OUTSIDE }\nC=${OUT SIDE}\nD=${1}\nE=${a.b:-c}\nF=$${OUTSIDE}\nG=${OUTSIDE}}\nH={${OUTSIDE}}\n",
    "expansion over lines": "A='${OUT\nSIDE}'\nB='${NONE:-x\ny}'\n",
    "expansion gives a comment": "A='x #y'\nB=${A}\n",
    "dollar brace after colon": "A=${${:-x}\nB=a:b${OUTSIDE}\n",
    "unicode": "A=naïve 模型 🙂\nB='é'\nC=\"\\é\"\n",
    "tabs inside": "A=a\tb\nB='a\tb'\n",
    "YAML style": "A: 1\nB=2\n",
    "INI style": "[section]\nA=1\n; comment\nB=2\n",
    "JSON": '{"A": 1}\n',
    "shell lines": "set -a\nA=$(date)\nB=`date`\nC=1; D=2\nsource x\n",
    "semicolon comment": "A=1 ; no comment\n",
    "continued line": "A=one \\\ntwo\nB=3\n",
    "spaces before a quote": "A=   'x'\nB=\t\"y\"  \n",
    "quote then spaces then hash": "A='x'   # c\nB='x'   y\n",
    "blank lines with spaces": "A=1\n   \n\t\nB=2\n",
    "comment with quote": "# it's\nA=1 # don't\nB='x' # don't\nC=3\n",
    "comment at the end without newline": "A=1\n# end",
    "value is a single quote": "A='\nB=2\n",
    "bad lines between good": "A=1\nB C\nD=2\n'E\nF=3\n",
}

# What people's passwords are like: python-dotenv writes them itself, and reads them back.
WRITTEN = [
    "plain", "", " spaced ", "Pa$WORD1", "pa#ss", "pa #ss", "it's", 'say "x"', "back\\slash", "end\\", "\\'", "\\\\'",
    "two\nlines", "tab\there", "a=b", "naïve", "${OUTSIDE}", "$OUTSIDE", "{}", "\\n", "'", "''", "'quoted'", '"quoted"',
]


def line_of(original):
    """The line of the first character that is not white space."""
    text = original.string
    lead = text[: len(text) - len(text.lstrip())]
    return original.line + lead.count("\n")


def read(name, data):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "file.env")
        path.write_bytes(data)
        with open(path, encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
        values = DotEnv(path, encoding="utf-8", override=False).dict()
    statements = [
        {"key": b.key or "", "value": b.value, "line": line_of(b.original), "bad": b.error}
        for b in bindings
        if b.error or b.key is not None
    ]
    return {"name": name, "text": data.decode("utf-8"), "statements": statements, "values": values}


def written(mode, value):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "file.env")
        path.touch()
        set_key(path, "FIRST", "1", quote_mode=mode)
        set_key(path, "A", value, quote_mode=mode, export=mode == "always")
        return path.read_bytes()


def main():
    assert version("python-dotenv") == PINNED, f"install python-dotenv=={PINNED}"
    os.environ.clear()
    os.environ.update(ENVIRON)
    cases = [read(name, text.encode("utf-8")) for name, text in CASES.items()]
    for mode in ("always", "auto", "never"):
        cases += [read(f"set_key {mode} {value!r}", written(mode, value)) for value in WRITTEN]
    path = pathlib.Path(__file__).with_name("cases.json")
    with open(path, "w", encoding="ascii", newline="\n") as out:
        json.dump({"python-dotenv": PINNED, "environ": ENVIRON, "cases": cases}, out, indent=1)
        out.write("\n")
    print(f"{len(cases)} cases")


if __name__ == "__main__":
    main()
