# Copyright the carryall authors.  See LICENSE.
"""The parts of the window of Swing: progress bar, numbers, runtimes, tables.

Each has ``draw(model)`` and ``recolour(palette)``.  What is painted has an accessible name too, so
that a screen reader can say it.
"""
from __future__ import absolute_import, division, print_function

from java.awt import BasicStroke, BorderLayout, Color, Dimension, Font, GraphicsEnvironment
from java.awt import GridLayout, RenderingHints
from javax.swing import BorderFactory, JLabel, JPanel, JScrollPane, JTable
from javax.swing.table import AbstractTableModel, DefaultTableCellRenderer

from admin.window import looks, texts
from admin.window.model import OUTCOMES, RUNNING, STOPPED

BAR = 10                    # pixels, the height of the progress bar
SMALL_BAR = 6
PAD = 16                    # pixels between parts
COLOURS = {}                # '#rrggbb' -> Color


def colour(name):
    """The Color of ``#rrggbb``."""
    if name not in COLOURS:
        COLOURS[name] = Color.decode(name)
    return COLOURS[name]


class Fonts(object):
    """The fonts of one window, by their use."""

    def __init__(self):
        families = list(GraphicsEnvironment.getLocalGraphicsEnvironment()
                        .getAvailableFontFamilyNames())
        sans = looks.chosen(looks.SANS, families + ['SansSerif'])
        mono = looks.chosen(looks.MONO, families + ['Monospaced'])
        self.text = Font(sans, Font.PLAIN, 13)
        self.bold = Font(sans, Font.BOLD, 13)
        self.small = Font(sans, Font.PLAIN, 12)
        self.headline = Font(sans, Font.BOLD, 26)
        self.figure = Font(sans, Font.BOLD, 24)
        self.mono = Font(mono, Font.PLAIN, 13)


def smooth(graphics):
    """Asks for smooth edges and letters."""
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON)
    graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING,
                              RenderingHints.VALUE_TEXT_ANTIALIAS_ON)


def paint_bar(graphics, box, thick, shares, palette):
    """A progress bar: what passed, then what failed, then what was skipped."""
    left, right, middle = box
    graphics.setStroke(BasicStroke(float(thick), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND))
    ends = []
    total = 0.0
    for share in shares:
        total += share
        ends.append((left + (right - left) * min(1.0, total), share))
    stripes = [(right, palette['track'])]
    stripes += [(end, palette[outcome + '_bar'])
                for (end, share), outcome in reversed(list(zip(ends, OUTCOMES))) if share]
    half = thick // 2
    for end, name in stripes:
        graphics.setColor(colour(name))
        graphics.drawLine(int(left + half), int(middle), int(max(left + half, end - half)),
                          int(middle))


