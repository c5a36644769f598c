# Copyright the carryall authors.  See LICENSE.
"""Horizontal bars with a spread, as SVG 1.1, readable on light and dark pages; nothing but the
standard library."""
from __future__ import absolute_import, division, print_function

WIDTH = 760
LABEL = 210                   # pixels for the names
VALUE = 150                   # pixels for the figures
ROW = 24
TOP = 64
STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .soft { fill: #59636e; font-size: 12px; }
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  .unit { stroke: #59636e; stroke-width: 1; stroke-dasharray: 4 3; }
  .spread { stroke: #1f2328; stroke-width: 1.5; }
  .ours { fill: #1a7f64; }
  .peer { fill: #8aa4c8; }
  .raw { fill: #c9cdd2; }
  .page { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .soft { fill: #9198a1; }
    .grid { stroke: #30363d; }
    .unit { stroke: #9198a1; }
    .spread { stroke: #e6edf3; }
    .ours { fill: #3fb68f; }
    .peer { fill: #5878a8; }
    .raw { fill: #565c64; }
    .page { fill: #0d1117; }
  }
"""


def escape(text):
    """Text for XML content."""
    return text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')


def kind(name):
    """The class of a bar: ours, a raw loop, or a peer."""
    for prefix in ('carryall', 'raw'):
        if name.startswith(prefix):
            return {'carryall': 'ours', 'raw': 'raw'}[prefix]
    return 'peer'


def step(highest):
    """The distance between grid lines, 1, 2 or 5 times a power of ten, for four to ten lines."""
    size = 1.0
    while highest / size > 10:
        size *= 10
    while highest / size < 1:
        size /= 10
    for part in (0.1, 0.2, 0.5, 1.0, 2.0):
        if highest / (size * part) <= 8:
            return size * part
    return size


def figure(value):
    """A number for a label: three digits that matter."""
    if value >= 100:
        return '{0:.0f}'.format(value)
    return '{0:.1f}'.format(value) if value >= 10 else '{0:.2f}'.format(value)


def bars(title, subtitle, rows, unit=None, suffix=''):
    """Draws the chart.

    Args:   rows: list of (name, value, lowest, highest), in drawing order;
            the spread may be None, None.
            unit: a value to mark with a dashed line (the reference), or None.
            suffix: after each figure.
    Returns: the SVG document as text.
    """
    top = max([row[3] or row[1] for row in rows] + [unit or 0.0]) or 1.0
    scale = (WIDTH - LABEL - VALUE) / top
    bottom = TOP + ROW * len(rows)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" '
           'role="img" '
           'aria-label="{2}">'.format(WIDTH, bottom + 34, escape(title)),
           '<style>{0}</style>'.format(STYLE),
           '<rect class="page" width="{0}" height="{1}"/>'.format(WIDTH, bottom + 34),
           '<text class="title" x="16" y="24">{0}</text>'.format(escape(title)),
           '<text class="soft" x="16" y="44">{0}</text>'.format(escape(subtitle))]
    out += grid(top, scale, bottom)
    if unit:
        out.append(vertical('unit', LABEL + unit * scale, bottom))
    for number, row in enumerate(rows):
        out += bar(row, TOP + ROW * number, scale, suffix)
    return '\n'.join(out + ['</svg>', ''])


def vertical(name, x, bottom):
    """A line over all rows."""
    return '<line class="{0}" x1="{1:.1f}" x2="{1:.1f}" y1="{2}" y2="{3}"/>'.format(
        name, x, TOP - 4, bottom + 4)


def grid(top, scale, bottom):
    """The grid and its figures under the rows."""
    out = []
    distance = step(top)
    number = 0
    while number * distance <= top * 1.0001:
        x = LABEL + number * distance * scale
        out.append(vertical('grid', x, bottom))
        out.append('<text class="soft" x="{0:.1f}" y="{1}" text-anchor="middle">{2:g}</text>'
                   .format(x, bottom + 22, number * distance))
        number += 1
    return out


def bar(row, y, scale, suffix):
    """One row: name, bar, spread, figure."""
    name, value, lowest, highest = row
    middle = y + ROW / 2.0
    out = ['<text x="{0}" y="{1:.1f}" text-anchor="end">{2}</text>'.format(
        LABEL - 8, middle + 4, escape(name)),
           '<rect class="{0}" x="{1}" y="{2}" width="{3:.1f}" height="{4}"/>'.format(
               kind(name), LABEL, y + 4, max(value * scale, 1.0), ROW - 8)]
    text = figure(value) + suffix
    if lowest is not None and highest is not None:
        out.append('<line class="spread" x1="{0:.1f}" x2="{1:.1f}" y1="{2:.1f}" y2="{2:.1f}"/>'
                   .format(LABEL + lowest * scale, LABEL + highest * scale, middle))
        text += '  ({0}..{1})'.format(figure(lowest), figure(highest))
    out.append('<text class="soft" x="{0:.1f}" y="{1:.1f}">{2}</text>'.format(
        LABEL + max(value, highest or 0.0) * scale + 8, middle + 4, escape(text)))
    return out
