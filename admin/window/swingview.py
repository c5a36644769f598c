# Copyright the carryall authors.  See LICENSE.
"""The window of Swing, on Jython.

A timer of Swing calls ``_tick`` every POLL_MILLISECONDS on the thread of Swing, where all of the
window's work is done.  It takes what has come from the children, draws what has changed, and
returns: nothing here waits.
"""
from __future__ import absolute_import, division, print_function

from threading import Event

from java.awt import BorderLayout, Dimension, FlowLayout, GridBagConstraints, GridBagLayout
from java.awt import GridLayout, HeadlessException, Insets, Toolkit
from java.awt.datatransfer import StringSelection
from java.awt.event import KeyEvent
from java.lang import System, Throwable
from javax.swing import AbstractAction, BorderFactory, Box, BoxLayout, JButton, JComponent, JFrame
from javax.swing import JLabel, JPanel, JScrollPane, JTextArea, KeyStroke, ListSelectionModel
from javax.swing import SwingUtilities, Timer, WindowConstants

from admin.window import looks, texts
from admin.window.model import AGAIN, FAILED, FIXED
from admin.window.session import POLL_MILLISECONDS
from admin.window.swingparts import (PAD, Fonts, Matrix, ProgressBar, Rows, Runtimes, Tiles, Tinted,
                                     card_border, colour, recolour_table, table_of)

MATRIX_TURNS = 8            # turns between two drawings of the matrix
KINDS = {FAILED: 'failed', AGAIN: 'quiet', FIXED: 'passed'}
NoDisplay = HeadlessException


class Do(AbstractAction):
    """An action that calls a function."""

    def __init__(self, function):
        self._function = function

    def actionPerformed(self, event):
        """Called by Swing."""
        self._function()


