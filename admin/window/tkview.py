# Copyright the carryall authors.  See LICENSE.
"""The window of Tk, on CPython and PyPy.

Tk calls ``_tick`` every POLL_MILLISECONDS.  That takes what has come from the children, draws what
has changed, and returns: nothing here waits.  PyPy's Tk cannot watch a descriptor, so no runtime
is asked to.
"""
from __future__ import absolute_import, division, print_function

from admin.window import looks, texts
from admin.window.model import AGAIN, FAILED, FIXED
from admin.window.session import POLL_MILLISECONDS
from admin.window.tkparts import PAD, Fonts, Matrix, ProgressBar, Runtimes, Tiles, tk, ttk

NEW_ROWS = 100              # failures that are added to the list in one turn
CONTROL = 4                 # in the state of an event of Tk
MATRIX_TURNS = 5            # turns between two drawings of the matrix
SIGNS = {FAILED: u'\u2715', AGAIN: u'\u21bb', FIXED: u'\u2713'}
TclError = tk.TclError


class View(object):
    """The window of one session.  Raises TclError if there is no display."""

    def __init__(self, session, plain=False, say=None):
        self._session = session
        self._say = say                 # takes each sentence in plain mode, for a terminal
        self._plain = plain
        self._palette = looks.first_palette()
        self._heard = {}
        self._turn = 0
        self._useful = {}               # name of a button -> True if it can be pressed
        self._rows = {}                 # number of a failure -> (state, text) as it is shown
        self._root = tk.Tk(className='Carryall-tests')
        self._root.geometry('%dx%d' % looks.SIZE)
        self._root.minsize(*looks.SMALLEST)
        self._fonts = Fonts(self._root)
        self._style = ttk.Style(self._root)
        self._style.theme_use('clam')
        self._build()
        self._bind()
        self._recolour()

    def run(self):
        """Shows the window until it is closed."""
        self._session.run_all()
        self._tick()
        self._root.mainloop()

    # -- the window --------------------------------------------------------------------------------

    def _build(self):
        root = self._root
        self._page = tk.Frame(root)
        self._page.pack(fill='both', expand=True, padx=PAD, pady=(PAD, 0))
        self._build_head(self._page)
        self._bar = ProgressBar(self._page, self._palette)
        self._bar.widget.pack(fill='x', pady=(0, PAD))
        self._tiles = Tiles(self._page, self._palette, self._fonts)
        self._tiles.widget.pack(fill='x', pady=(0, PAD))
        self._foot = tk.Label(root, anchor='w', font=self._fonts.small)
        self._foot.pack(side='bottom', fill='x', padx=PAD, pady=8)
        self._body = tk.Frame(self._page)
        self._body.columnconfigure(0, weight=5, uniform='half')
        self._body.columnconfigure(1, weight=6, uniform='half')
        self._body.rowconfigure(0, weight=1)
        left = tk.Frame(self._body)
        left.grid(row=0, column=0, sticky='nsew', padx=(0, PAD))
        right = tk.Frame(self._body)
        right.grid(row=0, column=1, sticky='nsew')
        self._frames = [self._page, self._body, left, right]
        self._cards = []
        self._runtimes = Runtimes(self._card(left, 'Runtimes', False), self._palette, self._fonts)
        self._runtimes.widget.pack(fill='x')
        self._matrix = Matrix(self._card(left, 'Matrix', True), self._palette, self._fonts)
        self._matrix.widget.pack(fill='both', expand=True)
        self._build_failures(right)
        self._build_plain()
        self._arrange()

    def _build_head(self, page):
        head = tk.Frame(page)
        head.pack(fill='x', pady=(0, 12))
        words = tk.Frame(head)
        words.pack(side='left')
        self._small = tk.Label(words, text='carryall tests', font=self._fonts.small, anchor='w')
        self._small.pack(fill='x')
        self._headline = tk.Label(words, font=self._fonts.headline, anchor='w')
        self._headline.pack(fill='x')
        self._buttons = {}
        self._head_frames = [head, words]
        for name, action in (('Dark', self._change_palette), ('Plain', self._change_plain),
                             ('Stop', self._session.stop),
                             ('Run failed again', self._session.run_failed_again),
                             ('Run all', self._session.run_all)):
            style = 'Main.TButton' if name == 'Run all' else 'Flat.TButton'
            button = ttk.Button(head, text=name, command=action, style=style)
            button.pack(side='right', padx=(8, 0))
            button.bind('<Return>', lambda event: event.widget.invoke())
            self._buttons[name] = button
        for button in reversed(list(head.pack_slaves())[1:]):
            button.lift()               # Tab goes from the left to the right

    def _card(self, parent, title, grows):
        """A card with a title; returns the frame for what it holds."""
        card = tk.Frame(parent, highlightthickness=1)
        card.pack(fill='both', expand=grows, pady=(0, PAD))
        label = tk.Label(card, text=title, font=self._fonts.bold, anchor='w')
        label.pack(fill='x', padx=PAD, pady=(10, 6))
        inner = tk.Frame(card)
        inner.pack(fill='both', expand=True, padx=PAD, pady=(0, 12))
        self._cards.append((card, label, inner))
        return inner

    def _build_failures(self, parent):
        holder = self._card(parent, 'Failures', True)
        self._list = ttk.Treeview(holder, columns=('test', 'runtime'), show='tree headings',
                                  selectmode='browse', height=6)
        for column, title, width, grows in (('#0', '', 34, False), ('test', 'Test', 340, True),
                                            ('runtime', 'Runtime', 100, False)):
            self._list.heading(column, text=title, anchor='w')
            self._list.column(column, width=width, minwidth=30, stretch=grows, anchor='w')
        self._list.pack(fill='both', expand=True)
        self._list.bind('<<TreeviewSelect>>', lambda event: self._show_detail())
        holder = self._card(parent, 'Traceback', True)
        bar = ttk.Scrollbar(holder, takefocus=0, style='Slim.Vertical.TScrollbar')
        self._detail = tk.Text(holder, font=self._fonts.mono, wrap='none', relief='flat', height=10,
                               borderwidth=0, highlightthickness=1, padx=8, pady=6, width=20,
                               yscrollcommand=bar.set)
        bar.configure(command=self._detail.yview)
        bar.pack(side='right', fill='y')
        self._detail.pack(side='left', fill='both', expand=True)
        _for_reading(self._detail)

    def _build_plain(self):
        """The body for screen readers: texts in standard widgets alone."""
        self._plain_body = tk.Frame(self._page)
        self._plain_labels = [tk.Label(self._plain_body, text=text, anchor='w')
                              for text in ('What happens', 'Failures', 'Traceback')]
        self._plain_labels[0].pack(fill='x')
        self._log = tk.Text(self._plain_body, height=10, wrap='word')
        self._log.pack(fill='both', expand=True)
        _for_reading(self._log)
        self._plain_labels[1].pack(fill='x')
        self._plain_list = tk.Listbox(self._plain_body, height=8, exportselection=False)
        self._plain_list.pack(fill='both', expand=True)
        self._plain_list.bind('<<ListboxSelect>>', lambda event: self._show_detail())
        self._plain_labels[2].pack(fill='x')
        self._plain_detail = tk.Text(self._plain_body, height=12, wrap='word')
        self._plain_detail.pack(fill='both', expand=True)
        _for_reading(self._plain_detail)

    def _arrange(self):
        """Shows the plain body or the other."""
        hidden = (self._body, self._bar.widget, self._tiles.widget)
        if self._plain:
            for widget in hidden:
                widget.pack_forget()
            self._plain_body.pack(fill='both', expand=True)
            self._log.focus_set()
        else:
            self._plain_body.pack_forget()
            self._bar.widget.pack(fill='x', pady=(0, PAD))
            self._tiles.widget.pack(fill='x', pady=(0, PAD))
            self._body.pack(fill='both', expand=True)
            self._list.focus_set()

    def _bind(self):
        root = self._root
        root.protocol('WM_DELETE_WINDOW', self._close)
        for key, action in (('<F5>', self._session.run_all), ('<Control-r>', self._session.run_all),
                            ('<Escape>', self._session.stop), ('<Control-q>', self._close),
                            ('<Control-w>', self._close)):
            root.bind(key, lambda event, do=action: do())
        for letter, action in (('f', self._session.run_failed_again), ('r', self._run_chosen),
                               ('c', self._copy), ('t', self._change_palette),
                               ('p', self._change_plain)):
            for key in (letter, letter.upper()):
                root.bind(key, lambda event, do=action: _unless_control(event, do))
        for widget in (self._list, self._plain_list):
            widget.bind('<Return>', lambda event: self._run_chosen())
            widget.bind('<Double-Button-1>', lambda event: self._run_chosen())

    # -- colours -----------------------------------------------------------------------------------

    def _change_palette(self):
        self._palette = looks.other(self._palette)
        self._recolour()

    def _change_plain(self):
        self._plain = not self._plain
        self._arrange()

    def _recolour(self):
        colours = self._palette
        self._buttons['Dark'].configure(text=looks.other(colours)['name'].capitalize())
        self._root.configure(background=colours['page'])
        for frame in self._frames + self._head_frames + [self._plain_body]:
            frame.configure(background=colours['page'])
        self._small.configure(background=colours['page'], foreground=colours['quiet'])
        self._headline.configure(background=colours['page'], foreground=colours['text'])
        self._foot.configure(background=colours['page'], foreground=colours['quiet'])
        for card, label, inner in self._cards:
            card.configure(background=colours['card'], highlightbackground=colours['line'],
                           highlightcolor=colours['focus'])
            label.configure(background=colours['card'], foreground=colours['text'])
            inner.configure(background=colours['card'])
        self._detail.configure(background=colours['card'], foreground=colours['text'],
                               insertbackground=colours['text'],
                               selectbackground=colours['selected'],
                               selectforeground=colours['text'],
                               highlightbackground=colours['line'],
                               highlightcolor=colours['focus'])
        self._detail.tag_configure('name', font=self._fonts.mono_bold)
        self._detail.tag_configure('wrong', foreground=colours['failed'])
        self._detail.tag_configure('quiet', foreground=colours['quiet'])
        for label in self._plain_labels:
            label.configure(background=colours['page'], foreground=colours['text'])
        for widget in (self._log, self._plain_list, self._plain_detail):
            widget.configure(background=colours['card'], foreground=colours['text'],
                             selectbackground=colours['selected'],
                             selectforeground=colours['text'],
                             highlightbackground=colours['line'], highlightcolor=colours['focus'])
        for part in (self._bar, self._tiles, self._runtimes, self._matrix):
            part.recolour(colours)
        self._recolour_style(colours)

    def _recolour_style(self, colours):
        style = self._style
        flat = {'font': self._fonts.text, 'padding': (14, 7), 'relief': 'flat', 'borderwidth': 1,
                'focuscolor': colours['focus'], 'focusthickness': 2}
        style.configure('Flat.TButton', background=colours['card'], foreground=colours['text'],
                        bordercolor=colours['line'], lightcolor=colours['card'],
                        darkcolor=colours['card'], **flat)
        style.map('Flat.TButton', background=[('disabled', colours['page']),
                                              ('active', colours['hover'])],
                  foreground=[('disabled', colours['quiet'])])
        style.configure('Main.TButton', background=colours['accent'],
                        foreground=colours['on_accent'], bordercolor=colours['accent'],
                        lightcolor=colours['accent'], darkcolor=colours['accent'],
                        **dict(flat, focuscolor=colours['on_accent']))
        style.map('Main.TButton', background=[('disabled', colours['track'])],
                  foreground=[('disabled', colours['quiet'])],
                  bordercolor=[('disabled', colours['track'])],
                  lightcolor=[('disabled', colours['track'])],
                  darkcolor=[('disabled', colours['track'])])
        height = self._fonts.text.metrics('linespace') + 10
        style.configure('Treeview', background=colours['card'], fieldbackground=colours['card'],
                        foreground=colours['text'], font=self._fonts.text, rowheight=height,
                        borderwidth=0, relief='flat', bordercolor=colours['line'],
                        lightcolor=colours['card'], darkcolor=colours['card'])
        style.configure('Treeview.Heading', background=colours['card'],
                        foreground=colours['quiet'], font=self._fonts.small, relief='flat',
                        borderwidth=0, padding=(4, 4))
        style.map('Treeview.Heading', background=[('active', colours['card'])])
        style.map('Treeview', background=[('selected', colours['selected'])],
                  foreground=[('selected', colours['text'])])
        # A thumb without arrows
        style.layout('Slim.Vertical.TScrollbar', [('Vertical.Scrollbar.trough', {
            'sticky': 'ns', 'children': [('Vertical.Scrollbar.thumb', {
                'expand': '1', 'sticky': 'nswe'})]})])
        style.configure('Slim.Vertical.TScrollbar', background=colours['track'],
                        troughcolor=colours['card'], bordercolor=colours['card'],
                        lightcolor=colours['track'], darkcolor=colours['track'], gripcount=0,
                        arrowsize=10)
        style.map('Slim.Vertical.TScrollbar', background=[('disabled', colours['card']),
                                                          ('active', colours['quiet'])],
                  lightcolor=[('disabled', colours['card'])],
                  darkcolor=[('disabled', colours['card'])])
        style.layout('Treeview', [('Treeview.treearea', {'sticky': 'nswe'})])
        for state, colour in ((FAILED, 'failed'), (AGAIN, 'quiet'), (FIXED, 'passed')):
            self._list.tag_configure(state, foreground=colours[colour])

    # -- turns -------------------------------------------------------------------------------------

    def _tick(self):
        self._session.poll()
        if self._session.closed:
            self._session.kill()
            self._root.destroy()
            return
        self._draw()
        self._root.after(POLL_MILLISECONDS, self._tick)

    def _draw(self):
        model = self._session.model
        self._turn += 1
        changed = model.changes()
        if changed:
            self._root.title(texts.title(model))
            self._headline.configure(text=texts.headline(model))
            self._tell(model)
            if not self._plain:
                self._bar.draw(model)
                self._tiles.draw(model)
                self._runtimes.draw(model)
            self._list_failures(model)
        if self._turn % MATRIX_TURNS == 0 and not self._plain:
            self._bar.draw(model)
            self._tiles.draw(model)
            self._runtimes.draw(model)
            self._matrix.draw(model)
        self._enable(model)
        self._foot.configure(text=texts.foot(model, self._session.now()))

    def _enable(self, model):
        for name, useful in texts.useful(model, self._session.busy):
            if self._useful.get(name) != useful:
                self._useful[name] = useful
                self._buttons[name].state(['!disabled' if useful else 'disabled'])

    def _tell(self, model):
        """Writes the sentences about what is new."""
        if not model.failures and self._rows:
            self._heard = {}
        lines, self._heard = texts.sentences(self._heard, model)
        self._log.configure(state='normal')
        for line in lines:
            self._log.insert('end', line + '\n')
            if self._plain and self._say:
                self._say(line)
        self._log.configure(state='disabled')
        if lines:
            self._log.see('end')

    # -- failures ----------------------------------------------------------------------------------

    def _list_failures(self, model):
        if len(self._rows) > len(model.failures):           # another run has begun
            self._list.delete(*self._list.get_children())
            self._plain_list.delete(0, 'end')
            self._rows = {}
            self._show_detail()
        new = 0
        for each in model.failures:
            now = each.state, each.text
            before = self._rows.get(each.number)
            if before == now:
                continue
            self._rows[each.number] = now
            if before is None:
                new += 1
                self._add_row(each)
            else:
                self._change_row(each)
            if new == NEW_ROWS:
                break
        if new and not self._list.selection():
            first = self._list.get_children()[0]
            self._list.selection_set(first)
            self._list.focus(first)

    def _values(self, each):
        return texts.short_test(each.test) or 'the whole run', each.runtime

    def _add_row(self, each):
        self._list.insert('', 'end', '%d' % each.number, text=SIGNS[each.state],
                          values=self._values(each), tags=(each.state,))
        self._plain_list.insert('end', texts.failure(each))

    def _change_row(self, each):
        self._list.item('%d' % each.number, text=SIGNS[each.state], tags=(each.state,))
        chosen = self._plain_list.curselection()
        self._plain_list.delete(each.number - 1)
        self._plain_list.insert(each.number - 1, texts.failure(each))
        if chosen and int(chosen[0]) == each.number - 1:
            self._plain_list.selection_set(each.number - 1)
        self._show_detail()

    def _chosen(self):
        """The failure that is selected, or None."""
        failures = self._session.model.failures
        if self._plain:
            chosen = [int(index) + 1 for index in self._plain_list.curselection()]
        else:
            chosen = [int(name) for name in self._list.selection()]
        return failures[chosen[0] - 1] if chosen and chosen[0] <= len(failures) else None

    def _run_chosen(self):
        chosen = self._chosen()
        if chosen:
            self._session.run_again([chosen])

    def _copy(self):
        chosen = self._chosen()
        if chosen:
            self._root.clipboard_clear()
            self._root.clipboard_append(texts.detail(chosen))

    def _show_detail(self):
        chosen = self._chosen()
        lines = texts.detail(chosen).splitlines(True) if chosen else []
        pieces = [(line, _tag(index, line)) for index, line in enumerate(lines)]
        for widget in (self._detail, self._plain_detail):
            _fill(widget, pieces)

    def _close(self):
        """Ends all; the window goes when the children have ended."""
        self._session.close()
        self._root.withdraw()


