# SPDX-License-Identifier: BSD-2-Clause

"""What the program latency.c found: wake-ups by how long they took."""

import collections
import math
import re

import plot

# The phases with kernels at work.
LOADS = ('storage', 'locks', 'restarts')

# In the order of the picture, with what it says of them.
PHASES = {
    'bare': 'no kernel, idle',
    'rtems': 'no kernel, RTEMS at work: heap, tasks, mutexes, disk cache',
    'idle': 'two kernels, idle',
    'storage': 'FFS and tmpfs at work in one of them',
    'locks': 'tasks fight for the locks of one of them',
    'restarts': 'one at work, the other panics and starts again and again',
}

QUANTILES = {'p50': 0.5, 'p999': 0.999}

LINE = re.compile(r'^BENCH LATENCY (\w+) (\d+) (\d+)\s*$', re.MULTILINE)

PANEL = 74


def histograms(console):
    """Returns {phase: Counter of {instructions: wake-ups}}."""
    result = collections.defaultdict(collections.Counter)
    for phase, took, times in LINE.findall(console):
        result[phase][int(took)] += int(times)
    return dict(result)


def quantile(histogram, part):
    """Returns the least value that this part of all does not exceed."""
    left = math.ceil(part * sum(histogram.values()))
    for value in sorted(histogram):
        left -= histogram[value]
        if left <= 0:
            return value
    raise ValueError('empty histogram')


def quantiles(found):
    """Returns {row: value} for all phases of `found`."""
    return {f'latency_{phase}_{name}': quantile(histogram, part)
            for phase, histogram in found.items()
            for name, part in QUANTILES.items()}


def draw(found, bsp):
    """Returns a picture of the histograms, one below the other."""
    drawing = plot.Drawing()
    drawing.text(16, drawing.y, f'Dispatch latency on {bsp}', 20,
                 weight='bold')
    drawing.y += 28
    drawing.text(
        16, drawing.y, 'Wake-ups of the most urgent task, by instructions '
        'from the timer to the task; heights are logarithmic', 12,
        fill=plot.FAINT)
    drawing.y += 26
    worst = max(max(histogram) for histogram in found.values())
    step = 10 ** math.floor(math.log10(worst))
    step = step if worst / step >= 4 else step / 5
    span = plot.WIDTH - 2 * 16 - 60
    last = math.ceil(worst / step) * step
    top = drawing.y

    def place(value):
        return 16 + span * value / last

    for phase, title in PHASES.items():
        if phase in found:
            draw_panel(drawing, found[phase], f'{phase}: {title}', place)
    for i in range(round(last / step) + 1):
        drawing.line(place(i * step), top, drawing.y - 10)
        drawing.text(place(i * step), drawing.y, f'{i * step:,.0f}', 11,
                     'middle', plot.FAINT)
    drawing.y += 16
    return drawing.svg()


def draw_panel(drawing, histogram, title, place):
    """Draws one histogram."""
    drawing.text(plot.WIDTH - 16, drawing.y + 10, title, 12, 'end')
    drawing.text(
        plot.WIDTH - 16, drawing.y + 26, f'worst {max(histogram):,}, half '
        f'of all up to {quantile(histogram, 0.5):,}', 12, 'end', plot.FAINT)
    bottom = drawing.y + PANEL - 14
    full = math.log10(1 + max(histogram.values()))
    # A pixel is more than the timer's step.
    columns = collections.Counter()
    for value, times in histogram.items():
        columns[round(place(value))] += times
    for x, times in columns.items():
        height = (PANEL - 20) * math.log10(1 + times) / full
        drawing.line(x, bottom - min(height, PANEL - 20), bottom,
                     plot.GOOD, 2)
    drawing.y += PANEL