class View(object):
    """The window of one session.  Raises HeadlessException if there is no display."""

    def __init__(self, session, plain=False, say=None):
        System.setProperty('awt.useSystemAAFontSettings', 'on')
        self._session = session
        self._say = say                 # takes each sentence in plain mode, for a terminal
        self._plain = plain
        self._palette = looks.first_palette()
        self._heard = {}
        self._turn = 0
        self._over = Event()
        self._fault = None
        self._frame = JFrame('carryall tests')          # raises HeadlessException
        self._fonts = Fonts()

    def run(self):
        """Shows the window until it is closed."""
        SwingUtilities.invokeLater(self._begin)
        while not self._over.wait(0.2):                 # in slices, for signals to be seen
            pass
        self._frame.dispose()
        if self._fault:
            raise self._fault

    def _begin(self):
        try:
            self._build()
            self._bind()
            self._recolour()
            self._arrange()
            self._frame.setSize(Dimension(*looks.SIZE))
            self._frame.setMinimumSize(Dimension(*looks.SMALLEST))
            self._frame.setVisible(True)
            self._session.run_all()
            self._timer = Timer(POLL_MILLISECONDS, Do(self._guarded_tick))
            self._timer.start()
            self._list.requestFocusInWindow()
        except (Exception, Throwable) as exc:       # jython: two families
            self._fail(exc)

    def _fail(self, exc):
        """Ends with a fault of ours; no window stands still with the run going on behind it."""
        self._fault = exc
        self._session.kill()
        self._over.set()

    # -- the window --------------------------------------------------------------------------------

    def _build(self):
        frame = self._frame
        frame.setDefaultCloseOperation(WindowConstants.DO_NOTHING_ON_CLOSE)
        frame.windowClosing = lambda event: self._close()
        self._page = JPanel(BorderLayout(0, PAD))
        self._page.setBorder(BorderFactory.createEmptyBorder(PAD, PAD, 8, PAD))
        frame.setContentPane(self._page)
        self._cards = []
        self._top = JPanel()
        self._top.setLayout(BoxLayout(self._top, BoxLayout.Y_AXIS))
        self._top.setOpaque(False)
        self._bar = ProgressBar(self._palette)
        self._tiles = Tiles(self._palette, self._fonts)
        self._top.add(self._head())
        self._graphics = [Box.createVerticalStrut(12), self._bar, Box.createVerticalStrut(PAD),
                          self._tiles]
        for widget in self._graphics:
            self._top.add(widget)
        self._page.add(self._top, BorderLayout.NORTH)
        self._foot = JLabel(' ', font=self._fonts.small)
        self._page.add(self._foot, BorderLayout.SOUTH)
        self._runtimes = Runtimes(self._palette, self._fonts)
        self._matrix = Matrix(self._palette, self._fonts)
        self._build_failures()
        self._build_body()
        self._build_plain()

    def _head(self):
        head = JPanel(BorderLayout())
        head.setOpaque(False)
        words = JPanel(BorderLayout())
        words.setOpaque(False)
        self._small = JLabel('carryall tests', font=self._fonts.small)
        self._headline = JLabel('Ready', font=self._fonts.headline)
        words.add(self._small, BorderLayout.NORTH)
        words.add(self._headline, BorderLayout.CENTER)
        head.add(words, BorderLayout.CENTER)
        row = JPanel(FlowLayout(FlowLayout.RIGHT, 8, 4))
        row.setOpaque(False)
        self._buttons = {}
        for name, action in (('Run all', self._session.run_all),
                             ('Run failed again', self._session.run_failed_again),
                             ('Stop', self._session.stop), ('Plain', self._change_plain),
                             ('Dark', self._change_palette)):
            button = JButton(name, font=self._fonts.text)
            button.addActionListener(Do(action))
            button.setContentAreaFilled(False)
            button.setOpaque(True)
            row.add(button)
            self._buttons[name] = button
        head.add(row, BorderLayout.EAST)
        return head

    def _card(self, title, inner):
        card = JPanel(BorderLayout(0, 6))
        label = JLabel(title, font=self._fonts.bold)
        label.setLabelFor(inner)
        card.add(label, BorderLayout.NORTH)
        card.add(inner, BorderLayout.CENTER)
        self._cards.append((card, label))
        return card

    def _build_failures(self):
        self._rows = Rows(['', 'Test', 'Runtime'])
        self._states = []
        self._renderer = Tinted(lambda row, column: (KINDS[self._states[row][0]], 'card'))
        self._list, self._list_pane = table_of(self._rows, self._renderer, self._fonts, 'failures')
        self._list.setSelectionMode(ListSelectionModel.SINGLE_SELECTION)
        for index, width in ((0, 110), (1, 360), (2, 100)):
            self._list.getColumnModel().getColumn(index).setPreferredWidth(width)
        self._list.getColumnModel().getColumn(0).setMaxWidth(130)
        self._list.getColumnModel().getColumn(2).setMaxWidth(140)
        self._list.getSelectionModel().valueChanged = lambda event: self._show_detail()
        self._detail = JTextArea(editable=False, font=self._fonts.mono, rows=8)
        self._detail.getAccessibleContext().setAccessibleName('traceback')
        self._detail_pane = JScrollPane(self._detail)
        self._detail_pane.setBorder(BorderFactory.createEmptyBorder())

    def _build_body(self):
        """The parts in two columns."""
        self._body = JPanel(GridBagLayout())
        self._body.setOpaque(False)
        self._list_card = self._card('Failures', self._list_pane)
        self._detail_card = self._card('Traceback', self._detail_pane)
        for widget, column, row, weight in (
                (self._card('Runtimes', self._runtimes), 0, 0, 0.0),
                (self._card('Matrix', self._matrix.widget), 0, 1, 1.0)):
            self._body.add(widget, _cell(column, row, weight, 5.0, row == 1))
        right = JPanel(GridBagLayout())
        right.setOpaque(False)
        right.add(self._list_card, _cell(0, 0, 1.0, 1.0, False))
        right.add(self._detail_card, _cell(0, 1, 1.0, 1.0, True))
        right.setPreferredSize(Dimension(600, 200))
        place = _cell(1, 0, 1.0, 6.0, True)
        place.gridheight = 2
        place.insets = Insets(0, PAD, 0, 0)
        self._body.add(right, place)

    def _build_plain(self):
        """The body for screen readers: texts in standard widgets alone."""
        self._log = JTextArea(editable=False, lineWrap=True, wrapStyleWord=True)
        self._log.getAccessibleContext().setAccessibleName('what happens')
        self._plain_detail = JTextArea(editable=False, lineWrap=True, wrapStyleWord=True)
        self._plain_detail.getAccessibleContext().setAccessibleName('traceback')
        self._plain_renderer = Tinted(lambda row, column: ('text', 'card'))
        self._plain_list, self._plain_pane = table_of(self._rows, self._plain_renderer,
                                                      self._fonts, 'failures')
        self._plain_list.setSelectionModel(self._list.getSelectionModel())
        self._plain_body = JPanel(GridLayout(3, 1, 0, PAD))
        self._plain_body.setOpaque(False)
        for title, widget in (('What happens', JScrollPane(self._log)),
                              ('Failures', self._plain_pane),
                              ('Traceback', JScrollPane(self._plain_detail))):
            widget.setBorder(BorderFactory.createEmptyBorder())
            self._plain_body.add(self._card(title, widget))

    def _arrange(self):
        """Shows the plain body or the other."""
        for widget in self._graphics:
            widget.setVisible(not self._plain)
        self._page.remove(self._body)
        self._page.remove(self._plain_body)
        self._page.add(self._plain_body if self._plain else self._body, BorderLayout.CENTER)
        self._page.revalidate()
        self._page.repaint()
        (self._log if self._plain else self._list).requestFocusInWindow()

    def _bind(self):
        root = self._frame.getRootPane()
        keys = root.getInputMap(JComponent.WHEN_IN_FOCUSED_WINDOW)
        for name, action in (('F5', self._session.run_all), ('ctrl R', self._session.run_all),
                             ('ESCAPE', self._session.stop), ('ctrl Q', self._close),
                             ('ctrl W', self._close),
                             ('pressed F', self._session.run_failed_again),
                             ('pressed R', self._run_chosen), ('pressed C', self._copy),
                             ('pressed T', self._change_palette),
                             ('pressed P', self._change_plain)):
            keys.put(KeyStroke.getKeyStroke(name), name)
            root.getActionMap().put(name, Do(action))
        enter = KeyStroke.getKeyStroke(KeyEvent.VK_ENTER, 0)
        for table in (self._list, self._plain_list):
            table.getInputMap(JComponent.WHEN_ANCESTOR_OF_FOCUSED_COMPONENT).put(enter, 'again')
            table.getActionMap().put('again', Do(self._run_chosen))
            # A letter would begin to edit a cell.
            table.putClientProperty('JTable.autoStartsEdit', False)
            # Tab leaves a table; in Swing it would go from cell to cell.
            table.setFocusTraversalKeys(0, None)
            for key in ('TAB', 'shift TAB'):
                table.getInputMap(JComponent.WHEN_ANCESTOR_OF_FOCUSED_COMPONENT).put(
                    KeyStroke.getKeyStroke(key), 'none')

    # -- colours -----------------------------------------------------------------------------------

    def _change_palette(self):
        self._palette = looks.other(self._palette)
        self._recolour()

    def _change_plain(self):
        self._plain = not self._plain
        self._arrange()

    def _recolour(self):
        colours = self._palette
        self._buttons['Dark'].setText(looks.other(colours)['name'].capitalize())
        self._page.setBackground(colour(colours['page']))
        self._small.setForeground(colour(colours['quiet']))
        self._headline.setForeground(colour(colours['text']))
        self._foot.setForeground(colour(colours['quiet']))
        for card, label in self._cards:
            card.setBackground(colour(colours['card']))
            card.setBorder(card_border(colours, 12))
            label.setForeground(colour(colours['text']))
        for name, button in self._buttons.items():
            main = name == 'Run all'
            button.setBackground(colour(colours['accent' if main else 'card']))
            button.setForeground(colour(colours['on_accent' if main else 'text']))
            button.setFocusPainted(False)
            button.setBorder(BorderFactory.createCompoundBorder(
                BorderFactory.createLineBorder(colour(colours['accent' if main else 'line'])),
                BorderFactory.createEmptyBorder(7, 14, 7, 14)))
        for area in (self._detail, self._log, self._plain_detail):
            area.setBackground(colour(colours['card']))
            area.setForeground(colour(colours['text']))
            area.setCaretColor(colour(colours['text']))
        recolour_table(self._plain_list, self._plain_pane, self._plain_renderer, colours)
        recolour_table(self._list, self._list_pane, self._renderer, colours)
        for part in (self._bar, self._tiles, self._runtimes, self._matrix):
            part.recolour(colours)

    # -- turns -------------------------------------------------------------------------------------

    def _guarded_tick(self):
        # A timer of Swing never calls again after an exception.
        try:
            self._tick()
        except (Exception, Throwable) as exc:
            self._timer.stop()
            self._fail(exc)

    def _tick(self):
        self._session.poll()
        if self._session.closed:
            self._timer.stop()
            self._session.kill()
            self._over.set()
            return
        self._draw()

    def _draw(self):
        model = self._session.model
        self._turn += 1
        if model.changes():
            self._frame.setTitle(texts.title(model))
            self._headline.setText(texts.headline(model))
            self._tell(model)
            self._list_failures(model)
        if not self._plain and self._turn % 2 == 0:
            self._bar.draw(model)
            self._tiles.draw(model)
            self._runtimes.draw(model)
        if not self._plain and self._turn % MATRIX_TURNS == 0:
            self._matrix.draw(model)
        self._enable(model)
        self._foot.setText(texts.foot(model, self._session.now()))

    def _enable(self, model):
        for name, useful in texts.useful(model, self._session.busy):
            self._buttons[name].setEnabled(useful)

    def _tell(self, model):
        """Writes the sentences about what is new."""
        if not model.failures and self._states:
            self._heard = {}
        lines, self._heard = texts.sentences(self._heard, model)
        for line in lines:
            self._log.append(line + '\n')
            if self._plain and self._say:
                self._say(line)

    # -- failures ----------------------------------------------------------------------------------

    def _list_failures(self, model):
        states = [(each.state, each.text) for each in model.failures]
        if states == self._states:
            return
        chosen = self._list.getSelectedRow()
        fewer = len(states) < len(self._states)
        known = 0 if fewer else len(self._states)
        self._states = states
        self._rows.rows = [[texts.MARKS[each.state],
                            texts.short_test(each.test) or 'the whole run', each.runtime]
                           for each in model.failures]
        if fewer or not known:
            self._rows.fireTableDataChanged()
        elif len(states) > known:
            self._rows.fireTableRowsInserted(known, len(states) - 1)
        else:
            self._rows.fireTableRowsUpdated(0, len(states) - 1)
        if states and chosen < 0:
            self._list.setRowSelectionInterval(0, 0)
        self._show_detail()

    def _chosen(self):
        """The failure that is selected, or None."""
        row = self._list.getSelectedRow()
        failures = self._session.model.failures
        return failures[row] if 0 <= row < len(failures) else None

    def _run_chosen(self):
        chosen = self._chosen()
        if chosen:
            self._session.run_again([chosen])

    def _copy(self):
        chosen = self._chosen()
        if chosen:
            Toolkit.getDefaultToolkit().getSystemClipboard().setContents(
                StringSelection(texts.detail(chosen)), None)

    def _show_detail(self):
        chosen = self._chosen()
        text = texts.detail(chosen) if chosen else ''
        for area in (self._detail, self._plain_detail):
            if area.getText() != text:
                area.setText(text)
                area.setCaretPosition(0)

    def _close(self):
        """Ends all; the window goes when the children have ended."""
        self._session.close()
        self._frame.setVisible(False)


def _cell(column, row, height, width, gap):
    """The place of a part in the grid, with a gap above it if *gap*."""
    place = GridBagConstraints()
    place.gridx = column
    place.gridy = row
    place.weightx = width
    place.weighty = height
    place.fill = GridBagConstraints.BOTH
    place.insets = Insets(PAD if gap else 0, 0, 0, 0)
    return place