def _unless_control(event, action):
    """Ctrl with a letter is another key."""
    if not event.state & CONTROL:
        action()


def _tag(index, line):
    """The tag of a line of a traceback."""
    if index < 2:
        return ('name', 'quiet')[index]
    return 'wrong' if line.startswith('E ') else ''


def _fill(widget, pieces):
    """Replaces a text by (text, tag) pieces."""
    widget.configure(state='normal')
    widget.delete('1.0', 'end')
    for text, tag in pieces:
        widget.insert('end', text, tag)
    widget.configure(state='disabled')


def _for_reading(widget):
    """A text that is read and never typed into: keys scroll it, and Tab leaves it."""
    widget.configure(state='disabled', takefocus=1)
    widget.bind('<Tab>', lambda event: _go(event.widget.tk_focusNext()))
    widget.bind('<Button-1>', lambda event: event.widget.focus_set(), add='+')
    for key, number, unit in (('<Up>', -1, 'units'), ('<Down>', 1, 'units'),
                              ('<Prior>', -1, 'pages'), ('<Next>', 1, 'pages')):
        widget.bind(key, lambda event, n=number, u=unit: _scroll(event.widget.yview_scroll, n, u))
    for key, number in (('<Left>', -4), ('<Right>', 4)):
        widget.bind(key, lambda event, n=number: _scroll(event.widget.xview_scroll, n, 'units'))
    return widget


def _go(widget):
    widget.focus_set()
    return 'break'


def _scroll(scroll, number, unit):
    scroll(number, unit)
    return 'break'
