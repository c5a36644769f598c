# Copyright the carryall authors.  See LICENSE.
"""DokuWiki, a PHP application of Debian, through php-cgi and php-fpm.

curl installs it by its own form, logs in, writes pages, uploads and searches.  It goes back to an
old revision, and logs out.
"""
import html
import os
import re
import shutil
import time

from acceptance import foreign
from acceptance.cases.web_php import start_fpm

PROVES = ['WEB-06']
NEEDS = ['curl', 'php-cgi', 'php-fpm8.2']
PACKAGES = {'php-cgi': ('php-cgi', 'php8.2-xml'), 'php-fpm8.2': ('php-fpm', 'php8.2-xml')}
UNPACKED = {'dokuwiki': (('dokuwiki', 'libphp-simplepie', 'php-geshi', 'php-phpseclib'), ())}
LONG = True

PASSWORD = 'the-door'
# Where the packages have their parts, and where they are in the scratch folder
MOVED = [('usr/share/dokuwiki', 'site'), ('usr/share/php', 'php'),
         ('usr/share/php-geshi', 'geshi'), ('etc/dokuwiki', 'conf'),
         ('var/lib/dokuwiki/data', 'data')]
LINKED = [('var/lib/dokuwiki/lib/plugins', 'site/lib/plugins'),
          ('var/lib/dokuwiki/lib/tpl', 'site/lib/tpl')]
PICTURE = (b'\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc'
           b'`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82')
LINES = 1000


def run(stage):
    """The same visit by both ways, each to a wiki of its own."""
    source = foreign.unpacked('dokuwiki')
    for name in ('cgi', 'fpm'):
        install(stage, source, name)
        words = ['--path', name + '/site', '--port', 'tcp:0:interface=127.0.0.1', '-i', 'doku.php']
        fpm = None
        if name == 'fpm':
            fpm = start_fpm(stage, stage.path('fpm.sock'))
            words += ['--fastcgi', '.php=unix:' + stage.path('fpm.sock')]
        server = stage.start('carryall', 'web', *words)
        visit(stage, Browser(stage, server, name))
        server.stop()
        if fpm is not None:
            fpm.stop()


def install(stage, source, name):
    """Copies the packages' files, with the paths that are written in them."""
    for before, after in MOVED + LINKED:
        shutil.copytree(os.path.join(source, before), stage.path(name, after), symlinks=True,
                        ignore=shutil.ignore_patterns('users.auth.php', 'acl.auth.php', '.htaccess',
                                                      'plugins' if after == 'site' else 'no',
                                                      'tpl' if after == 'site' else 'no'))
    for folder, _, files in os.walk(stage.path(name)):
        for each in files:
            path = os.path.join(folder, each)
            if each.endswith('.php') and not os.path.islink(path):
                relocate(path, stage.path(name))
    # For the installer, which looks nowhere else; no one else is sent what a link outside leads to
    for each in ('conf', 'data'):
        os.symlink(os.path.join('..', each), stage.path(name, 'site', each))


def relocate(path, root):
    """Writes the places in the scratch folder for those of the packages."""
    with open(path, 'rb') as file:
        data = file.read()
    changed = data
    for before, after in sorted(MOVED, reverse=True):
        changed = re.sub(b'/' + re.escape(before.encode('ascii')) + b'(?![-a-z])',
                         os.path.join(root, after).encode('utf-8'), changed)
    if changed != data:
        with open(path, 'wb') as file:
            file.write(changed)


class Browser:
    """One visitor, with a jar of cookies."""

    def __init__(self, stage, server, name):
        self._stage = stage
        self._base = 'http://%s:%d/' % server.address()
        self._jar = name + '.jar'

    def ask(self, place, *words):
        """The octets of a page."""
        return self._stage.foreign('curl', '-sS', '-L', '-b', self._jar, '-c', self._jar, *words,
                                   self._base + place)

    def page(self, place, form=(), upload=()):
        """The text of a page; of the answer to a form, with *upload* as a file."""
        words = []
        for name, value in form:
            words += ['-F' if upload else '--data-urlencode', '%s=%s' % (name, value)]
        for name, path in upload:
            words += ['-F', '%s=@%s' % (name, path)]
        return self.ask(place, *words).decode('utf-8')


