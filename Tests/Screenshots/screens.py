#!/usr/bin/env python3
"""screens.py text NAME FILE DOCUMENT...            puts a screen between <!-- screen:NAME --> and <!-- /screen -->
screens.py picture COLUMNS ROWS FILE OUTPUT         draws one, with its colours, as SVG
"""
import re
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 8.4, 18, 12
PAPER, INK, DIM = "#15181d", "#d7dae0", "#868d99"
NAMED = {31: "#ff5f5f", 32: "#5fd787", 33: "#ffd75f", 36: "#5fd7d7", 94: "#5fafff"}


def put(name, screen, path):
    """Replaces what stands between the marks of a document; leaves one without them as it is."""
    with open(path) as file:
        text = file.read()
    block = f"<!-- screen:{name} -->\n```\n{screen}\n```\n<!-- /screen -->"
    new = re.sub(f"<!-- screen:{name} -->.*?<!-- /screen -->", lambda _: block, text, flags=re.S)
    if new != text:
        with open(path, "w") as file:
            file.write(new)


def indexed(number):
    """A colour of the cube of 6 x 6 x 6 that terminals with 256 colours have."""
    steps = (0, 95, 135, 175, 215, 255)
    number -= 16
    return "#" + "".join(f"{steps[number // unit % 6]:02x}" for unit in (36, 6, 1))


def runs(line):
    """Pieces of a line with one look each: text, colour, bold, reversed."""
    colour, is_bold, is_dim, is_reversed = None, False, False, False
    for sequence, text in re.findall(r"\x1b\[([0-9;]*)m|([^\x1b]+)", line):
        if text:
            yield text, colour or (DIM if is_dim else INK), is_bold, is_reversed
            continue
        codes = [int(code or 0) for code in sequence.split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                colour, is_bold, is_dim, is_reversed = None, False, False, False
            elif code == 38 and codes[:1] == [5]:
                colour = indexed(codes[1])
                codes = codes[2:]
            elif code == 39:
                colour = None
            elif code in NAMED:
                colour = NAMED[code]
            is_bold = is_bold and code != 22 or code == 1
            is_dim = is_dim and code != 22 or code == 2
            is_reversed = is_reversed and code != 27 or code == 7


def picture(columns, rows, lines):
    width, height = columns * WIDTH + 2 * MARGIN, rows * HEIGHT + 2 * MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        'aria-label="energyctl top in a terminal" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">',
        f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>']
    for row, line in enumerate(lines[:rows]):
        place, base = MARGIN, MARGIN + row * HEIGHT + 14
        for text, colour, is_bold, is_reversed in runs(line):
            length = len(text) * WIDTH
            if is_reversed:
                out.append(f'<rect x="{place:.1f}" y="{base - 14}" width="{length:.1f}" height="{HEIGHT}" fill="{colour}"/>')
                colour = PAPER
            if text.strip():
                weight = ' font-weight="bold"' if is_bold else ""
                out.append(
                    f'<text x="{place:.1f}" y="{base}" fill="{colour}"{weight} textLength="{length:.1f}" '
                    f'xml:space="preserve">{escape(text)}</text>')
            place += length
    return "\n".join(out + ["</svg>", ""])


def main(kind, *rest):
    if kind == "text":
        name, screen, *documents = rest
        with open(screen) as file:
            text = "\n".join(line.rstrip() for line in file.read().rstrip("\n").split("\n"))
        text = re.sub("\n{3,}", "\n\n", text)
        for path in documents:
            put(name, text, path)
        return
    columns, rows, screen, output = rest
    with open(screen) as file:
        lines = file.read().split("\n")
    with open(output, "w") as file:
        file.write(picture(int(columns), int(rows), lines))


main(*sys.argv[1:])
