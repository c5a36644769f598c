# Copyright the carryall authors.  See LICENSE.
"""The parts of the window of Tk: progress bar, numbers, runtimes, matrix.

Each has ``draw(model)`` and ``recolour(palette)``, and draws only what has changed.
"""
from __future__ import absolute_import, division, print_function

from admin.window import looks, texts
from admin.window.model import OUTCOMES, RUNNING, STOPPED

try:
    import tkinter as tk
    from tkinter import font as tkfont, ttk
except ImportError:                     # py2: the modules have other names
    import Tkinter as tk
    import tkFont as tkfont
    import ttk

BAR = 10                    # pixels, the height of the progress bar
SMALL_BAR = 6
PAD = 16                    # pixels between parts


class Fonts(object):
    """The fonts of one window, by their use."""

    def __init__(self, root):
        families = tkfont.families(root)
        sans = looks.chosen(looks.SANS, families)
        mono = looks.chosen(looks.MONO, families)
        self.text = tkfont.Font(root, family=sans, size=10)
        self.bold = tkfont.Font(root, family=sans, size=10, weight='bold')
        self.small = tkfont.Font(root, family=sans, size=9)
        self.headline = tkfont.Font(root, family=sans, size=20, weight='bold')
        self.figure = tkfont.Font(root, family=sans, size=18, weight='bold')
        self.mono = tkfont.Font(root, family=mono, size=10)
        self.mono_bold = tkfont.Font(root, family=mono, size=10, weight='bold')


def stripe(canvas, left, right, middle, thick, colour):
    """A bar with round ends; nothing if it has no length."""
    if right - left < 1:
        return
    half = thick / 2.0
    first = min(left + half, right)
    canvas.create_line(first, middle, max(first, right - half), middle, width=thick, fill=colour,
                       capstyle=tk.ROUND)


def draw_bar(canvas, box, thick, shares, palette):
    """A progress bar: what passed, then what failed, then what was skipped."""
    left, right, middle = box
    stripe(canvas, left, right, middle, thick, palette['track'])
    ends = []
    total = 0.0
    for share in shares:
        total += share
        ends.append(left + (right - left) * min(1.0, total))
    for end, outcome in reversed(list(zip(ends, OUTCOMES))):
        if shares[OUTCOMES.index(outcome)]:
            stripe(canvas, left, end, middle, thick, palette[outcome + '_bar'])


class ProgressBar(object):
    """The bar of the whole run."""

    def __init__(self, parent, palette):
        self.widget = tk.Canvas(parent, height=BAR + 2, highlightthickness=0, takefocus=0)
        self.widget.bind('<Configure>', lambda event: self._redraw())
        self._shares = [0.0, 0.0, 0.0]
        self.recolour(palette)

    def recolour(self, palette):
        """Takes another palette."""
        self._palette = palette
        self.widget.configure(background=palette['page'])
        self._redraw()

    def draw(self, model):
        """Shows the shares of the outcomes."""
        shares = texts.shares(model)
        if shares != self._shares:
            self._shares = shares
            self._redraw()

    def _redraw(self):
        self.widget.delete('all')
        draw_bar(self.widget, (0, self.widget.winfo_width(), BAR / 2.0 + 1), BAR, self._shares,
                 self._palette)


