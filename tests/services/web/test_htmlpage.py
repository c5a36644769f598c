# Copyright the carryall authors.  See LICENSE.
"""The frame of the pages: its policy, its colours, and that it loads nothing."""
from __future__ import absolute_import, division, print_function

import hashlib
import re
from base64 import b64encode

import pytest

from carryall.services.web.htmlpage import SCRIPT, STYLE, escape, html_headers, page

LEAST_CONTRAST = 4.5        # WCAG 2.2 section 1.4.3, for text of any size


def test_every_special_character_is_escaped():
    assert (escape(u'<a href="x" id=\'y\'>&amp;')
            == u'&lt;a href=&quot;x&quot; id=&#x27;y&#x27;&gt;&amp;amp;')


def policy(scripted):
    """{directive: its values} of the page's policy."""
    text = dict(html_headers(scripted))[b'Content-Security-Policy'].decode('ascii')
    return dict(part.split(u' ', 1) for part in text.split(u'; '))


def hash_between(text, start, end):
    """The source that allows what stands there."""
    inner = text.partition(start)[2].partition(end)[0]
    return u"'sha256-%s'" % b64encode(hashlib.sha256(inner.encode('utf-8')).digest()).decode()


@pytest.mark.parametrize('scripted', [False, True])
def test_the_policy_allows_the_style_of_the_page(scripted):
    text = page(u't', u'', scripted).decode('utf-8')
    assert policy(scripted)['style-src'] == hash_between(text, u'<style>', u'</style>')


def test_the_policy_allows_the_script_of_the_page():
    text = page(u't', u'', True).decode('utf-8')
    assert policy(True)['script-src'] == hash_between(text, u'<script>', u'</script>')


def test_a_page_without_a_script_allows_none():
    assert 'script-src' not in policy(False)


@pytest.mark.parametrize('scripted', [False, True])
def test_the_policy_allows_nothing_else(scripted):
    assert policy(scripted)['default-src'] == u"'none'"


def test_a_page_loads_nothing():
    text = page(u't', u'', True).decode('utf-8')
    assert not re.search(u'(src|href)=|url\\(|@import|https?:', text)


def test_the_title_is_escaped():
    assert b'<title>&lt;b&gt;</title>' in page(u'<b>', u'')


def test_the_language_is_told():
    assert b'<html lang="en">' in page(u't', u'')


# -- colours -----------------------------------------------------------------------------------

def colours(block):
    """{name: (red, green, blue)} of the variables in a block of the style."""
    return dict((name, tuple(int(digits[at:at + 2], 16) for at in (0, 2, 4)))
                for name, digits in re.findall(u'--([a-z]+): #([0-9a-f]{6})', block))


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = []
    for value in colour:
        part = value / 255.0
        parts.append(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    """From 1 to 21."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


LIGHT, DARK = [colours(block) for block in STYLE.split(u'@media (prefers-color-scheme: dark)')]


@pytest.mark.parametrize('scheme', [LIGHT, DARK], ids=['light', 'dark'])
@pytest.mark.parametrize('text', ['text', 'quiet', 'link'])
@pytest.mark.parametrize('ground', ['back', 'mark'])
def test_text_can_be_read(scheme, text, ground):
    assert contrast(scheme[text], scheme[ground]) >= LEAST_CONTRAST


def test_the_script_is_older_than_most_browsers():
    assert not re.search(u'=>|\\blet\\b|\\bconst\\b|`', SCRIPT)
