# SPDX-License-Identifier: BSD-2-Clause

"""Draws the results of the benchmark as SVG."""

import math
from xml.sax.saxutils import escape

WIDTH = 900
LABELS = 230          # where the bars begin
RIGHT = 170           # room for the numbers behind the bars
BAR = 16
STEP = 26

GOOD = '#2b6cb0'
BAD = '#c05621'
INK = '#1a202c'
FAINT = '#718096'
GRID = '#e2e8f0'

# The first panel shows this much of what misses its goal.
MOST_PERCENT = 150


class Drawing:
    """Shapes, one below the other."""

    def __init__(self):
        self.shapes = []
        self.y = 24

    def text(self, x, y, words, size=12, anchor='start', fill=INK,
             weight='normal'):
        """Writes words; y is the middle of the line."""
        self.shapes.append(
            f'<text x="{x:.1f}" y="{y + 0.36 * size:.1f}" '
            f'font-size="{size}" text-anchor="{anchor}" fill="{fill}" '
            f'font-weight="{weight}">{escape(words)}</text>')

    def bar(self, x, width, fill):
        """Draws a bar in the present row."""
        self.shapes.append(
            f'<rect x="{x:.1f}" y="{self.y - BAR / 2:.1f}" '
            f'width="{max(width, 1):.1f}" height="{BAR}" rx="2" '
            f'fill="{fill}"/>')

    def line(self, x, top, bottom, colour=GRID, width=1):
        """Draws an upright line."""
        self.shapes.append(
            f'<line x1="{x:.1f}" y1="{top:.1f}" x2="{x:.1f}" '
            f'y2="{bottom:.1f}" stroke="{colour}" stroke-width="{width}"/>')

    def heading(self, words, explanation):
        """Begins a panel."""
        self.text(16, self.y, words, 16, weight='bold')
        self.y += 22
        self.text(16, self.y, explanation, 12, fill=FAINT)
        self.y += 26

    def scale(self, rows, marks, main):
        """Draws upright lines for {x: label}, and one that counts more."""
        bottom = self.y + rows * STEP
        for x, label in marks.items():
            self.line(x, self.y, bottom,
                      FAINT if x == main else GRID, 2 if x == main else 1)
            self.text(x, self.y - 8, label, 11, 'middle', FAINT)
        self.y += STEP / 2 + 2

    def svg(self):
        """Returns the file."""
        height = self.y + 8
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" '
            f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
            f'height="{height:.0f}" font-family="sans-serif">\n'
            f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>\n'
            + '\n'.join(self.shapes) + '\n</svg>\n')


def short(value):
    """Returns a number for people."""
    if value >= 100:
        return f'{value:,.0f}'
    return f'{value:.3g}'


def draw_goals(drawing, items):
    """Draws each value as a part of its goal."""
    items = [item for item in items if item['goal']]
    if not items:
        return
    drawing.heading('Value as a part of its goal',
                    'shorter is better; 100 % is the goal')
    per_percent = (WIDTH - LABELS - RIGHT) / MOST_PERCENT
    marks = {LABELS + percent * per_percent: f'{percent} %'
             for percent in range(0, MOST_PERCENT + 1, 25)}
    drawing.scale(len(items), marks, LABELS + 100 * per_percent)
    for item in items:
        goal = item['goal']
        percent = 100 * item['value'] / goal
        good = percent <= 100
        width = min(percent, MOST_PERCENT) * per_percent
        drawing.text(LABELS - 10, drawing.y, item['name'], anchor='end')
        drawing.bar(LABELS, width, GOOD if good else BAD)
        drawing.text(WIDTH - RIGHT + 10, drawing.y,
                     f'{short(item["value"])} of {short(goal)}',
                     fill=INK if good else BAD)
        drawing.y += STEP
    drawing.y += 24


def draw_ratios(drawing, items, heading, explanation):
    """Draws each value beside that of its reference, in powers of two."""
    items = [item for item in items if item['ratio']]
    if not items:
        return
    drawing.heading(heading, explanation)
    powers = [math.log2(item['ratio']) for item in items]
    low = min(-1, math.floor(min(powers)))
    high = max(1, math.ceil(max(powers)))
    step = (WIDTH - LABELS - RIGHT) / (high - low)
    one = LABELS - low * step
    marks = {LABELS + (power - low) * step:
             str(2 ** power) if power >= 0 else f'1/{2 ** -power}'
             for power in range(low, high + 1)}
    drawing.scale(len(items), marks, one)
    for item, power in zip(items, powers):
        drawing.text(LABELS - 10, drawing.y, item['name'], anchor='end')
        drawing.bar(one + min(power, 0) * step, abs(power) * step,
                    GOOD if power <= 0 else BAD)
        drawing.text(WIDTH - RIGHT + 10, drawing.y,
                     f'{short(item["value"])} / '
                     f'{short(item["reference_value"])}')
        drawing.y += STEP
    drawing.y += 24


def draw(items, bsp, against):
    """Returns a plot of the objects of the JSON files, which have RTEMS and
    another librumpuser as references."""
    drawing = Drawing()
    drawing.text(16, drawing.y, f'rtems-rump on {bsp}', 20, weight='bold')
    drawing.y += 34
    draw_goals(drawing, items)
    draw_ratios(
        drawing, items, 'Ratio to the RTEMS counterpart',
        'left of 1: fewer instructions than RTEMS itself needs; '
        'each line is twice the one before')
    draw_ratios(
        drawing, against, 'Ratio to the other librumpuser',
        'left of 1: less than the other needs; '
        'each line is twice the one before')
    return drawing.svg()