class Tiles(object):
    """The four big numbers."""

    def __init__(self, parent, palette, fonts):
        self.widget = tk.Frame(parent)
        self._tiles = []
        for column in range(4):
            card = tk.Frame(self.widget, highlightthickness=1)
            # In all the same for each column: else the cards would differ in width.
            card.grid(row=0, column=column, sticky='nsew',
                      padx=(PAD * column // 4, PAD * (3 - column) // 4))
            self.widget.columnconfigure(column, weight=1, uniform='tile')
            figure = tk.Label(card, font=fonts.figure, anchor='w')
            figure.pack(fill='x', padx=PAD, pady=(10, 0))
            label = tk.Label(card, font=fonts.small, anchor='w')
            label.pack(fill='x', padx=PAD, pady=(0, 10))
            self._tiles.append((card, figure, label))
        self.recolour(palette)

    def recolour(self, palette):
        """Takes another palette."""
        self.widget.configure(background=palette['page'])
        for (card, figure, label), kind in zip(self._tiles, OUTCOMES + ('remaining',)):
            card.configure(background=palette['card'], highlightbackground=palette['line'])
            figure.configure(background=palette['card'], foreground=palette[kind])
            label.configure(background=palette['card'], foreground=palette['quiet'])

    def draw(self, model):
        """Shows the counts."""
        for (_card, figure, label), (words, text, _kind) in zip(self._tiles, texts.tiles(model)):
            figure.configure(text=text)
            label.configure(text=words)


class Runtimes(object):
    """A line for each runtime: name, bar, progress, and the test that runs."""

    def __init__(self, parent, palette, fonts):
        self._fonts = fonts
        self._row = fonts.text.metrics('linespace') * 2 + 14
        self.widget = tk.Canvas(parent, height=self._row, highlightthickness=0, takefocus=0)
        self.widget.bind('<Configure>', lambda event: self._redraw())
        self._rows = []
        self.recolour(palette)

    def recolour(self, palette):
        """Takes another palette."""
        self._palette = palette
        self.widget.configure(background=palette['card'])
        self._redraw()

    def draw(self, model):
        """Shows the runtimes as they are now."""
        rows = []
        for run in model.runtimes.values():
            whole = float(max(run.expected or 0, run.done)) or 1.0
            rows.append((run.name, texts.progress(run), [each / whole for each in run.counts],
                         texts.short_test(run.running), run.state, run.counts[1]))
        if rows != self._rows:
            self._rows = rows
            self.widget.configure(height=self._row * max(1, len(rows)))
            self._redraw()

    def _redraw(self):
        canvas = self.widget
        canvas.delete('all')
        width = canvas.winfo_width()
        line = self._fonts.text.metrics('linespace')
        for index, (name, progress, shares, test, state, failed) in enumerate(self._rows):
            top = index * self._row + 4
            colours = self._palette
            canvas.create_text(0, top, text=name, anchor='nw', font=self._fonts.bold,
                               fill=colours['text'])
            note = progress + (', %s failed' % texts.number(failed) if failed else '')
            canvas.create_text(width, top, text=note, anchor='ne', font=self._fonts.text,
                               fill=colours['failed'] if failed else colours['quiet'])
            draw_bar(canvas, (0, width, top + line + 6), SMALL_BAR, shares, colours)
            said = test if state == RUNNING else ''
            if state == STOPPED:
                said = 'stopped'
            canvas.create_text(0, top + line + 11, text=fitting(said, self._fonts.small, width),
                               anchor='nw', font=self._fonts.small, fill=colours['quiet'])


def fitting(text, font, width):
    """The end of *text* that is not wider than *width*, with an ellipsis for what is left out."""
    if font.measure(text) <= width:
        return text
    low = 0
    high = len(text)
    while low < high:
        middle = (low + high) // 2
        if font.measure(u'\u2026' + text[middle:]) <= width:
            high = middle
        else:
            low = middle + 1
    return u'\u2026' + text[low:]


class Matrix(object):
    """Folders of tests down, runtimes across; the cells fill while the tests run."""

    def __init__(self, parent, palette, fonts):
        self._fonts = fonts
        self._height = fonts.small.metrics('linespace') + 8
        self.widget = tk.Frame(parent)
        self._head = tk.Canvas(self.widget, height=self._height, highlightthickness=0, takefocus=0)
        self._body = tk.Canvas(self.widget, highlightthickness=1, takefocus=1, height=80)
        self._bar = ttk.Scrollbar(self.widget, command=self._body.yview, takefocus=0,
                                  style='Slim.Vertical.TScrollbar')
        self._body.configure(yscrollcommand=self._bar.set, yscrollincrement=self._height)
        self._head.pack(fill='x')
        self._bar.pack(side='right', fill='y')
        self._body.pack(side='left', fill='both', expand=True)
        self._body.bind('<Configure>', lambda event: self._layout())
        self._bind_scrolling()
        self._columns = []
        self._rows = []
        self._cells = {}                # (folder, runtime) -> (box, text, what it shows)
        self.recolour(palette)

    def _bind_scrolling(self):
        for key, number, unit in (('<Up>', -1, 'units'), ('<Down>', 1, 'units'),
                                  ('<Prior>', -1, 'pages'), ('<Next>', 1, 'pages'),
                                  ('<Button-4>', -3, 'units'), ('<Button-5>', 3, 'units')):
            self._body.bind(key, lambda event, n=number, u=unit: self._body.yview_scroll(n, u))
        self._body.bind('<Home>', lambda event: self._body.yview_moveto(0))
        self._body.bind('<End>', lambda event: self._body.yview_moveto(1))
        self._body.bind('<MouseWheel>', lambda event: self._body.yview_scroll(
            -1 if event.delta > 0 else 1, 'units'))

    def recolour(self, palette):
        """Takes another palette."""
        self._palette = palette
        self.widget.configure(background=palette['card'])
        self._head.configure(background=palette['card'])
        self._body.configure(background=palette['card'], highlightbackground=palette['card'],
                             highlightcolor=palette['focus'])
        self._layout()

    def draw(self, model):
        """Shows the cells that have changed."""
        columns = list(model.runtimes)
        if columns != self._columns or model.folders != self._rows:
            self._columns = columns
            self._rows = list(model.folders)
            self._layout()
        for key, counts in model.matrix.items():
            box, label, shown = self._cells[key]
            if shown != counts:
                self._cells[key] = box, label, list(counts)
                self._show(box, label, counts)

    def _show(self, box, label, counts):
        text, kind = texts.cell(counts)
        self._body.itemconfigure(box, fill=self._palette[kind + '_tint'])
        self._body.itemconfigure(label, text=text, fill=self._palette[kind])

    def _layout(self):
        """Makes all cells again: the rows, the columns or the width are others."""
        before = dict((key, shown) for key, (_box, _label, shown) in self._cells.items())
        self._head.delete('all')
        self._body.delete('all')
        self._cells = {}
        small = self._fonts.small
        first = max([small.measure(row) for row in self._rows] + [60]) + 12
        width = max(60, (self._body.winfo_width() - first - 4) // max(1, len(self._columns)))
        for column, name in enumerate(self._columns):
            self._head.create_text(first + column * width + width // 2, self._height // 2,
                                   text=fitting(name, small, width - 4), font=small,
                                   fill=self._palette['quiet'])
        for row, folder in enumerate(self._rows):
            top = row * self._height
            self._body.create_text(2, top + self._height // 2, text=folder, anchor='w', font=small,
                                   fill=self._palette['text'])
            for column, name in enumerate(self._columns):
                left = first + column * width
                box = self._body.create_rectangle(left, top, left + width - 2,
                                                  top + self._height - 2, width=0,
                                                  fill=self._palette['none_tint'])
                label = self._body.create_text(left + width // 2, top + self._height // 2 - 1,
                                               font=small)
                shown = before.get((folder, name))
                self._cells[folder, name] = box, label, shown
                if shown:
                    self._show(box, label, shown)
        self._body.configure(scrollregion=(0, 0, first + width * len(self._columns),
                                           self._height * len(self._rows)))