class ProgressBar(JPanel):
    """The bar of the whole run."""

    def __init__(self, palette):
        self.setOpaque(False)
        self.setPreferredSize(Dimension(100, BAR + 2))
        self._shares = [0.0, 0.0, 0.0]
        self._palette = palette

    def recolour(self, palette):
        """Takes another palette."""
        self._palette = palette
        self.repaint()

    def draw(self, model):
        """Shows the shares of the outcomes."""
        shares = texts.shares(model)
        if shares != self._shares:
            self._shares = shares
            self.getAccessibleContext().setAccessibleName(
                'progress: %d per cent' % (100 * sum(shares)))
            self.repaint()

    def paintComponent(self, graphics):
        """Called by Swing."""
        smooth(graphics)
        paint_bar(graphics, (0, self.getWidth(), BAR // 2 + 1), BAR, self._shares, self._palette)


class Tiles(JPanel):
    """The four big numbers."""

    def __init__(self, palette, fonts):
        JPanel.__init__(self, GridLayout(1, 4, PAD, 0))
        self.setOpaque(False)
        self._tiles = []
        for kind in OUTCOMES + ('remaining',):
            card = JPanel(BorderLayout())
            figure = JLabel('0', font=fonts.figure)
            label = JLabel('', font=fonts.small)
            card.add(figure, BorderLayout.CENTER)
            card.add(label, BorderLayout.SOUTH)
            self.add(card)
            self._tiles.append((card, figure, label, kind))
        self.recolour(palette)

    def recolour(self, palette):
        """Takes another palette."""
        for card, figure, label, kind in self._tiles:
            card.setBackground(colour(palette['card']))
            card.setBorder(card_border(palette, 10))
            figure.setForeground(colour(palette[kind]))
            label.setForeground(colour(palette['quiet']))

    def draw(self, model):
        """Shows the counts."""
        for (card, figure, label, _kind), (words, text, _) in zip(self._tiles, texts.tiles(model)):
            figure.setText(text)
            label.setText(words)
            card.getAccessibleContext().setAccessibleName('%s %s' % (text, words))


def card_border(palette, inside):
    """The border of a card: a line, and room inside it."""
    return BorderFactory.createCompoundBorder(
        BorderFactory.createLineBorder(colour(palette['line'])),
        BorderFactory.createEmptyBorder(inside, PAD, inside, PAD))


class Runtimes(JPanel):
    """A line for each runtime: name, bar, progress, and the test that runs."""

    def __init__(self, palette, fonts):
        self.setOpaque(False)
        self._fonts = fonts
        self._line = self.getFontMetrics(fonts.text).getHeight()
        self._row = self._line * 2 + 14
        self._rows = []
        self._palette = palette
        self.setPreferredSize(Dimension(100, self._row))

    def recolour(self, palette):
        """Takes another palette."""
        self._palette = palette
        self.repaint()

    def draw(self, model):
        """Shows the runtimes as they are now."""
        rows = []
        for run in model.runtimes.values():
            whole = float(max(run.expected or 0, run.done)) or 1.0
            rows.append((run.name, texts.progress(run), [each / whole for each in run.counts],
                         texts.short_test(run.running), run.state, run.counts[1]))
        if len(rows) != len(self._rows):
            self.setPreferredSize(Dimension(100, self._row * max(1, len(rows))))
            self.revalidate()
        if rows != self._rows:
            self._rows = rows
            self.getAccessibleContext().setAccessibleName('; '.join(
                '%s %s, %d failed' % (name, progress, failed)
                for name, progress, _shares, _test, _state, failed in rows))
            self.repaint()

    def paintComponent(self, graphics):
        """Called by Swing."""
        smooth(graphics)
        width = self.getWidth()
        colours = self._palette
        for index, (name, progress, shares, test, state, failed) in enumerate(self._rows):
            base = index * self._row + self._line
            graphics.setFont(self._fonts.bold)
            graphics.setColor(colour(colours['text']))
            graphics.drawString(name, 0, base)
            note = progress + (', %s failed' % texts.number(failed) if failed else '')
            graphics.setFont(self._fonts.text)
            graphics.setColor(colour(colours['failed' if failed else 'quiet']))
            graphics.drawString(note, width - graphics.getFontMetrics().stringWidth(note), base)
            paint_bar(graphics, (0, width, base + 9), SMALL_BAR, shares, colours)
            said = test if state == RUNNING else ''
            if state == STOPPED:
                said = 'stopped'
            graphics.setFont(self._fonts.small)
            graphics.setColor(colour(colours['quiet']))
            graphics.drawString(fitting(said, graphics.getFontMetrics(), width), 0,
                                base + 12 + self._line)


def fitting(text, metrics, width):
    """The end of *text* that is not wider than *width*, with an ellipsis for what is left out."""
    if metrics.stringWidth(text) <= width:
        return text
    low = 0
    high = len(text)
    while low < high:
        middle = (low + high) // 2
        if metrics.stringWidth(u'\u2026' + text[middle:]) <= width:
            high = middle
        else:
            low = middle + 1
    return u'\u2026' + text[low:]


class Rows(AbstractTableModel):
    """The model of a table: names of columns, and rows of texts."""

    def __init__(self, columns):
        self.columns = columns
        self.rows = []

    def getColumnCount(self):
        """Called by Swing."""
        return len(self.columns)

    def getRowCount(self):
        """Called by Swing."""
        return len(self.rows)

    def getColumnName(self, column):
        """Called by Swing."""
        return self.columns[column]

    def getValueAt(self, row, column):
        """Called by Swing."""
        return self.rows[row][column]


class Tinted(DefaultTableCellRenderer):
    """Paints a cell in the colours that ``look(row, column)`` names: (text, background)."""

    def __init__(self, look):
        self.look = look
        self.palette = looks.LIGHT

    def getTableCellRendererComponent(self, table, value, selected, focused, row, column):
        """Called by Swing."""
        label = DefaultTableCellRenderer.getTableCellRendererComponent(
            self, table, value, selected, False, row, column)
        text, background = self.look(row, column)
        label.setForeground(colour(self.palette[text]))
        chosen = 'selected' if selected else background
        label.setBackground(colour(self.palette[chosen]))
        label.setBorder(BorderFactory.createEmptyBorder(2, 6, 2, 6))
        return label


def table_of(rows, renderer, fonts, name):
    """(table, scroll pane) with that model and that renderer."""
    table = JTable(rows)
    table.setDefaultRenderer(table.getColumnClass(0), renderer)
    table.setFont(fonts.text)
    table.setRowHeight(table.getFontMetrics(fonts.text).getHeight() + 8)
    table.setShowGrid(False)
    table.setIntercellSpacing(Dimension(1, 1))
    table.setFillsViewportHeight(True)
    table.getTableHeader().setFont(fonts.small)
    table.getTableHeader().setReorderingAllowed(False)
    table.getAccessibleContext().setAccessibleName(name)
    pane = JScrollPane(table)
    pane.setBorder(BorderFactory.createEmptyBorder())
    return table, pane


def recolour_table(table, pane, renderer, palette):
    """Gives a table another palette."""
    renderer.palette = palette
    for widget in (table, pane, pane.getViewport(), table.getTableHeader()):
        widget.setBackground(colour(palette['card']))
        widget.setForeground(colour(palette['quiet']))
    header = DefaultTableCellRenderer()
    header.setBackground(colour(palette['card']))
    header.setForeground(colour(palette['quiet']))
    header.setBorder(BorderFactory.createEmptyBorder(2, 6, 4, 6))
    header.setHorizontalAlignment(DefaultTableCellRenderer.LEFT)
    table.getTableHeader().setDefaultRenderer(header)
    table.setSelectionBackground(colour(palette['selected']))
    table.setSelectionForeground(colour(palette['text']))


class Matrix(object):
    """Folders of tests down, runtimes across; the cells fill while the tests run."""

    def __init__(self, palette, fonts):
        self._rows = Rows(['Folder'])
        self._kinds = []
        self._shown = None
        self._renderer = Tinted(self._look)
        self.table, self.widget = table_of(self._rows, self._renderer, fonts, 'matrix')
        self.table.setFont(fonts.small)
        self.recolour(palette)

    def recolour(self, palette):
        """Takes another palette."""
        recolour_table(self.table, self.widget, self._renderer, palette)

    def draw(self, model):
        """Shows the cells that have changed."""
        names = list(model.runtimes)
        rows = []
        kinds = []
        for folder in model.folders:
            cells = [texts.cell(model.matrix.get((folder, name))) for name in names]
            rows.append([folder] + [text for text, _kind in cells])
            kinds.append([('text', 'card')] + [(kind, kind + '_tint') for _text, kind in cells])
        if self._rows.columns[1:] != names:
            self._rows.columns = ['Folder'] + names
            self._rows.fireTableStructureChanged()
        if rows != self._shown:
            added = self._shown is None or len(rows) != len(self._shown)
            self._shown = rows
            self._rows.rows = rows
            self._kinds = kinds
            if added:
                self._rows.fireTableDataChanged()
            else:
                self.table.repaint()

    def _look(self, row, column):
        return self._kinds[row][column]