def hidden(page, form=''):
    """The hidden fields of the form of a page with that attribute."""
    if form:
        page = page[page.index(form):]
    return [(html.unescape(name), html.unescape(value)) for name, value in re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page[:page.index('</form>')])]


def visit(stage, browser):
    """Installs the wiki, and uses it."""
    def demand(page, text, what):
        stage.demand(text in page, '%s: %s', what, page[-3000:])

    demand(browser.page('install.php'), 'name="d[superuser]"', 'there is no installer')
    page = browser.page('install.php', [
        ('l', 'en'), ('d[title]', 'The shelf'), ('d[acl]', 'on'), ('d[superuser]', 'ann'),
        ('d[fullname]', 'Ann'), ('d[email]', 'ann@example.org'), ('d[password]', PASSWORD),
        ('d[confirm]', PASSWORD), ('d[policy]', '1'), ('d[license]', '0'), ('submit', '')])
    demand(page, 'The configuration was finished successfully', 'it was not installed')
    log_in(stage, browser, 'wrong', False)
    stage.demand('name="wikitext"' not in browser.page('doku.php?id=notes&do=edit'),
                 'a stranger may write')
    log_in(stage, browser, PASSWORD, True)
    write(browser, 'notes', '====== Birds ======\n  * a blackcap\n')
    written = int(time.time())
    # A revision has its second for a name
    stage.until(lambda: int(time.time()) > written, 'the next second')
    text = '\n'.join('line %d of the long page' % number for number in range(LINES))
    write(browser, 'notes', '====== Birds ======\n  * a wheatear, äöü\n\n' + text)
    page = browser.page('doku.php?id=notes')
    demand(page, 'a wheatear, äöü', 'the page was not written')
    demand(page, 'line %d of' % (LINES - 1), 'the page is not whole')
    upload(stage, browser)
    browser.ask('lib/exe/taskrunner.php?id=notes')
    demand(browser.page('doku.php?do=search&q=wheatear'), 'notes', 'the search finds nothing')
    old = re.search(r'rev=(\d+)', browser.page('doku.php?id=notes&do=revisions'))
    stage.demand(old, 'there is no revision')
    demand(browser.page('doku.php?id=notes&rev=' + old.group(1)), 'a blackcap', 'no old revision')
    demand(browser.page('doku.php?id=notes&do=export_raw'), '* a wheatear', 'no export')
    demand(browser.page('feed.php'), '<rdf:RDF', 'no feed')
    demand(browser.page('lib/exe/css.php?t=dokuwiki'), 'body', 'no style sheet')
    demand(browser.page('doku.php?id=start&do=admin'), 'User Manager', 'no administration')
    browser.page('doku.php?id=start&do=logout&sectok=' + token(page))
    page = browser.page('doku.php?id=start&do=admin')
    stage.demand('User Manager' not in page, 'a visitor who has logged out may administer')


def token(page):
    """The token of a page against forged requests."""
    return dict(hidden(page, '<form')).get('sectok') or re.search(r'sectok=(\w+)', page).group(1)


def log_in(stage, browser, password, works):
    """Fills in the form of the login."""
    page = browser.page('doku.php?id=start&do=login')
    page = browser.page('doku.php?id=start', hidden(page, 'id="dw__login"')
                        + [('u', 'ann'), ('p', password)])
    stage.demand(('do=logout' in page) == works, 'the login with %s: %s', password, page[-3000:])


def write(browser, name, text):
    """Writes a page by the form of its editor."""
    page = browser.page('doku.php?id=%s&do=edit' % name)
    fields = [field for field in hidden(page, 'id="dw__editform"') if field[0] != 'wikitext']
    browser.page('doku.php?id=' + name, fields + [('wikitext', text), ('summary', 'by curl'),
                                                  ('do[save]', '1')])


def upload(stage, browser):
    """Uploads a picture, and fetches it."""
    path = stage.write('picture.png', PICTURE)
    page = browser.page('lib/exe/mediamanager.php?ns=')
    form = hidden(page, 'id="dw__upload"')
    browser.page('lib/exe/mediamanager.php', form + [('mediaid', 'picture.png')],
                 [('upload', path)])
    got = browser.ask('lib/exe/fetch.php?media=picture.png')
    stage.demand(got == PICTURE, 'the picture is %r', got[:300])
