# Copyright the carryall authors.  See LICENSE.
"""Renewal: when the authority is asked, what is kept, and what happens after failures."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.core.tls.authority import new_key
from carryall.services.acme.acmefolder import ACMEFolder
from carryall.services.acme.renewal import (BACKING_OFF, WAITING, Renewal, RenewalSettings)
from tests.services.acme.fakeca import DAY, FakeCA, names_and_key
from tests.services.web.support import request

NAMES = ('shop.example', 'www.shop.example')
MINUTE = 60.0


class Place(object):
    """An authority, and the certificates of a site."""

    def __init__(self, tmpdir):
        self.loop = VirtualLoop()
        self.loop.wall = lambda: 1.9e9 + self.loop.now
        self.ca = FakeCA(self.loop, self._proof)
        self.reloads = []
        self.path = u'%s' % tmpdir.join('keys')
        self.renewal = self.new()

    def new(self, **more):
        """A Renewal that was prepared."""
        values = dict(directory=self.ca.url, folder=self.path, names=(NAMES,),
                      challenge=u'http-01')
        values.update(more)
        self.renewal = Renewal(self.loop, RenewalSettings(**values), self._reload)
        self.renewal.prepare()
        return self.renewal

    def _reload(self):
        self.reloads.append(self.found().not_after)

    def _proof(self, name, token):
        """The answer that http shows."""
        app = self.renewal.challenges.before(lambda request: None)
        response = app(request(b'/.well-known/acme-challenge/' + token.encode('ascii')))
        return None if response is None else response.body

    def found(self):
        """The certificate in the folder."""
        return ACMEFolder(self.path).certificate(NAMES)

    def attempts(self):
        """How many orders were asked for."""
        return self.ca.asked.count('/newOrder')


@pytest.fixture
def renewal_place(tmpdir):
    """An authority, and the certificates of a site."""
    made = Place(tmpdir)
    yield made
    made.renewal.close()
    made.ca.close()


def test_a_server_starts_with_a_provisional_certificate(renewal_place):
    found = renewal_place.found()
    assert found.subject == found.issuer
    assert 'no certificate yet' in renewal_place.renewal.status()[0]


def test_a_first_certificate_comes_at_once(renewal_place):
    renewal_place.renewal.start()
    renewal_place.loop.advance(MINUTE)
    assert renewal_place.found().issuer == u'CN=fake CA'
    assert len(renewal_place.reloads) == 1
    assert renewal_place.renewal.state == WAITING


def test_a_certificate_is_renewed_in_time(renewal_place):
    renewal_place.renewal.start()
    renewal_place.loop.advance(59 * DAY)
    assert len(renewal_place.reloads) == 1
    renewal_place.loop.advance(4 * DAY)
    assert len(renewal_place.reloads) == 2
    assert renewal_place.reloads[1] > renewal_place.reloads[0] + 50 * DAY


def test_a_certificate_that_is_good_is_not_asked_for_again(renewal_place):
    renewal_place.renewal.start()
    renewal_place.loop.advance(MINUTE)
    renewal_place.renewal.close()
    renewal_place.new().start()
    renewal_place.loop.advance(DAY)
    assert renewal_place.attempts() == 1


def test_the_account_is_kept(renewal_place):
    renewal_place.renewal.start()
    renewal_place.loop.advance(70 * DAY)
    renewal_place.renewal.close()
    renewal_place.new().start()
    renewal_place.loop.advance(70 * DAY)
    assert len(renewal_place.ca.accounts) == 1


def test_failures_are_spread_out(renewal_place, expect_log):
    expect_log('attempts failed')
    renewal_place.ca.refusal = (500, 'serverInternal', None)
    renewal_place.renewal.start()
    renewal_place.loop.advance(MINUTE / 2)
    assert (renewal_place.attempts(), renewal_place.renewal.state) == (1, BACKING_OFF)
    renewal_place.loop.advance(40 * MINUTE)
    assert 4 <= renewal_place.attempts() <= 6
    renewal_place.loop.advance(10 * DAY)
    assert renewal_place.attempts() <= 40


def test_the_wait_that_is_asked_for_is_kept(renewal_place, expect_log):
    expect_log('attempts failed')
    renewal_place.ca.refusal = (429, 'rateLimited', 7200)
    renewal_place.renewal.start()
    renewal_place.loop.advance(7100.0)
    assert renewal_place.attempts() == 1
    renewal_place.loop.advance(1000.0)
    assert renewal_place.attempts() == 2


def test_a_wait_without_end_is_not_kept(renewal_place, expect_log):
    expect_log('attempts failed')
    renewal_place.ca.refusal = (429, 'rateLimited', 999999999)
    renewal_place.renewal.start()
    renewal_place.loop.advance(8 * DAY)
    assert renewal_place.attempts() == 2


def test_an_authority_whose_certificates_are_nearly_over_is_not_flooded(renewal_place, expect_log):
    """The clock is ahead by 80 of 90 days."""
    expect_log('attempts failed')
    certificate = renewal_place.ca.certificate
    renewal_place.ca.certificate = lambda names, key: _old(renewal_place, certificate, names, key)
    renewal_place.renewal.start()
    renewal_place.loop.advance(40 * MINUTE)
    assert renewal_place.attempts() <= 6
    assert renewal_place.found().issuer == u'CN=fake CA'


def _old(place, certificate, names, key):
    """A certificate of 80 days ago."""
    wall = place.loop.wall
    place.loop.wall = lambda: wall() - 80 * DAY
    try:
        return certificate(names, key)
    finally:
        place.loop.wall = wall


def test_after_failures_it_goes_on(renewal_place, expect_log):
    expect_log('attempts failed')
    renewal_place.ca.refusal = (500, 'serverInternal', None)
    renewal_place.renewal.start()
    renewal_place.loop.advance(MINUTE / 2)
    renewal_place.ca.refusal = None
    renewal_place.loop.advance(2 * MINUTE)
    assert renewal_place.renewal.failures == 0
    assert renewal_place.found().issuer == u'CN=fake CA'


@pytest.mark.parametrize('change', ['names', 'key', 'garbled', 'expired'])
def test_a_certificate_for_others_is_refused(renewal_place, expect_log, change):
    expect_log('attempts failed')
    if change == 'names':
        renewal_place.ca.names = ['other.example']
    elif change == 'key':
        from carryall.core.tls.authority import certificate_request
        renewal_place.ca.key = names_and_key(
            certificate_request(['x.example'], new_key()[0]))[1]
    elif change == 'garbled':
        renewal_place.ca.garbled = ('/certificate', b'no PEM')
    else:
        renewal_place.ca.days = -1
    renewal_place.renewal.start()
    renewal_place.loop.advance(MINUTE / 2)
    found = renewal_place.found()
    assert found.subject == found.issuer
    assert renewal_place.reloads == []


def test_an_authority_that_is_away_is_asked_again(renewal_place, expect_log):
    expect_log('attempts failed')
    renewal_place.ca.close()
    renewal_place.renewal.start()
    renewal_place.loop.advance(MINUTE / 2)
    assert renewal_place.renewal.state == BACKING_OFF


def test_the_status_tells_of_each_certificate(renewal_place):
    renewal_place.renewal.start()
    renewal_place.loop.advance(MINUTE)
    line = renewal_place.renewal.status()[0]
    assert line.startswith(u'shop.example, www.shop.example: valid until 2030-')
    assert u'looked at again at 2030-' in line


def test_a_closed_one_asks_no_more(renewal_place):
    renewal_place.renewal.start()
    renewal_place.renewal.close()
    renewal_place.loop.advance(DAY)
    assert renewal_place.attempts() == 0
